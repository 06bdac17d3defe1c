//! What an operation is in a few words: pages and the command line say offers alike.

use serde_json::Value;

use super::operation::{Change, Kind, On, Operation};
use super::users::{ACTIVE, EMAIL, LEVEL, takes_away};

/// What ticking an operation would do, such as `move from /a/b to /c/b`.
pub fn words_of(operation: &Operation) -> String {
    if operation.on == On::User {
        return user_words(operation);
    }
    match operation.kind {
        Kind::Move => match operation.ayon.as_ref() {
            Some(ayon) => match &ayon.from {
                Some(from) => format!("move from {from} to {}", ayon.path),
                None => format!("move to {}", ayon.path),
            },
            None => "move".to_owned(),
        },
        Kind::Retire if operation.flow.is_none() => "switch off the empty folder".to_owned(),
        Kind::Retire => "switch off (retired in Flow)".to_owned(),
        Kind::Create => format!("create in {}", operation.system.title()),
        Kind::Update => {
            let said: Vec<String> = operation.changes.iter().map(change_words).collect();
            if said.is_empty() {
                "update".to_owned()
            } else {
                said.join(", ")
            }
        }
    }
}

/// What to call one such operation, and several of them.
pub fn noun_of(operation: &Operation) -> (&'static str, &'static str) {
    match operation.kind {
        Kind::Retire if operation.on == On::User => ("deactivation", "deactivations"),
        Kind::Update if operation.on == On::User => {
            let changed = operation.changes.first().map(|change| change.field.as_str());
            match (takes_away(operation), changed) {
                (true, _) => ("demotion", "demotions"),
                (false, Some(LEVEL)) => ("promotion", "promotions"),
                (false, Some(ACTIVE)) => ("activation", "activations"),
                (false, _) => ("update", "updates"),
            }
        }
        Kind::Move => ("move", "moves"),
        Kind::Retire => ("retirement", "retirements"),
        Kind::Create => ("creation", "creations"),
        Kind::Update => match operation.changes.first() {
            Some(change) if change.field == "name" => ("rename", "renames"),
            Some(change) if change.field == "type" => ("change of type", "changes of type"),
            Some(change) if revives(change) => ("revival", "revivals"),
            _ => ("update", "updates"),
        },
    }
}

/// What would be done to a user besides what its row says.
fn user_words(operation: &Operation) -> String {
    let user = operation
        .ayon
        .as_ref()
        .map_or("the user", |ayon| ayon.name.as_str());
    match (operation.kind, operation.changes.first()) {
        (Kind::Retire, _) => format!("switch {user} off (left Flow)"),
        (_, Some(change)) => match change.field.as_str() {
            ACTIVE => format!("switch {user} on"),
            // Of an ended run's plan it is not known any more.
            EMAIL if change.to.is_null() => format!("e-mail of {user}"),
            EMAIL => format!(
                "e-mail of {user}: {} → {}",
                value_words(&change.from),
                value_words(&change.to)
            ),
            LEVEL => format!(
                "level of {user}: {} → {}",
                value_words(&change.from),
                value_words(&change.to)
            ),
            _ => format!("update {user}"),
        },
        _ => format!("update {user}"),
    }
}

fn change_words(change: &Change) -> String {
    let (from, to) = (value_words(&change.from), value_words(&change.to));
    match change.field.as_str() {
        "name" => format!("rename in AYON {from} → {to}"),
        "active" if revives(change) => "switch on again (revived in Flow)".to_owned(),
        "active" => "switch off (retired in Flow)".to_owned(),
        "type" => format!("change type {from} → {to}"),
        field => format!("{field}: {from} → {to}"),
    }
}

fn revives(change: &Change) -> bool {
    change.field == "active" && change.to == Value::Bool(true)
}

fn value_words(value: &Value) -> String {
    match value {
        Value::Null => "empty".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
