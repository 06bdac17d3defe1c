//! What every write to an entity shares: reading the common fields, checking them, and telling what changed.

use serde_json::{Value, json};

use super::anatomy;
use super::attributes::{self, Attribute, Scope};
use super::entities::{Change, Id, Kind, Record, note};
use super::fields::{Fields, Given, Object, check_storable, merge_one_level};
use super::names;
use super::project::Project;
use super::refusal::Refusal;

/// Writes to one project on behalf of one user. Each method either does all of it or nothing.
pub(super) struct Writer<'a> {
    pub(super) project: &'a mut Project,
    /// The attributes that are live since the last restart (§3.2).
    pub(super) live: &'a [Attribute],
    pub(super) user: &'a str,
    pub(super) now: &'a str,
}

/// What a write did, for the event log.
#[derive(Clone, Debug)]
pub(super) struct Effect {
    pub(super) kind: Kind,
    pub(super) id: Id,
    /// The folder, product or task above; `None` right below the project.
    pub(super) parent: Option<Id>,
    pub(super) deed: Deed,
}

#[derive(Clone, Debug)]
pub(super) enum Deed {
    Created,
    Updated(Vec<Change>),
    /// With the entity as it was.
    Deleted(Value),
}

/// The fields that all kinds of entity share, as far as a body gives them.
pub(super) struct Common {
    status: Option<String>,
    tags: Option<Vec<String>>,
    attrib: Option<Object>,
    data: Option<Object>,
    active: Option<bool>,
}

impl Writer<'_> {
    pub(super) fn create(&mut self, kind: Kind, body: &Object) -> Result<Effect, Refusal> {
        match kind {
            Kind::Folder => self.create_folder(body),
            Kind::Task => self.create_task(body),
            Kind::Product => self.create_product(body),
            Kind::Version => self.create_version(body),
            Kind::Workfile => self.create_workfile(body),
        }
    }

    /// `force` matters to folders only (§4.3).
    pub(super) fn update(
        &mut self,
        kind: Kind,
        id: &Id,
        body: &Object,
        force: bool,
    ) -> Result<Effect, Refusal> {
        match kind {
            Kind::Folder => self.update_folder(id, body, force),
            Kind::Task => self.update_task(id, body),
            Kind::Product => self.update_product(id, body),
            Kind::Version => self.update_version(id, body),
            Kind::Workfile => self.update_workfile(id, body),
        }
    }

    /// `force` matters to folders only (§4.3).
    pub(super) fn delete(&mut self, kind: Kind, id: &Id, force: bool) -> Result<Effect, Refusal> {
        match kind {
            Kind::Folder => self.delete_folder(id, force),
            Kind::Task => self.delete_task(id),
            Kind::Product => self.delete_product(id),
            Kind::Version => self.delete_version(id),
            Kind::Workfile => self.delete_workfile(id),
        }
    }

    /// Reads and checks the shared fields of a body.
    pub(super) fn common(&self, body: Fields<'_>, scope: Scope) -> Result<Common, Refusal> {
        body.0.values().try_for_each(check_storable)?;
        let attrib = match body.object("attrib")?.value() {
            Some(given) => Some(attributes::accept(self.live, scope, given)?),
            None => None,
        };
        Ok(Common {
            status: body.text("status")?.not_null("status")?,
            tags: body.texts("tags")?.not_null("tags")?,
            attrib,
            data: body.object("data")?.value().cloned(),
            active: body.flag("active")?.not_null("active")?,
        })
    }

    /// The record of a new entity.
    pub(super) fn new_record(&mut self, id: Id, kind: Kind, common: Common) -> Record {
        let mut attrib = common.attrib.unwrap_or_default();
        attrib.retain(|_, value| !value.is_null());
        Record {
            id,
            number: self.project.store.next_number(),
            active: common.active.unwrap_or(true),
            status: common
                .status
                .unwrap_or_else(|| self.project.status_for(kind.word())),
            tags: common.tags.unwrap_or_default(),
            attrib,
            data: common.data.unwrap_or_default(),
            created_by: self.user.to_owned(),
            updated_by: self.user.to_owned(),
            created_at: self.now.to_owned(),
            updated_at: self.now.to_owned(),
        }
    }

    /// Applies the shared fields of a PATCH and notes what really changed.
    pub(super) fn patch_record(&self, record: &mut Record, common: Common, changes: &mut Vec<Change>) {
        if let Some(status) = common.status {
            note(changes, "status_changed", json!(record.status), json!(status));
            record.status = status;
        }
        if let Some(tags) = common.tags {
            let before = changes.len();
            note(changes, "tags_changed", json!(record.tags), json!(tags));
            // The real server tells it twice (§9.3).
            changes.extend_from_within(before..);
            record.tags = tags;
        }
        if let Some(attrib) = common.attrib {
            let (mut old, mut new) = (Object::new(), Object::new());
            for (name, value) in &attrib {
                let former = record.attrib.get(name).cloned().unwrap_or_default();
                if former != *value {
                    old.insert(name.clone(), former);
                    new.insert(name.clone(), value.clone());
                }
            }
            note(changes, "attrib_changed", Value::Object(old), Value::Object(new));
            merge_one_level(&mut record.attrib, &attrib);
        }
        if let Some(data) = common.data {
            let former = Value::Object(record.data.clone());
            merge_one_level(&mut record.data, &data);
            note(
                changes,
                "data_changed",
                former,
                Value::Object(record.data.clone()),
            );
        }
        if let Some(active) = common.active {
            note(changes, "active_changed", json!(record.active), json!(active));
            record.active = active;
        }
        record.updated_by = self.user.to_owned();
        record.updated_at = self.now.to_owned();
    }

    /// A status the project does not have is refused; its scope is not looked at (§2.3).
    pub(super) fn check_status(&self, common: &Common) -> Result<(), Refusal> {
        match &common.status {
            Some(status) if !anatomy::has_name(&self.project.statuses, status) => {
                Err(Refusal::absent("status", status, "statuses"))
            }
            _ => Ok(()),
        }
    }
}

impl Common {
    /// What the body says about `active`.
    pub(super) fn active(&self) -> Option<bool> {
        self.active
    }
}

/// The id a create asks for, or a fresh one.
pub(super) fn id_to_create(body: Fields<'_>) -> Result<Id, Refusal> {
    match body.text("id")?.value() {
        None => fresh_id(),
        Some(id) => checked_id("id", &id),
    }
}

/// An id of the form that REST bodies need.
pub(super) fn checked_id(field: &str, id: &str) -> Result<Id, Refusal> {
    if !names::is_entity_id(id) {
        return Err(Refusal::pattern(field, names::ENTITY_ID));
    }
    names::stored_id(id).ok_or_else(|| Refusal::crash("ValueError", "badly formed hexadecimal UUID string"))
}

/// A random id.
pub(super) fn fresh_id() -> Result<Id, Refusal> {
    let mut bytes = [0_u8; 16];
    match getrandom::fill(&mut bytes) {
        Ok(()) => Ok(hex::encode(bytes)),
        Err(error) => Err(Refusal::crash("OSError", error.to_string())),
    }
}

/// An id of another entity that may be null.
pub(super) fn reference(body: Fields<'_>, field: &str) -> Result<Given<Id>, Refusal> {
    Ok(match body.text(field)? {
        Given::Value(id) => Given::Value(checked_id(field, &id)?),
        Given::Null => Given::Null,
        Given::Absent => Given::Absent,
    })
}

/// A name in the form that the server's models demand.
pub(super) fn checked_name(name: String) -> Result<String, Refusal> {
    if names::is_entity_name(&name) {
        Ok(name)
    } else {
        Err(Refusal::pattern("name", names::ENTITY_NAME))
    }
}

/// A label; null is allowed and clears it.
pub(super) fn label(body: Fields<'_>) -> Result<Option<Option<String>>, Refusal> {
    let label = body.text("label")?.nullable();
    if let Some(Some(text)) = &label
        && !names::is_label(text)
    {
        return Err(Refusal::pattern("label", names::LABEL));
    }
    Ok(label)
}
