//! What is asked for when rows and content are known: rows in the trash, people, tags. Each question is asked only
//! where something hangs on its answer.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures_util::future::join_all;

use crate::ayon::AyonReader;
use crate::flow::{FlowReader, if_shown};
use crate::model::{AyonId, FlowField, FlowId, FlowRef, FlowType};
use crate::plan::{
    Assignee, AyonProject, AyonUser, FlowGroup, FlowPerson, FlowSchema, People, Rules, Wanted,
};

use super::ActionError;
use super::directory::Desk;
use super::rows::Rows;

pub(super) struct Around<'a> {
    pub flow: &'a FlowReader,
    pub ayon: &'a AyonReader,
    pub desk: &'a Desk<'a>,
    pub rules: &'a Rules,
    pub schema: &'a FlowSchema,
    pub rows: &'a Rows,
    pub content: Option<&'a AyonProject>,
    pub people: Option<&'a [FlowPerson]>,
    pub users: &'a [AyonUser],
}

impl Around<'_> {
    /// Rows that Flow confirms to be in its trash: selected ones that it did not show, and those that AYON is
    /// linked with in the part of the project that is looked at.
    pub async fn retired(&self, wanted: &Wanted) -> Result<BTreeMap<FlowRef, String>, ActionError> {
        let mut unseen: BTreeMap<FlowType, BTreeSet<FlowId>> = BTreeMap::new();
        let mut add = |row: FlowRef| {
            if !self.rows.contains_key(&row) && FlowType::SYNCED.contains(&row.kind) {
                unseen.entry(row.kind).or_default().insert(row.id);
            }
        };
        if let Wanted::Rows(rows) = wanted {
            rows.iter().copied().for_each(&mut add);
        }
        let looked_at =
            |kind: FlowType| self.rules.enabled.contains(&kind) && self.schema.visible.contains(&kind);
        for row in self.linked_in_view(wanted).filter(|row| looked_at(row.kind)) {
            add(row);
        }
        let read = join_all(unseen.into_iter().map(async |(kind, ids)| {
            let ids: Vec<FlowId> = ids.into_iter().collect();
            let found = self.flow.retired(kind.as_str(), &ids, &[kind.name_field()]).await;
            (kind, found)
        }))
        .await;
        let mut retired = BTreeMap::new();
        for (kind, records) in read {
            for record in records? {
                let name = record.text(kind.name_field());
                let name = name.unwrap_or_else(|| format!("#{}", record.id));
                retired.insert(FlowRef { kind, id: record.id }, name);
            }
        }
        Ok(retired)
    }

    /// The rows that AYON's folders and tasks are linked with, below what was selected.
    fn linked_in_view(&self, wanted: &Wanted) -> impl Iterator<Item = FlowRef> + '_ {
        let view = self.content.map(|content| {
            let below = match wanted {
                Wanted::WholeProject => None,
                Wanted::Rows(rows) => Some(self.below(content, rows)),
            };
            (content, below)
        });
        let options = self.rules.options;
        view.into_iter().flat_map(move |(content, below)| {
            let seen = |folder: AyonId, below: &Option<BTreeSet<AyonId>>| {
                below.as_ref().is_none_or(|below| below.contains(&folder))
            };
            let folders = content
                .folders
                .values()
                .filter(|folder| folder.active && options.descendants && seen(folder.id, &below))
                .filter_map(|folder| row_of(folder.shotgrid_type.as_deref(), folder.shotgrid_id.as_deref()));
            let tasks = content
                .tasks
                .values()
                .filter(|task| task.active && options.tasks && seen(task.folder, &below))
                .filter_map(|task| row_of(task.shotgrid_type.as_deref(), task.shotgrid_id.as_deref()));
            folders.chain(tasks).collect::<Vec<_>>()
        })
    }

    /// The AYON folders of the selected rows, and with descendants all folders below them.
    fn below(&self, content: &AyonProject, selected: &BTreeSet<FlowRef>) -> BTreeSet<AyonId> {
        let mut children: HashMap<AyonId, Vec<AyonId>> = HashMap::new();
        for folder in content.folders.values() {
            if let Some(parent) = folder.parent {
                children.entry(parent).or_default().push(folder.id);
            }
        }
        let mut stack: Vec<AyonId> = folders_of(content, selected).collect();
        let mut below = BTreeSet::new();
        while let Some(folder) = stack.pop() {
            if below.insert(folder) && self.rules.options.descendants {
                stack.extend(children.get(&folder).into_iter().flatten());
            }
        }
        below
    }

    /// Rows that nobody looks at and that hold the same AYON id as one that is looked at, where AYON does not say
    /// whose it is: a copied row carries its original's.
    pub async fn other_holders(&self, project: FlowId) -> Result<BTreeSet<(AyonId, FlowRef)>, ActionError> {
        let Some(content) = self.content else {
            return Ok(BTreeSet::new());
        };
        let mut unclaimed: BTreeMap<bool, BTreeSet<AyonId>> = BTreeMap::new();
        for row in self.rows.values() {
            let Some(id) = row.ayon_id.as_deref().and_then(|id| id.parse().ok()) else {
                continue;
            };
            let task = row.key.kind == FlowType::Task;
            let held_by = match task {
                true => content.tasks.get(&id).map(|task| &task.shotgrid_id),
                false => content.folders.get(&id).map(|folder| &folder.shotgrid_id),
            };
            if held_by.is_some_and(|row| row.as_deref().is_none_or(str::is_empty)) {
                unclaimed.entry(task).or_default().insert(id);
            }
        }
        let field = FlowField::AyonId.name();
        let questions = unclaimed.iter().flat_map(|(task, ids)| {
            let kinds: &[FlowType] = if *task {
                &[FlowType::Task]
            } else {
                &FlowType::FOLDERS
            };
            let asked = kinds.iter().filter(|kind| {
                let fields = self.schema.fields.get(kind);
                self.schema.visible.contains(kind) && fields.is_some_and(|fields| fields.contains_key(field))
            });
            asked.map(move |kind| (*kind, ids.iter().map(ToString::to_string).collect::<Vec<_>>()))
        });
        let read = join_all(
            questions.map(async |(kind, ids)| (kind, self.flow.holding(kind, project, field, &ids).await)),
        )
        .await;
        let mut holders = BTreeSet::new();
        for (kind, records) in read {
            for record in records? {
                let row = FlowRef { kind, id: record.id };
                let id = record.text(field).and_then(|id| id.parse().ok());
                holders.extend(id.filter(|_| !self.rows.contains_key(&row)).map(|id| (id, row)));
            }
        }
        Ok(holders)
    }

    /// Of the tags that AYON shows on looked-at rows, those that are Tags in Flow: the others are AYON's own.
    pub async fn known_tags(&self) -> Result<BTreeSet<String>, ActionError> {
        let mut known: BTreeSet<String> = self
            .rows
            .values()
            .flat_map(|row| &row.tags)
            .map(|tag| tag.to_lowercase())
            .collect();
        let Some(content) = self.content.filter(|_| self.rules.options.tags) else {
            return Ok(known);
        };
        let folders = content
            .folders
            .values()
            .map(|folder| (&folder.shotgrid_type, &folder.shotgrid_id, &folder.tags));
        let tasks = content
            .tasks
            .values()
            .map(|task| (&task.shotgrid_type, &task.shotgrid_id, &task.tags));
        let mut unknown: BTreeMap<String, String> = BTreeMap::new();
        for (kind, id, tags) in folders.chain(tasks).filter(|(_, _, tags)| !tags.is_empty()) {
            let row = row_of(kind.as_deref(), id.as_deref());
            if row.is_some_and(|row| self.rows.contains_key(&row)) {
                for tag in tags.iter().filter(|tag| !known.contains(&tag.to_lowercase())) {
                    unknown.insert(tag.to_lowercase(), tag.to_string());
                }
            }
        }
        if !unknown.is_empty() {
            let names: Vec<String> = unknown.into_values().collect();
            // Where the script may not see Tags, all of these count as AYON's own.
            known.extend(if_shown(self.flow.known_tags(&names).await)?.unwrap_or_default());
        }
        Ok(known)
    }

    /// The groups that rows are assigned to, and what AYON stores of the people in question.
    pub async fn people(
        &self,
    ) -> Result<(BTreeMap<FlowId, FlowGroup>, BTreeMap<FlowId, String>), ActionError> {
        let Some(people) = self.people else {
            return Ok(Default::default());
        };
        let mut assigned: BTreeSet<FlowId> = BTreeSet::new();
        let mut group_ids: BTreeSet<FlowId> = BTreeSet::new();
        for assignee in self.rows.values().flat_map(|row| &row.assignees) {
            match assignee {
                Assignee::Person(person) => assigned.insert(*person),
                Assignee::Group(group) => group_ids.insert(*group),
            };
        }
        let groups = match group_ids.is_empty() {
            true => BTreeMap::new(),
            false => {
                let ids: Vec<FlowId> = group_ids.into_iter().collect();
                if_shown(self.flow.groups(&ids).await)?.unwrap_or_default()
            }
        };
        if self.rules.policy.expand_groups {
            assigned.extend(groups.values().flat_map(|group| &group.members));
        }
        let tasks = self
            .content
            .into_iter()
            .flat_map(|content| content.tasks.values());
        let users: BTreeSet<String> = tasks
            .filter(|task| !task.assignees.is_empty())
            .filter(|task| {
                let row = row_of(task.shotgrid_type.as_deref(), task.shotgrid_id.as_deref());
                row.is_some_and(|row| self.rows.contains_key(&row))
            })
            .flat_map(|task| task.assignees.iter().map(ToString::to_string))
            .collect();
        let mut links = self.desk.users_of(self.ayon, &assigned).await?;
        // Who is found by e-mail or login already is Flow's; of the others AYON may store it.
        let found = People::matched(people, self.users, &links);
        let others = users.into_iter().filter(|user| !found.flow_knows(user)).collect();
        for (person, user) in self.desk.people_of(self.ayon, &others).await? {
            links.entry(person).or_insert(user);
        }
        Ok((groups, links))
    }
}

/// The folders that are linked with these rows.
pub(super) fn folders_of(content: &AyonProject, rows: &BTreeSet<FlowRef>) -> impl Iterator<Item = AyonId> {
    let linked = content.folders.values().filter(|folder| {
        let row = row_of(folder.shotgrid_type.as_deref(), folder.shotgrid_id.as_deref());
        row.is_some_and(|row| rows.contains(&row))
    });
    linked.map(|folder| folder.id)
}

/// The row that a link names, when it is written as we would write it: the plan knows no other.
fn row_of(kind: Option<&str>, id: Option<&str>) -> Option<FlowRef> {
    let row = FlowRef::new(kind?.parse().ok()?, id?.parse().ok()?);
    id.filter(|id| *id == row.id.to_string()).map(|_| row)
}
