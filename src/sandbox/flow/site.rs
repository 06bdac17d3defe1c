//! The rows of the site, who changes them, and how a change of many is undone when one is refused.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::refusal::{Outcome, Refusal};
use super::schema::{Kind, Schema};

/// One row as it is stored: links as bare `{type,id}`, and never the fields that mirror others.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub fields: BTreeMap<String, Value>,
    /// Number of the deletion that retired it; what one deletion retires, one revival brings back.
    pub retired: Option<u64>,
}

/// Who acts.
#[derive(Clone, Debug)]
pub(super) struct Actor {
    pub kind: Kind,
    pub id: i64,
    /// Code of the permission role.
    pub role: String,
    /// The projects it may see; `None` = all.
    pub projects: Option<BTreeSet<i64>>,
    /// Ties its writes to a browser window (flow-api.md §1.5).
    pub session_uuid: Option<String>,
    /// Whether its writes are logged.
    pub logged: bool,
}

impl Actor {
    /// Whether it may change schema, people and menu items.
    pub fn administers(&self) -> bool {
        matches!(self.role.as_str(), "api_admin" | "admin")
    }

    /// Whether it may see what belongs to `project`; rows without a project are everyone's.
    pub fn sees(&self, project: Option<i64>) -> bool {
        match (&self.projects, project) {
            (Some(seen), Some(project)) => seen.contains(&project),
            _ => true,
        }
    }
}

/// Everything the site holds.
pub(super) struct Site {
    pub schema: Schema,
    tables: BTreeMap<Kind, BTreeMap<i64, Row>>,
    next_ids: BTreeMap<Kind, i64>,
    retirements: u64,
    /// The rows as they were before the change under way, newest last.
    journal: Option<Vec<(Kind, i64, Option<Row>)>>,
}

impl Site {
    pub fn new(schema: Schema) -> Self {
        Site {
            schema,
            tables: BTreeMap::new(),
            next_ids: BTreeMap::new(),
            retirements: 0,
            journal: None,
        }
    }

    /// All rows of a type in order of id, retired ones included.
    pub fn rows(&self, kind: Kind) -> impl Iterator<Item = (i64, &Row)> {
        self.tables
            .get(kind)
            .into_iter()
            .flatten()
            .map(|(id, row)| (*id, row))
    }

    pub fn row(&self, kind: &str, id: i64) -> Option<&Row> {
        self.tables.get(kind)?.get(&id)
    }

    /// The row, unless it is retired.
    pub fn live(&self, kind: &str, id: i64) -> Option<&Row> {
        self.row(kind, id).filter(|row| row.retired.is_none())
    }

    /// The project a row belongs to; a Project belongs to itself.
    pub fn project_of(&self, kind: &str, id: i64) -> Option<i64> {
        if kind == "Project" {
            return Some(id);
        }
        self.row(kind, id)?.fields.get("project")?.get("id")?.as_i64()
    }

    /// The target of a stored link if it is live: a deleted target reads as no link (flow-api.md §4.5).
    pub fn target(&self, link: &Value) -> Option<(Kind, i64)> {
        let (kind, id) = link_parts(link)?;
        let kind = self.schema.of(kind).ok()?.kind;
        self.live(kind, id).map(|_| (kind, id))
    }

    /// The next free id of a type, which is then taken.
    pub fn take_id(&mut self, kind: Kind) -> i64 {
        let next = self.next_ids.entry(kind).or_insert(1);
        *next += 1;
        *next - 1
    }

    /// The number of a new deletion.
    pub fn take_retirement(&mut self) -> u64 {
        self.retirements += 1;
        self.retirements
    }

    /// Stores a row, new or changed.
    pub fn put(&mut self, kind: Kind, id: i64, row: Row) {
        let before = self.tables.entry(kind).or_default().insert(id, row);
        if let Some(journal) = &mut self.journal {
            journal.push((kind, id, before));
        }
        let next = self.next_ids.entry(kind).or_insert(1);
        *next = (*next).max(id + 1);
    }

    /// Does all of `work` or nothing of it (flow-api.md §4.4, `_batch`).
    pub fn atomically<T>(&mut self, work: impl FnOnce(&mut Site) -> Outcome<T>) -> Outcome<T> {
        self.journal = Some(Vec::new());
        let outcome = work(self);
        let journal = self.journal.take().unwrap_or_default();
        if outcome.is_err() {
            for (kind, id, before) in journal.into_iter().rev() {
                let table = self.tables.entry(kind).or_default();
                match before {
                    Some(row) => table.insert(id, row),
                    None => table.remove(&id),
                };
            }
        }
        outcome
    }

    /// Everything but the event log, by type: what `/_sandbox/state` shows.
    pub fn state(&self) -> Value {
        let mut state = Map::new();
        for (kind, table) in self.tables.iter().filter(|(kind, _)| **kind != "EventLogEntry") {
            state.insert(
                (*kind).to_owned(),
                table.keys().filter_map(|id| self.shown(kind, *id)).collect(),
            );
        }
        state.insert(
            "events".to_owned(),
            json!(self.tables.get("EventLogEntry").map_or(0, BTreeMap::len)),
        );
        Value::Object(state)
    }

    /// A row as it is stored, with `id` and `retired`, without secrets.
    pub fn shown(&self, kind: &str, id: i64) -> Option<Value> {
        let row = self.row(kind, id)?;
        let mut shown: Map<String, Value> = row.fields.clone().into_iter().collect();
        shown.remove("secret_token");
        shown.insert("id".to_owned(), json!(id));
        shown.insert("retired".to_owned(), json!(row.retired.is_some()));
        Some(Value::Object(shown))
    }
}

/// A link as it is stored.
pub(super) fn link_to(kind: &str, id: i64) -> Value {
    json!({"type": kind, "id": id})
}

/// The type and id of a `{type,id}` value; extra keys do not matter.
pub(super) fn link_parts(link: &Value) -> Option<(&str, i64)> {
    Some((link.get("type")?.as_str()?, link.get("id")?.as_i64()?))
}

/// The live row or the refusal of a write.
pub(super) fn writable<'s>(site: &'s Site, actor: &Actor, kind: &str, id: i64) -> Outcome<&'s Row> {
    let row = site.live(kind, id).ok_or_else(|| Refusal::no_row(kind, id))?;
    let project = site.project_of(kind, id);
    if actor.sees(project) {
        Ok(row)
    } else {
        Err(Refusal::permission(&actor.role, "see_project", kind))
    }
}
