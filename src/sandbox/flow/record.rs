//! Rows as JSON:API records (flow-api.md §4.5).

use serde_json::{Map, Value, json};

use super::refusal::{Outcome, Refusal};
use super::schema::{DataType, Field, Kind};
use super::view::View;

/// Which fields an answer holds.
pub(super) enum Fields {
    All,
    /// Plain and dotted names; unknown ones are silently absent.
    Named(Vec<String>),
}

/// Writes records for one request.
pub(super) struct Records<'v, 's> {
    pub view: &'v View<'s>,
    /// `/api/v1` or `/api/v1.1`: links echo what was asked for.
    pub prefix: &'v str,
    /// Create answers write date-times in another format than reads (flow-api.md §5).
    pub created: bool,
}

impl Records<'_, '_> {
    /// The record of a row that exists.
    pub fn record(&self, kind: Kind, id: i64, fields: &Fields) -> Outcome<Value> {
        let of = self.view.site.schema.of(kind)?;
        let own = format!("{}/entity/{}/{id}", self.prefix, of.segment());
        let mut attributes = Map::new();
        let mut relationships = Map::new();
        let mut add = |name: &str| {
            let Some(path) = self.view.path(kind, name) else {
                return;
            };
            let ends = self.view.ends(&path, kind, id);
            // A path over a list of links is silently missing; over an empty link it is null.
            if path.is_through_many() {
                return;
            }
            let end = ends.first().copied();
            if path.field.data_type.is_link() {
                relationships.insert(name.to_owned(), self.relationship(end, path.field, &own, name));
            } else {
                attributes.insert(name.to_owned(), self.attribute(end, path.field));
            }
        };
        match fields {
            // The id stands beside the attributes already.
            Fields::All => of
                .fields()
                .filter(|field| field.name != "id")
                .for_each(|field| add(&field.name)),
            Fields::Named(names) => names.iter().for_each(|name| add(name)),
        }
        Ok(json!({
            "type": kind,
            "id": id,
            "attributes": attributes,
            "relationships": relationships,
            "links": {"self": own},
        }))
    }

    fn attribute(&self, end: Option<(Kind, i64)>, field: &Field) -> Value {
        let row = end.and_then(|(kind, id)| Some((kind, id, self.view.site.row(kind, id)?)));
        let value = row.map_or(Value::Null, |(kind, id, row)| {
            self.view.scalar(kind, id, row, field)
        });
        match (&value, field.data_type, self.created) {
            (Value::String(time), DataType::DateTime, true) => {
                time.replace('T', " ").replace('Z', " UTC").into()
            }
            _ => value,
        }
    }

    fn relationship(&self, end: Option<(Kind, i64)>, field: &Field, own: &str, name: &str) -> Value {
        let targets = end.map_or(Vec::new(), |(kind, id)| self.view.targets(kind, id, field));
        let mut links = json!({"self": format!("{own}/relationships/{name}")});
        let data = if field.data_type == DataType::MultiEntity {
            targets.iter().map(|target| self.reference(*target)).collect()
        } else if let Some((kind, id)) = targets.first() {
            if let Ok(of) = self.view.site.schema.of(kind) {
                links["related"] = format!("{}/entity/{}/{id}", self.prefix, of.segment()).into();
            }
            self.reference((kind, *id))
        } else {
            Value::Null
        };
        json!({"data": data, "links": links})
    }

    /// `{id,name,type}` of a linked row.
    pub fn reference(&self, (kind, id): (Kind, i64)) -> Value {
        json!({"id": id, "name": self.view.display_name(kind, id), "type": kind})
    }

    /// The rows one field links to (`GET …/relationships/<field>`).
    pub fn related(&self, kind: Kind, id: i64, name: &str) -> Outcome<Value> {
        let field = self
            .view
            .site
            .schema
            .field(kind, name)
            .filter(|field| field.data_type.is_link());
        let field = field.ok_or_else(Refusal::unrouted)?;
        let own = format!(
            "{}/entity/{}/{id}",
            self.prefix,
            self.view.site.schema.of(kind)?.segment()
        );
        Ok(self.relationship(Some((kind, id)), field, &own, name))
    }
}
