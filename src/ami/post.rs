//! The form that Flow makes a browser post, from bytes to typed values (`flow-api.md §1.2`).

use std::collections::BTreeSet;
use std::time::Duration;

use crate::model::{FlowId, FlowType, Person, Selection};

use super::Refusal;

/// The largest body that is read, in bytes.
pub const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;
/// The most rows that one post may select.
pub const MAX_IDS: usize = 20_000;

/// The most fields that one post may have; Flow sends some thirty.
pub const MAX_FIELDS: usize = 500;

/// A post that said everything amigo needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmiPost {
    pub chosen: Chosen,
    /// `server_hostname`, lower case, without port; a light post may not carry it.
    pub site: Option<String>,
    pub session_uuid: Option<String>,
}

/// What somebody right-clicked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    Rows {
        /// Empty when nothing is selected: the action decides whether that will do.
        selection: Selection,
        requested_by: Person,
        /// How many rows the page has. They are told, and never taken instead (`flow-api.md §1.2`).
        on_page: usize,
    },
    /// A light payload: this entry of Flow's event log holds the fields (`flow-api.md §1.4`).
    Event(i64),
}

/// Which rows a post is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowsOf {
    /// Those that were selected.
    Selection,
    /// All of the page: only when somebody was asked and said so.
    Page,
}

/// Decodes an urlencoded body into its pairs, in order, as the signature needs them.
pub fn form_pairs(body: &[u8]) -> Result<Vec<(String, String)>, Refusal> {
    if std::str::from_utf8(body).is_err() {
        return Err(Refusal::Malformed("it is not text".to_owned()));
    }
    let fields = body.iter().filter(|byte| **byte == b'&').count() + 1;
    if fields > MAX_FIELDS {
        return Err(Refusal::TooManyFields {
            count: fields,
            limit: MAX_FIELDS,
        });
    }
    serde_urlencoded::from_bytes(body)
        .map_err(|_| Refusal::Malformed("it is not an urlencoded form".to_owned()))
}

struct Fields<'a>(&'a [(String, String)]);

impl<'a> Fields<'a> {
    /// All values of a key, whether it came once, repeated, or with `[]`.
    fn all(&self, key: &str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(name, _)| name == key || name.strip_suffix("[]").is_some_and(|bare| bare == key))
            .map(|(_, value)| value.as_str())
    }

    /// The first value of a key that says something; `undefined` is what a page without a title sends.
    fn one(&self, key: &str) -> Option<&'a str> {
        self.all(key)
            .map(str::trim)
            .find(|value| !value.is_empty() && *value != "undefined")
    }

    fn need(&self, key: &'static str) -> Result<&'a str, Refusal> {
        self.one(key).ok_or(Refusal::Missing { field: key })
    }
}

fn positive(field: &'static str, text: &str) -> Result<i64, Refusal> {
    text.parse::<i64>()
        .ok()
        .filter(|id| *id > 0)
        .ok_or(Refusal::Wrong {
            field,
            expected: "a row id",
        })
}

impl AmiPost {
    /// Reads the pairs; the first field that cannot be understood is named.
    pub fn parse(pairs: &[(String, String)], rows: RowsOf) -> Result<Self, Refusal> {
        let fields = Fields(pairs);
        let event = fields.one("event_log_entry_id");
        let event = event
            .map(|text| positive("event_log_entry_id", text))
            .transpose()?;
        let (chosen, site) = match (event, fields.one("entity_type")) {
            // Whatever came with it, the entry is Flow's own word.
            (Some(event), None) => (Chosen::Event(event), fields.one("server_hostname")),
            _ => {
                let entity_type = fields.need("entity_type")?;
                let host = fields.need("server_hostname")?;
                (fields.rows(entity_type, rows)?, Some(host))
            }
        };
        Ok(Self {
            chosen,
            site: site.map(bare_host),
            session_uuid: fields.one("session_uuid").map(str::to_owned),
        })
    }
}

impl AmiPost {
    /// Whether nothing is selected.
    pub fn lacks_rows(&self) -> bool {
        matches!(&self.chosen, Chosen::Rows { selection, .. } if selection.ids.is_empty())
    }
}

impl Fields<'_> {
    fn rows(&self, entity_type: &str, rows: RowsOf) -> Result<Chosen, Refusal> {
        let user_id = positive("user_id", self.need("user_id")?)?;
        let login = self.need("user_login")?.to_owned();
        let project_id = self
            .one("project_id")
            .map(|text| positive("project_id", text))
            .transpose()?;
        let ids = match rows {
            RowsOf::Selection => self.ids("selected_ids")?,
            RowsOf::Page => self.ids("ids")?,
        };
        let on_page = match ids.is_empty() {
            true => self.ids("ids").map_or(0, |ids| ids.len()),
            false => ids.len(),
        };
        let entity_type: FlowType = entity_type
            .parse()
            .map_err(|_| Refusal::Type(beginning(entity_type)))?;
        Ok(Chosen::Rows {
            selection: Selection {
                entity_type,
                ids,
                project_id: project_id.map(FlowId),
            },
            requested_by: Person {
                id: Some(user_id),
                name: login.clone(),
                login,
            },
            on_page,
        })
    }

    /// The ids of a list, in its order, each once.
    fn ids(&self, field: &'static str) -> Result<Vec<FlowId>, Refusal> {
        let mut seen = BTreeSet::new();
        let mut ids = Vec::new();
        for text in self.all(field).flat_map(|list| list.split(',')).map(str::trim) {
            if !text.is_empty() {
                let id = FlowId(positive(field, text)?);
                if seen.insert(id) {
                    ids.push(id);
                }
            }
        }
        if ids.len() > MAX_IDS {
            return Err(Refusal::TooMany {
                count: ids.len(),
                limit: MAX_IDS,
            });
        }
        Ok(ids)
    }
}

/// How many seconds before it was heard a post says that it was made; negative where that is still to come.
pub fn age_of(pairs: &[(String, String)], heard_ms: i64) -> Result<i64, Refusal> {
    let text = Fields(pairs).need("timestamp")?;
    let made = text
        .parse::<jiff::Timestamp>()
        .map_err(|_| Refusal::Wrong {
            field: "timestamp",
            expected: "a time such as 2026-03-11T14:05:09Z",
        })?
        .as_second();
    Ok(heard_ms.div_euclid(1000).saturating_sub(made))
}

/// Refuses a signed post that was heard longer than `limit` after it was made, or as long before.
pub fn check_age(pairs: &[(String, String)], heard_ms: i64, limit: Duration) -> Result<(), Refusal> {
    let seconds = age_of(pairs, heard_ms)?;
    let limit = i64::try_from(limit.as_secs()).unwrap_or(i64::MAX);
    if seconds > limit {
        Err(Refusal::Stale { seconds, limit })
    } else if seconds < limit.saturating_neg() {
        Err(Refusal::Future {
            seconds: seconds.saturating_neg(),
            limit,
        })
    } else {
        Ok(())
    }
}

/// The beginning of what somebody sent, to be shown back.
fn beginning(text: &str) -> String {
    text.chars().take(40).collect()
}

/// A host name in lower case, without port.
fn bare_host(host: &str) -> String {
    let host = host.trim().to_ascii_lowercase();
    match host.rsplit_once(':') {
        Some((name, port)) if !name.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name.to_owned(),
        _ => host,
    }
}
