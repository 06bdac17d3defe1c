//! The shapes that Flow sends (`flow-api.md §4.5`, §4.7).

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use super::record::Record;

#[derive(Deserialize)]
pub(super) struct Token {
    pub access_token: String,
    /// Seconds.
    pub expires_in: u64,
}

#[derive(Deserialize)]
pub(super) struct Page {
    pub data: Vec<Record>,
}

#[derive(Deserialize)]
pub(super) struct Errors {
    pub errors: Vec<WireError>,
}

#[derive(Deserialize)]
pub(super) struct WireError {
    pub title: Option<String>,
    pub detail: Option<String>,
    pub source: Option<Value>,
}

impl Errors {
    /// The server's own words: the detail, the title, or what it says of the parameters.
    pub fn words(self) -> Option<String> {
        let texts: Vec<String> = self
            .errors
            .into_iter()
            .filter_map(|error| {
                let source = error
                    .source
                    .filter(|source| !source.is_null())
                    .map(|source| source.to_string());
                match (error.detail, error.title, source) {
                    (Some(detail), _, _) => Some(detail),
                    (None, Some(title), Some(source)) => Some(format!("{title} {source}")),
                    (None, title, source) => title.or(source),
                }
            })
            .collect();
        Some(texts.join("; ")).filter(|text| !text.is_empty())
    }
}

/// `{"data": {name: entry}}`, as the schema answers.
#[derive(Deserialize)]
pub(super) struct SchemaPage<T> {
    pub data: HashMap<String, T>,
}

#[derive(Deserialize)]
pub(super) struct SchemaValue<T> {
    pub value: T,
}

#[derive(Deserialize)]
pub(super) struct SchemaType {
    pub visible: Option<SchemaValue<bool>>,
}

#[derive(Deserialize)]
pub(super) struct SchemaField {
    pub data_type: SchemaValue<String>,
    #[serde(default)]
    pub properties: HashMap<String, SchemaValue<Value>>,
}
