//! Where a selection's rows are at home: a page's project is only a hint (`flow-api.md §1.2`).

use std::collections::{BTreeMap, BTreeSet};

use crate::flow::{FlowReader, Record};
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
    fn add(&mut self, row: FlowRef, name: Option<String>) {
        if let Wanted::Rows(rows) = &mut self.wanted {
            rows.insert(row);
        }
        if let Some(name) = name {
            self.names.insert(row, name);
        }
    }
}

/// Finds the projects of a selection. Rows that Flow does not show are named in the page's project, or in the first.
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
    let fields: &[&str] = match kind {
        FlowType::Version => &["code", "project", "entity", "sg_task"],
        _ => &[kind.name_field(), "project"],
    };
    let records = flow.by_ids(kind.as_str(), &selection.ids, fields).await?;
    let mut lost: BTreeSet<FlowRef> = selection.rows().collect();
    for record in &records {
        let row = FlowRef { kind, id: record.id };
        let Some(project) = record.link("project") else {
            continue;
        };
        lost.remove(&row);
        let part = located.entry(project.id).or_default();
        if kind == FlowType::Version {
            add_version(part, row, record);
        } else {
            part.add(row, record.text(kind.name_field()));
        }
    }
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

/// A Version means its entity and its Task (`flow-api.md §6`: the entity may be of any type).
fn add_version(part: &mut Part, version: FlowRef, record: &Record) {
    let links = ["entity", "sg_task"]
        .into_iter()
        .filter_map(|field| record.link(field));
    let synced = links.filter_map(|link| {
        let kind: FlowType = link.kind.parse().ok()?;
        let synced = FlowType::FOLDERS.contains(&kind) || kind == FlowType::Task;
        synced.then(|| (FlowRef { kind, id: link.id }, link.name.clone()))
    });
    let rows: Vec<(FlowRef, String)> = synced.collect();
    if rows.is_empty() {
        let name = record.text("code").unwrap_or_else(|| format!("#{}", version.id));
        part.empty_versions.insert(version, name.clone());
        part.add(version, Some(name));
    }
    for (row, name) in rows {
        part.add(row, Some(name));
    }
}
