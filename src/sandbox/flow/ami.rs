//! What a menu item posts: the fields, and their signature (flow-api.md §1.2, §1.4, §2).

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha1::Sha1;

use super::calendar;
use super::events::Event;
use super::refusal::{Outcome, Refusal};
use super::schema::Kind;
use super::site::{Actor, Row, Site};

/// A choice in a right-click menu.
pub(super) struct Click {
    pub item: i64,
    /// The type of the page's rows.
    pub kind: Kind,
    pub selected: Vec<i64>,
    pub person: i64,
    /// The project of the page; `None` on a page over all projects.
    pub project: Option<i64>,
    /// The host the browser spoke to, with its port.
    pub host: String,
    pub path: String,
    /// Id of the browser window.
    pub session_uuid: String,
}

/// What the browser does then.
pub(super) struct Posting {
    pub url: String,
    pub overlay: bool,
    pub polls: bool,
    pub fields: Vec<(String, String)>,
}

/// One entry of a menu.
pub(super) struct Entry<'s> {
    pub id: i64,
    row: &'s Row,
}

impl<'s> Entry<'s> {
    pub fn text(&self, field: &str) -> &'s str {
        self.row
            .fields
            .get(field)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    pub fn flag(&self, field: &str) -> bool {
        self.row.fields.get(field) == Some(&Value::Bool(true))
    }
}

/// The right-click menu of a page: what its type, the project and the person's role leave of all items.
pub(super) fn menu<'s>(site: &'s Site, kind: Kind, project: Option<i64>, person: i64) -> Vec<Entry<'s>> {
    let role = site
        .live("HumanUser", person)
        .and_then(|row| row.fields.get("permission_rule_set")?.get("id")?.as_i64());
    let allows = |row: &Row, field: &str, id: Option<i64>| {
        let list = row
            .fields
            .get(field)
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        list.is_empty() || list.iter().any(|link| link["id"].as_i64() == id)
    };
    let shown = |row: &Row| {
        let text = |field: &str| row.fields.get(field).and_then(Value::as_str);
        row.retired.is_none()
            && text("entity_type").is_none_or(|wanted| wanted == kind)
            && text("add_btn_behavior").is_none_or(|behaviour| behaviour == "not_set")
            && allows(row, "projects", project)
            && allows(row, "permissions_groups", role)
    };
    let mut entries: Vec<_> = site
        .rows("ActionMenuItem")
        .filter(|(_, row)| shown(row))
        .collect();
    let order = |row: &Row| {
        row.fields
            .get("list_order")
            .and_then(Value::as_i64)
            .unwrap_or(i64::MAX)
    };
    entries.sort_by_key(|(id, row)| (order(row), *id));
    entries.into_iter().map(|(id, row)| Entry { id, row }).collect()
}

/// Triggers a menu item: logs the event and gives the form to post.
pub(super) fn trigger(site: &mut Site, click: &Click) -> Outcome<Posting> {
    let no_item = || Refusal::no_row("ActionMenuItem", click.item);
    let item = site
        .live("ActionMenuItem", click.item)
        .ok_or_else(no_item)?
        .clone();
    let entry = Entry {
        id: click.item,
        row: &item,
    };
    let payload = payload(site, click, entry.flag("selection_required"))?;
    let light = entry.flag("light_payload");
    let mut meta = json!({"type": "action_menu_item_triggered", "action_menu_item_id": click.item});
    if light {
        let kept: Map<String, Value> = payload
            .iter()
            .map(|(key, value)| (key.clone(), value.as_str().into()))
            .collect();
        meta["ami_payload"] = kept.into();
    }
    let person = Actor {
        kind: "HumanUser",
        id: click.person,
        role: String::new(),
        projects: None,
        session_uuid: Some(click.session_uuid.clone()),
        logged: true,
    };
    let event = Event {
        kind: "ActionMenuItem",
        id: click.item,
        what: "Triggered",
        attribute: None,
        meta,
    };
    let logged = site.log(&person, event);
    let mut fields = match logged.filter(|_| light) {
        Some(event) => vec![("event_log_entry_id".to_owned(), event.to_string())],
        None => payload,
    };
    let secret = entry.text("secret_token");
    if !secret.is_empty() {
        fields.push(("timestamp".to_owned(), calendar::stored(Timestamp::now())));
        let signature = sign(&fields, secret);
        fields.push(("signature".to_owned(), signature));
    }
    Ok(Posting {
        url: entry.text("url").to_owned(),
        overlay: entry.flag("open_in_overlay"),
        polls: entry.flag("poll_for_data_updates"),
        fields,
    })
}

fn payload(site: &Site, click: &Click, selection_required: bool) -> Outcome<Vec<(String, String)>> {
    let person = site
        .live("HumanUser", click.person)
        .ok_or_else(|| Refusal::no_row("HumanUser", click.person))?;
    let login = person
        .fields
        .get("login")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let list = |ids: &[i64]| ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    let on_page = if selection_required {
        click.selected.clone()
    } else {
        page_rows(site, click.kind, click.project)
    };
    let columns = columns(click.kind);
    let join = |part: fn(&(&'static str, &'static str)) -> &'static str| {
        columns.iter().map(part).collect::<Vec<_>>().join(",")
    };
    let title = match click.kind {
        "HumanUser" => "People".to_owned(),
        kind => format!("{kind}s"),
    };
    let mut fields: Vec<(&str, String)> = vec![
        ("user_id", click.person.to_string()),
        ("user_login", login.to_owned()),
        ("title", title),
        ("entity_type", click.kind.to_owned()),
        ("server_hostname", click.host.clone()),
        ("referrer_path", click.path.clone()),
        ("page_id", page_id(click.kind).to_string()),
        ("session_uuid", click.session_uuid.clone()),
    ];
    // Sent only when every row of the page belongs to one project.
    if let Some(project) = click.project {
        let row = site
            .live("Project", project)
            .ok_or_else(|| Refusal::no_row("Project", project))?;
        let name = row.fields.get("name").and_then(Value::as_str).unwrap_or_default();
        fields.push(("project_name", name.to_owned()));
        fields.push(("project_id", project.to_string()));
    }
    fields.extend([
        ("ids", list(&on_page)),
        ("selected_ids", list(&click.selected)),
        ("cols", join(|column| column.0)),
        ("column_display_names", join(|column| column.1)),
        ("view", "Default".to_owned()),
        (
            "sort_column",
            columns.first().map_or("id", |column| column.0).to_owned(),
        ),
        ("sort_direction", "asc".to_owned()),
    ]);
    Ok(fields
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect())
}

/// The live rows a page shows.
pub(super) fn page_rows(site: &Site, kind: Kind, project: Option<i64>) -> Vec<i64> {
    let shown = |id: i64, row: &Row| {
        row.retired.is_none() && project.is_none_or(|project| site.project_of(kind, id) == Some(project))
    };
    site.rows(kind)
        .filter(|(id, row)| shown(*id, row))
        .map(|(id, _)| id)
        .collect()
}

/// System and display names of a page's columns.
fn columns(kind: Kind) -> Vec<(&'static str, &'static str)> {
    match kind {
        "Task" => vec![
            ("content", "Task Name"),
            ("sg_status_list", "Status"),
            ("entity", "Link"),
            ("step", "Pipeline Step"),
        ],
        "Shot" => vec![
            ("code", "Shot Code"),
            ("sg_status_list", "Status"),
            ("sg_sequence", "Sequence"),
        ],
        "Asset" => vec![
            ("code", "Asset Name"),
            ("sg_status_list", "Status"),
            ("sg_asset_type", "Type"),
        ],
        "HumanUser" => vec![("name", "Name"), ("login", "Login"), ("email", "Email")],
        "Project" => vec![("name", "Project Name"), ("sg_status", "Status")],
        _ => vec![("code", "Name"), ("sg_status_list", "Status")],
    }
}

/// A Page entity's id; every type has one page here.
fn page_id(kind: Kind) -> u32 {
    match kind {
        "Shot" => 1421,
        "Asset" => 1422,
        "Sequence" => 1423,
        "Episode" => 1424,
        "Task" => 1425,
        "HumanUser" => 1426,
        _ => 1420,
    }
}

/// The signature of an AMI post: HMAC-SHA1 over `key=value` lines, sorted as lines, each ended by CR LF, in lowercase hex.
///
/// Every pair but `signature` counts, blank ones too; a sender that leaves blank fields out hands in pairs without them.
pub fn sign(pairs: &[(String, String)], secret: &str) -> String {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for (key, value) in pairs {
        if key != "signature" {
            lines.push([key.as_bytes(), b"=", value.as_bytes(), b"\r\n"].concat());
        }
    }
    lines.sort();
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).expect("any length is a key");
    for line in &lines {
        mac.update(line);
    }
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(body: &str) -> Vec<(String, String)> {
        serde_urlencoded::from_str(body).unwrap()
    }

    #[test]
    fn signatures_match_the_measured_vectors() {
        let plain = pairs(
            "user_id=57&user_login=mira.kowalski&title=Shots&entity_type=Shot&server_hostname=demo-studio.shotgrid.autodesk.com\
             &referrer_path=%2Fpage%2F1421&page_id=1421&session_uuid=3f0b8a52-6c1d-4e77-9a41-0242ac110005&project_name=Harbor+Lights\
             &project_id=188&ids=1042%2C1043%2C1051&selected_ids=1043%2C1051&cols=code%2Csg_status_list%2Csg_sequence\
             &column_display_names=Shot+Code%2CStatus%2CSequence&view=Default&sort_column=code&sort_direction=asc\
             &timestamp=2026-03-11T14%3A05%3A09Z",
        );
        assert_eq!(
            sign(&plain, "flow-ayon-demo-secret"),
            "166a716050a0c3164341087df74318a66e9d66a7"
        );

        let blank = pairs(
            "user_id=9&user_login=td&title=&entity_type=Task&server_hostname=demo-studio.shotgrid.autodesk.com\
             &referrer_path=%2Fmy_tasks&page_id=310&session_uuid=0c9d3a7e-0000-11f1-9999-0242ac11000a&ids=5%2C6&selected_ids=\
             &cols=content%2Cstep%2Centity&column_display_names=Task+Name%2CPipeline+Step%2CLink&view=Default\
             &timestamp=2026-12-31T00%3A00%3A00Z",
        );
        let secret = "k3y-with-spaces and =&%";
        assert_eq!(sign(&blank, secret), "00b4d9b21ebe32514eef5ebfa1d8c23fbc2afee3");
        let filled: Vec<_> = blank.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        assert_eq!(sign(&filled, secret), "07f5927a38f8e44bca228cac999ef9cf7b72e582");
    }

    #[test]
    fn secrets_and_values_are_utf_8() {
        let body = "user_id=61&user_login=zo%C3%AB%40example.com&title=Pr%C3%A9visualisation+%E2%80%93+S%C3%A9q.+%C3%91\
             &entity_type=Asset&server_hostname=d%C3%A9mo.example\
             &project_name=%E6%84%9B%E3%81%A8%E6%B5%B7+%E2%80%93+Folge+%C3%9C&project_id=204&selected_ids=77&ids=77%2C78\
             &session_uuid=a81d1f0e-50b3-11f1-8f0a-0242ac110007\
             &column_display_names=Nom%2C%C3%89tape+%F0%9F%8E%AC%2CStatut&cols=code%2Csg_step%2Csg_status_list\
             &timestamp=2026-03-11T23%3A59%3A58Z";
        assert_eq!(
            sign(&pairs(body), "söcrèt-☂"),
            "4cc3c83d4101ce86c02b2b874fce46e0e30bb3b3"
        );
    }
}
