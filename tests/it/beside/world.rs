//! What the model of the addon knows of an AYON project.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// `ownAttrib` is right only where it stands before the other attributes (`ayon-api.md §6.3`).
pub const QUERY: &str = "query($p: String!) {
  folder: __type(name: \"FolderAttribType\") { fields { name } }
  task: __type(name: \"TaskAttribType\") { fields { name } }
  project(name: $p) {
    folderTypes { name } taskTypes { name } statuses { name shortName scope } tags { name } allAttrib
    folders(first: 1000) {
      edges { node { ownAttrib id name label folderType parentId status tags allAttrib } }
      pageInfo { hasNextPage }
    }
    tasks(first: 1000) {
      edges { node { ownAttrib id name label taskType folderId status tags assignees allAttrib } }
      pageInfo { hasNextPage }
    }
  }
}";

/// A folder or task.
#[derive(Clone, Debug, Default)]
pub struct Entity {
    pub id: String,
    pub task: bool,
    pub parent: Option<String>,
    pub name: String,
    pub label: Option<String>,
    pub sub_type: String,
    pub status: String,
    pub tags: BTreeSet<String>,
    pub assignees: BTreeSet<String>,
    /// Its own attributes.
    pub own: Value,
    /// Own and inherited attributes.
    pub shown: Value,
}

impl Entity {
    pub fn shown_label(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.name)
    }

    fn of(node: &Value, task: bool) -> Self {
        let word = |field: &str| node[field].as_str().unwrap_or_default().to_owned();
        let shown: Value = serde_json::from_str(&word("allAttrib")).unwrap_or_default();
        let mut own = json!({});
        for name in names(&node["ownAttrib"]) {
            own[&name] = shown[&name].clone();
        }
        Self {
            id: word("id"),
            task,
            parent: node[if task { "folderId" } else { "parentId" }]
                .as_str()
                .map(str::to_owned),
            name: word("name"),
            label: Some(word("label")).filter(|label| !label.is_empty()),
            sub_type: word(if task { "taskType" } else { "folderType" }),
            status: word("status"),
            tags: names(&node["tags"]).into_iter().collect(),
            assignees: names(&node["assignees"]).into_iter().collect(),
            own,
            shown,
        }
    }
}

/// A status, and the row of the docs that speaks of it if the addon had to add it.
#[derive(Clone, Debug)]
pub struct Status {
    pub name: String,
    pub short: String,
    pub scope: Vec<String>,
    pub why: &'static str,
}

/// A project.
#[derive(Debug)]
pub struct World {
    pub folder_types: Vec<String>,
    pub task_types: Vec<String>,
    pub tags: Vec<String>,
    pub statuses: Vec<Status>,
    pub folder_attributes: BTreeSet<String>,
    pub task_attributes: BTreeSet<String>,
    pub entities: BTreeMap<String, Entity>,
    pub project: Value,
}

fn names(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items
        .filter_map(|item| item.as_str().or(item["name"].as_str()))
        .map(str::to_owned)
        .collect()
}

impl World {
    pub fn of(data: &Value) -> Self {
        let project = &data["project"];
        let mut entities = BTreeMap::new();
        for (lane, task) in [("folders", false), ("tasks", true)] {
            assert_eq!(
                project[lane]["pageInfo"]["hasNextPage"], false,
                "one page holds all"
            );
            for edge in project[lane]["edges"].as_array().unwrap() {
                let entity = Entity::of(&edge["node"], task);
                entities.insert(entity.id.clone(), entity);
            }
        }
        let statuses = project["statuses"]
            .as_array()
            .unwrap()
            .iter()
            .map(|status| Status {
                name: status["name"].as_str().unwrap().to_owned(),
                short: status["shortName"].as_str().unwrap_or_default().to_owned(),
                scope: names(&status["scope"]),
                why: "",
            });
        let shown = project["allAttrib"].as_str().unwrap_or("{}");
        Self {
            folder_types: names(&project["folderTypes"]),
            task_types: names(&project["taskTypes"]),
            tags: names(&project["tags"]),
            statuses: statuses.collect(),
            folder_attributes: names(&data["folder"]["fields"]).into_iter().collect(),
            task_attributes: names(&data["task"]["fields"]).into_iter().collect(),
            entities,
            project: serde_json::from_str(shown).unwrap(),
        }
    }

    /// A child of this name, in any case and of any kind (§4).
    pub fn child(&self, above: Option<&str>, name: &str) -> Option<&Entity> {
        let mut children = self.entities.values();
        children.find(|entity| entity.parent.as_deref() == above && entity.name.eq_ignore_ascii_case(name))
    }

    /// By the exact short name, if it is meant for this kind (§3.6).
    pub fn status(&self, code: &str, task: bool) -> Option<&Status> {
        let kind = if task { "task" } else { "folder" };
        let meant =
            |status: &&Status| status.scope.is_empty() || status.scope.iter().any(|scope| scope == kind);
        let mut statuses = self.statuses.iter().filter(meant);
        statuses.find(|status| status.short == code)
    }

    /// The project's lists with what was added to them, as a change.
    pub fn lists(&self, now: &Value) -> Value {
        let mut change = json!({});
        let held = |list: &str, name: &str| {
            let mut items = now[list].as_array().into_iter().flatten();
            items.any(|item| item["name"] == name)
        };
        let mut add = |list: &str, items: Vec<Value>| {
            let new = items
                .into_iter()
                .filter(|item| !held(list, item["name"].as_str().unwrap()));
            let all = now[list].as_array().cloned().unwrap_or_default();
            change[list] = all.into_iter().chain(new).collect();
        };
        let named = |names: &[String]| names.iter().map(|name| json!({"name": name})).collect();
        add("folderTypes", named(&self.folder_types));
        add("taskTypes", named(&self.task_types));
        add("tags", named(&self.tags));
        let statuses = self.statuses.iter();
        let statuses = statuses.map(|status| json!({"name": status.name, "shortName": status.short}));
        add("statuses", statuses.collect());
        change
    }
}
