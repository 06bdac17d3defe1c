//! The nasty corner: one row for everything that goes wrong on real sites, most of them in the project 233.
//!
//! Each says which row of `flow-api.md §8` ("F10") or of `ayon-shotgrid-behaviour.md §8` ("B: unknown status") it stands
//! for. Not here, because no seed can hold them: F1, F2, F31 and F41 are the door's, F18, F25 to F30, F37 to F39 the
//! wire's, F12, F13 and F19 the schema's and the answers'.

use super::draft::{Draft, ayon_id};
use super::{Drift, Link, Row};
use super::{nasty_assets, nasty_identity, nasty_projects, nasty_shots, nasty_tasks};

/// The project of the nasty corner, `nasty_corner` in AYON.
pub(super) const NASTY: i64 = 233;
/// Its Sequence `nc_100`, below which its Shots are; linked and clean.
pub(super) const MAIN: (&str, i64) = ("Sequence", 301);

/// What a sync with its usual options and ticks should make of a row that is selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// AYON holds it afterwards, linked both ways, with what Flow says.
    Lands,
    /// A problem names it, or the run is refused with the reason when it is a Project. Whether something of it lands all
    /// the same is not said.
    Problem,
    /// Nothing is written about it, on either side.
    Unchanged,
}

/// Flow type, id, what it stands for, what to expect.
pub type NastyRow = (&'static str, i64, &'static str, Expect);

/// Adds all of it.
pub(super) fn add(draft: &mut Draft) {
    let mut corner = Corner { draft };
    nasty_projects::add(&mut corner);
    nasty_shots::add(&mut corner);
    nasty_identity::add(&mut corner);
    nasty_assets::add(&mut corner);
    nasty_tasks::add(&mut corner);
}

/// Adds rows with the reason for each.
pub(super) struct Corner<'a> {
    pub draft: &'a mut Draft,
}

impl Corner<'_> {
    /// Puts something that is there already on the list.
    pub fn list(&mut self, kind: &'static str, id: i64, why: &'static str, expect: Expect) {
        self.draft.studio.nasty.push((kind, id, why, expect));
    }

    /// A row of the nasty project without parent.
    pub fn row(
        &mut self,
        kind: &'static str,
        id: i64,
        name: &str,
        why: &'static str,
        expect: Expect,
    ) -> &mut Row {
        self.list(kind, id, why, expect);
        let row = self.draft.row(kind, id, NASTY, name);
        row.status = "ip";
        row
    }

    /// A Shot below `nc_100`.
    pub fn shot(&mut self, id: i64, name: &str, why: &'static str, expect: Expect) -> &mut Row {
        let row = self.row("Shot", id, name, why, expect);
        row.parent = Some(MAIN);
        row
    }

    /// A Task with a pipeline step of the site; `code` is empty for none.
    pub fn task(
        &mut self,
        id: i64,
        entity: (&'static str, i64),
        (step_type, code): (&str, &str),
        name: &str,
        (why, expect): (&'static str, Expect),
    ) -> &mut Row {
        let steps = &self.draft.studio.steps;
        let step = steps
            .iter()
            .find(|step| step.entity_type == step_type && step.code == code)
            .map(|step| step.id);
        let row = self.row("Task", id, name, why, expect);
        row.parent = Some(entity);
        row.step = step;
        row
    }

    /// A folder or task that only AYON holds.
    pub fn only_in_ayon(&mut self, kind: &'static str, id: i64, name: &str, link: Link) -> &mut Row {
        let row = self.draft.row(kind, id, NASTY, name);
        row.status = "ip";
        row.only_in_ayon = true;
        row.in_ayon = true;
        row.drift.id = Some(ayon_id(kind, id));
        row.drift.link = link;
        row
    }
}

impl Row {
    /// Marks the row as held by AYON under its name, where neither side knows of the other.
    pub(super) fn twin(&mut self) -> &mut Self {
        self.in_ayon = true;
        self.drift = Drift {
            id: Some(ayon_id(self.kind, self.id)),
            link: Link::Nobody,
            ..Drift::default()
        };
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::Studio;
    use super::*;

    #[test]
    fn every_nasty_row_is_listed_once_with_its_reason() {
        let studio = Studio::demo();
        let listed: BTreeSet<_> = studio.nasty().iter().map(|(kind, id, ..)| (*kind, *id)).collect();
        assert_eq!(listed.len(), studio.nasty().len());
        for (kind, id, why, _) in studio.nasty() {
            assert!(why.starts_with(['F', 'B']), "{kind} {id}: {why}");
            let project = kind == "Project" && studio.projects.iter().any(|project| project.id == id);
            let row = studio.rows.iter().find(|row| (row.kind, row.id) == (kind, id));
            assert!(project || row.is_some(), "{kind} {id} is nowhere");
        }
        for row in studio.rows.iter().filter(|row| row.project == NASTY) {
            let expected = !row.only_in_ayon;
            assert!(!expected || listed.contains(&(row.kind, row.id)), "{row:?}");
        }
    }

    #[test]
    fn every_row_of_the_sheets_that_a_seed_can_hold_is_there() {
        let studio = Studio::demo();
        let nasty = studio.nasty();
        let stands_for = |mark: &str| {
            let of = |why: &str| why.split([',', ':', ' ']).any(|word| word == mark);
            nasty.iter().any(|(_, _, why, _)| of(why))
        };
        let there = [
            3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 15, 17, 20, 21, 22, 23, 24, 32, 33, 34, 35, 36, 40,
        ];
        for row in there {
            assert!(stands_for(&format!("F{row}")), "flow-api.md §8 row {row}");
        }
        for row in [
            "name empty or invalid",
            "label with",
            "unknown type",
            "duplicate name",
            "parent missing",
            "retired in Flow",
            "missing in AYON",
            "id mismatch",
            "unlinked twin",
            "missing project code",
            "project name",
            "rename of a published",
            "move of a published",
            "inactive AYON folder",
            "unknown status",
            "user without link",
        ] {
            assert!(
                nasty
                    .iter()
                    .any(|(_, _, why, _)| why.contains(&format!("B: {row}"))),
                "behaviour sheet §8: {row}"
            );
        }
    }
}
