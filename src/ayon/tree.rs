//! The folders of a project and what they hold besides folders: what moving them depends on.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::model::AyonId;
use crate::plan::{AyonProject, Inside};

use super::AyonError;
use super::content::{add_folders, id, new_content, tree_query};
use super::reader::{AyonReader, LiveAttributes, PAGE, end, expect_project};
use super::wire::{Edges, FolderNode, ProjectFields};

const WORKFILE_TASKS: &str = include_str!("workfile_tasks.graphql");
const PUBLISHED: &str = include_str!("published.graphql");

/// The template of the folder that artists work in (`ayon-api.md §2.4`).
const WORK_TEMPLATE: &str = "default";

#[derive(Deserialize)]
struct TreeAnswer {
    project: TreeNode,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TreeNode {
    #[serde(flatten)]
    fields: ProjectFields,
    /// JSON as text (`ayon-api.md §6.2`).
    #[serde(default)]
    config: Option<String>,
    folders: Edges<FolderNode>,
    with_tasks: Edges<IdNode>,
    with_products: Edges<IdNode>,
    workfiles: Edges<WorkfileNode>,
}

#[derive(Deserialize)]
struct IdNode {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WorkfileNode {
    task_id: Option<String>,
}

#[derive(Deserialize)]
struct TasksAnswer {
    project: TasksNode,
}

#[derive(Deserialize)]
struct TasksNode {
    name: String,
    tasks: Edges<PlacedTask>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlacedTask {
    id: String,
    folder_id: String,
}

#[derive(Deserialize)]
struct PublishedAnswer {
    project: ProductsNode,
}

#[derive(Deserialize)]
struct ProductsNode {
    name: String,
    products: Edges<ProductNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProductNode {
    folder_id: String,
    #[serde(default)]
    version_list: Vec<IdNode>,
}

impl AyonReader {
    /// Every folder of a project, and which of them hold tasks, products and workfiles: one question, one more where
    /// AYON knows workfiles, and more only where a page was full. Tasks themselves are not read.
    pub async fn tree(&self, project: &str, live: &LiveAttributes) -> Result<AyonProject, AyonError> {
        let query = tree_query(live.project.contains("shotgridPush"));
        let mut content: Option<AyonProject> = None;
        let mut inside = Inside::default();
        let mut by_task: HashMap<String, usize> = HashMap::new();
        let mut cursors: [Option<String>; 4] = Default::default();
        loop {
            let [folders, with_tasks, with_products, workfiles] = &cursors;
            let variables = json!({
                "project": project, "first": PAGE, "folders": folders,
                "withTasks": with_tasks, "withProducts": with_products, "workfiles": workfiles,
            });
            let TreeAnswer { project: node } = self.session.ask(&query, variables).await?;
            expect_project(project, &node.fields.name)?;
            let pages = [
                &node.folders.page,
                &node.with_tasks.page,
                &node.with_products.page,
                &node.workfiles.page,
            ];
            let more = pages.into_iter().flatten().any(|page| page.has_next_page);
            // A side that is through is asked again from its end, which is empty.
            let ends = [
                end(&node.folders),
                end(&node.with_tasks),
                end(&node.with_products),
                end(&node.workfiles),
            ];
            for (cursor, end) in cursors.iter_mut().zip(ends) {
                *cursor = end.or(cursor.take());
            }
            let content = content.get_or_insert_with(|| new_content(&node.fields, &[]));
            add_folders(content, node.folders, &[])?;
            inside.with_tasks.extend(ids(node.with_tasks)?);
            inside.with_products.extend(ids(node.with_products)?);
            for edge in node.workfiles.edges {
                if let Some(task) = edge.node.task_id {
                    *by_task.entry(task).or_default() += 1;
                }
            }
            inside.work_directory = inside.work_directory.or(work_directory(node.config.as_deref()));
            if !more {
                break;
            }
        }
        inside.workfiles = self.folders_of_workfiles(project, by_task).await?;
        let mut content = content.unwrap_or_default();
        content.size = content.folders.len();
        content.inside = Some(inside);
        Ok(content)
    }

    async fn folders_of_workfiles(
        &self,
        project: &str,
        by_task: HashMap<String, usize>,
    ) -> Result<BTreeMap<AyonId, usize>, AyonError> {
        let mut folders = BTreeMap::new();
        if by_task.is_empty() {
            return Ok(folders);
        }
        let tasks: Vec<&String> = by_task.keys().collect();
        for ids in tasks.chunks(PAGE) {
            let variables = json!({"project": project, "first": PAGE, "ids": ids});
            let TasksAnswer { project: node } = self.session.ask(WORKFILE_TASKS, variables).await?;
            expect_project(project, &node.name)?;
            for edge in node.tasks.edges {
                let count = by_task.get(&edge.node.id).copied().unwrap_or_default();
                *folders.entry(id(&edge.node.folder_id)?).or_default() += count;
            }
        }
        Ok(folders)
    }

    /// How many versions each of these folders has of its own.
    pub async fn versions(
        &self,
        project: &str,
        folders: &BTreeSet<AyonId>,
    ) -> Result<BTreeMap<AyonId, usize>, AyonError> {
        let wanted: Vec<String> = folders.iter().map(ToString::to_string).collect();
        let variables = json!({"project": project, "first": PAGE, "folders": wanted});
        let PublishedAnswer { project: node } = self.session.ask(PUBLISHED, variables).await?;
        expect_project(project, &node.name)?;
        let mut versions = BTreeMap::new();
        for edge in node.products.edges {
            *versions.entry(id(&edge.node.folder_id)?).or_default() += edge.node.version_list.len();
        }
        Ok(versions)
    }
}

fn ids(edges: Edges<IdNode>) -> Result<Vec<AyonId>, AyonError> {
    edges.edges.into_iter().map(|edge| id(&edge.node.id)).collect()
}

/// The directory template of the default work template; nothing where the configuration is not what AYON writes.
fn work_directory(config: Option<&str>) -> Option<String> {
    let config: Value = serde_json::from_str(config?).ok()?;
    // A project keeps its templates by name, other than an anatomy, where they are a list.
    let work = config.get("templates")?.get("work")?.as_object()?;
    let template = work.get(WORK_TEMPLATE).or_else(|| work.values().next())?;
    Some(template.get("directory")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::work_directory;

    #[test]
    fn the_default_work_template_is_found_and_odd_configurations_are_borne() {
        for (config, directory) in [
            (
                r#"{"templates":{"work":{"a":{"directory":"x"},"default":{"directory":"y"}}}}"#,
                Some("y"),
            ),
            (r#"{"templates":{"work":{"a":{"directory":"x"}}}}"#, Some("x")),
            (r#"{"templates":{"work":{}}}"#, None),
            (r#"{"templates":{"work":{"default":{"directory":7}}}}"#, None),
            (r#"{"templates":{"work":[]}}"#, None),
            (r#"[]"#, None),
            ("", None),
        ] {
            assert_eq!(work_directory(Some(config)).as_deref(), directory, "{config}");
        }
        assert_eq!(work_directory(None), None);
    }
}
