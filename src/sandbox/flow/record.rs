//! Rows as JSON:API records (flow-api.md §4.5).

use serde_json::{Map, Value, json};

use super::refusal::{Outcome, Refusal};
use super::schema::{DataType, Field, Kind};
use super::view::{Path, View};

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

/// The fields an answer holds, looked up once for all its records.
pub(super) type Columns<'s> = Vec<(String, Path<'s>)>;

impl<'s> Records<'_, 's> {
    /// The columns of an answer about one type.
    pub fn columns(&self, kind: Kind, fields: &Fields) -> Outcome<Columns<'s>> {
        let of = self.view.site.schema.of(kind)?;
        let names: Vec<String> = match fields {
            // The id stands beside the attributes already.
            Fields::All => of
                .fields()
                .map(|field| field.name.clone())
                .filter(|name| name != "id")
                .collect(),
            Fields::Named(names) => names.clone(),
        };
        let known = names
            .into_iter()
            .filter_map(|name| Some((self.view.path(kind, &name)?, name)));
        // A path over a list of links is silently missing.
        Ok(known
            .filter(|(path, _)| !path.is_through_many())
            .map(|(path, name)| (name, path))
            .collect())
    }

    /// The record of a row that exists.
    pub fn record(&self, kind: Kind, id: i64, columns: &Columns<'_>) -> Outcome<Value> {
        let of = self.view.site.schema.of(kind)?;
        let own = format!("{}/entity/{}/{id}", self.prefix, of.segment);
        let mut attributes = Map::new();
        let mut relationships = Map::new();
        for (name, path) in columns {
            // Over an empty link the value is null.
            let end = self.view.ends(path, kind, id).first().copied();
            if path.field.data_type.is_link() {
                relationships.insert(name.clone(), self.relationship(end, path.field, &own, name));
            } else {
                attributes.insert(name.clone(), self.attribute(end, path.field));
            }
        }
        // Built by hand: the macro would copy what was just made.
        let mut record = Map::new();
        record.insert("type".to_owned(), kind.into());
        record.insert("id".to_owned(), id.into());
        record.insert("attributes".to_owned(), attributes.into());
        record.insert("relationships".to_owned(), relationships.into());
        record.insert("links".to_owned(), json!({"self": own}));
        Ok(record.into())
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
                links["related"] = format!("{}/entity/{}/{id}", self.prefix, of.segment).into();
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
            self.view.site.schema.of(kind)?.segment
        );
        Ok(self.relationship(Some((kind, id)), field, &own, name))
    }
}
