//! The event log: what was dispatched, and what writes to entities tell (`ayon-api.md §9`).

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::caller::{Caller, Level};
use super::fields::{Fields, Object};
use super::names;
use super::refusal::Refusal;
use super::state::now;
use super::writing::{Deed, Effect, fresh_id};

/// States an event may have (§9.2).
const STATUSES: [&str; 6] = [
    "pending",
    "in_progress",
    "finished",
    "failed",
    "aborted",
    "restarted",
];

/// One stored event.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) hash: String,
    pub(super) topic: String,
    pub(super) sender: Option<String>,
    pub(super) sender_type: String,
    pub(super) project: Option<String>,
    pub(super) user: Option<String>,
    pub(super) status: String,
    pub(super) retries: i64,
    pub(super) description: String,
    pub(super) summary: Value,
    pub(super) payload: Value,
    pub(super) created_at: String,
    pub(super) updated_at: String,
}

impl Event {
    /// `GET /api/events/{id}`; progress is never stored (§9.2).
    pub(super) fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "hash": self.hash,
            "topic": self.topic,
            "sender": self.sender,
            "senderType": self.sender_type,
            "project": self.project,
            "user": self.user,
            "dependsOn": null,
            "status": self.status,
            "retries": self.retries,
            "description": self.description,
            "summary": self.summary,
            "payload": self.payload,
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
        })
    }
}

/// All stored events, oldest first.
#[derive(Debug, Default)]
pub(super) struct EventLog {
    pub(super) events: Vec<Event>,
    places: HashMap<String, usize>,
    hashes: HashSet<String>,
    /// How many events the server itself told; their ids are made of it.
    told: u64,
}

impl EventLog {
    pub(super) fn get(&self, id: &str) -> Option<&Event> {
        self.events.get(*self.places.get(id)?)
    }

    /// `POST /api/events`.
    pub(super) fn dispatch(&mut self, body: &Object, caller: &Caller) -> Result<String, Refusal> {
        caller.check_level(Level::Manager, "You are not allowed to dispatch events")?;
        let body = Fields(body);
        let topic = body.required_text("topic")?;
        if !names::is_topic(&topic) {
            return Err(Refusal::pattern("topic", names::TOPIC));
        }
        let id = fresh_id()?;
        let hash = body.text("hash")?.value().unwrap_or_else(|| id.clone());
        if self.hashes.contains(&hash) {
            if !body.flag("reuse")?.value().unwrap_or(false) {
                return Err(Refusal::domain(
                    409,
                    "conflict",
                    "Event with the same hash already exists",
                ));
            }
            // The old row is overwritten under a new id (§9.1).
            self.events.retain(|event| event.hash != hash);
            self.index();
        }
        let finished = body.flag("finished")?.value().unwrap_or(true);
        let moment = now();
        let event = Event {
            id: id.clone(),
            hash,
            topic,
            sender: body.text("sender")?.value().or_else(|| caller.sender.clone()),
            sender_type: caller.sender_type.clone(),
            project: body.text("project")?.value(),
            user: Some(caller.user.clone()),
            status: if finished { "finished" } else { "pending" }.into(),
            retries: 0,
            description: body.text("description")?.value().unwrap_or_default(),
            summary: body
                .object("summary")?
                .value()
                .map_or_else(|| json!({}), |o| json!(o)),
            payload: body
                .object("payload")?
                .value()
                .map_or_else(|| json!({}), |o| json!(o)),
            created_at: moment.clone(),
            updated_at: moment,
        };
        if body.flag("store")?.value().unwrap_or(true) {
            self.store(event);
        }
        Ok(id)
    }

    /// `PATCH /api/events/{id}`: any known status may follow any other (§9.2).
    pub(super) fn patch(&mut self, id: &str, body: &Object, caller: &Caller) -> Result<(), Refusal> {
        let Some(event) = self.places.get(id).and_then(|place| self.events.get_mut(*place)) else {
            return Err(Refusal::not_found(format!("Event {id} not found")));
        };
        let body = Fields(body);
        if let Some(status) = body.text("status")?.value() {
            if !STATUSES.contains(&status.as_str()) {
                let text = "value is not a valid enumeration member";
                return Err(Refusal::invalid(&["status"], text, "type_error.enum"));
            }
            caller.check_level(Level::Service, "Not allowed to update status of a foreign event")?;
            event.status = status;
        }
        if let Some(description) = body.text("description")?.value() {
            caller.check_level(Level::Manager, "Not allowed to update events")?;
            event.description = description;
        }
        if let Some(summary) = body.object("summary")?.value() {
            event.summary = json!(summary);
        }
        if let Some(payload) = body.object("payload")?.value() {
            event.payload = json!(payload);
        }
        if let Some(sender) = body.text("sender")?.value() {
            event.sender = Some(sender);
        }
        if let Some(retries) = body.integer("retries")?.value() {
            event.retries = retries;
        }
        event.updated_at = now();
        Ok(())
    }

    /// Notes what a write to an entity did. All events of one update share one summary, so that its `value` is the
    /// last one: the real server's defect (§9.3).
    pub(super) fn tell(&mut self, project: &str, effect: &Effect, caller: &Caller) {
        let kind = effect.kind.word();
        let mut summary = json!({"entityId": effect.id, "parentId": effect.parent});
        match &effect.deed {
            Deed::Created => {
                let topic = format!("entity.{kind}.created");
                self.announce(&topic, Some(project), summary, json!({}), caller);
            }
            Deed::Deleted(entity) => {
                let topic = format!("entity.{kind}.deleted");
                self.announce(
                    &topic,
                    Some(project),
                    summary,
                    json!({"entityData": entity}),
                    caller,
                );
            }
            Deed::Updated(changes) => {
                if let Some(last) = changes.last() {
                    summary["value"] = last.new.clone();
                }
                for change in changes {
                    let topic = format!("entity.{kind}.{}", change.topic);
                    let payload = json!({"oldValue": change.old, "newValue": change.new});
                    self.announce(&topic, Some(project), summary.clone(), payload, caller);
                }
            }
        }
    }

    /// An event of the server itself.
    pub(super) fn announce(
        &mut self,
        topic: &str,
        project: Option<&str>,
        summary: Value,
        payload: Value,
        caller: &Caller,
    ) {
        self.told += 1;
        let id = format!("{:032x}", self.told);
        let moment = now();
        self.store(Event {
            hash: id.clone(),
            id,
            topic: topic.to_owned(),
            sender: caller.sender.clone(),
            sender_type: caller.sender_type.clone(),
            project: project.map(str::to_owned),
            user: Some(caller.user.clone()),
            status: "finished".into(),
            retries: 0,
            description: String::new(),
            summary,
            payload,
            created_at: moment.clone(),
            updated_at: moment,
        });
    }

    fn store(&mut self, event: Event) {
        self.places.insert(event.id.clone(), self.events.len());
        self.hashes.insert(event.hash.clone());
        self.events.push(event);
    }

    fn index(&mut self) {
        self.places = self
            .events
            .iter()
            .enumerate()
            .map(|(place, event)| (event.id.clone(), place))
            .collect();
        self.hashes = self.events.iter().map(|event| event.hash.clone()).collect();
    }
}
