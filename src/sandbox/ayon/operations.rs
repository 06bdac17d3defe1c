//! `POST P/operations`: many writes in one request, with the server's three ways of failing (`ayon-api.md §5`).

use std::collections::HashSet;

use serde_json::{Value, json};

use super::call::{Answer, Call, Outcome};
use super::caller::Caller;
use super::entities::{Id, Kind};
use super::fields::{Fields, Object};
use super::names;
use super::pace::FOLDERS_A_TRANSACTION;
use super::refusal::Refusal;
use super::state::{State, now};
use super::writing::{Effect, Writer, fresh_id};

/// A batch whose form was found good.
struct Batch {
    operations: Vec<Operation>,
    can_fail: bool,
    raise_on_error: bool,
}

struct Operation {
    id: String,
    deed: Deed,
    kind: Option<Kind>,
    /// `folder`, `task`, … as sent; some kinds the server has are not kept here.
    entity_type: String,
    /// As sent; for updates and deletes in its stored form when it has one.
    entity_id: Option<String>,
    data: Option<Object>,
    force: bool,
    as_user: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Create,
    Update,
    Delete,
}

impl Deed {
    fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    fn status(self) -> u16 {
        match self {
            Self::Create => 201,
            Self::Update | Self::Delete => 204,
        }
    }
}

/// `POST P/operations`.
pub(super) fn run(state: &mut State, call: &Call) -> Outcome {
    Answer::ok(answer(state, call)?)
}

/// Carries the batch of a call out; the answer also serves the background form.
pub(super) fn answer(state: &mut State, call: &Call) -> Result<Value, Refusal> {
    let index = state.visible_project(call.param("project"), &call.caller)?;
    let batch = Batch::from_json(&call.object()?)?;
    if batch.operations.is_empty() {
        return Ok(json!({"operations": [], "success": true}));
    }
    let callers = batch.callers(state, &call.caller)?;
    // Each operation of a batch that may fail is a transaction of its own; otherwise all of them are one.
    let before = (!batch.can_fail).then(|| state.projects[index].store.clone());
    let now = now();
    let limit = if state.pace.on && !batch.can_fail {
        FOLDERS_A_TRANSACTION
    } else {
        usize::MAX
    };

    let mut results = Vec::with_capacity(batch.operations.len());
    let mut effects: Vec<(&Caller, Effect)> = Vec::new();
    let mut fresh_folders = HashSet::new();
    let mut failure = None;
    for (operation, caller) in batch.operations.iter().zip(&callers) {
        let mut writer = Writer {
            project: &mut state.projects[index],
            live: &state.live,
            user: &caller.user,
            now: &now,
        };
        let outcome = if fresh_folders.len() >= limit && operation.creates_folder() {
            Err(Refusal::unstorable(
                "out of shared memory. You might need to increase max_locks_per_transaction.",
            ))
        } else {
            operation.carry_out(&mut writer, caller, &fresh_folders)
        };
        match outcome {
            Ok(effect) => {
                if operation.creates_folder() {
                    fresh_folders.insert(effect.id.clone());
                }
                results.push(operation.succeeded(&effect.id));
                effects.push((caller, effect));
            }
            Err(refusal) => {
                results.push(operation.failed(&refusal));
                let ends = !batch.can_fail;
                failure = failure.or(Some(refusal));
                if ends {
                    break;
                }
            }
        }
    }
    let success = failure.is_none();
    let rolled_back = before.zip(failure.as_ref()).is_some_and(|(before, refusal)| {
        let whole = batch.raise_on_error || refusal.is_database();
        if whole {
            state.projects[index].store = before;
        }
        whole
    });
    match failure {
        Some(refusal) if batch.raise_on_error && !batch.can_fail => return Err(refusal.raised()),
        Some(_) if !batch.can_fail && !rolled_back => {
            // Committed all the same, but neither told nor listed (§5.3).
            state.projects[index].store.unlisted.extend(fresh_folders);
        }
        Some(_) if rolled_back => {}
        _ if effects.is_empty() => {}
        _ => state.commit(index, &effects),
    }
    Ok(json!({"operations": results, "success": success}))
}

impl Refusal {
    /// What a batch with `raiseOnError` answers: complaints about a body become a crash (§5.3).
    fn raised(self) -> Self {
        match self {
            Self::Invalid(_) => {
                let (_, _, detail) = self.as_operation();
                Self::crash("ValidationError", detail)
            }
            other => other,
        }
    }
}

impl Batch {
    fn from_json(body: &Object) -> Result<Self, Refusal> {
        let body = Fields(body);
        let given = body.list("operations")?.value();
        let operations = given.into_iter().flatten().enumerate();
        let operations: Vec<Operation> = operations
            .map(|(at, value)| Operation::from_json(at, value))
            .collect::<Result<_, _>>()?;
        let mut touched = HashSet::new();
        for operation in operations
            .iter()
            .filter(|operation| operation.deed != Deed::Create)
        {
            let Some(id) = &operation.entity_id else {
                return Err(Refusal::bad_request("entity_id is required for update/delete"));
            };
            if !touched.insert((operation.entity_type.as_str(), id.as_str())) {
                let detail = format!("Duplicate operation for {} {id}", operation.entity_type);
                return Err(Refusal::bad_request(detail));
            }
        }
        Ok(Self {
            operations,
            can_fail: body.flag("canFail")?.value().unwrap_or(false),
            raise_on_error: body.flag("raiseOnError")?.value().unwrap_or(false),
        })
    }

    /// Whom each operation runs as; an unknown `asUser` spoils the whole batch (§1.2).
    fn callers(&self, state: &State, caller: &Caller) -> Result<Vec<Caller>, Refusal> {
        let callers = self.operations.iter().map(|operation| match &operation.as_user {
            None => Ok(caller.clone()),
            Some(_) if caller.level < super::caller::Level::Service => Err(Refusal::forbidden(
                "You are not allowed to perform operations as another user",
            )),
            Some(name) => match state.users.get(name) {
                Some(user) => Ok(caller.as_user(user)),
                None => Err(Refusal::not_found(format!("User {name} not found"))),
            },
        });
        callers.collect()
    }
}

impl Operation {
    fn from_json(at: usize, value: &Value) -> Result<Self, Refusal> {
        let place = at.to_string();
        let invalid = |field: &str, message: &str, kind| {
            Refusal::invalid(&["operations", place.as_str(), field], message, kind)
        };
        let Some(object) = value.as_object() else {
            return Err(invalid("", "value is not a valid dict", "type_error.dict"));
        };
        let fields = Fields(object);
        let missing = |field: &str| invalid(field, "field required", "value_error.missing");
        let unknown = |field: &str| {
            invalid(
                field,
                "unexpected value; permitted values are others",
                "value_error.const",
            )
        };
        let deed = match fields.text("type")?.value().as_deref() {
            Some("create") => Deed::Create,
            Some("update") => Deed::Update,
            Some("delete") => Deed::Delete,
            Some(_) => return Err(unknown("type")),
            None => return Err(missing("type")),
        };
        let entity_type = fields
            .text("entityType")?
            .value()
            .ok_or_else(|| missing("entityType"))?;
        let kind = Kind::from_word(&entity_type);
        if kind.is_none() && !matches!(entity_type.as_str(), "representation" | "workfile") {
            return Err(unknown("entityType"));
        }
        let id = match fields.text("id")?.value() {
            Some(id) => id,
            None => fresh_id()?,
        };
        let entity_id = fields.text("entityId")?.value();
        Ok(Self {
            id,
            deed,
            kind,
            entity_type,
            entity_id: entity_id.map(|id| names::stored_id(&id).unwrap_or(id)),
            data: fields.object("data")?.value().cloned(),
            force: fields.flag("force")?.value().unwrap_or(false),
            as_user: fields.text("asUser")?.value(),
        })
    }

    fn creates_folder(&self) -> bool {
        self.deed == Deed::Create && self.kind == Some(Kind::Folder)
    }

    fn carry_out(
        &self,
        writer: &mut Writer<'_>,
        caller: &Caller,
        fresh_folders: &HashSet<Id>,
    ) -> Result<Effect, Refusal> {
        let Some(kind) = self.kind else {
            let detail = format!("this stand-in keeps no {}", self.entity_type);
            return Err(Refusal::crash("NotImplementedError", detail));
        };
        let project = writer.project.name.clone();
        if self.deed == Deed::Create {
            caller.check_structure("Create", &project)?;
            return self.create(kind, writer);
        }
        let id = self.entity_id.clone().unwrap_or_default();
        if names::stored_id(&id).is_none() {
            return Err(Refusal::crash(
                "ValueError",
                "badly formed hexadecimal UUID string",
            ));
        }
        // The server reads the task's folder from tables it has not rebuilt yet (§5.4).
        let folder = writer.project.store.tasks.get(&id).map(|task| &task.folder);
        if kind == Kind::Task && folder.is_some_and(|folder| fresh_folders.contains(folder)) {
            return Err(Refusal::crash("KeyError", "'parent_id'"));
        }
        if self.deed == Deed::Delete {
            caller.check_structure("Delete", &project)?;
            return writer.delete(kind, &id, self.force);
        }
        let Some(data) = &self.data else {
            return Err(Refusal::crash("ValueError", "data is required for update"));
        };
        writer.update(kind, &id, data, self.force)
    }

    fn create(&self, kind: Kind, writer: &mut Writer<'_>) -> Result<Effect, Refusal> {
        let Some(mut data) = self.data.clone() else {
            return Err(Refusal::crash("ValueError", "data is required for create"));
        };
        if let Some(id) = &self.entity_id {
            data.insert("id".into(), json!(id));
        }
        writer.create(kind, &data)
    }

    fn succeeded(&self, entity_id: &str) -> Value {
        json!({
            "id": self.id,
            "type": self.deed.word(),
            "entityType": self.entity_type,
            "entityId": entity_id,
            "success": true,
            "status": self.deed.status(),
            "errorCode": null,
            "detail": null,
        })
    }

    fn failed(&self, refusal: &Refusal) -> Value {
        let (status, code, detail) = refusal.as_operation();
        json!({
            "id": self.id,
            "type": self.deed.word(),
            "entityType": self.entity_type,
            "entityId": self.entity_id,
            "success": false,
            "status": status,
            "errorCode": code,
            "detail": detail,
        })
    }
}
