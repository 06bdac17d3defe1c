//! Which parts of an AYON project a plan rests on. Nobody can say beforehand: where a row is decides whose
//! neighbours matter. So the plan is made with what is known, and what it missed is read before it is made again.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::model::{AyonId, FlowRef};

/// Parts of an AYON project, each as somebody would ask for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The folders and tasks that are linked with these rows.
    pub rows: BTreeSet<FlowRef>,
    /// The folders and tasks of these ids.
    pub ids: BTreeSet<AyonId>,
    /// The folders at these paths.
    pub paths: BTreeSet<String>,
    /// All folders right inside these; `None` is the project's root.
    pub folders_in: BTreeSet<Option<AyonId>>,
    /// All tasks of these folders.
    pub tasks_in: BTreeSet<AyonId>,
    /// Everything below these folders.
    pub below: BTreeSet<AyonId>,
    /// The folders below these that have products, and so may have versions.
    pub published_below: BTreeSet<AyonId>,
}

impl Parts {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds other parts.
    pub fn extend(&mut self, other: Self) {
        self.rows.extend(other.rows);
        self.ids.extend(other.ids);
        self.paths.extend(other.paths);
        self.folders_in.extend(other.folders_in);
        self.tasks_in.extend(other.tasks_in);
        self.below.extend(other.below);
        self.published_below.extend(other.published_below);
    }

    /// What is not among other parts.
    pub fn without(&self, known: &Self) -> Self {
        Self {
            rows: &self.rows - &known.rows,
            ids: &self.ids - &known.ids,
            paths: &self.paths - &known.paths,
            folders_in: &self.folders_in - &known.folders_in,
            tasks_in: &self.tasks_in - &known.tasks_in,
            below: &self.below - &known.below,
            published_below: &self.published_below - &known.published_below,
        }
    }
}

/// Takes down what planning looks for, where not everything is known.
#[derive(Default)]
pub(super) struct Notes {
    looked_for: Option<RefCell<LookedFor>>,
}

/// What was looked for among the folders, or among the tasks, of a project.
#[derive(Clone, Debug, Default)]
pub(super) struct LookedFor {
    pub rows: BTreeSet<FlowRef>,
    /// Ids that nothing was found under.
    pub ids: BTreeSet<AyonId>,
    /// Where a name was looked for.
    pub places: BTreeSet<Option<AyonId>>,
    /// Whose versions were looked for.
    pub published_below: BTreeSet<AyonId>,
}

impl Notes {
    /// Takes down nothing where everything is known.
    pub fn new(in_part: bool) -> Self {
        Self {
            looked_for: in_part.then(RefCell::default),
        }
    }

    pub fn note(&self, what: impl FnOnce(&mut LookedFor)) {
        if let Some(looked_for) = &self.looked_for {
            what(&mut looked_for.borrow_mut());
        }
    }

    pub fn looked_for(&self) -> LookedFor {
        self.looked_for
            .as_ref()
            .map(|looked_for| looked_for.borrow().clone())
            .unwrap_or_default()
    }
}

/// What planning looked for among folders and tasks and nobody read.
pub(super) fn unread(
    known: &Parts,
    folders: LookedFor,
    tasks: LookedFor,
    exists: impl Fn(AyonId) -> bool,
) -> Parts {
    // Nothing is in what AYON does not have.
    let absent = |id: AyonId| known.ids.contains(&id) && !exists(id);
    let mut parts = Parts {
        rows: &folders.rows | &tasks.rows,
        ids: &folders.ids | &tasks.ids,
        published_below: folders.published_below,
        folders_in: folders.places,
        tasks_in: tasks.places.into_iter().flatten().collect(),
        ..Parts::default()
    };
    parts.folders_in.retain(|place| !place.is_some_and(absent));
    parts.tasks_in.retain(|place| !absent(*place));
    parts.without(known)
}
