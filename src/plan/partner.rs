//! Who a Flow row is in AYON: by the ids that both sides store.

use std::cell::OnceCell;
use std::collections::HashMap;

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

/// The row that a link names; nothing when it is not written as we would write it.
fn linked_row((kind, id): (&str, &str)) -> Option<FlowRef> {
    let number: i64 = id.parse().ok()?;
    (!id.starts_with(['+', '0'])).then_some(FlowRef::new(kind.parse().ok()?, number))
}

/// The folders, or the tasks, of one project, found by id, by link and by name.
pub(super) struct Partners<'a> {
    by_id: HashMap<AyonId, Partner<'a>>,
    /// Sorted; several may be linked with one row. Rows are looked up in order, so their neighbours are at hand.
    by_link: Vec<(FlowRef, AyonId)>,
    /// Made when it is asked for: a sync that creates nothing never does.
    by_name: OnceCell<HashMap<(Option<AyonId>, String), AyonId>>,
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
        let by_id: HashMap<AyonId, Partner<'a>> = all.map(|partner| (partner.id, partner)).collect();
        let mut by_link: Vec<_> = by_id
            .values()
            .filter_map(|partner| Some((linked_row(partner.link?)?, partner.id)))
            .collect();
        by_link.sort_unstable();
        Self {
            by_id,
            by_link,
            by_name: OnceCell::new(),
        }
    }

    pub fn get(&self, id: AyonId) -> Option<Partner<'a>> {
        self.by_id.get(&id).copied()
    }

    /// The active one of this name, in any case, in this place.
    pub fn named(&self, parent: Option<AyonId>, name: &str) -> Option<Partner<'a>> {
        let names = || {
            let mut names = HashMap::new();
            for partner in self.by_id.values().filter(|partner| partner.active) {
                // AYON has one of a name; should it have two, the answer must not hang on their order.
                names
                    .entry((partner.parent, partner.name.to_lowercase()))
                    .and_modify(|id: &mut AyonId| *id = partner.id.max(*id))
                    .or_insert(partner.id);
            }
            names
        };
        self.by_name
            .get_or_init(names)
            .get(&(parent, name.to_lowercase()))
            .and_then(|id| self.get(*id))
    }

    /// Finds a row's partner by what both sides store.
    ///
    /// What is only needed of rows that AYON does not know by its own link is computed when it is asked for:
    /// `sole`, whether no other row holds the stored id (a copied row carries its original's); `free`, whether
    /// AYON has nothing of that id; `derived`, the id that a new entity gets when it may not take the stored one.
    pub fn of(
        &self,
        row: FlowRef,
        stored: Option<AyonId>,
        sole: impl Fn(AyonId) -> bool,
        free: impl Fn(AyonId) -> bool,
        derived: impl FnOnce() -> AyonId,
    ) -> Identity<'a> {
        let from = self.by_link.partition_point(|(other, _)| *other < row);
        let claiming: Vec<AyonId> = self.by_link[from..]
            .iter()
            .take_while(|(other, _)| *other == row)
            .map(|(_, id)| *id)
            .collect();
        let held = stored.and_then(|id| self.get(id));
        match (claiming.as_slice(), held) {
            ([], Some(held)) if held.link.is_none() && !sole(held.id) => Identity::Unclear {
                code: Code::IdOfOther,
                message: format!(
                    "Several Flow rows hold the AYON id of {}, and AYON does not say whose it is.",
                    held.name
                ),
            },
            ([], Some(held)) => self.unclaimed(row, held),
            ([], None) => match stored.filter(|id| sole(*id) && free(*id)) {
                Some(stored) => Identity::New(stored),
                None => {
                    let derived = derived();
                    match self.get(derived) {
                        Some(ours) => self.unclaimed(row, ours),
                        None => Identity::New(derived),
                    }
                }
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
