//! The content of a project as AYON sends it, read into a snapshot.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::model::{AyonId, System};
use crate::net::NetError;
use crate::plan::{Anatomy, AyonFolder, AyonProject, AyonTask, Held, MappedAttribute, Parts};

use super::AyonError;
use super::reader::{names, statuses};
use super::wire::{
    ContentNode, Edges, FolderNode, PartsNode, ProjectFields, TaskNode, WireAttributes, alias,
};

const CONTENT: &str = include_str!("content.graphql");
const OUTLINE: &str = include_str!("outline.graphql");
const TREE: &str = include_str!("tree.graphql");
const PARTS: &str = include_str!("parts.graphql");
const PROJECT_FIELDS: &str = include_str!("project_fields.graphql");
const FOLDER_FIELDS: &str = include_str!("folder_fields.graphql");
const TASK_FIELDS: &str = include_str!("task_fields.graphql");

/// The question for a project with everything in it. Fragments are given where they are used only: the server
/// refuses others.
pub(super) fn content_query(attributes: &[MappedAttribute], push: bool) -> String {
    query(
        &[CONTENT, PROJECT_FIELDS, FOLDER_FIELDS, TASK_FIELDS],
        attributes,
        push,
    )
}

/// The question for a project without its folders and tasks.
pub(super) fn outline_query(attributes: &[MappedAttribute], push: bool) -> String {
    query(&[OUTLINE, PROJECT_FIELDS], attributes, push)
}

/// The question for a project's folders, without what they carry.
pub(super) fn tree_query(push: bool) -> String {
    query(&[TREE, PROJECT_FIELDS, FOLDER_FIELDS], &[], push)
}

/// The question for parts of a project.
pub(super) fn parts_query(attributes: &[MappedAttribute]) -> String {
    query(&[PARTS, FOLDER_FIELDS, TASK_FIELDS], attributes, false)
}

/// What the question for parts is asked with. An empty list finds nothing; an empty filter of attributes would find
/// everything, so that part is left out.
pub(super) fn parts_variables(project: &str, parts: &Parts, first: usize) -> Value {
    let texts = |ids: &BTreeSet<AyonId>| -> Vec<String> { ids.iter().map(ToString::to_string).collect() };
    let kinds: BTreeSet<&str> = parts.rows.iter().map(|row| row.kind.as_str()).collect();
    let rows: BTreeSet<String> = parts.rows.iter().map(|row| row.id.to_string()).collect();
    let places = parts.folders_in.iter().map(|place| match place {
        None => "root".to_owned(),
        Some(folder) => folder.to_string(),
    });
    json!({
        "project": project,
        "first": first,
        "byRow": !rows.is_empty(),
        // Entries must all fit: a Shot of an Asset's number comes along, and does no harm.
        "links": [{"name": "shotgridId", "values": rows}, {"name": "shotgridType", "values": kinds}],
        "ids": texts(&parts.ids),
        "paths": parts.paths,
        "foldersIn": places.collect::<Vec<_>>(),
        "tasksIn": texts(&parts.tasks_in),
        "below": texts(&parts.below),
        "publishedBelow": texts(&parts.published_below),
    })
}

/// A question with the mapped attributes that are live where they are asked for: one that is not would fail the
/// whole question (`ayon-api.md §3.2`).
fn query(texts: &[&str], attributes: &[MappedAttribute], push: bool) -> String {
    let listed = |live: &dyn Fn(&MappedAttribute) -> bool| {
        let fields = attributes
            .iter()
            .enumerate()
            .filter(|(_, attribute)| live(attribute))
            .map(|(position, attribute)| format!("{}: {}", alias(position), attribute.ayon));
        fields.collect::<Vec<_>>().join(" ")
    };
    let mut project = listed(&|attribute| attribute.live.project);
    if push {
        project.push_str(" shotgridPush");
    }
    texts
        .concat()
        .replace("PROJECT_ATTRIBUTES", &project)
        .replace("FOLDER_ATTRIBUTES", &listed(&|attribute| attribute.live.folder))
        .replace("TASK_ATTRIBUTES", &listed(&|attribute| attribute.live.task))
}

/// The project without its folders and tasks.
pub(super) fn new_content(node: &ProjectFields, attributes: &[MappedAttribute]) -> AyonProject {
    let own: Vec<String> = attributes
        .iter()
        .map(|attribute| attribute.ayon.clone())
        .collect();
    AyonProject {
        name: node.name.clone(),
        code: node.code.clone().unwrap_or_default(),
        push: node.attrib.push,
        anatomy: Anatomy {
            folder_types: names(&node.folder_types),
            task_types: names(&node.task_types),
            statuses: statuses(node.statuses.clone()),
            tags: names(&node.tags),
        },
        attributes: held(&own, node.attrib.mapped.clone(), attributes),
        ..AyonProject::default()
    }
}

/// Adds a page of folders and tasks.
pub(super) fn fill(
    content: &mut AyonProject,
    node: ContentNode,
    attributes: &[MappedAttribute],
) -> Result<(), AyonError> {
    add_folders(content, node.folders, attributes)?;
    for edge in node.tasks.edges {
        let task = task(edge.node, attributes)?;
        content.tasks.insert(task.id, task);
    }
    Ok(())
}

/// Adds a page of folders.
pub(super) fn add_folders(
    content: &mut AyonProject,
    folders: Edges<FolderNode>,
    attributes: &[MappedAttribute],
) -> Result<(), AyonError> {
    for edge in folders.edges {
        let folder = folder(edge.node, attributes)?;
        content.folders.insert(folder.id, folder);
    }
    Ok(())
}

/// Adds parts of a project, and gives the paths of the folders above them that are still unknown.
pub(super) fn add_parts(
    content: &mut AyonProject,
    node: PartsNode,
    attributes: &[MappedAttribute],
) -> Result<BTreeSet<String>, AyonError> {
    let mut places: Vec<(Option<AyonId>, String)> = Vec::new();
    let folders = [
        node.linked_folders,
        node.folders_by_id,
        node.folders_by_path,
        node.folders_in,
        node.folders_below,
        node.published_below,
    ];
    for mut found in folders
        .into_iter()
        .flat_map(|found| found.edges)
        .map(|edge| edge.node)
    {
        let path = found.path.take().unwrap_or_default();
        let folder = folder(found, attributes)?;
        places.push((folder.parent, path));
        content.folders.insert(folder.id, folder);
    }
    let tasks = [
        node.linked_tasks,
        node.tasks_by_id,
        node.tasks_in,
        node.tasks_below,
    ];
    for mut found in tasks
        .into_iter()
        .flat_map(|found| found.edges)
        .map(|edge| edge.node)
    {
        let path = found.path.take().unwrap_or_default();
        let task = task(found, attributes)?;
        places.push((Some(task.folder), path));
        content.tasks.insert(task.id, task);
    }
    let mut paths = BTreeSet::new();
    for (parent, path) in places {
        let (mut next, mut path) = (parent, path.as_str());
        // The path shrinks with every step, so a circle ends as well.
        while let (Some(parent), Some((above, _))) = (next, path.rsplit_once('/')) {
            let known = content.folders.get(&parent);
            match known {
                Some(folder) => (next, path) = (folder.parent, above),
                None => {
                    paths.extend(lineage(above));
                    break;
                }
            }
        }
    }
    Ok(paths)
}

/// A path and those of everything above it: `/a/b` → `/a/b`, `/a`.
fn lineage(path: &str) -> impl Iterator<Item = String> + '_ {
    std::iter::successors(Some(path), |path| Some(path.rsplit_once('/')?.0))
        .filter(|path| !path.is_empty())
        .map(str::to_owned)
}

pub(super) fn id(text: &str) -> Result<AyonId, AyonError> {
    text.parse().map_err(|_| {
        AyonError::Net(NetError::Unexpected {
            system: System::Ayon,
            cause: "an id is malformed".to_owned(),
        })
    })
}

/// The link attributes, when they are the entity's own and not its parent's.
fn link(own: &[String], attrib: &mut WireAttributes) -> (Option<String>, Option<String>) {
    let own = |name: &str, value: Option<String>| {
        value.filter(|value| !value.is_empty() && own.iter().any(|attribute| attribute == name))
    };
    (
        own("shotgridId", attrib.shotgrid_id.take()),
        own("shotgridType", attrib.shotgrid_type.take()),
    )
}

/// Mapped attributes by position; nothing is kept where none is mapped.
fn held(own: &[String], values: Vec<(usize, Value)>, attributes: &[MappedAttribute]) -> Vec<Held> {
    let mut held: Vec<Held> = attributes
        .iter()
        .map(|attribute| Held {
            own: own.contains(&attribute.ayon),
            ..Held::default()
        })
        .collect();
    for (position, value) in values {
        if let Some(held) = held.get_mut(position) {
            held.value = value;
        }
    }
    held
}

fn folder(mut node: FolderNode, attributes: &[MappedAttribute]) -> Result<AyonFolder, AyonError> {
    let (shotgrid_id, shotgrid_type) = link(&node.own_attrib, &mut node.attrib);
    Ok(AyonFolder {
        id: id(&node.id)?,
        parent: node.parent_id.as_deref().map(id).transpose()?,
        name: node.name,
        label: node.label.filter(|label| !label.is_empty()),
        folder_type: node.folder_type,
        active: node.active,
        shotgrid_id,
        shotgrid_type,
        status: node.status.unwrap_or_default(),
        tags: node.tags,
        has_versions: node.has_versions,
        attributes: held(&node.own_attrib, node.attrib.mapped, attributes),
    })
}

fn task(mut node: TaskNode, attributes: &[MappedAttribute]) -> Result<AyonTask, AyonError> {
    let (shotgrid_id, shotgrid_type) = link(&node.own_attrib, &mut node.attrib);
    Ok(AyonTask {
        id: id(&node.id)?,
        folder: id(&node.folder_id)?,
        name: node.name,
        label: node.label.filter(|label| !label.is_empty()),
        task_type: node.task_type,
        active: node.active,
        shotgrid_id,
        shotgrid_type,
        status: node.status.unwrap_or_default(),
        tags: node.tags,
        assignees: node.assignees,
        attributes: held(&node.own_attrib, node.attrib.mapped, attributes),
    })
}
