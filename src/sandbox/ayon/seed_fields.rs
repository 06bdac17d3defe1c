//! The fields a sync had carried over before the start: status, tags, assignees and mapped attributes
//! (`ayon-shotgrid-behaviour.md §3.6`, §7).

use serde_json::{Value, json};

use super::anatomy::name_of;
use super::attributes::{Attribute, Scope};
use super::fields::Object;
use super::project::Project;
use super::settings;
use super::writing::Writer;
use crate::sandbox::studio::{self, Mapped, Row, Studio, status_name};

/// The whole map of the addon's settings with the studio's rows filled in; `None` when it has none.
pub(super) fn attribute_map(live: &[Attribute], mapped: &[Mapped]) -> Option<Value> {
    if mapped.is_empty() {
        return None;
    }
    let mut map = settings::defaults(live)
        .pointer("/compatibility_settings/custom_attribs_map")
        .cloned()?;
    for row in map.as_array_mut()? {
        let filled = mapped
            .iter()
            .find(|filled| row.get("ayon") == Some(&json!(filled.ayon)));
        if let Some(filled) = filled {
            row["sg"] = json!(filled.sg);
            row["scope"] = json!(filled.scope);
        }
    }
    Some(map)
}

/// What the project itself was given: statuses of the studio, tags, mapped attributes.
pub(super) fn dress_project(project: &mut Project, studio: &Studio, flow: &studio::Project) {
    for (short, name, state) in &flow.ayon_statuses {
        let mut status = Object::new();
        for (key, value) in [
            ("name", *name),
            ("shortName", *short),
            ("state", *state),
            ("icon", "circle"),
            ("color", "#808080"),
        ] {
            status.insert(key.into(), json!(value));
        }
        project.statuses.push(status);
    }
    for tag in studio.tags.iter().filter(|tag| flow.tags.contains(&tag.id)) {
        let mut added = Object::new();
        added.insert("name".into(), json!(tag.name));
        added.insert("color".into(), json!("#cccccc"));
        project.tags.push(added);
    }
    let described = flow.values.iter().find(|(name, _)| *name == "sg_description");
    if let Some((_, text)) = described {
        project.attrib.insert("description".into(), text.clone());
    }
}

/// The own attributes of a row: what its Flow fields say, unless the project says the same; then what differs.
pub(super) fn attributes(writer: &Writer<'_>, studio: &Studio, row: &Row, map: &[Mapped]) -> Object {
    let scope = if row.kind == "Task" {
        Scope::Task
    } else {
        Scope::Folder
    };
    let mut own = Object::new();
    for mapped in map.iter().filter(|mapped| mapped.scope.contains(&row.kind)) {
        let known = |attribute: &&Attribute| attribute.name == mapped.ayon && attribute.applies_to(scope);
        let Some(attribute) = writer.live.iter().find(known) else {
            continue;
        };
        let prefixed = format!("sg_{}", mapped.sg);
        let value = [prefixed.as_str(), mapped.sg]
            .into_iter()
            .find_map(|field| row.value(field).filter(|value| !value.is_null()));
        // A checkbox is never empty in Flow, and the addon carries a `false` as it carries a zero.
        let unchecked = (attribute.kind() == "boolean").then_some(&Value::Bool(false));
        let Some(value) = value.or(unchecked) else {
            continue;
        };
        let value = converted(studio, attribute, value);
        let inherited = writer.project.attrib.get(mapped.ayon);
        if !attribute.inherits() || inherited != Some(&value) {
            own.insert(mapped.ayon.to_owned(), value);
        }
    }
    own.extend(
        row.drift
            .attrib
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone())),
    );
    own
}

/// A Flow value in AYON's form: days get a time, links become names (`ayon-api.md §3.4`).
fn converted(studio: &Studio, attribute: &Attribute, value: &Value) -> Value {
    match (attribute.kind(), value) {
        ("datetime", Value::String(day)) if day.len() == 10 => json!(format!("{day}T00:00:00Z")),
        ("list_of_strings", Value::Array(links)) => {
            let ids = links.iter().filter_map(|link| link.get("id")?.as_i64());
            ids.filter_map(|id| studio.tags.iter().find(|tag| tag.id == id))
                .map(|tag| json!(tag.name))
                .collect()
        }
        _ => value.clone(),
    }
}

/// The AYON status that a Flow code means: by short name, by short name in another case, by name; the default one
/// when there is none.
pub(super) fn status(writer: &Writer<'_>, row: &Row) -> Option<String> {
    if let Some(status) = row.drift.status {
        return Some(status.to_owned());
    }
    let statuses = &writer.project.statuses;
    let short = |status: &Object| {
        status
            .get("shortName")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let name = status_name(row.status).unwrap_or_default();
    statuses
        .iter()
        .find(|status| short(status) == row.status)
        .or_else(|| {
            statuses
                .iter()
                .find(|status| short(status).eq_ignore_ascii_case(row.status))
        })
        .or_else(|| {
            statuses
                .iter()
                .find(|status| name_of(status).eq_ignore_ascii_case(name))
        })
        .map(|status| name_of(status).to_owned())
}

/// The names of a row's Tags, and those that only AYON has.
pub(super) fn tags(studio: &Studio, row: &Row) -> Vec<String> {
    let names = row
        .tags
        .iter()
        .filter_map(|id| studio.tags.iter().find(|tag| tag.id == *id));
    names
        .map(|tag| tag.name)
        .chain(row.drift.tags.iter().copied())
        .map(str::to_owned)
        .collect()
}

/// The users that a Task's people are, and those that only AYON names.
pub(super) fn assignees(studio: &Studio, row: &Row) -> Vec<String> {
    let users = row.assignees.iter().filter_map(|id| studio.user_of(*id));
    users
        .map(|user| user.name.as_str())
        .chain(row.drift.assignees.iter().copied())
        .map(str::to_owned)
        .collect()
}
