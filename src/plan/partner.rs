//! Who a Flow row is in AYON: by the ids that both sides store.

use std::collections::{BTreeMap, HashMap};

use crate::model::{AyonId, FlowRef};
use crate::problem::Code;

use super::snapshot::{AyonFolder, AyonTask};

/// A folder or task as far as identity cares.
#[derive(Clone, Copy, Debug)]
pub(super) struct Partner<'a> {
    pub id: AyonId,
    /// The folder above it; `None` is the project's root.
    pub parent: Option<AyonId>,
    pub name: &'a str,
    pub label: Option<&'a str>,
    /// Folder type or task type.
    pub kind: &'a str,
    pub active: bool,
    pub link: Option<(&'a str, &'a str)>,
}

impl<'a> From<&'a AyonFolder> for Partner<'a> {
    fn from(folder: &'a AyonFolder) -> Self {
        Self {
            id: folder.id,
            parent: folder.parent,
            name: &folder.name,
            label: folder.label.as_deref(),
            kind: &folder.folder_type,
            active: folder.active,
            link: link_of(folder.shotgrid_type.as_deref(), folder.shotgrid_id.as_deref()),
        }
    }
}

impl<'a> From<&'a AyonTask> for Partner<'a> {
    fn from(task: &'a AyonTask) -> Self {
        Self {
            id: task.id,
            parent: Some(task.folder),
            name: &task.name,
            label: task.label.as_deref(),
            kind: &task.task_type,
            active: task.active,
            link: link_of(task.shotgrid_type.as_deref(), task.shotgrid_id.as_deref()),
        }
    }
}

fn link_of<'a>(kind: Option<&'a str>, id: Option<&'a str>) -> Option<(&'a str, &'a str)> {
    id.filter(|id| !id.is_empty())
        .map(|id| (kind.unwrap_or_default(), id))
}

/// The folders, or the tasks, of one project, found by id, by link and by name.
pub(super) struct Partners<'a> {
    by_id: BTreeMap<AyonId, Partner<'a>>,
    by_link: HashMap<(&'a str, &'a str), Vec<AyonId>>,
    by_name: HashMap<(Option<AyonId>, String), AyonId>,
}

/// What Flow's `sg_ayon_id` of a row holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stored {
    pub id: Option<AyonId>,
    /// No other row holds the same: a copied row carries its original's.
    pub sole: bool,
    /// A new entity may take it.
    pub reusable: bool,
}

/// Who a row is.
#[derive(Debug)]
pub(super) enum Identity<'a> {
    Linked(Partner<'a>),
    /// AYON does not have it; it gets this id.
    New(AyonId),
    /// The stored ids contradict each other.
    Unclear {
        code: Code,
        message: String,
    },
}

impl<'a> Partners<'a> {
    pub fn new(all: impl Iterator<Item = Partner<'a>>) -> Self {
        let mut partners = Self {
            by_id: BTreeMap::new(),
            by_link: HashMap::new(),
            by_name: HashMap::new(),
        };
        for partner in all {
            if let Some(link) = partner.link {
                partners.by_link.entry(link).or_default().push(partner.id);
            }
            if partner.active {
                partners
                    .by_name
                    .insert((partner.parent, partner.name.to_lowercase()), partner.id);
            }
            partners.by_id.insert(partner.id, partner);
        }
        partners
    }

    pub fn get(&self, id: AyonId) -> Option<Partner<'a>> {
        self.by_id.get(&id).copied()
    }

    /// The active one of this name, in any case, in this place.
    pub fn named(&self, parent: Option<AyonId>, name: &str) -> Option<Partner<'a>> {
        self.by_name
            .get(&(parent, name.to_lowercase()))
            .and_then(|id| self.get(*id))
    }

    /// Finds a row's partner by what both sides store.
    ///
    /// `derived` is the id that a new entity gets when it may not take the stored one.
    pub fn of(&self, row: FlowRef, stored: Stored, derived: AyonId) -> Identity<'a> {
        let Stored {
            id: stored,
            sole,
            reusable,
        } = stored;
        let own = row.id.to_string();
        let claiming = self
            .by_link
            .get(&(row.kind.as_str(), own.as_str()))
            .map_or(&[][..], Vec::as_slice);
        let held = stored.and_then(|id| self.get(id));
        match (claiming, held) {
            ([], Some(held)) if !sole && held.link.is_none() => Identity::Unclear {
                code: Code::IdOfOther,
                message: format!(
                    "Several Flow rows hold the AYON id of {}, and AYON does not say whose it is.",
                    held.name
                ),
            },
            ([], Some(held)) => self.unclaimed(row, held),
            ([], None) => match self.get(derived) {
                Some(ours) if stored.is_none() || !reusable => self.unclaimed(row, ours),
                _ => Identity::New(stored.filter(|_| reusable).unwrap_or(derived)),
            },
            ([one], None) => self.linked(*one, row),
            ([one], Some(held)) if held.id == *one => self.linked(*one, row),
            ([one], Some(held)) if held.link.is_some() => self.linked(*one, row),
            (several, Some(held)) if several.contains(&held.id) => self.linked(held.id, row),
            (several, _) => Identity::Unclear {
                code: Code::IdMismatch,
                message: format!(
                    "Flow and AYON disagree on the partner of {row}: Flow's sg_ayon_id is {}, in AYON {} carry its shotgridId.",
                    stored.map_or("empty".to_owned(), |id| id.to_string()),
                    several
                        .iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()
                        .join(" and "),
                ),
            },
        }
    }

    fn linked(&self, id: AyonId, row: FlowRef) -> Identity<'a> {
        match self.get(id) {
            Some(partner) if partner.active => Identity::Linked(partner),
            Some(partner) => Identity::Unclear {
                code: Code::AyonInactive,
                message: format!(
                    "{row} is linked with {}, which is switched off in AYON.",
                    partner.name
                ),
            },
            None => Identity::New(id),
        }
    }

    /// Flow (or our own derivation) points at it, but AYON's link does not point back.
    fn unclaimed(&self, row: FlowRef, held: Partner<'a>) -> Identity<'a> {
        match held.link {
            None => self.linked(held.id, row),
            Some((kind, id)) => Identity::Unclear {
                code: Code::IdOfOther,
                message: format!(
                    "The AYON id of {row} belongs to {}, which is linked with {kind} {id}.",
                    held.name
                ),
            },
        }
    }
}
