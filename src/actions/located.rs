//! Where a selection's rows are at home: a page's project is only a hint (`flow-api.md §1.2`).

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use crate::flow::FlowReader;
use crate::model::{FlowId, FlowRef, FlowType, Selection};
use crate::plan::Wanted;

use super::ActionError;

/// What is wanted of each project, in the order in which they are planned.
pub(super) type Located = BTreeMap<FlowId, Part>;

/// What is wanted of one project.
pub(super) struct Part {
    pub wanted: Wanted,
    /// Selected Versions that stand for nothing that is synced, with their names.
    pub empty_versions: BTreeMap<FlowRef, String>,
    /// Names of the wanted rows, as far as Flow told them.
    pub names: BTreeMap<FlowRef, String>,
}

impl Default for Part {
    fn default() -> Self {
        Self {
            wanted: Wanted::Rows(BTreeSet::new()),
            empty_versions: BTreeMap::new(),
            names: BTreeMap::new(),
        }
    }
}

impl Part {
    /// All rows of a selection, which are at home in one project.
    pub fn of(selection: &Selection) -> Self {
        Self {
            wanted: Wanted::Rows(selection.rows().collect()),
            ..Self::default()
        }
    }

    fn add(&mut self, row: FlowRef, name: Option<String>) {
        if let Wanted::Rows(rows) = &mut self.wanted {
            rows.insert(row);
        }
        if let Some(name) = name {
            self.names.insert(row, name);
        }
    }
}

/// Finds the projects of a selection.
pub(super) async fn locate(flow: &FlowReader, selection: &Selection) -> Result<Located, ActionError> {
    let mut located = Located::new();
    if selection.is_project() {
        for id in &selection.ids {
            let part = Part {
                wanted: Wanted::WholeProject,
                ..Part::default()
            };
            located.insert(*id, part);
        }
        return Ok(located);
    }
    let kind = selection.entity_type;
    if kind == FlowType::Version {
        return versions(flow, selection).await;
    }
    let records = flow
        .by_ids(kind.as_str(), &selection.ids, &[kind.name_field(), "project"])
        .await?;
    let mut lost: BTreeSet<FlowRef> = selection.rows().collect();
    for record in &records {
        let row = FlowRef { kind, id: record.id };
        if let Some(project) = record.link("project") {
            lost.remove(&row);
            let part = located.entry(project.id).or_default();
            part.add(row, record.text(kind.name_field()));
        }
    }
    with_lost(located, lost, selection)
}

/// A Version means its entity and its Task (`flow-api.md §6`: the entity may be of any type), each where it is at
/// home: the entity may be an Asset that another project shares.
async fn versions(flow: &FlowReader, selection: &Selection) -> Result<Located, ActionError> {
    let mut located = Located::new();
    let records = flow
        .by_ids(
            "Version",
            &selection.ids,
            &["code", "project", "entity", "sg_task"],
        )
        .await?;
    let mut lost: BTreeSet<FlowRef> = selection.rows().collect();
    let mut meant: BTreeMap<FlowType, BTreeMap<FlowId, (FlowId, String)>> = BTreeMap::new();
    for record in &records {
        let version = FlowRef::new(FlowType::Version, record.id.0);
        let Some(project) = record.link("project") else {
            continue;
        };
        lost.remove(&version);
        let mut empty = true;
        for link in ["entity", "sg_task"]
            .into_iter()
            .filter_map(|field| record.link(field))
        {
            let kind = link.kind.parse().ok();
            let synced = |kind: &FlowType| FlowType::FOLDERS.contains(kind) || *kind == FlowType::Task;
            if let Some(kind) = kind.filter(synced) {
                let of_kind = meant.entry(kind).or_default();
                of_kind.insert(link.id, (project.id, link.name.clone()));
                empty = false;
            }
        }
        if empty {
            let name = record.text("code").unwrap_or_else(|| format!("#{}", version.id));
            let part = located.entry(project.id).or_default();
            part.empty_versions.insert(version, name.clone());
            part.add(version, Some(name));
        }
    }
    let homes = join_all(meant.iter().map(async |(kind, rows)| {
        let ids: Vec<FlowId> = rows.keys().copied().collect();
        flow.by_ids(kind.as_str(), &ids, &["project"]).await
    }))
    .await;
    for ((kind, rows), homes) in meant.into_iter().zip(homes) {
        let homes: BTreeMap<FlowId, FlowId> = homes?
            .iter()
            .filter_map(|record| Some((record.id, record.link("project")?.id)))
            .collect();
        for (id, (page, name)) in rows {
            let home = homes.get(&id).copied().unwrap_or(page);
            located
                .entry(home)
                .or_default()
                .add(FlowRef { kind, id }, Some(name));
        }
    }
    with_lost(located, lost, selection)
}

/// Rows that Flow does not show are named in the page's project, or in the first.
fn with_lost(
    mut located: Located,
    lost: BTreeSet<FlowRef>,
    selection: &Selection,
) -> Result<Located, ActionError> {
    if !lost.is_empty() {
        let home = selection.project_id.or_else(|| located.keys().next().copied());
        let part = located.entry(home.ok_or(ActionError::NothingThere)?).or_default();
        lost.into_iter().for_each(|row| part.add(row, None));
    }
    if located.is_empty() {
        return Err(ActionError::NothingThere);
    }
    Ok(located)
}
