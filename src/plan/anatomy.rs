//! Folder types and task types: those the project has, and those a plan adds.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::draft::{Draft, Wish, setup_node};
use super::intent::Write;
use super::operation::{Change, Kind, On, OpId};
use super::snapshot::Anatomy;

/// A type as it has to be written, and the operations that must come first.
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
        self.resolve(draft, "folder type", name, write)
    }

    /// The task type of this name.
    pub fn task(&mut self, draft: &mut Draft, name: &str, short_name: &str) -> TypeUse {
        let write = Write::AddTaskType {
            name: name.to_owned(),
            short_name: short_name.to_owned(),
        };
        self.resolve(draft, "task type", name, write)
    }

    fn resolve(&mut self, draft: &mut Draft, what: &'static str, name: &str, write: Write) -> TypeUse {
        let existing = match write {
            Write::AddTaskType { .. } => &self.anatomy.task_types,
            _ => &self.anatomy.folder_types,
        };
        let lower = name.to_lowercase();
        let same = existing
            .iter()
            .find(|other| *other == name)
            .or_else(|| existing.iter().find(|other| other.to_lowercase() == lower));
        if let Some(same) = same {
            return TypeUse {
                name: same.clone(),
                needs: self.creates_project.iter().cloned().collect(),
            };
        }
        let creates_project = self.creates_project.clone();
        let added = self.added.entry((what, lower)).or_insert_with(|| {
            let why = format!("The AYON project has no {what} {name}");
            let operation = draft.operation(Wish {
                kind: Kind::Create,
                on: On::Anatomy,
                target: format!("{what}:{name}"),
                flow: None,
                ayon: None,
                changes: vec![Change {
                    field: what.to_owned(),
                    from: Value::Null,
                    to: json!(name),
                }],
                needs: creates_project.into_iter().collect(),
                because: vec![why.clone()],
                write,
                back: None,
            });
            draft.node(
                format!("anatomy:{what}:{name}"),
                None,
                setup_node(On::Anatomy, what, name, operation.clone(), &why),
            );
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
