//! The invented studio that seeds both stand-ins: plain data, the same at every start.

mod demo;
mod draft;
mod people;
mod uniform;

pub use people::{PRODUCTION_MANAGER, steps};

/// Everything the two stand-ins are seeded with.
#[derive(Clone, Debug, Default)]
pub struct Studio {
    pub projects: Vec<Project>,
    pub people: Vec<Person>,
    pub steps: Vec<Step>,
    pub rows: Vec<Row>,
}

/// A Flow Project, and whether AYON already has it.
#[derive(Clone, Debug)]
pub struct Project {
    pub id: i64,
    pub name: String,
    pub code: Option<String>,
    /// Name of the AYON project that is linked with it; `None` when AYON does not have it yet.
    pub ayon_name: Option<String>,
    /// `tracking_settings.navchains` by Flow type.
    pub navchains: Vec<(&'static str, &'static str)>,
    pub archived: bool,
}

/// A Flow HumanUser.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: i64,
    pub login: String,
    pub name: String,
    pub email: Option<String>,
    /// `act` or `dis`.
    pub status: &'static str,
    /// Code of the permission group, such as `admin`, `manager` or `artist`.
    pub group: &'static str,
}

/// A pipeline step; the same code exists once per entity type.
#[derive(Clone, Debug)]
pub struct Step {
    pub id: i64,
    pub code: String,
    pub short_name: String,
    pub entity_type: &'static str,
}

/// One Episode, Sequence, Shot, Asset or Task.
#[derive(Clone, Debug)]
pub struct Row {
    pub kind: &'static str,
    pub id: i64,
    /// Id of its Flow Project.
    pub project: i64,
    /// `code`, or `content` of a Task.
    pub name: Option<String>,
    /// The Flow row above it: Sequence → Episode, Shot → Sequence, Task → its entity.
    pub parent: Option<(&'static str, i64)>,
    pub asset_type: Option<String>,
    /// Id of the [`Step`] of a Task.
    pub step: Option<i64>,
    pub status: &'static str,
    pub assignees: Vec<i64>,
    /// What Flow's `sg_ayon_id` holds.
    pub ayon_id: Option<String>,
    /// Whether AYON holds that entity, linked back to this row.
    pub in_ayon: bool,
    /// Whether AYON holds a published version below it.
    pub published: bool,
    /// Whether it was retired (put into Flow's trash).
    pub retired: bool,
}

impl Studio {
    /// Nothing at all: no projects, no people, no steps.
    pub fn empty() -> Self {
        Studio::default()
    }

    /// A small production with two projects, one of them partly in AYON already, and a corner of bad data.
    pub fn demo() -> Self {
        demo::demo()
    }

    /// One project without surprises that AYON does not have: 10 Sequences, and `shots` with `tasks_per_shot` Tasks each.
    ///
    /// For benchmarks: the same names, steps and statuses for the same numbers.
    pub fn uniform(shots: usize, tasks_per_shot: usize) -> Self {
        uniform::uniform(shots, tasks_per_shot)
    }
}
