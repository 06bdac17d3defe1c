//! Reading Flow.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};

use crate::model::{FlowId, FlowType};
use crate::plan::FieldKind;

use super::session::FlowSession;
use super::wire::{OneOrMany, Page, Relationship, SchemaField, SchemaPage, SchemaType};
use super::{FlowError, wire};

/// The largest page Flow gives (`flow-api.md §4.5`).
const PAGE: usize = 5000;
/// How many ids one filter carries (`flow-api.md §8.38`).
const IDS: usize = 1000;
const ARRAY_FILTERS: &str = "application/vnd+shotgun.api3_array+json";

/// Reads one Flow site. It cannot write.
#[derive(Clone)]
pub struct FlowReader {
    session: Arc<FlowSession>,
}

/// A Flow row, its attributes and relationships under one roof.
#[derive(Debug)]
pub struct Record {
    pub id: FlowId,
    attributes: serde_json::Map<String, Value>,
    links: HashMap<String, Vec<Link>>,
    many: BTreeSet<String>,
}

/// A link to another row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub kind: String,
    pub id: FlowId,
    pub name: String,
}

impl Record {
    /// A text field; a number is given as text, an empty text as nothing.
    pub fn text(&self, field: &str) -> Option<String> {
        match self.attributes.get(field)? {
            Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    pub fn flag(&self, field: &str) -> bool {
        self.attributes
            .get(field)
            .and_then(Value::as_bool)
            .unwrap_or(false)
    }

    pub fn object(&self, field: &str) -> Option<&serde_json::Map<String, Value>> {
        self.attributes.get(field)?.as_object()
    }

    /// The row that a single link points at.
    pub fn link(&self, field: &str) -> Option<&Link> {
        self.links
            .get(field)?
            .first()
            .filter(|_| !self.many.contains(field))
    }

    /// Whether the field holds a list of rows.
    pub fn holds_many(&self, field: &str) -> bool {
        self.many.contains(field)
    }

    /// Whether Flow knows the field: unknown ones are silently left out (`flow-api.md §8.12`).
    pub fn has(&self, field: &str) -> bool {
        self.attributes.contains_key(field) || self.links.contains_key(field)
    }
}

impl From<wire::WireRecord> for Record {
    fn from(record: wire::WireRecord) -> Self {
        let mut links = HashMap::new();
        let mut many = BTreeSet::new();
        let link = |link: wire::WireLink| Link {
            name: link.name.unwrap_or_else(|| format!("{} {}", link.kind, link.id)),
            kind: link.kind,
            id: FlowId(link.id),
        };
        for (field, Relationship { data }) in record.relationships {
            let rows = match data {
                None => Vec::new(),
                Some(OneOrMany::One(one)) => vec![link(one)],
                Some(OneOrMany::Many(several)) => {
                    many.insert(field.clone());
                    several.into_iter().map(link).collect()
                }
            };
            links.insert(field, rows);
        }
        Self {
            id: FlowId(record.id),
            attributes: record.attributes,
            links,
            many,
        }
    }
}

impl FlowReader {
    pub fn new(session: Arc<FlowSession>) -> Self {
        Self { session }
    }

    /// The rows of a type that match all the filters, whole pages until a short one, by id.
    pub async fn search(
        &self,
        kind: &str,
        filters: Value,
        fields: &[&str],
    ) -> Result<Vec<Record>, FlowError> {
        let mut records = Vec::new();
        for number in 1.. {
            let body = json!({
                "filters": filters,
                "fields": fields,
                "sort": "id",
                "page": {"number": number, "size": PAGE},
                "options": {"include_archived_projects": true},
            });
            let body = body.to_string();
            let page: Page = self
                .session
                .read(Method::POST, &format!("/entity/{kind}/_search"), |request| {
                    request
                        .header(reqwest::header::CONTENT_TYPE, ARRAY_FILTERS)
                        .body(body.clone())
                })
                .await?;
            let full = page.data.len() >= PAGE;
            records.extend(page.data.into_iter().map(Record::from));
            if !full {
                break;
            }
        }
        Ok(records)
    }

    /// Rows by id. Those that are gone, or not for us, are simply not among the answers.
    pub async fn by_ids(
        &self,
        kind: &str,
        ids: &[FlowId],
        fields: &[&str],
    ) -> Result<Vec<Record>, FlowError> {
        let mut records = Vec::new();
        for ids in ids.chunks(IDS) {
            records.extend(self.search(kind, json!([["id", "in", ids]]), fields).await?);
        }
        Ok(records)
    }

    /// Rows of a type whose `field` links to one of these rows.
    pub async fn linked_to(
        &self,
        kind: FlowType,
        field: &str,
        parents: &[(FlowType, FlowId)],
        fields: &[&str],
    ) -> Result<Vec<Record>, FlowError> {
        let mut records = Vec::new();
        for parents in parents.chunks(IDS) {
            let links: Vec<Value> = parents
                .iter()
                .map(|(kind, id)| json!({"type": kind.as_str(), "id": id}))
                .collect();
            records.extend(
                self.search(kind.as_str(), json!([[field, "in", links]]), fields)
                    .await?,
            );
        }
        Ok(records)
    }

    /// The synced types that are visible in a project.
    pub async fn visible_types(&self, project: FlowId) -> Result<BTreeSet<FlowType>, FlowError> {
        let page: SchemaPage<SchemaType> = self
            .session
            .read(Method::GET, "/schema", |request| {
                request.query(&[("project_id", project.0)])
            })
            .await?;
        let visible = |kind: &FlowType| {
            page.data
                .get(kind.as_str())
                .is_some_and(|entry| entry.visible.as_ref().is_none_or(|flag| flag.value))
        };
        Ok(FlowType::ALL.into_iter().filter(visible).collect())
    }

    /// The fields of a type.
    pub async fn fields(&self, kind: FlowType) -> Result<BTreeMap<String, FieldKind>, FlowError> {
        let page: SchemaPage<SchemaField> = self
            .session
            .read(Method::GET, &format!("/schema/{kind}/fields"), |request| request)
            .await?;
        Ok(page
            .data
            .into_iter()
            .map(|(name, field)| (name, kind_of(&field)))
            .collect())
    }
}

fn kind_of(field: &SchemaField) -> FieldKind {
    match field.data_type.value.as_str() {
        "entity" => {
            let types = field
                .properties
                .get("valid_types")
                .and_then(|types| types.value.as_array());
            FieldKind::Link(
                types
                    .into_iter()
                    .flatten()
                    .filter_map(|kind| kind.as_str().map(str::to_owned))
                    .collect(),
            )
        }
        "multi_entity" | "addressing" => FieldKind::Links,
        _ => FieldKind::Text,
    }
}
