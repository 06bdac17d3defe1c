//! The shapes that AYON sends (`ayon-api.md §5.2`, §6.2, §8).

use serde::Deserialize;
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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LinkAttributes {
    pub shotgrid_id: Option<String>,
    pub shotgrid_type: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct ProjectNode {
    pub name: String,
    pub code: Option<String>,
    pub active: bool,
    pub attrib: LinkAttributes,
}

#[derive(Deserialize)]
pub(super) struct ContentAnswer {
    pub project: ContentNode,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContentNode {
    pub name: String,
    pub code: Option<String>,
    pub folder_types: Vec<Named>,
    pub task_types: Vec<Named>,
    pub folders: Edges<FolderNode>,
    pub tasks: Edges<TaskNode>,
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
    pub attrib: LinkAttributes,
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
    pub attrib: LinkAttributes,
}

#[derive(Deserialize)]
pub(super) struct Preset {
    pub folder_types: Vec<Named>,
    pub task_types: Vec<Named>,
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
