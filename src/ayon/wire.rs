//! The shapes that AYON sends (`ayon-api.md §5.2`, §6.2, §8).

use std::fmt;
use std::sync::Arc;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

#[derive(Deserialize)]
pub(super) struct AllSettings {
    pub addons: Vec<AddonLine>,
}

#[derive(Deserialize)]
pub(super) struct AddonLine {
    pub name: String,
    pub version: String,
    #[serde(default)]
    pub settings: Option<Value>,
}

#[derive(Deserialize)]
pub(super) struct Secret {
    pub value: String,
}

#[derive(Deserialize)]
pub(super) struct Edges<T> {
    pub edges: Vec<Edge<T>>,
    #[serde(rename = "pageInfo")]
    pub page: Option<PageInfo>,
}

impl<T> Default for Edges<T> {
    fn default() -> Self {
        Self {
            edges: Vec::new(),
            page: None,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Edge<T> {
    pub node: T,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageInfo {
    pub has_next_page: bool,
    pub end_cursor: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct ProjectsAnswer {
    pub projects: Edges<ProjectNode>,
    pub project: Option<TypeNode>,
    pub folder: Option<TypeNode>,
    pub task: Option<TypeNode>,
}

#[derive(Deserialize)]
pub(super) struct TypeNode {
    pub fields: Vec<Named>,
}

#[derive(Deserialize)]
pub(super) struct Named {
    pub name: String,
}

/// The attributes that were asked for: the link, `shotgridPush`, and mapped ones under the aliases `a0`, `a1`, …
/// Their numbers are positions in the rules, so that no name is kept for each of thousands of entities.
#[derive(Debug, Default)]
pub(super) struct WireAttributes {
    pub shotgrid_id: Option<String>,
    pub shotgrid_type: Option<String>,
    pub push: bool,
    /// Those that are not null.
    pub mapped: Vec<(usize, Value)>,
}

/// The alias of a mapped attribute.
pub(super) fn alias(position: usize) -> String {
    format!("a{position}")
}

impl<'de> Deserialize<'de> for WireAttributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Attributes;

        impl<'de> Visitor<'de> for Attributes {
            type Value = WireAttributes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("attributes")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<WireAttributes, M::Error> {
                let mut found = WireAttributes::default();
                while let Some(name) = map.next_key::<String>()? {
                    match name.as_str() {
                        "shotgridId" => found.shotgrid_id = map.next_value()?,
                        "shotgridType" => found.shotgrid_type = map.next_value()?,
                        "shotgridPush" => found.push = map.next_value::<Option<bool>>()?.unwrap_or(false),
                        other => match other.strip_prefix('a').and_then(|number| number.parse().ok()) {
                            Some(position) => {
                                let value: Value = map.next_value()?;
                                if !value.is_null() {
                                    found.mapped.push((position, value));
                                }
                            }
                            None => {
                                map.next_value::<IgnoredAny>()?;
                            }
                        },
                    }
                }
                Ok(found)
            }
        }

        deserializer.deserialize_map(Attributes)
    }
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StatusNode {
    pub name: String,
    pub short_name: Option<String>,
    /// GraphQL gives a list, a preset may leave it out.
    #[serde(default)]
    pub scope: Option<Vec<String>>,
}

#[derive(Deserialize)]
pub(super) struct UsersAnswer {
    pub users: Edges<UserNode>,
}

#[derive(Deserialize)]
pub(super) struct UserNode {
    pub name: String,
    pub attrib: UserAttributes,
}

#[derive(Deserialize)]
pub(super) struct UserAttributes {
    pub email: Option<String>,
}

/// `GET /api/users/{name}`, as far as the link and the rights go.
#[derive(Deserialize)]
pub(super) struct UserRecord {
    #[serde(default = "yes")]
    pub active: bool,
    #[serde(default)]
    pub data: Option<serde_json::Map<String, Value>>,
}

/// `GET /api/info`.
#[derive(Deserialize)]
pub(super) struct Info {
    #[serde(default)]
    pub version: String,
    /// For those who are logged in only.
    #[serde(default)]
    pub attributes: Vec<InfoAttribute>,
}

#[derive(Deserialize)]
pub(super) struct InfoAttribute {
    pub name: String,
    pub data: InfoAttributeData,
}

#[derive(Deserialize)]
pub(super) struct InfoAttributeData {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default = "yes")]
    pub inherit: bool,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
pub(super) struct ProjectNode {
    pub name: String,
    pub code: Option<String>,
    pub active: bool,
    pub attrib: WireAttributes,
}

#[derive(Deserialize)]
pub(super) struct ContentAnswer {
    pub project: ContentNode,
}

#[derive(Deserialize)]
pub(super) struct ContentNode {
    #[serde(flatten)]
    pub fields: ProjectFields,
    pub folders: Edges<FolderNode>,
    pub tasks: Edges<TaskNode>,
}

#[derive(Deserialize)]
pub(super) struct OutlineAnswer {
    pub project: ProjectFields,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProjectFields {
    pub name: String,
    pub code: Option<String>,
    pub folder_types: Vec<Named>,
    pub task_types: Vec<Named>,
    #[serde(default)]
    pub statuses: Vec<StatusNode>,
    #[serde(default)]
    pub tags: Vec<Named>,
    pub attrib: WireAttributes,
}

#[derive(Deserialize)]
pub(super) struct PartsAnswer {
    pub project: PartsNode,
}

/// Parts of a project; those by row are not there when none was asked for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PartsNode {
    pub name: String,
    #[serde(default)]
    pub linked_folders: Edges<FolderNode>,
    pub folders_by_id: Edges<FolderNode>,
    pub folders_by_path: Edges<FolderNode>,
    pub folders_in: Edges<FolderNode>,
    pub folders_below: Edges<FolderNode>,
    pub published_below: Edges<FolderNode>,
    #[serde(default)]
    pub linked_tasks: Edges<TaskNode>,
    pub tasks_by_id: Edges<TaskNode>,
    pub tasks_in: Edges<TaskNode>,
    pub tasks_below: Edges<TaskNode>,
}

/// `GET P/stats` (`ayon-api.md §2.1`).
#[derive(Deserialize)]
pub(super) struct Stats {
    pub counts: Counts,
}

#[derive(Deserialize)]
pub(super) struct Counts {
    pub folders: usize,
    pub tasks: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FolderNode {
    #[serde(default)]
    pub own_attrib: Vec<String>,
    pub id: String,
    pub parent_id: Option<String>,
    pub name: String,
    pub label: Option<String>,
    pub folder_type: String,
    pub active: bool,
    pub status: Option<Arc<str>>,
    #[serde(default)]
    pub tags: Vec<Arc<str>>,
    #[serde(default)]
    pub has_versions: bool,
    /// Asked for where only parts of a project are.
    #[serde(default)]
    pub path: Option<String>,
    pub attrib: WireAttributes,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TaskNode {
    #[serde(default)]
    pub own_attrib: Vec<String>,
    pub id: String,
    pub folder_id: String,
    pub name: String,
    pub label: Option<String>,
    pub task_type: String,
    pub active: bool,
    pub status: Option<Arc<str>>,
    #[serde(default)]
    pub tags: Vec<Arc<str>>,
    #[serde(default)]
    pub assignees: Vec<Arc<str>>,
    /// Asked for where only parts of a project are.
    #[serde(default)]
    pub path: Option<String>,
    pub attrib: WireAttributes,
}

#[derive(Deserialize)]
pub(super) struct Preset {
    pub folder_types: Vec<Named>,
    pub task_types: Vec<Named>,
    #[serde(default)]
    pub statuses: Vec<StatusNode>,
    #[serde(default)]
    pub tags: Vec<Named>,
}

#[derive(Deserialize)]
pub(super) struct OperationsAnswer {
    pub operations: Vec<WireResult>,
}

#[derive(Deserialize)]
pub(super) struct WireResult {
    pub id: String,
    pub success: bool,
    pub status: Option<u16>,
    pub detail: Option<String>,
}
