//! Reading AYON.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use secrecy::SecretString;
use serde_json::json;

use crate::model::{FlowId, UserLevel};
use crate::plan::{
    Anatomy, AttributeKind, AyonProject, AyonProjectLine, AyonStatus, AyonUser, LiveOn, MappedAttribute,
    Parts,
};

use super::AyonError;
use super::content::{
    add_parts, content_query, fill, new_content, outline_query, parts_query, parts_variables,
};
use super::session::AyonSession;
use super::settings::{AddonSettings, AttributeRow};
use super::wire::{
    AllSettings, ContentAnswer, Edges, Info, Named, OutlineAnswer, PartsAnswer, Preset, ProjectsAnswer,
    Secret, Stats, StatusNode, TypeNode, UsersAnswer,
};

const PROJECTS: &str = include_str!("projects.graphql");
const USERS: &str = include_str!("users.graphql");
/// Rows of the first and usually only page (`ayon-api.md §6.4`).
pub(super) const PAGE: usize = 100_000;
const ADDON: &str = "shotgrid";

/// Reads one AYON server. It cannot write.
#[derive(Clone)]
pub struct AyonReader {
    pub(super) session: Arc<AyonSession>,
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

    /// All projects and the attributes that are live; `None` when AYON does not know those that hold the link.
    pub async fn projects(&self) -> Result<Option<Projects>, AyonError> {
        let answer: ProjectsAnswer = match self.session.ask(PROJECTS, json!({})).await {
            // The server names the first attribute it does not know (`ayon-api.md §3.2`).
            Err(AyonError::Refused { detail, .. }) if detail.contains("'shotgridId'") => return Ok(None),
            other => other?,
        };
        let names = |node: Option<TypeNode>| -> BTreeSet<String> {
            let fields = node.into_iter().flat_map(|node| node.fields);
            fields.map(|field| field.name).collect()
        };
        let live = LiveAttributes {
            project: names(answer.project),
            folder: names(answer.folder),
            task: names(answer.task),
        };
        let links = |names: &BTreeSet<String>| names.contains("shotgridId") && names.contains("shotgridType");
        if !(links(&live.folder) && links(&live.task)) {
            return Ok(None);
        }
        let line = |node: super::wire::ProjectNode| AyonProjectLine {
            name: node.name,
            code: node.code.unwrap_or_default(),
            active: node.active,
            shotgrid_id: node.attrib.shotgrid_id.filter(|id| !id.is_empty()),
        };
        let lines = answer.projects.edges.into_iter().map(|edge| line(edge.node));
        Ok(Some(Projects {
            lines: lines.collect(),
            live,
        }))
    }

    /// The server's version, and what kind of value each attribute holds.
    pub async fn server(&self) -> Result<Server, AyonError> {
        let info: Info = self.session.get("/api/info", &[]).await?;
        let kinds = info.attributes.into_iter().map(|attribute| {
            let kind = AttributeKind::of(&attribute.data.kind);
            (attribute.name, (kind, attribute.data.inherit))
        });
        Ok(Server {
            version: version_of(&info.version),
            attributes: kinds.collect(),
        })
    }

    /// Every folder and task of a project: one question, and more only where a page was full.
    pub async fn content(
        &self,
        project: &str,
        attributes: &[MappedAttribute],
        live: &LiveAttributes,
    ) -> Result<AyonProject, AyonError> {
        let query = content_query(attributes, live.project.contains("shotgridPush"));
        let mut content: Option<AyonProject> = None;
        let (mut folders, mut tasks): (Option<String>, Option<String>) = (None, None);
        loop {
            let variables = json!({"project": project, "first": PAGE, "folders": folders, "tasks": tasks});
            let ContentAnswer { project: node } = self.session.ask(&query, variables).await?;
            expect_project(project, &node.fields.name)?;
            let more = [&node.folders.page, &node.tasks.page]
                .into_iter()
                .flatten()
                .any(|page| page.has_next_page);
            // A side that is through is asked again from its end, which is empty.
            folders = end(&node.folders).or(folders);
            tasks = end(&node.tasks).or(tasks);
            let content = content.get_or_insert_with(|| new_content(&node.fields, attributes));
            fill(content, node, attributes)?;
            if !more {
                break;
            }
        }
        let mut content = content.unwrap_or_default();
        content.size = content.folders.len();
        Ok(content)
    }

    /// How much a project holds.
    pub async fn size(&self, project: &str) -> Result<ProjectSize, AyonError> {
        let stats: Stats = self
            .session
            .get(&format!("/api/projects/{project}/stats"), &[])
            .await?;
        Ok(ProjectSize {
            folders: stats.counts.folders,
            tasks: stats.counts.tasks,
        })
    }

    /// A project of which no folder and no task was read yet.
    pub async fn outline(
        &self,
        project: &str,
        attributes: &[MappedAttribute],
        live: &LiveAttributes,
    ) -> Result<AyonProject, AyonError> {
        let query = outline_query(attributes, live.project.contains("shotgridPush"));
        let OutlineAnswer { project: node } = self.session.ask(&query, json!({"project": project})).await?;
        expect_project(project, &node.name)?;
        Ok(AyonProject {
            read: Some(Parts::default()),
            ..new_content(&node, attributes)
        })
    }

    /// Reads more of a project, by one question.
    ///
    /// Of what is above the new folders and tasks the paths come back, as far as it is unknown.
    pub async fn read_parts(
        &self,
        content: &mut AyonProject,
        parts: Parts,
        attributes: &[MappedAttribute],
    ) -> Result<BTreeSet<String>, AyonError> {
        let variables = parts_variables(&content.name, &parts, PAGE);
        let PartsAnswer { project: node } = self.session.ask(&parts_query(attributes), variables).await?;
        expect_project(&content.name, &node.name)?;
        let above = add_parts(content, node, attributes)?;
        content.read.get_or_insert_default().extend(parts);
        Ok(above)
    }

    /// The anatomy that a preset gives; the server's own choice for `None`; nothing when it does not exist.
    pub async fn preset(&self, name: Option<&str>) -> Result<Option<Anatomy>, AyonError> {
        let path = format!("/api/anatomy/presets/{}", name.unwrap_or("__primary__"));
        match self.session.get::<Preset>(&path, &[]).await {
            Ok(preset) => Ok(Some(Anatomy {
                folder_types: names(&preset.folder_types),
                task_types: names(&preset.task_types),
                statuses: statuses(preset.statuses),
                tags: names(&preset.tags),
            })),
            Err(AyonError::Refused { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All users, by one question.
    pub async fn users(&self) -> Result<Vec<AyonUser>, AyonError> {
        let mut users = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let variables = json!({"first": PAGE, "after": after});
            let answer: UsersAnswer = self.session.ask(USERS, variables).await?;
            let full = answer.users.page.as_ref().is_some_and(|page| page.has_next_page);
            after = end(&answer.users);
            let user = |node: super::wire::UserNode| AyonUser {
                name: node.name,
                email: node.attrib.email.filter(|email| !email.trim().is_empty()),
            };
            users.extend(answer.users.edges.into_iter().map(|edge| user(edge.node)));
            if !full || after.is_none() {
                return Ok(users);
            }
        }
    }

    /// The user that holds a Flow person's id, by the addon's own look-up (`ayon-api.md §7.2`).
    pub async fn user_of(&self, version: &str, person: FlowId) -> Result<Option<String>, AyonError> {
        let path = format!("/api/addons/{ADDON}/{version}/get_ayon_name_by_sg_id/{person}");
        match self.session.get::<Option<String>>(&path, &[]).await {
            // An addon that cannot tell is as good as a person whom nobody is.
            Err(AyonError::Refused { status: 404, .. }) => Ok(None),
            other => other,
        }
    }

    /// Whether a user is active and may write in every project: an administrator or a manager (`ayon-api.md §1.3`).
    pub async fn may_write(&self, user: &str) -> Result<bool, AyonError> {
        let record = self.record(user).await?;
        Ok(record.is_some_and(|record| record.active && record.level() > UserLevel::User))
    }

    /// The Flow person whose id a user holds as `data.sg_user_id`.
    pub async fn person_of(&self, user: &str) -> Result<Option<FlowId>, AyonError> {
        Ok(self.stored_id(user).await?.person())
    }
}

/// AYON reads `_` in a project's name as any character (`ayon-api.md §2.5`).
pub(super) fn expect_project(asked: &str, answered: &str) -> Result<(), AyonError> {
    if asked == answered {
        return Ok(());
    }
    Err(AyonError::Refused {
        status: 200,
        detail: format!("asked for the project {asked} it answered with {answered}"),
    })
}

/// How many folders and tasks a project has.
#[derive(Clone, Copy, Debug)]
pub struct ProjectSize {
    pub folders: usize,
    pub tasks: usize,
}

/// All projects, and the names of the attributes that can be asked for.
#[derive(Clone, Debug, Default)]
pub struct Projects {
    pub lines: Vec<AyonProjectLine>,
    pub live: LiveAttributes,
}

/// Names of the attributes that are live, by what carries them (`ayon-api.md §3.2`).
#[derive(Clone, Debug, Default)]
pub struct LiveAttributes {
    pub project: BTreeSet<String>,
    pub folder: BTreeSet<String>,
    pub task: BTreeSet<String>,
}

/// What the server tells of itself.
#[derive(Clone, Debug, Default)]
pub struct Server {
    pub version: (u32, u32, u32),
    /// Kind and inheritance of each attribute, by name.
    pub attributes: BTreeMap<String, (AttributeKind, bool)>,
}

impl Server {
    /// The rows of the addon's attribute map, with what AYON says of each.
    pub fn mapped(&self, rows: &[AttributeRow], live: &LiveAttributes) -> Vec<MappedAttribute> {
        let mapped = rows.iter().map(|row| {
            let known = self.attributes.get(&row.ayon).cloned();
            let (kind, inherits) = known.unwrap_or((AttributeKind::of(&row.kind), true));
            MappedAttribute {
                ayon: row.ayon.clone(),
                flow: row.flow.clone(),
                scope: row.scope.clone(),
                kind,
                inherits,
                live: LiveOn {
                    project: live.project.contains(&row.ayon),
                    folder: live.folder.contains(&row.ayon),
                    task: live.task.contains(&row.ayon),
                },
            }
        });
        mapped.collect()
    }
}

/// `1.16.0+DEVELOP` as numbers; what is no number counts as zero.
fn version_of(text: &str) -> (u32, u32, u32) {
    let mut numbers = text.split(['.', '+', '-']).map(|part| part.parse().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    (next(), next(), next())
}

pub(super) fn statuses(nodes: Vec<StatusNode>) -> Vec<AyonStatus> {
    let status = |node: StatusNode| AyonStatus {
        name: node.name,
        short_name: node.short_name.unwrap_or_default(),
        scope: node.scope.unwrap_or_default(),
    };
    nodes.into_iter().map(status).collect()
}

pub(super) fn names(types: &[Named]) -> Vec<String> {
    types.iter().map(|entry| entry.name.clone()).collect()
}

/// Where a page ends; nothing when it is empty.
pub(super) fn end<T>(edges: &Edges<T>) -> Option<String> {
    edges.page.as_ref().and_then(|page| page.end_cursor.clone())
}

#[cfg(test)]
mod tests {
    use super::version_of;

    #[test]
    fn versions_are_read_as_far_as_they_are_numbers() {
        assert_eq!(version_of("1.16.0+DEVELOP"), (1, 16, 0));
        assert_eq!(version_of("1.14.4-rc.1"), (1, 14, 4));
        assert_eq!(version_of(""), (0, 0, 0));
    }
}
