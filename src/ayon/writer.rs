//! Writing to AYON. Every write says that it comes from Flow, so that the addon's services do not echo it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::model::{FlowId, FlowType};
use crate::plan::Attributes;

use super::AyonError;
use super::operations::RowResult;
use super::session::{AyonSession, LONG_LIMIT};
use super::wire::OperationsAnswer;

const LIMIT: Duration = Duration::from_secs(60);

/// Writes to one AYON server. Only apply gets one.
#[derive(Clone)]
pub struct AyonWriter {
    pub(super) session: Arc<AyonSession>,
    sender: Sender,
}

/// Whom the events of our writes name.
#[derive(Clone, Debug)]
pub struct Sender {
    /// Letters, digits and `-`, or AYON drops it silently (`ayon-api.md §1.2`).
    pub name: String,
    /// The user in whose name folders and tasks are written; without one, amigo's own service user.
    pub user: Option<String>,
}

impl AyonWriter {
    pub fn new(session: Arc<AyonSession>, sender: Sender) -> Self {
        Self { session, sender }
    }

    /// Sender and sender type of every event that our writes cause (`ayon-shotgrid-behaviour.md §5.9`).
    pub(super) fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        request
            .header("x-sender-type", "shotgrid")
            .header("x-sender", &self.sender.name)
    }

    /// Makes a project with the anatomy of a preset, giving no user access to it.
    ///
    /// The preset is sent as a whole anatomy, which every server version understands.
    pub async fn create_project(
        &self,
        name: &str,
        code: &str,
        preset: Option<&str>,
    ) -> Result<(), AyonError> {
        let mut body = json!({"name": name, "code": code, "assignUsers": false});
        if let Some(preset) = preset {
            let anatomy: Value = self
                .session
                .get(&format!("/api/anatomy/presets/{preset}"), &[])
                .await?;
            body["anatomy"] = anatomy;
        }
        self.session
            .call(Method::POST, "/api/projects", LIMIT, |request| {
                self.signed(request).json(&body)
            })
            .await?;
        Ok(())
    }

    /// Adds to a project's lists, and sets its link to Flow and its attributes, in one request.
    ///
    /// The lists are replaced by what is sent, so they are read right before (`ayon-api.md §2.3`). So is the name, for
    /// AYON takes `_` in the name that it is asked for as any character, also when it writes (`ayon-api.md §2.5`).
    pub async fn extend_project(&self, project: &str, additions: &Additions) -> Result<(), AyonError> {
        let now: Map<String, Value> = self.session.get(&format!("/api/projects/{project}"), &[]).await?;
        if now.get("name").and_then(Value::as_str) != Some(project) {
            let detail = format!("asked for the project {project} it answered with another one");
            return Err(AyonError::Refused { status: 200, detail });
        }
        let mut body = Map::new();
        extend(&mut body, &now, "folderTypes", &additions.folder_types);
        extend(&mut body, &now, "taskTypes", &additions.task_types);
        extend(&mut body, &now, "statuses", &additions.statuses);
        extend(&mut body, &now, "tags", &additions.tags);
        let mut attrib = Map::new();
        if let Some(flow) = additions.link {
            attrib.insert("shotgridId".to_owned(), json!(flow.to_string()));
            attrib.insert("shotgridType".to_owned(), json!(FlowType::Project.as_str()));
        }
        attrib.extend(additions.attributes.iter().cloned());
        if !attrib.is_empty() {
            body.insert("attrib".to_owned(), Value::Object(attrib));
        }
        if !body.is_empty() {
            let path = format!("/api/projects/{project}");
            self.session
                .call(Method::PATCH, &path, LIMIT, |request| {
                    self.signed(request).json(&body)
                })
                .await?;
        }
        Ok(())
    }

    /// Sends one chunk; every row succeeds or fails by itself. The results are in the order of the rows.
    pub async fn operations(
        &self,
        project: &str,
        rows: &[(&str, &Value)],
    ) -> Result<Vec<RowResult>, AyonError> {
        let user = self.sender.user.as_deref();
        let body = Batch {
            operations: rows.iter().map(|(_, row)| Named { row, user }).collect(),
            can_fail: true,
        };
        let path = format!("/api/projects/{project}/operations");
        let answer = self
            .session
            .call(Method::POST, &path, LONG_LIMIT, |request| {
                self.signed(request).json(&body)
            })
            .await?;
        let answer: OperationsAnswer = answer.json()?;
        let mut results: BTreeMap<String, RowResult> = answer
            .operations
            .into_iter()
            .map(|row| {
                let status = row.status.unwrap_or_default();
                let words = row.detail.map(|words| self.session.without_key(words));
                let failure = (!row.success).then(|| words.unwrap_or_else(|| format!("status {status}")));
                let result = RowResult {
                    id: row.id.clone(),
                    failure,
                    status,
                };
                (row.id, result)
            })
            .collect();
        Ok(rows
            .iter()
            .map(|(id, _)| {
                results.remove(*id).unwrap_or_else(|| RowResult {
                    id: (*id).to_owned(),
                    failure: Some("AYON's answer leaves this row out".to_owned()),
                    status: 0,
                })
            })
            .collect())
    }
}

/// A bulk write. It is written out as it stands: a tree of all rows would be one more copy of them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Batch<'a> {
    operations: Vec<Named<'a>>,
    /// The bare default leaves half a batch committed (`ayon-api.md §5.3`).
    can_fail: bool,
}

/// A row in somebody's name.
#[derive(Serialize)]
struct Named<'a> {
    #[serde(flatten)]
    row: &'a Value,
    #[serde(rename = "asUser", skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
}

/// What a project gets beside its folders and tasks.
#[derive(Clone, Debug, Default)]
pub struct Additions {
    folder_types: Vec<Value>,
    task_types: Vec<Value>,
    statuses: Vec<Value>,
    tags: Vec<Value>,
    pub link: Option<FlowId>,
    pub attributes: Attributes,
}

impl Additions {
    pub fn folder_type(&mut self, name: &str) {
        self.folder_types.push(json!({"name": name}));
    }

    pub fn task_type(&mut self, name: &str, short_name: &str) {
        self.task_types.push(match short_name {
            "" => json!({"name": name}),
            short => json!({"name": name, "shortName": short}),
        });
    }

    /// Without a scope it is for every kind of entity, as the addon makes them.
    pub fn status(&mut self, name: &str, short_name: &str, state: &str) {
        self.statuses
            .push(json!({"name": name, "shortName": short_name, "state": state}));
    }

    pub fn tag(&mut self, name: &str) {
        self.tags.push(json!({"name": name}));
    }
}

/// Appends what a list does not hold yet, in any case.
fn extend(body: &mut Map<String, Value>, now: &Map<String, Value>, key: &str, added: &[Value]) {
    let mut list = now
        .get(key)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let before = list.len();
    let lower = |item: &Value| item["name"].as_str().unwrap_or_default().to_lowercase();
    for entry in added {
        if !list.iter().any(|held| lower(held) == lower(entry)) {
            list.push(entry.clone());
        }
    }
    if list.len() > before {
        body.insert(key.to_owned(), Value::Array(list));
    }
}
