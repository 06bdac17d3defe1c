//! Writing to Flow: batches that are whole or nothing, and the fields amigo needs.

use std::sync::Arc;

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::model::{FlowField, FlowType};
use crate::plan::WriteBack;

use super::FlowError;
use super::session::FlowSession;

/// How many rows one batch updates; it is atomic, so a bad row costs all of them one more request.
pub const BATCH: usize = 500;

/// Writes to one Flow site. Only apply gets one.
pub struct FlowWriter {
    session: Arc<FlowSession>,
}

#[derive(Deserialize)]
struct Created {
    links: CreatedLinks,
}

#[derive(Deserialize)]
struct CreatedLinks {
    #[serde(rename = "self")]
    own: String,
}

impl FlowWriter {
    pub fn new(session: Arc<FlowSession>) -> Self {
        Self { session }
    }

    /// Makes a field. Flow derives its name from the title, and makes `_1` of it when that is taken, so the
    /// answer is compared with what was meant (`flow-api.md §4.9`).
    pub async fn create_field(&self, kind: FlowType, field: FlowField) -> Result<(), FlowError> {
        let mut properties = vec![json!({"property_name": "name", "value": field.title()})];
        let data_type = match field {
            FlowField::SyncStatus => {
                properties
                    .push(json!({"property_name": "valid_values", "value": ["Synced", "Failed", "Skipped"]}));
                "list"
            }
            FlowField::AyonId | FlowField::ProjectCode | FlowField::ServerUrl => "text",
        };
        let body = json!({"data_type": data_type, "properties": properties});
        let path = format!("/schema/{kind}/fields");
        let answer = self
            .session
            .call(Method::POST, &path, |request| request.json(&body))
            .await?;
        let created: Created = answer.json()?;
        if created.links.own.ends_with(&format!("/{}", field.name())) {
            Ok(())
        } else {
            let made = created
                .links
                .own
                .rsplit('/')
                .next()
                .unwrap_or_default()
                .to_owned();
            Err(FlowError::Refused {
                status: answer.status.as_u16(),
                detail: format!(
                    "it made {made} instead of {}, because that name was used before",
                    field.name()
                ),
            })
        }
    }

    /// Updates rows in one batch, at most [`BATCH`] of them: all, or none.
    pub async fn update(&self, rows: &[&WriteBack]) -> Result<(), FlowError> {
        let requests: Vec<Value> = rows
            .iter()
            .map(|back| {
                let data: Map<String, Value> = back
                    .values
                    .iter()
                    .map(|(field, value)| (field.name().to_owned(), json!(value)))
                    .collect();
                json!({
                    "request_type": "update",
                    "entity": back.row.kind.as_str(),
                    "record_id": back.row.id,
                    "data": data,
                })
            })
            .collect();
        let body = json!({"requests": requests});
        self.session
            .call(Method::POST, "/entity/_batch", |request| request.json(&body))
            .await?;
        Ok(())
    }
}
