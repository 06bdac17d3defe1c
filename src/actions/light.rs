//! Light payloads: the post names an entry of Flow's event log, and the entry holds the fields (`flow-api.md §1.4`).
//!
//! What Flow did not sign is believed only where the entry itself proves it: a fresh trigger of a menu item that
//! points at this very address. The person is always the entry's own.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::ami::{AmiPost, Chosen, Refusal, RowsOf};
use crate::config::FlowSettings;
use crate::flow::{FlowReader, Record};
use crate::model::{Person, Selection};
use crate::run::LightPost;

use super::{Action, ActionError};

const ENTRY: &str = "EventLogEntry";
const TRIGGERED: &str = "Shotgun_ActionMenuItem_Triggered";
/// An entry may lag behind the post by a moment (`flow-api.md §1.4`): pauses between looks.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
    Duration::from_millis(1600),
];

/// What a light post is held against.
pub struct LightRules<'a> {
    /// The address that our own item points at.
    pub address: &'a str,
    /// How far an entry may be from the post that names it, both ways.
    pub max_age: Duration,
    /// What the post asks for.
    pub action: &'a Action,
    /// The site's own name, and the settings that know its others.
    pub site: &'a str,
    pub flow: &'a FlowSettings,
}

/// What the entry tells.
pub struct Told {
    pub selection: Selection,
    pub person: Person,
    pub session_uuid: Option<String>,
}

/// Why an entry is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LightError {
    #[error("Flow shows amigo no entry {0} in its event log")]
    NoEntry(i64),
    #[error("the entry {0} of Flow's event log is not about a menu item")]
    OtherEvent(i64),
    #[error("the entry {entry} of Flow's event log is {seconds} seconds away from the post that names it")]
    Old { entry: i64, seconds: i64 },
    #[error(
        "the entry {0} of Flow's event log is younger than the post that names it, by Flow's clock and amigo's"
    )]
    Early(i64),
    #[error("the entry {0} of Flow's event log is about a menu item with another address")]
    OtherItem(i64),
    #[error("the entry {0} of Flow's event log was not made by a person")]
    NoPerson(i64),
    #[error("the entry {0} of Flow's event log names another person than the one who made it")]
    OtherPerson(i64),
    #[error("the entry of Flow's event log comes from {0}, which is not the Flow site this amigo serves")]
    OtherSite(String),
    #[error("the entry {0} of Flow's event log holds no fields of a menu item")]
    NoPayload(i64),
    #[error("the entry of Flow's event log cannot be used: {0}")]
    Unusable(Refusal),
}

impl LightError {
    /// The same without what the entry holds, for the log.
    pub fn discreet(&self) -> String {
        match self {
            Self::OtherSite(_) => {
                "the entry of Flow's event log comes from another site than the one this amigo serves"
                    .to_owned()
            }
            Self::Unusable(refusal) => {
                format!(
                    "the entry of Flow's event log cannot be used: {}",
                    refusal.discreet()
                )
            }
            Self::NoEntry(_)
            | Self::OtherEvent(_)
            | Self::Old { .. }
            | Self::Early(_)
            | Self::OtherItem(_)
            | Self::NoPerson(_)
            | Self::OtherPerson(_)
            | Self::NoPayload(_) => self.to_string(),
        }
    }
}

/// Reads the entry that a light post named.
pub async fn told_by(
    flow: &FlowReader,
    post: &LightPost,
    rules: &LightRules<'_>,
) -> Result<Told, ActionError> {
    let record = entry(flow, post.entry).await?;
    let id = post.entry;
    if record.text("event_type").as_deref() != Some(TRIGGERED) {
        return Err(LightError::OtherEvent(id).into());
    }
    if !post.signed {
        check_fresh(&record, post, rules.max_age)?;
        check_item(flow, &record, id, rules.address).await?;
    }
    let author = record
        .link("user")
        .filter(|user| user.kind == "HumanUser")
        .ok_or(LightError::NoPerson(id))?;
    let meta = record.object("meta");
    let payload = meta.and_then(|meta| meta.get("ami_payload")?.as_object());
    let pairs = pairs(payload.ok_or(LightError::NoPayload(id))?);
    let post = AmiPost::parse(&pairs, RowsOf::Selection).map_err(LightError::Unusable)?;
    if let Some(site) = post.site.filter(|site| !rules.flow.is_site(rules.site, site)) {
        return Err(LightError::OtherSite(site).into());
    }
    let Chosen::Rows {
        selection,
        requested_by,
        on_page,
    } = post.chosen
    else {
        return Err(LightError::NoPayload(id).into());
    };
    rules
        .action
        .check(&selection, on_page)
        .map_err(LightError::Unusable)?;
    if requested_by.id != Some(author.id.0) {
        return Err(LightError::OtherPerson(id).into());
    }
    Ok(Told {
        selection,
        person: requested_by,
        session_uuid: post.session_uuid,
    })
}

/// What an entry of Flow's event log holds of the choice of a menu item, as it is; nothing where there is none.
pub async fn payload_of(flow: &FlowReader, id: i64) -> Result<Option<Map<String, Value>>, ActionError> {
    let record = entry(flow, id).await?;
    let payload = record
        .object("meta")
        .and_then(|meta| meta.get("ami_payload")?.as_object());
    Ok(payload.cloned())
}

/// The entry, looked for a few times.
async fn entry(flow: &FlowReader, id: i64) -> Result<Record, ActionError> {
    let fields = ["event_type", "meta", "user", "entity", "created_at"];
    let mut pauses = PAUSES.into_iter();
    loop {
        let found = flow.search(ENTRY, json!([["id", "is", id]]), &fields).await?;
        if let Some(record) = found.into_iter().next() {
            return Ok(record);
        }
        match pauses.next() {
            Some(pause) => tokio::time::sleep(pause).await,
            None => return Err(LightError::NoEntry(id).into()),
        }
    }
}

fn check_fresh(record: &Record, post: &LightPost, limit: Duration) -> Result<(), LightError> {
    let made = record
        .text("created_at")
        .and_then(|text| text.parse::<jiff::Timestamp>().ok());
    let made = made.ok_or(LightError::OtherEvent(post.entry))?.as_second();
    let seconds = post.heard_at.div_euclid(1000).saturating_sub(made);
    let limit = i64::try_from(limit.as_secs()).unwrap_or(i64::MAX);
    if seconds.abs() > limit {
        return Err(LightError::Old {
            entry: post.entry,
            seconds: seconds.abs(),
        });
    }
    // The numbers of entries to come can be guessed. Flow tells whole seconds only.
    if seconds < 0 {
        return Err(LightError::Early(post.entry));
    }
    Ok(())
}

/// The item that was chosen must lead here: an entry of another tool's item says nothing about ours.
async fn check_item(
    flow: &FlowReader,
    record: &Record,
    entry: i64,
    address: &str,
) -> Result<(), ActionError> {
    let linked = record.link("entity").filter(|link| link.kind == "ActionMenuItem");
    let told = || record.object("meta")?.get("action_menu_item_id")?.as_i64();
    let item = linked.map(|link| link.id.0).or_else(told);
    let item = item.ok_or(LightError::OtherItem(entry))?;
    let items = flow
        .search("ActionMenuItem", json!([["id", "is", item]]), &["url"])
        .await?;
    let url = items
        .first()
        .and_then(|item| item.text("url"))
        .unwrap_or_default();
    let bare = url.split(['?', '#']).next().unwrap_or_default();
    if bare.trim_end_matches('/') == address {
        Ok(())
    } else {
        Err(LightError::OtherItem(entry).into())
    }
}

/// The fields as a form would have had them; list members come as text, list or number.
fn pairs(payload: &Map<String, Value>) -> Vec<(String, String)> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(_) | Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    let mut pairs = Vec::new();
    for (key, value) in payload {
        let values = match value {
            Value::Array(items) => items.iter().filter_map(text).collect(),
            value => text(value).into_iter().collect::<Vec<_>>(),
        };
        pairs.extend(values.into_iter().map(|value| (key.clone(), value)));
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_as_text_as_lists_and_as_numbers() {
        let payload = |ids: Value| {
            let fields = json!({
                "user_id": 57, "user_login": "mira", "entity_type": "Shot", "server_hostname": "a.example",
                "selected_ids": ids, "title": null,
            });
            pairs(fields.as_object().unwrap())
        };
        for ids in [json!("1, 2"), json!([1, 2]), json!(["1", "2"])] {
            let post = AmiPost::parse(&payload(ids), RowsOf::Selection).unwrap();
            let Chosen::Rows { selection, .. } = post.chosen else {
                panic!("rows were chosen");
            };
            assert_eq!(selection.ids.iter().map(|id| id.0).collect::<Vec<_>>(), [1, 2]);
        }
        assert!(payload(json!(7)).contains(&("selected_ids".to_owned(), "7".to_owned())));
    }
}
