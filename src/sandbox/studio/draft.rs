//! A studio under construction: adds rows and hands out ids, in order and the same at every start.

use sha2::{Digest, Sha256};

use super::people::{artists, people, steps};
use super::vocabulary::{ATTRIBUTES, attribute_map, groups, tags};
use super::{Project, Row, Studio};

pub(super) struct Draft {
    pub studio: Studio,
    artists: Vec<i64>,
    next_task: i64,
}

impl Draft {
    /// A studio with people and steps whose Tasks are numbered from `first_task`.
    pub fn new(projects: Vec<Project>, first_task: i64) -> Self {
        Draft {
            studio: Studio {
                projects,
                people: people(),
                groups: groups(),
                tags: tags(),
                steps: steps(),
                attribute_map: attribute_map(),
                attributes: ATTRIBUTES.to_vec(),
                ..Studio::default()
            },
            artists: artists(),
            next_task: first_task,
        }
    }

    /// Adds a row without anything that is optional; the answer can be filled further.
    pub fn row(&mut self, kind: &'static str, id: i64, project: i64, name: &str) -> &mut Row {
        const STATUSES: [&str; 5] = ["wtg", "rdy", "ip", "ip", "fin"];
        let status = usize::try_from(id).map_or("wtg", |id| STATUSES[id % STATUSES.len()]);
        let at = self.studio.rows.len();
        self.studio.rows.push(Row {
            kind,
            id,
            project,
            name: Some(name.to_owned()),
            status,
            ..Row::default()
        });
        &mut self.studio.rows[at]
    }

    /// Adds a Task of the `code` step below `parent`; every third has no assignee, every seventh has two.
    pub fn task(&mut self, project: i64, parent: (&'static str, i64), code: &str, name: &str) -> &mut Row {
        let id = self.next_task;
        self.next_task += 1;
        let step = self
            .studio
            .steps
            .iter()
            .find(|step| step.entity_type == parent.0 && step.code == code);
        let step = step.map(|step| step.id);
        let nth = self.studio.rows.len();
        let one = self.artists[nth % self.artists.len()];
        let assignees = match (nth % 3, nth % 7) {
            (0, _) => Vec::new(),
            (_, 0) => vec![one, self.artists[(nth + 1) % self.artists.len()]],
            _ => vec![one],
        };
        let row = self.row("Task", id, project, name);
        row.parent = Some(parent);
        row.step = step;
        row.assignees = assignees;
        row
    }
}

impl Row {
    /// Marks the row as held by AYON, linked both ways under an id of its own.
    pub(super) fn known_to_ayon(&mut self) -> &mut Self {
        self.in_ayon = true;
        self.ayon_id = Some(ayon_id(self.kind, self.id));
        self
    }
}

/// The AYON id of a row: 32 hex digits that follow from type and id alone.
pub(super) fn ayon_id(kind: &str, id: i64) -> String {
    hex::encode(&Sha256::digest(format!("invented studio/{kind}/{id}"))[..16])
}
