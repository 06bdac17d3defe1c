//! Reading Flow.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use reqwest::Method;
use serde_json::{Value, json};

use crate::model::{FlowId, FlowType};
use crate::plan::{FieldKind, FlowGroup, FlowPerson};

use super::FlowError;
use super::record::Record;
use super::session::FlowSession;
use super::wire::{Page, SchemaField, SchemaPage, SchemaType};

/// The largest page Flow gives (`flow-api.md §4.5`).
const PAGE: usize = 5000;
/// How many ids one filter carries (`flow-api.md §8.38`).
const IDS: usize = 1000;
/// How many parts of one long question are under way at once.
const AT_ONCE: usize = 4;
const ARRAY_FILTERS: &str = "application/vnd+shotgun.api3_array+json";

/// Reads one Flow site. It cannot write.
#[derive(Clone)]
pub struct FlowReader {
    session: Arc<FlowSession>,
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
        self.search_among(kind, filters, fields, "active").await
    }

    /// Rows by id that are in Flow's trash. A search never shows both kinds (`flow-api.md §8.4`).
    pub async fn retired(
        &self,
        kind: &str,
        ids: &[FlowId],
        fields: &[&str],
    ) -> Result<Vec<Record>, FlowError> {
        let parts = ids
            .chunks(IDS)
            .map(|ids| self.search_among(kind, json!([["id", "in", ids]]), fields, "retired"));
        in_order(parts.collect()).await
    }

    async fn search_among(
        &self,
        kind: &str,
        filters: Value,
        fields: &[&str],
        among: &str,
    ) -> Result<Vec<Record>, FlowError> {
        let mut records = Vec::new();
        for number in 1.. {
            let body = json!({
                "filters": filters,
                "fields": fields,
                "sort": "id",
                "page": {"number": number, "size": PAGE},
                "options": {"include_archived_projects": true, "return_only": among},
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
            records.extend(page.data);
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
        let parts = ids
            .chunks(IDS)
            .map(|ids| self.search(kind, json!([["id", "in", ids]]), fields));
        in_order(parts.collect()).await
    }

    /// Rows of a type whose `field` links to one of these rows.
    pub async fn linked_to(
        &self,
        kind: FlowType,
        field: &str,
        parents: &[(FlowType, FlowId)],
        fields: &[&str],
    ) -> Result<Vec<Record>, FlowError> {
        let parts = parents.chunks(IDS).map(|parents| {
            let links: Vec<Value> = parents
                .iter()
                .map(|(kind, id)| json!({"type": kind.as_str(), "id": id}))
                .collect();
            self.search(kind.as_str(), json!([[field, "in", links]]), fields)
        });
        in_order(parts.collect()).await
    }

    /// Rows of a project that hold one of these texts in `field`.
    pub async fn holding(
        &self,
        kind: FlowType,
        project: FlowId,
        field: &str,
        texts: &[String],
    ) -> Result<Vec<Record>, FlowError> {
        let project = json!({"type": "Project", "id": project});
        let fields = [field];
        let parts = texts.chunks(IDS).map(|texts| {
            let filters = json!([["project", "is", project], [field, "in", texts]]);
            self.search(kind.as_str(), filters, &fields)
        });
        in_order(parts.collect()).await
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

    /// The fields of a type, and what people call its statuses.
    pub async fn fields(&self, kind: FlowType) -> Result<TypeFields, FlowError> {
        let page: SchemaPage<SchemaField> = self
            .session
            .read(Method::GET, &format!("/schema/{kind}/fields"), |request| request)
            .await?;
        let statuses = page
            .data
            .get(STATUS_FIELD)
            .map(display_values)
            .unwrap_or_default();
        let fields = page.data.into_iter().map(|(name, field)| (name, kind_of(&field)));
        Ok(TypeFields {
            fields: fields.collect(),
            statuses,
        })
    }

    /// Everybody on the site.
    pub async fn people(&self) -> Result<Vec<FlowPerson>, FlowError> {
        let records = self
            .search(
                "HumanUser",
                json!([["id", "greater_than", 0]]),
                &["login", "email", "name"],
            )
            .await?;
        let person = |record: Record| FlowPerson {
            id: record.id,
            login: record.text("login").unwrap_or_default(),
            name: record.text("name").unwrap_or_default(),
            email: record.text("email"),
        };
        Ok(records.into_iter().map(person).collect())
    }

    /// Groups with their members.
    pub async fn groups(&self, ids: &[FlowId]) -> Result<BTreeMap<FlowId, FlowGroup>, FlowError> {
        let records = self.by_ids("Group", ids, &["code", "users"]).await?;
        let group = |record: Record| {
            let members = record
                .links_of("users")
                .iter()
                .filter(|link| link.kind == "HumanUser");
            let group = FlowGroup {
                name: record
                    .text("code")
                    .unwrap_or_else(|| format!("Group {}", record.id)),
                members: members.map(|link| link.id).collect(),
            };
            (record.id, group)
        };
        Ok(records.into_iter().map(group).collect())
    }

    /// Which of these names are Tags, in lower case. Flow compares without case (`flow-api.md §4.6`).
    pub async fn known_tags(&self, names: &[String]) -> Result<BTreeSet<String>, FlowError> {
        let mut known = BTreeSet::new();
        for names in names.chunks(IDS) {
            let records = self
                .search("Tag", json!([["name", "in", names]]), &["name"])
                .await?;
            known.extend(
                records
                    .iter()
                    .filter_map(|record| record.text("name"))
                    .map(|name| name.to_lowercase()),
            );
        }
        Ok(known)
    }
}

/// What the schema says of one type.
#[derive(Clone, Debug, Default)]
pub struct TypeFields {
    pub fields: BTreeMap<String, FieldKind>,
    /// Status code → the words on its button.
    pub statuses: BTreeMap<String, String>,
}

/// The field that holds a row's status.
pub const STATUS_FIELD: &str = "sg_status_list";

/// What people call a field's values.
fn display_values(field: &SchemaField) -> BTreeMap<String, String> {
    let values = field
        .properties
        .get("display_values")
        .and_then(|values| values.value.as_object());
    values
        .into_iter()
        .flatten()
        .filter_map(|(code, title)| Some((code.clone(), title.as_str()?.to_owned())))
        .collect()
}

/// The answers to the parts of one long question, a few under way at once.
async fn in_order<F>(parts: Vec<F>) -> Result<Vec<Record>, FlowError>
where
    F: Future<Output = Result<Vec<Record>, FlowError>>,
{
    let parts: Vec<Vec<Record>> = stream::iter(parts).buffered(AT_ONCE).try_collect().await?;
    Ok(parts.into_iter().flatten().collect())
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
