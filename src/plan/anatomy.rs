//! Folder types, task types and tags: those the project has, and those a plan adds.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::draft::{Draft, Tick, Wish, setup_node};
use super::intent::Write;
use super::operation::{Change, Kind, On, OpId};
use super::snapshot::Anatomy;
use super::tree::NodeKey;

/// A type or status as it has to be written, and the operations that must come first.
#[derive(Clone, Debug)]
pub(super) struct TypeUse {
    pub name: String,
    pub needs: Vec<OpId>,
}

/// The types of the planned project.
pub(super) struct Types {
    anatomy: Anatomy,
    creates_project: Option<OpId>,
    added: BTreeMap<(&'static str, String), TypeUse>,
}

impl Types {
    pub fn new(anatomy: Anatomy, creates_project: Option<OpId>) -> Self {
        Self {
            anatomy,
            creates_project,
            added: BTreeMap::new(),
        }
    }

    /// The folder type of this name; one that differs in case only is used as it is, because AYON
    /// refuses a second one (`ayon-api.md §2.3`).
    pub fn folder(&mut self, draft: &mut Draft, name: &str) -> TypeUse {
        let write = Write::AddFolderType {
            name: name.to_owned(),
        };
        self.resolve(draft, "folder type", name, write, Tick::AsNeeded)
    }

    /// A folder type as the project spells it; as it stands where the project has none.
    pub fn spelling<'t>(&'t self, name: &'t str) -> &'t str {
        spelled(&self.anatomy.folder_types, name).map_or(name, String::as_str)
    }

    /// A tag of the project's own list.
    pub fn tag(&mut self, draft: &mut Draft, name: &str) {
        let write = Write::AddTag {
            name: name.to_owned(),
        };
        self.resolve(draft, "tag", name, write, Tick::Wanted);
    }

    /// The task type of this name.
    pub fn task(&mut self, draft: &mut Draft, name: &str, short_name: &str) -> TypeUse {
        let write = Write::AddTaskType {
            name: name.to_owned(),
            short_name: short_name.to_owned(),
        };
        self.resolve(draft, "task type", name, write, Tick::AsNeeded)
    }

    fn resolve(
        &mut self,
        draft: &mut Draft,
        what: &'static str,
        name: &str,
        write: Write,
        tick: Tick,
    ) -> TypeUse {
        let existing = match write {
            Write::AddTaskType { .. } => &self.anatomy.task_types,
            Write::AddTag { .. } => &self.anatomy.tags,
            _ => &self.anatomy.folder_types,
        };
        if let Some(same) = spelled(existing, name) {
            return TypeUse {
                name: same.clone(),
                needs: self.creates_project.iter().cloned().collect(),
            };
        }
        let creates_project = self.creates_project.clone();
        let added = self.added.entry((what, name.to_lowercase())).or_insert_with(|| {
            let operation = addition(draft, what, name, write, tick, creates_project);
            TypeUse {
                name: name.to_owned(),
                needs: vec![operation],
            }
        });
        TypeUse {
            name: added.name.clone(),
            needs: added.needs.clone(),
        }
    }
}

/// Whether two names are one type: AYON compares them in lower case (`ayon-api.md §2.3`).
pub(super) fn same_type(a: &str, b: &str) -> bool {
    a == b || a.to_lowercase() == b.to_lowercase()
}

/// The one of this name, as it is spelled where it is.
fn spelled<'t>(all: &'t [String], name: &str) -> Option<&'t String> {
    let exact = all.iter().find(|other| *other == name);
    exact.or_else(|| all.iter().find(|other| same_type(other, name)))
}

/// Plans an addition to the project's anatomy.
pub(super) fn addition(
    draft: &mut Draft,
    what: &str,
    name: &str,
    write: Write,
    tick: Tick,
    creates_project: Option<OpId>,
) -> OpId {
    let why = format!("The AYON project has no {what} {name}");
    let operation = draft.operation(Wish {
        kind: Kind::Create,
        on: On::Anatomy,
        target: format!("{what}:{name}"),
        flow: None,
        ayon: None,
        changes: vec![Change::new(what, Value::Null, json!(name))],
        needs: creates_project.into_iter().collect(),
        because: [why.clone()].into(),
        tick,
        write,
        back: None,
    });
    draft.node(
        NodeKey::Setup(format!("anatomy:{what}:{name}")),
        None,
        setup_node(On::Anatomy, what, name, operation.clone(), &why),
    );
    operation
}
