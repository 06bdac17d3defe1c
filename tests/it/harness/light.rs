//! Menu items with a light payload: the post names an entry of Flow's event log, and the entry holds the fields.

use ::amigo::sandbox::studio::PRODUCTION_MANAGER;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{AMI_SECRET, Stage};

/// An entry as Flow logs it when somebody chooses a menu item; tests spoil it.
pub struct Entry {
    pub event_type: &'static str,
    pub item: i64,
    /// Type and id of whoever made it.
    pub author: (&'static str, i64),
    pub payload: Value,
    pub made: Timestamp,
}

impl Stage {
    /// A menu item with a light payload.
    pub fn light_item(&self, address: &str, secret: bool) -> i64 {
        let mut item = json!({
            "title": "Sync to AYON",
            "url": address,
            "entity_type": "Shot",
            "selection_required": true,
            "light_payload": true,
        });
        if secret {
            item["secret_token"] = AMI_SECRET.into();
        }
        self.flow.create("ActionMenuItem", item).unwrap()
    }

    /// The address that our own items point at.
    pub fn address(&self) -> String {
        format!("{}/ami/sync", self.url())
    }

    /// What choosing a light item on Shots posts.
    pub fn light_form(&self, item: i64, person: i64, ids: &[i64]) -> Vec<(String, String)> {
        let project = self.project_of("Shot", ids);
        let form = self.flow.ami_form(item, "Shot", ids, person, project);
        assert!(
            form.iter().any(|(name, _)| name == "event_log_entry_id"),
            "{form:?}"
        );
        form
    }

    /// An entry of the production manager's choice of our own item.
    pub fn entry(&self, ids: &[i64]) -> Entry {
        let login = self.row("HumanUser", PRODUCTION_MANAGER)["login"].clone();
        let host = self.flow.url().trim_start_matches("http://").to_owned();
        Entry {
            event_type: "Shotgun_ActionMenuItem_Triggered",
            item: self.light_item(&self.address(), false),
            author: ("HumanUser", PRODUCTION_MANAGER),
            payload: json!({
                "user_id": PRODUCTION_MANAGER.to_string(),
                "user_login": login,
                "entity_type": "Shot",
                "server_hostname": host,
                "project_id": self.project_of("Shot", ids).unwrap().to_string(),
                "selected_ids": ids.iter().map(i64::to_string).collect::<Vec<_>>().join(","),
                "ids": "1,2,3",
            }),
            made: Timestamp::now(),
        }
    }

    /// Puts an entry into the event log and answers its id.
    pub fn log(&self, entry: &Entry) -> i64 {
        let (kind, id) = entry.author;
        let fields = json!({
            "event_type": entry.event_type,
            "entity": {"type": "ActionMenuItem", "id": entry.item},
            "user": {"type": kind, "id": id},
            "meta": {
                "type": "action_menu_item_triggered",
                "action_menu_item_id": entry.item,
                "ami_payload": entry.payload,
            },
            "created_at": entry.made.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        });
        self.flow.create("EventLogEntry", fields).unwrap()
    }
}

/// An unsigned post that names an entry.
pub fn naming(entry: i64) -> Vec<(String, String)> {
    vec![("event_log_entry_id".to_owned(), entry.to_string())]
}
