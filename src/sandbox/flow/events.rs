//! The event log: what every change leaves behind (flow-api.md §6.1).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::calendar;
use super::schema::Kind;
use super::site::{Actor, Row, Site, link_to};

/// One happening, before it is stored as an EventLogEntry.
pub(super) struct Event<'a> {
    pub kind: Kind,
    pub id: i64,
    /// `New`, `Change`, `Retirement`, `Revival` or `Triggered`.
    pub what: &'a str,
    pub attribute: Option<&'a str>,
    pub meta: Value,
}

impl Event<'_> {
    /// A row that was made.
    pub fn new_row(kind: Kind, id: i64) -> Self {
        let meta = json!({"type": "new_entity", "entity_type": kind, "entity_id": id});
        Event {
            kind,
            id,
            what: "New",
            attribute: None,
            meta,
        }
    }

    /// A row that came back.
    pub fn revival(kind: Kind, id: i64) -> Self {
        let meta = json!({"type": "entity_revival", "entity_type": kind, "entity_id": id});
        Event {
            kind,
            id,
            what: "Revival",
            attribute: None,
            meta,
        }
    }

    /// A row that was deleted.
    pub fn retirement(kind: Kind, id: i64, name: &Value, when: &str) -> Self {
        let meta = json!({
            "type": "entity_retirement", "id": id, "entity_id": id, "entity_type": kind, "class_name": kind,
            "display_name": name, "retirement_date": when,
        });
        Event {
            kind,
            id,
            what: "Retirement",
            attribute: None,
            meta,
        }
    }
}

impl<'a> Event<'a> {
    /// A field that changed; `in_create` when the row was made with it.
    pub fn change(
        (kind, id): (Kind, i64),
        (field, data_type): (&'a str, &str),
        old: &Value,
        new: &Value,
        in_create: bool,
    ) -> Self {
        let mut meta = json!({
            "type": "attribute_change", "entity_type": kind, "entity_id": id, "attribute_name": field,
            "field_data_type": data_type,
        });
        if let (Value::Array(old), Value::Array(new)) = (old, new) {
            meta["added"] = new.iter().filter(|link| !old.contains(link)).cloned().collect();
            meta["removed"] = old.iter().filter(|link| !new.contains(link)).cloned().collect();
        } else {
            meta["old_value"] = old.clone();
            meta["new_value"] = new.clone();
        }
        if in_create {
            meta["in_create"] = true.into();
        }
        Event {
            kind,
            id,
            what: "Change",
            attribute: Some(field),
            meta,
        }
    }
}

impl Site {
    /// Logs an event, unless its author's writes leave no trace. Answers the entry's id.
    pub fn log(&mut self, actor: &Actor, event: Event<'_>) -> Option<i64> {
        if !actor.logged {
            return None;
        }
        let now = calendar::stored(Timestamp::now());
        let entry = self.take_id("EventLogEntry");
        let mut row = Row::default();
        let project = self.project_of(event.kind, event.id);
        for (field, value) in [
            (
                "event_type",
                format!("Shotgun_{}_{}", event.kind, event.what).into(),
            ),
            ("attribute_name", event.attribute.map_or(Value::Null, Value::from)),
            (
                "description",
                format!("{} {} {}", event.what, event.kind, event.id).into(),
            ),
            ("meta", event.meta),
            ("entity", link_to(event.kind, event.id)),
            (
                "project",
                project.map_or(Value::Null, |project| link_to("Project", project)),
            ),
            ("user", link_to(actor.kind, actor.id)),
            (
                "session_uuid",
                actor.session_uuid.clone().map_or(Value::Null, Value::from),
            ),
            ("created_at", now.into()),
        ] {
            if !value.is_null() {
                row.fields.insert(field.to_owned(), value);
            }
        }
        self.put("EventLogEntry", entry, row);
        Some(entry)
    }
}
