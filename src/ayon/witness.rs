//! Looks up what AYON holds, to learn what became of a write whose answer tells nothing.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::model::FlowId;

use super::AyonError;
use super::session::AyonSession;

const FOLDERS: &str = include_str!("standing_folders.graphql");
const TASKS: &str = include_str!("standing_tasks.graphql");
/// More than any chunk has rows.
const PAGE: usize = 10_000;

/// Reads single entities and projects as they stand. It cannot write.
pub struct Witness {
    session: Arc<AyonSession>,
}

/// A folder or task as it stands, under the names a bulk write uses.
#[derive(Debug)]
pub struct Standing {
    fields: Map<String, Value>,
    /// Attribute values, inherited ones included.
    attributes: Map<String, Value>,
    own: Vec<String>,
    data: Map<String, Value>,
}

/// A project as it stands.
#[derive(Debug, PartialEq, Eq)]
pub struct ProjectStanding {
    pub name: String,
    pub code: String,
    /// `shotgridId`, where it is set.
    pub flow: Option<String>,
}

#[derive(Deserialize)]
struct Answer {
    project: AnswerProject,
}

#[derive(Deserialize)]
struct AnswerProject {
    rows: Edges,
}

#[derive(Deserialize)]
struct Edges {
    edges: Vec<Edge>,
}

#[derive(Deserialize)]
struct Edge {
    node: Map<String, Value>,
}

impl Witness {
    pub fn new(session: Arc<AyonSession>) -> Self {
        Self { session }
    }

    /// Entities by id; `entity_type` is the `folder` or `task` of a bulk write.
    pub async fn by_ids(
        &self,
        project: &str,
        entity_type: &str,
        ids: &[&str],
    ) -> Result<Vec<Standing>, AyonError> {
        self.rows(project, entity_type, json!(ids), Value::Null).await
    }

    /// Entities of these names, anywhere in the project.
    pub async fn by_names(
        &self,
        project: &str,
        entity_type: &str,
        names: &[&str],
    ) -> Result<Vec<Standing>, AyonError> {
        self.rows(project, entity_type, Value::Null, json!(names)).await
    }

    async fn rows(
        &self,
        project: &str,
        entity_type: &str,
        ids: Value,
        names: Value,
    ) -> Result<Vec<Standing>, AyonError> {
        let query = if entity_type == "task" { TASKS } else { FOLDERS };
        let variables = json!({"project": project, "first": PAGE, "ids": ids, "names": names});
        let answer: Answer = self.session.ask(query, variables).await?;
        let rows = answer.project.rows.edges.into_iter();
        Ok(rows.map(|edge| Standing::from(edge.node)).collect())
    }

    /// A project by its exact name; nothing when there is none.
    pub async fn project(&self, name: &str) -> Result<Option<ProjectStanding>, AyonError> {
        let document: Map<String, Value> = match self.session.get(&format!("/api/projects/{name}"), &[]).await
        {
            Err(AyonError::Refused { status: 404, .. }) => return Ok(None),
            other => other?,
        };
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let flow = document.get("attrib").and_then(|attrib| attrib.get("shotgridId"));
        let standing = ProjectStanding {
            name: text(document.get("name")),
            code: text(document.get("code")),
            flow: Some(text(flow)).filter(|id| !id.is_empty()),
        };
        // AYON finds projects in any case, and reads `_` as any character (`ayon-api.md §2.5`).
        Ok(Some(standing).filter(|standing| standing.name == name))
    }
}

impl ProjectStanding {
    /// Whether it is linked with this Flow Project.
    pub fn is_of(&self, flow: FlowId) -> bool {
        self.flow.as_deref() == Some(flow.to_string().as_str())
    }
}

impl From<Map<String, Value>> for Standing {
    fn from(mut fields: Map<String, Value>) -> Self {
        // Free-form values come as JSON in text (`ayon-api.md §6.2`).
        let mut object = |name: &str| {
            fields
                .remove(name)
                .and_then(|value| serde_json::from_str(value.as_str()?).ok())
                .unwrap_or_default()
        };
        let (attributes, data) = (object("allAttrib"), object("data"));
        let own = fields
            .remove("ownAttrib")
            .and_then(|own| serde_json::from_value(own).ok())
            .unwrap_or_default();
        Self {
            fields,
            attributes,
            own,
            data,
        }
    }
}

impl Standing {
    pub fn id(&self) -> &str {
        self.fields.get("id").and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether everything that a row of a bulk write would set is so already.
    ///
    /// The row itself is compared, so that whatever rows may carry is compared as well.
    pub fn holds(&self, row: &Value) -> bool {
        let Some(wanted) = row["data"].as_object() else {
            return false;
        };
        wanted.iter().all(|(name, value)| match (name.as_str(), value) {
            ("attrib", Value::Object(attributes)) => {
                attributes.iter().all(|(name, value)| self.holds_own(name, value))
            }
            ("data", Value::Object(entries)) => entries
                .iter()
                .all(|(key, value)| same(self.data.get(key).unwrap_or(&Value::Null), value)),
            _ => same(self.fields.get(name).unwrap_or(&Value::Null), value),
        })
    }

    /// Whether it is what a row that creates would have made: ours, of that name, in that place, and linked as it
    /// would be. What else changed since was changed by somebody who came later.
    pub fn is_made_by(&self, row: &Value) -> bool {
        let linked = Link::of(row).is_none_or(|link| self.has(link));
        self.id() == row["entityId"] && self.is_at_the_place_of(row) && linked
    }

    /// Whether it stands for the same, in the same place, under the same name, whoever made it. A row of Flow is
    /// known by its link; a folder that stands for no row is as good as any other of its type.
    pub fn stands_for(&self, row: &Value) -> bool {
        let same = match Link::of(row) {
            Some(link) => self.has(link),
            None => {
                let kind = row["data"].get("folderType");
                kind.is_some_and(Value::is_string) && kind == self.fields.get("folderType")
            }
        };
        self.is_at_the_place_of(row) && same
    }

    fn is_at_the_place_of(&self, row: &Value) -> bool {
        let same = ["name", "parentId", "folderId"].iter().all(|name| {
            row["data"]
                .get(name)
                .is_none_or(|value| self.fields.get(*name) == Some(value))
        });
        same && self.fields.get("active") == Some(&Value::Bool(true))
    }

    fn has(&self, link: Link<'_>) -> bool {
        self.holds_own("shotgridId", link.id) && self.holds_own("shotgridType", link.kind)
    }

    fn holds_own(&self, name: &str, value: &Value) -> bool {
        let own = self.own.iter().any(|own| own == name);
        if value.is_null() {
            return !own;
        }
        own && self
            .attributes
            .get(name)
            .is_some_and(|standing| same(standing, value))
    }
}

/// The Flow row that a row of a bulk write links with.
#[derive(Clone, Copy)]
struct Link<'r> {
    id: &'r Value,
    kind: &'r Value,
}

impl<'r> Link<'r> {
    /// Nothing for helper folders, which stand for no row.
    fn of(row: &'r Value) -> Option<Self> {
        let attributes = &row["data"]["attrib"];
        let (id, kind) = (&attributes["shotgridId"], &attributes["shotgridType"]);
        id.is_string().then_some(Self { id, kind })
    }
}

/// Whether two values mean the same to AYON: lists are sets, `24` is `24.0`, and no text is no value.
fn same(standing: &Value, wanted: &Value) -> bool {
    match (standing, wanted) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && b.iter().all(|item| a.iter().any(|other| same(other, item)))
        }
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::String(text), Value::Null) => text.is_empty(),
        _ => standing == wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shot() -> Standing {
        let node = json!({
            "id": "0a", "name": "sh010", "label": "Sh 010", "folderType": "Shot", "parentId": "0b",
            "status": "In progress", "tags": ["a", "b"], "active": true,
            "ownAttrib": ["shotgridId", "shotgridType", "fps"],
            "allAttrib": "{\"shotgridId\":\"7\",\"shotgridType\":\"Shot\",\"fps\":24.0,\"frameStart\":1001}",
            "data": "{\"sg\":1}",
        });
        let Value::Object(node) = node else {
            unreachable!("an object was written above")
        };
        Standing::from(node)
    }

    #[test]
    fn a_row_is_compared_by_everything_it_carries() {
        let cases = [
            (json!({"label": "Sh 010"}), true),
            (json!({"label": null}), false),
            (json!({"parentId": "0b", "tags": ["b", "a"]}), true),
            (json!({"tags": ["a"]}), false),
            (json!({"status": "Done"}), false),
            (json!({"active": false}), false),
            (json!({"attrib": {"fps": 24}}), true),
            (json!({"attrib": {"fps": 25}}), false),
            // Inherited, so it is not what was to be set.
            (json!({"attrib": {"frameStart": 1001}}), false),
            (json!({"attrib": {"frameStart": null}}), true),
            (json!({"attrib": {"fps": null}}), false),
            (json!({"data": {"sg": 1}}), true),
            (json!({"data": {"sg": 2}}), false),
            (json!({"something new": 1}), false),
        ];
        for (data, expected) in cases {
            assert_eq!(shot().holds(&json!({"data": data})), expected, "{data}");
        }
    }

    #[test]
    fn a_folder_that_stands_for_no_row_is_known_by_name_place_and_type() {
        let row = |id: &str, name: &str, parent: &str, kind: &str| {
            json!({"entityId": id, "data": {"name": name, "parentId": parent, "folderType": kind,
                "attrib": {"shotgridType": kind}}})
        };
        assert!(shot().is_made_by(&row("0a", "sh010", "0b", "Shot")));
        assert!(!shot().is_made_by(&row("0c", "sh010", "0b", "Shot")));
        assert!(!shot().is_made_by(&row("0a", "sh020", "0b", "Shot")));
        assert!(shot().stands_for(&row("0c", "sh010", "0b", "Shot")));
        for other in [
            row("0c", "sh020", "0b", "Shot"),
            row("0c", "sh010", "0c", "Shot"),
            row("0c", "sh010", "0b", "Folder"),
        ] {
            assert!(!shot().stands_for(&other), "{other}");
        }
    }

    #[test]
    fn what_a_create_would_have_made_is_known_by_id_link_name_and_place() {
        let row = |id: &str, name: &str, parent: &str, flow: &str| {
            let link = json!({"shotgridId": flow, "shotgridType": "Shot"});
            json!({"entityId": id, "data": {"name": name, "parentId": parent, "attrib": link}})
        };
        assert!(shot().is_made_by(&row("0a", "sh010", "0b", "7")));
        for other in [
            row("0c", "sh010", "0b", "7"),
            row("0a", "sh020", "0b", "7"),
            row("0a", "sh010", "0c", "7"),
            row("0a", "sh010", "0b", "8"),
        ] {
            assert!(!shot().is_made_by(&other), "{other}");
        }
        assert!(shot().stands_for(&row("0c", "sh010", "0b", "7")));
        assert!(
            !shot().stands_for(&json!({"data": {"name": "sh010"}})),
            "neither link nor type, no proof"
        );
    }
}
