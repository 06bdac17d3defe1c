//! The invented studio that seeds both stand-ins: plain data, the same at every start.

mod demo;
mod draft;
mod dress;
mod drift;
mod nasty;
mod nasty_assets;
mod nasty_identity;
mod nasty_projects;
mod nasty_shots;
mod nasty_tasks;
mod people;
mod uniform;
mod vocabulary;

use serde_json::Value;

pub use drift::{Drift, Link};
pub use nasty::{Expect, NastyRow};
pub use people::{PRODUCTION_MANAGER, steps};
pub use vocabulary::{Mapped, STATUSES, status_name};

/// Everything the two stand-ins are seeded with.
#[derive(Clone, Debug, Default)]
pub struct Studio {
    pub projects: Vec<Project>,
    pub people: Vec<Person>,
    pub groups: Vec<Group>,
    /// Flow's Tags, which all projects share.
    pub tags: Vec<Tag>,
    pub steps: Vec<Step>,
    pub rows: Vec<Row>,
    /// The people AYON knows.
    pub users: Vec<User>,
    /// The rows of the addon's `custom_attribs_map` that name a Flow field; without any the map is inert.
    pub attribute_map: Vec<Mapped>,
    /// Attributes that somebody registered in AYON for folders and tasks: name and type (`ayon-api.md §3.2`).
    pub attributes: Vec<(&'static str, &'static str)>,
    /// What [`Studio::nasty`] answers.
    pub nasty: Vec<NastyRow>,
}

/// A Flow Project, and whether AYON already has it.
#[derive(Clone, Debug, Default)]
pub struct Project {
    pub id: i64,
    pub name: String,
    pub code: Option<String>,
    /// Name of the AYON project that is linked with it; `None` when AYON does not have it yet.
    pub ayon_name: Option<String>,
    /// `tracking_settings.navchains` by Flow type.
    pub navchains: Vec<(&'static str, &'static str)>,
    pub archived: bool,
    /// Ids of its Tags.
    pub tags: Vec<i64>,
    /// More Flow fields, in stored form.
    pub values: Vec<(&'static str, Value)>,
    /// What Flow's `sg_ayon_server_url` holds.
    pub server_url: Option<String>,
    /// AYON's project attribute `shotgridPush`: the addon sends changes back to Flow.
    pub shotgrid_push: bool,
    /// Types that its tracking settings hide.
    pub hidden_types: Vec<&'static str>,
    /// Status codes that it hides for a type (`flow-api.md §4.4`, schema).
    pub hidden_statuses: Vec<(&'static str, Vec<&'static str>)>,
    /// Statuses that its AYON project has besides the stock ones: short name, name, state.
    pub ayon_statuses: Vec<(&'static str, &'static str, &'static str)>,
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

/// A Flow Group, which can be assigned to Tasks as a person can.
#[derive(Clone, Debug)]
pub struct Group {
    pub id: i64,
    pub code: &'static str,
    /// Ids of its people.
    pub members: Vec<i64>,
}

/// A Flow Tag.
#[derive(Clone, Debug)]
pub struct Tag {
    pub id: i64,
    pub name: &'static str,
}

/// An AYON user.
#[derive(Clone, Debug, Default)]
pub struct User {
    pub name: String,
    pub full_name: String,
    pub email: Option<String>,
    /// `data.sg_user_id`: a number, or the text the addon's admin page may have written.
    pub flow_id: Option<Value>,
    pub active: bool,
    /// `isAdmin` or `isManager`.
    pub role: Option<&'static str>,
    /// Access groups by AYON project.
    pub access: Vec<(&'static str, Vec<&'static str>)>,
    /// Groups for projects that are made later.
    pub default_access: Vec<&'static str>,
}

/// A pipeline step; the same code exists once per entity type.
#[derive(Clone, Debug, Default)]
pub struct Step {
    pub id: i64,
    pub code: String,
    pub short_name: String,
    pub entity_type: &'static str,
    /// Whether AYON's linked projects have no task type for it.
    pub unknown_to_ayon: bool,
}

/// One Episode, Sequence, Scene, Shot, Asset or Task.
#[derive(Clone, Debug, Default)]
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
    /// Empty for none.
    pub status: &'static str,
    pub assignees: Vec<i64>,
    /// Ids of [`Group`]s that a Task is assigned to.
    pub groups: Vec<i64>,
    /// Ids of its [`Tag`]s.
    pub tags: Vec<i64>,
    /// More Flow fields, in stored form; null empties one that would be filled otherwise.
    pub values: Vec<(&'static str, Value)>,
    /// Projects that an Asset is shared with.
    pub linked_projects: Vec<i64>,
    /// What Flow's `sg_ayon_id` holds.
    pub ayon_id: Option<String>,
    /// Whether AYON holds that entity, linked back to this row.
    pub in_ayon: bool,
    /// In what AYON's entity differs from what the addon would have left there.
    pub drift: Drift,
    /// Whether Flow does not have it, or not any more: what AYON holds is all there is.
    pub only_in_ayon: bool,
    /// Whether AYON holds a published version below it.
    pub published: bool,
    /// Whether it was retired (put into Flow's trash).
    pub retired: bool,
}

impl Row {
    /// A Flow field of [`Row::values`].
    pub fn value(&self, field: &str) -> Option<&Value> {
        self.values
            .iter()
            .find(|(name, _)| *name == field)
            .map(|(_, value)| value)
    }
}

impl Studio {
    /// Nothing at all: no projects, no people, no steps.
    pub fn empty() -> Self {
        Studio::default()
    }

    /// A small production with two projects, one of them partly in AYON already, a corner of bad data, and a project
    /// that consists of nothing else.
    pub fn demo() -> Self {
        demo::demo()
    }

    /// One project without surprises that AYON does not have: 10 Sequences, and `shots` with `tasks_per_shot` Tasks each.
    ///
    /// For benchmarks: the same names, steps and statuses for the same numbers.
    pub fn uniform(shots: usize, tasks_per_shot: usize) -> Self {
        uniform::uniform(shots, tasks_per_shot)
    }

    /// The demonstration with so many more people and users: what syncing users costs.
    pub fn crowded(people: usize) -> Self {
        let mut studio = Self::demo();
        let (more, users) = people::crowd(people);
        studio.people.extend(more);
        studio.users.extend(users);
        studio
    }

    /// Every nasty row: Flow type, id, the sheet's row it stands for, and what a sync should make of it.
    pub fn nasty(&self) -> Vec<NastyRow> {
        self.nasty.clone()
    }

    /// The AYON user that a Flow person is: by the Flow id AYON stores, else by e-mail, else by login.
    ///
    /// `None` when there is none, or when several could be meant.
    pub fn user_of(&self, person: i64) -> Option<&User> {
        let person = self.people.iter().find(|known| known.id == person)?;
        let linked = self.users.iter().find(|user| match &user.flow_id {
            Some(Value::String(text)) => text.parse() == Ok(person.id),
            Some(number) => number.as_i64() == Some(person.id),
            None => false,
        });
        if linked.is_some() {
            return linked;
        }
        let email = person.email.as_ref().map(|email| email.to_lowercase());
        let mut same_email = self.users.iter().filter(|user| {
            let theirs = user.email.as_ref().map(|email| email.to_lowercase());
            theirs.is_some() && theirs == email
        });
        match (same_email.next(), same_email.next()) {
            (Some(user), None) => Some(user),
            (Some(_), Some(_)) => None,
            (None, _) => self
                .users
                .iter()
                .find(|user| user.name.eq_ignore_ascii_case(&person.login)),
        }
    }
}
