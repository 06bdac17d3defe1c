//! What a row carries besides its name and place: status, tags, assignees, attributes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::model::{FlowId, FlowType};
use crate::problem::{Code, Severity};

use super::attributes::{Effective, converted, inherited, same, shown_below};
use super::intent::Attributes;
use super::operation::{Change, OpId};
use super::partner::Partner;
use super::snapshot::{Assignee, FlowRow, Held};
use super::sync::Planner;

/// What an entity gets of its row; what is absent stays as it is.
#[derive(Default)]
pub(super) struct Carried {
    pub status: Option<String>,
    pub tags: Option<Vec<String>>,
    pub assignees: Option<Vec<String>>,
    pub attributes: Attributes,
    pub changes: Vec<Change>,
    pub needs: Vec<OpId>,
}

/// Assignments that could not be carried, told once a person when all rows were looked at.
#[derive(Default)]
pub(super) struct Unassigned {
    people: BTreeMap<FlowId, usize>,
    groups: BTreeMap<FlowId, usize>,
}

/// What an entity has now; a new one has nothing.
struct Now<'a> {
    status: Option<&'a str>,
    tags: &'a [Arc<str>],
    assignees: &'a [Arc<str>],
    attributes: &'a [Held],
}

impl Planner<'_> {
    /// What a new entity begins with, and what it shows below a parent that shows `above`.
    pub(super) fn carried_by_new(&mut self, row: &FlowRow, above: &Effective) -> (Carried, Effective) {
        let now = Now {
            status: None,
            tags: &[],
            assignees: &[],
            attributes: &[],
        };
        self.carried(row, &now, above)
    }

    /// What changes on an entity that AYON has, and what it shows then.
    pub(super) fn carried_by(
        &mut self,
        row: &FlowRow,
        partner: &Partner<'_>,
        above: &Effective,
    ) -> (Carried, Effective) {
        let now = Now {
            status: Some(partner.status),
            tags: partner.tags,
            assignees: partner.assignees,
            attributes: partner.attributes,
        };
        self.carried(row, &now, above)
    }

    fn carried(&mut self, row: &FlowRow, now: &Now<'_>, above: &Effective) -> (Carried, Effective) {
        let mut carried = Carried::default();
        let options = self.input.rules.options;
        if options.status {
            self.status(row, now, &mut carried);
        }
        if options.tags {
            self.tags(row, now, &mut carried);
        }
        if options.assignees && row.key.kind == FlowType::Task {
            self.assignees(row, now, &mut carried);
        }
        let shows = self.attributes(row, now, above, &mut carried);
        (carried, shows)
    }

    fn status(&mut self, row: &FlowRow, now: &Now<'_>, carried: &mut Carried) {
        let Some(code) = &row.status else { return };
        let kind = row.key.kind;
        let titles = self.input.flow.schema.statuses.get(&kind);
        let title = titles.and_then(|titles| titles.get(&**code)).map(String::as_str);
        let (draft, rules) = (&mut self.draft, self.input.rules);
        let Some(found) = self.statuses.of(draft, rules, kind, code, title) else {
            return;
        };
        if now.status != Some(found.name.as_str()) {
            carried
                .changes
                .push(Change::new("status", json!(now.status), json!(found.name)));
            carried.needs.extend(found.needs);
            carried.status = Some(found.name);
        }
    }

    /// Flow's tags in AYON's spelling where it has one, and the tags that Flow cannot know.
    fn tags(&self, row: &FlowRow, now: &Now<'_>, carried: &mut Carried) {
        if row.tags == now.tags {
            return;
        }
        let mut wanted: Vec<String> = Vec::new();
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for tag in row.tags.iter().map(|tag| tag.replace('\0', "")) {
            if !tag.trim().is_empty() && seen.insert(tag.to_lowercase()) {
                let held = now
                    .tags
                    .iter()
                    .find(|held| held.to_lowercase() == tag.to_lowercase());
                wanted.push(held.map_or(tag, ToString::to_string));
            }
        }
        for tag in now.tags {
            let lower = tag.to_lowercase();
            if !self.input.flow.known_tags.contains(&lower) && seen.insert(lower) {
                wanted.push(tag.to_string());
            }
        }
        carried.tags = self.listed("tags", now.tags, wanted, carried);
    }

    fn assignees(&mut self, row: &FlowRow, now: &Now<'_>, carried: &mut Carried) {
        if row.assignees.is_empty() && now.assignees.is_empty() {
            return;
        }
        let input = self.input;
        let Some(people) = &self.people else { return };
        let user = |assignee: &Assignee| match assignee {
            Assignee::Person(person) => people.user(*person),
            Assignee::Group(_) => None,
        };
        if row.assignees.len() == now.assignees.len()
            && row
                .assignees
                .iter()
                .zip(now.assignees)
                .all(|(assignee, held)| user(assignee) == Some(held))
        {
            return;
        }
        let mut wanted: Vec<String> = Vec::new();
        let (mut all_named, mut all_groups_read) = (true, true);
        let mut assign = |person: FlowId, unassigned: &mut Unassigned| match people.user(person) {
            Some(user) if wanted.iter().any(|other| other == user) => {}
            Some(user) => wanted.push(user.to_owned()),
            None => {
                *unassigned.people.entry(person).or_default() += 1;
                all_named = false;
            }
        };
        for assignee in &row.assignees {
            match assignee {
                Assignee::Person(person) => assign(*person, &mut self.unassigned),
                Assignee::Group(group) => match input.flow.groups.get(group) {
                    Some(known) if input.rules.policy.expand_groups => {
                        for member in &known.members {
                            assign(*member, &mut self.unassigned);
                        }
                    }
                    known => {
                        *self.unassigned.groups.entry(*group).or_default() += 1;
                        all_groups_read &= known.is_some();
                    }
                },
            }
        }
        // Whoever has it in AYON may be the one whom nobody could name, so nobody is taken off.
        let some_unnamed = !(all_named && all_groups_read);
        for user in now.assignees {
            if (some_unnamed || !people.flow_knows(user)) && !wanted.iter().any(|other| **other == **user) {
                wanted.push(user.to_string());
            }
        }
        carried.assignees = self.listed("assignees", now.assignees, wanted, carried);
    }

    /// The list to write; nothing when the same things are in it, in whatever order.
    fn listed(
        &self,
        field: &str,
        now: &[Arc<str>],
        wanted: Vec<String>,
        carried: &mut Carried,
    ) -> Option<Vec<String>> {
        let held: BTreeSet<&str> = now.iter().map(AsRef::as_ref).collect();
        let same = held.len() == now.len()
            && held.len() == wanted.len()
            && wanted.iter().all(|name| held.contains(name.as_str()));
        if same {
            return None;
        }
        let before: Vec<&str> = now.iter().map(AsRef::as_ref).collect();
        carried
            .changes
            .push(Change::new(field, json!(before), json!(wanted)));
        Some(wanted)
    }

    fn attributes(
        &mut self,
        row: &FlowRow,
        now: &Now<'_>,
        above: &Effective,
        carried: &mut Carried,
    ) -> Effective {
        let rules = self.input.rules;
        let plain = row.values.is_empty() && now.attributes.iter().all(|held| !held.own);
        let passes_all = rules.attributes.iter().all(|attribute| attribute.inherits);
        if rules.attributes.is_empty() || plain && passes_all {
            return above.clone();
        }
        let nothing = Held::default();
        let mut shows: Vec<Value> = shown_below(above, now.attributes, &rules.attributes).to_vec();
        let values = row.values.iter().filter(|_| rules.options.attributes);
        for (index, value) in values {
            let Some(attribute) = rules.attributes.get(*index) else {
                continue;
            };
            let held = now.attributes.get(*index).unwrap_or(&nothing);
            let wanted = match converted(&attribute.kind, value) {
                Ok(wanted) => wanted,
                Err(unfitting) => {
                    let flow = Some(self.named(row));
                    let message = format!(
                        "Its Flow field {} holds {}, and AYON's attribute {} wants {}; it is left as it is.",
                        attribute.flow,
                        shortened(value),
                        attribute.ayon,
                        unfitting.0
                    );
                    self.draft.problem(
                        Severity::Warning,
                        Code::ValueUnfitting,
                        flow,
                        None,
                        message,
                        "Correct the value in Flow, or map another field in the addon's settings.",
                    );
                    continue;
                }
            };
            let from_above = inherited(above, &rules.attributes, *index);
            let leave = if wanted.is_null() {
                !(held.own && rules.policy.clear_empty)
            } else if held.own {
                same(&attribute.kind, &wanted, &held.value)
            } else {
                !rules.policy.repeat_inherited && same(&attribute.kind, &wanted, &from_above)
            };
            if leave {
                continue;
            }
            let before = if held.own { held.value.clone() } else { Value::Null };
            shows[*index] = if wanted.is_null() {
                from_above
            } else {
                wanted.clone()
            };
            carried
                .changes
                .push(Change::new(&attribute.ayon, before, wanted.clone()));
            carried.attributes.push((attribute.ayon.clone(), wanted));
        }
        shows.into()
    }

    /// Names everybody whose assignments could not be carried.
    pub(super) fn tell_unassigned(&mut self) {
        let Unassigned { people, groups } = std::mem::take(&mut self.unassigned);
        for (person, tasks) in people {
            let name = self
                .people
                .as_ref()
                .map(|people| people.name_of(person))
                .unwrap_or_default();
            self.draft.problem(
                Severity::Warning,
                Code::AssigneeUnknown,
                None,
                None,
                format!("{name} (HumanUser {person} in Flow) is no user of AYON, so the assignment to {} is left out.", tasks_of(tasks)),
                "Sync users first, or give the AYON user the same e-mail address or login.",
            );
        }
        for (group, tasks) in groups {
            let (message, remedy) = match self.input.flow.groups.get(&group) {
                Some(known) => (
                    format!(
                        "The Flow group {} is assigned to {}; AYON assigns people only.",
                        known.name,
                        tasks_of(tasks)
                    ),
                    "Let amigo assign the group's members (sync.expand_groups), or assign people in Flow.",
                ),
                None => (
                    format!(
                        "Group {group} is assigned to {}, and Flow does not show amigo who is in it.",
                        tasks_of(tasks)
                    ),
                    "Let the script see Group in Flow's permissions, or assign people in Flow.",
                ),
            };
            self.draft.problem(
                Severity::Warning,
                Code::AssigneeGroup,
                None,
                None,
                message,
                remedy,
            );
        }
        let asked = self.input.rules.options.assignees;
        if !asked || self.people.is_some() {
            return;
        }
        let rows = self.input.flow.rows.values();
        let assigned = rows.filter(|row| !row.assignees.is_empty()).count();
        if assigned > 0 {
            self.draft.problem(
                Severity::Warning,
                Code::PeopleUnreadable,
                None,
                None,
                format!(
                    "Flow does not let the script see people, so the assignments of {} stay as they are.",
                    tasks_of(assigned)
                ),
                "Let the script see HumanUser in Flow's permissions, or sync without assignees.",
            );
        }
    }
}

fn tasks_of(count: usize) -> String {
    match count {
        1 => "1 Task".to_owned(),
        _ => format!("{count} Tasks"),
    }
}

/// The beginning of a value, for a sentence.
fn shortened(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() > 40 {
        let start: String = text.chars().take(40).collect();
        format!("{start}…")
    } else {
        text
    }
}
