//! Who a Flow row is in AYON: by the ids that both sides store.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::model::{AyonId, FlowRef};
use crate::problem::Code;

use super::parts::{LookedFor, Notes};
use super::snapshot::{AyonFolder, AyonTask, Held};

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
    pub status: &'a str,
    pub tags: &'a [Arc<str>],
    /// Empty for a folder.
    pub assignees: &'a [Arc<str>],
    pub attributes: &'a [Held],
    /// Whether published versions lock its name, place and type; never so for a task (`ayon-api.md §4.3`).
    pub locked: bool,
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
            status: &folder.status,
            tags: &folder.tags,
            assignees: &[],
            attributes: &folder.attributes,
            locked: folder.has_versions,
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
            status: &task.status,
            tags: &task.tags,
            assignees: &task.assignees,
            attributes: &task.attributes,
            locked: false,
        }
    }
}

fn link_of<'a>(kind: Option<&'a str>, id: Option<&'a str>) -> Option<(&'a str, &'a str)> {
    id.filter(|id| !id.is_empty())
        .map(|id| (kind.unwrap_or_default(), id))
}

/// The row that a link names; nothing when it is not written as we would write it.
pub(super) fn linked_row((kind, id): (&str, &str)) -> Option<FlowRef> {
    let number: i64 = id.parse().ok()?;
    (!id.starts_with(['+', '0'])).then_some(FlowRef::new(kind.parse().ok()?, number))
}

/// The folders, or the tasks, of one project, found by id, by link and by name.
pub(super) struct Partners<'a> {
    by_id: HashMap<AyonId, Partner<'a>>,
    /// Sorted; several may be linked with one row. Rows are looked up in order, so their neighbours are at hand.
    by_link: Vec<(FlowRef, AyonId)>,
    /// Made when it is asked for: a sync that creates nothing never does.
    by_name: OnceCell<ByName>,
    /// Those that rows of this plan are, and that do not say so themselves: switched off, or not linked.
    claimed: HashSet<AyonId>,
    /// Those that give their names away, because they move.
    leaving: HashSet<AyonId>,
    /// What is in what; made when somebody asks what locks a folder.
    inside: OnceCell<HashMap<AyonId, Vec<AyonId>>>,
    notes: Notes,
}

/// In a place under a name in lower case: whether it is active, and which one.
type ByName = HashMap<(Option<AyonId>, String), (bool, AyonId)>;

/// Who a row is.
#[derive(Debug)]
pub(super) enum Identity<'a> {
    /// Also when AYON has it switched off.
    Linked(Partner<'a>),
    /// AYON does not have it; it gets this id.
    New(AyonId),
    /// The id that Flow holds is this one's, which belongs to another row (said in words); it gets an id of its own.
    Copied {
        id: AyonId,
        of: Partner<'a>,
        whose: String,
    },
    /// The stored ids contradict each other.
    Unclear { code: Code, message: String },
}

impl<'a> Partners<'a> {
    /// `in_part` says that AYON may have more than these.
    pub fn new(all: impl Iterator<Item = Partner<'a>>, in_part: bool) -> Self {
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
            claimed: HashSet::new(),
            leaving: HashSet::new(),
            inside: OnceCell::new(),
            notes: Notes::new(in_part),
        }
    }

    /// What was looked for so far, when these are not all.
    pub fn looked_for(&self) -> LookedFor {
        self.notes.looked_for()
    }

    /// Those that are linked with a row; several are a mistake of somebody's.
    pub fn linked_with(&self, row: FlowRef) -> impl Iterator<Item = Partner<'a>> + '_ {
        self.notes.note(|looked_for| {
            looked_for.rows.insert(row);
        });
        let from = self.by_link.partition_point(|(other, _)| *other < row);
        self.by_link[from..]
            .iter()
            .take_while(move |(other, _)| *other == row)
            .filter_map(|(_, id)| self.get(*id))
    }

    /// The folder whose own versions lock this one: itself, or one below it.
    pub fn publisher(&self, of: Partner<'a>) -> Partner<'a> {
        self.notes.note(|looked_for| {
            looked_for.published_below.insert(of.id);
        });
        let mut found = of;
        // Versions lock every folder above them, so the way down ends where they are.
        for _ in 0..self.by_id.len() {
            let below = self.locked_in(found.id).iter().min();
            match below.and_then(|id| self.get(*id)) {
                Some(below) => found = below,
                None => break,
            }
        }
        found
    }

    /// The folders in a folder that versions lock.
    pub fn locked_in(&self, folder: AyonId) -> &[AyonId] {
        let inside = self.inside.get_or_init(|| {
            let mut inside: HashMap<AyonId, Vec<AyonId>> = HashMap::new();
            for partner in self.by_id.values() {
                if let Some(parent) = partner.parent.filter(|_| partner.locked) {
                    inside.entry(parent).or_default().push(partner.id);
                }
            }
            inside
        });
        inside.get(&folder).map_or(&[], Vec::as_slice)
    }

    pub fn get(&self, id: AyonId) -> Option<Partner<'a>> {
        let found = self.by_id.get(&id).copied();
        if found.is_none() {
            self.notes.note(|looked_for| {
                looked_for.ids.insert(id);
            });
        }
        found
    }

    /// Whether some of them need [`Self::claim`].
    pub fn may_be_claimed(&self) -> bool {
        self.by_id
            .values()
            .any(|partner| !partner.active || partner.link.is_none())
    }

    /// Says that a row of this plan is this one, before anybody asks for names.
    pub fn claim(&mut self, partner: Partner<'a>) {
        if !partner.active || partner.link.is_none() {
            self.claimed.insert(partner.id);
        }
    }

    /// Says that one moves away, before anybody asks for names: its name is free where it is.
    pub fn leaves(&mut self, id: AyonId) {
        self.leaving.insert(id);
    }

    pub fn is_claimed(&self, id: AyonId) -> bool {
        self.claimed.contains(&id)
    }

    /// The one of this name, in any case, in this place: active, or switched on by this plan.
    pub fn named(&self, parent: Option<AyonId>, name: &str) -> Option<Partner<'a>> {
        self.notes.note(|looked_for| {
            looked_for.places.insert(parent);
        });
        let names = || {
            let mut names = HashMap::new();
            let holds = |partner: &&Partner<'a>| {
                (partner.active || self.claimed.contains(&partner.id)) && !self.leaving.contains(&partner.id)
            };
            for partner in self.by_id.values().filter(holds) {
                // AYON has one active of a name; among others the answer must not hang on their order.
                names
                    .entry((partner.parent, partner.name.to_lowercase()))
                    .and_modify(|held: &mut (bool, AyonId)| *held = (partner.active, partner.id).max(*held))
                    .or_insert((partner.active, partner.id));
            }
            names
        };
        self.by_name
            .get_or_init(names)
            .get(&(parent, name.to_lowercase()))
            .and_then(|(_, id)| self.get(*id))
    }

    /// Finds a row's partner by what both sides store.
    ///
    /// What is only needed of rows that AYON does not know by its own link is computed when it is asked for:
    /// `sole`, whether no other row holds the stored id (a copied row carries its original's); `owner`, the row
    /// that amigo would make an entity of that id for; `free`, whether AYON has nothing of that id; `derived`, the
    /// id that a new entity gets when it may not take the stored one.
    pub fn of(
        &self,
        row: FlowRef,
        stored: Option<AyonId>,
        sole: impl Fn(AyonId) -> bool,
        owner: impl Fn(AyonId) -> Option<FlowRef>,
        free: impl Fn(AyonId) -> bool,
        derived: impl Fn() -> AyonId,
    ) -> Identity<'a> {
        let claiming: Vec<AyonId> = self.linked_with(row).map(|partner| partner.id).collect();
        let held = stored.and_then(|id| self.get(id));
        let copied = |of, whose: String| match self.own(row, derived()) {
            Identity::New(id) => Identity::Copied { id, of, whose },
            other => other,
        };
        let is_others = |id| owner(id).is_some_and(|other| other != row);
        match (claiming.as_slice(), held) {
            ([], Some(held)) => match held.link {
                Some((kind, id)) => copied(held, format!("is linked with {kind} {id}")),
                None => match owner(held.id) {
                    Some(other) if other != row => copied(held, format!("was made for {other}")),
                    None if !sole(held.id) => Identity::Unclear {
                        code: Code::IdOfOther,
                        message: format!(
                            "Several Flow rows hold the AYON id of {}, and AYON does not say whose it is.",
                            held.name
                        ),
                    },
                    Some(_) | None => Identity::Linked(held),
                },
            },
            ([], None) => match stored.filter(|id| sole(*id) && !is_others(*id) && free(*id)) {
                Some(stored) => Identity::New(stored),
                None => self.own(row, derived()),
            },
            ([one], None) => self.linked(*one),
            ([one], Some(held)) if held.id == *one => self.linked(*one),
            ([one], Some(held)) if held.link.is_some() || is_others(held.id) => self.linked(*one),
            (several, Some(held)) if several.contains(&held.id) => self.linked(held.id),
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

    fn linked(&self, id: AyonId) -> Identity<'a> {
        match self.get(id) {
            Some(partner) => Identity::Linked(partner),
            None => Identity::New(id),
        }
    }

    /// The row under the id that amigo derives for it: new, or made before and never told to Flow.
    fn own(&self, row: FlowRef, derived: AyonId) -> Identity<'a> {
        match self.get(derived) {
            None => Identity::New(derived),
            Some(ours) => match ours.link {
                None => Identity::Linked(ours),
                Some((kind, id)) => Identity::Unclear {
                    code: Code::IdOfOther,
                    message: format!(
                        "The AYON id of {row} belongs to {}, which is linked with {kind} {id}.",
                        ours.name
                    ),
                },
            },
        }
    }
}
