//! Reading AYON.

use std::collections::BTreeMap;
use std::sync::Arc;

use secrecy::SecretString;
use serde_json::json;

use crate::model::{AyonId, System};
use crate::net::NetError;
use crate::plan::{Anatomy, AyonFolder, AyonProject, AyonProjectLine, AyonTask};

use super::AyonError;
use super::session::AyonSession;
use super::settings::AddonSettings;
use super::wire::{
    AllSettings, ContentAnswer, ContentNode, Edges, FolderNode, LinkAttributes, Named, Preset,
    ProjectsAnswer, Secret, TaskNode, TypeNode,
};

const PROJECTS: &str = include_str!("projects.graphql");
const CONTENT: &str = include_str!("content.graphql");
/// Rows of the first and usually only page (`ayon-api.md §6.4`).
const PAGE: usize = 100_000;
const ADDON: &str = "shotgrid";

/// Reads one AYON server. It cannot write.
#[derive(Clone)]
pub struct AyonReader {
    session: Arc<AyonSession>,
}

impl AyonReader {
    pub fn new(session: Arc<AyonSession>) -> Self {
        Self { session }
    }

    /// The addon's version in the production bundle and its effective studio settings.
    pub async fn addon(&self) -> Result<(String, AddonSettings), AyonError> {
        let all: AllSettings = match self
            .session
            .get("/api/settings", &[("variant", "production")])
            .await
        {
            Err(AyonError::Refused { status: 404, .. }) => return Err(AyonError::NoBundle),
            other => other?,
        };
        let addon = all
            .addons
            .into_iter()
            .find(|addon| addon.name == ADDON)
            .ok_or(AyonError::NoAddon)?;
        let settings = AddonSettings::read(&addon.settings.unwrap_or_default())?;
        Ok((addon.version, settings))
    }

    /// The addon's effective settings of a project.
    pub async fn project_settings(&self, version: &str, project: &str) -> Result<AddonSettings, AyonError> {
        let path = format!("/api/addons/{ADDON}/{version}/settings/{project}");
        let document = self.session.get(&path, &[("variant", "production")]).await?;
        AddonSettings::read(&document)
    }

    /// The value of a secret.
    pub async fn secret(&self, name: &str) -> Result<SecretString, AyonError> {
        let secret: Secret = match self.session.get(&format!("/api/secrets/{name}"), &[]).await {
            Err(AyonError::Refused { status: 404, .. }) => return Err(AyonError::NoSecret(name.to_owned())),
            other => other?,
        };
        Ok(SecretString::from(secret.value))
    }

    /// All projects; `None` when AYON does not know the attributes that hold the link.
    pub async fn projects(&self) -> Result<Option<Vec<AyonProjectLine>>, AyonError> {
        let answer: ProjectsAnswer = match self.session.ask(PROJECTS, json!({})).await {
            // The server names the first attribute it does not know (`ayon-api.md §3.2`).
            Err(AyonError::Refused { detail, .. }) if detail.contains("'shotgridId'") => return Ok(None),
            other => other?,
        };
        let live = |node: &Option<TypeNode>| {
            let knows = |name: &str| {
                node.as_ref()
                    .is_some_and(|node| node.fields.iter().any(|f| f.name == name))
            };
            knows("shotgridId") && knows("shotgridType")
        };
        if !(live(&answer.folder) && live(&answer.task)) {
            return Ok(None);
        }
        let line = |node: super::wire::ProjectNode| AyonProjectLine {
            name: node.name,
            code: node.code.unwrap_or_default(),
            active: node.active,
            shotgrid_id: node.attrib.shotgrid_id.filter(|id| !id.is_empty()),
        };
        Ok(Some(
            answer
                .projects
                .edges
                .into_iter()
                .map(|edge| line(edge.node))
                .collect(),
        ))
    }

    /// Every folder and task of a project: one question, and more only where a page was full.
    pub async fn content(&self, project: &str) -> Result<AyonProject, AyonError> {
        let mut content: Option<AyonProject> = None;
        let (mut folders, mut tasks): (Option<String>, Option<String>) = (None, None);
        loop {
            let variables = json!({"project": project, "first": PAGE, "folders": folders, "tasks": tasks});
            let ContentAnswer { project: node } = self.session.ask(CONTENT, variables).await?;
            if node.name != project {
                // AYON reads `_` in a name as any character (`ayon-api.md §2.5`).
                let detail = format!("asked for the project {project} it answered with {}", node.name);
                return Err(AyonError::Refused { status: 200, detail });
            }
            let more = [&node.folders.page, &node.tasks.page]
                .into_iter()
                .flatten()
                .any(|page| page.has_next_page);
            // A side that is through is asked again from its end, which is empty.
            folders = end(&node.folders).or(folders);
            tasks = end(&node.tasks).or(tasks);
            let content = content.get_or_insert_with(|| AyonProject {
                name: node.name.clone(),
                code: node.code.clone().unwrap_or_default(),
                anatomy: Anatomy {
                    folder_types: names(&node.folder_types),
                    task_types: names(&node.task_types),
                },
                folders: BTreeMap::new(),
                tasks: BTreeMap::new(),
            });
            fill(content, node)?;
            if !more {
                break;
            }
        }
        Ok(content.unwrap_or_default())
    }

    /// The anatomy that a preset gives; the server's own choice for `None`; nothing when it does not exist.
    pub async fn preset(&self, name: Option<&str>) -> Result<Option<Anatomy>, AyonError> {
        let path = format!("/api/anatomy/presets/{}", name.unwrap_or("__primary__"));
        match self.session.get::<Preset>(&path, &[]).await {
            Ok(preset) => Ok(Some(Anatomy {
                folder_types: names(&preset.folder_types),
                task_types: names(&preset.task_types),
            })),
            Err(AyonError::Refused { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn names(types: &[Named]) -> Vec<String> {
    types.iter().map(|entry| entry.name.clone()).collect()
}

/// Where a page ends; nothing when it is empty.
fn end<T>(edges: &Edges<T>) -> Option<String> {
    edges.page.as_ref().and_then(|page| page.end_cursor.clone())
}

fn fill(content: &mut AyonProject, node: ContentNode) -> Result<(), AyonError> {
    for edge in node.folders.edges {
        let folder = folder(edge.node)?;
        content.folders.insert(folder.id, folder);
    }
    for edge in node.tasks.edges {
        let task = task(edge.node)?;
        content.tasks.insert(task.id, task);
    }
    Ok(())
}

fn id(text: &str) -> Result<AyonId, AyonError> {
    text.parse().map_err(|_| {
        AyonError::Net(NetError::Unexpected {
            system: System::Ayon,
            cause: "an id is malformed".to_owned(),
        })
    })
}

/// The link attributes, when they are the entity's own and not its parent's.
fn link(own: &[String], attrib: LinkAttributes) -> (Option<String>, Option<String>) {
    let own = |name: &str, value: Option<String>| {
        value.filter(|value| !value.is_empty() && own.iter().any(|attribute| attribute == name))
    };
    (
        own("shotgridId", attrib.shotgrid_id),
        own("shotgridType", attrib.shotgrid_type),
    )
}

fn folder(node: FolderNode) -> Result<AyonFolder, AyonError> {
    let (shotgrid_id, shotgrid_type) = link(&node.own_attrib, node.attrib);
    Ok(AyonFolder {
        id: id(&node.id)?,
        parent: node.parent_id.as_deref().map(id).transpose()?,
        name: node.name,
        label: node.label.filter(|label| !label.is_empty()),
        folder_type: node.folder_type,
        active: node.active,
        shotgrid_id,
        shotgrid_type,
    })
}

fn task(node: TaskNode) -> Result<AyonTask, AyonError> {
    let (shotgrid_id, shotgrid_type) = link(&node.own_attrib, node.attrib);
    Ok(AyonTask {
        id: id(&node.id)?,
        folder: id(&node.folder_id)?,
        name: node.name,
        label: node.label.filter(|label| !label.is_empty()),
        task_type: node.task_type,
        active: node.active,
        shotgrid_id,
        shotgrid_type,
    })
}
