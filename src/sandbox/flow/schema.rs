//! Which types and fields the site has (flow-api.md §4.4 schema, §5, §6).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::refusal::{Outcome, Refusal};
use super::stock;

/// The name of a type, such as `Shot`; always one of the schema's.
pub(super) type Kind = &'static str;

/// Data types on the wire (flow-api.md §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DataType {
    Text,
    Number,
    Float,
    Percent,
    Duration,
    Footage,
    Checkbox,
    Date,
    DateTime,
    List,
    StatusList,
    Entity,
    MultiEntity,
    EntityType,
    Image,
    Url,
    Serializable,
    Color,
}

impl DataType {
    /// The name in schema answers.
    pub fn name(self) -> &'static str {
        match self {
            DataType::Text => "text",
            DataType::Number => "number",
            DataType::Float => "float",
            DataType::Percent => "percent",
            DataType::Duration => "duration",
            DataType::Footage => "footage",
            DataType::Checkbox => "checkbox",
            DataType::Date => "date",
            DataType::DateTime => "date_time",
            DataType::List => "list",
            DataType::StatusList => "status_list",
            DataType::Entity => "entity",
            DataType::MultiEntity => "multi_entity",
            DataType::EntityType => "entity_type",
            DataType::Image => "image",
            DataType::Url => "url",
            DataType::Serializable => "serializable",
            DataType::Color => "color",
        }
    }

    /// The data type of that name, if fields of it can be created (flow-api.md §4.9).
    pub fn creatable(name: &str) -> Option<Self> {
        use DataType::*;
        [
            Text,
            Float,
            Number,
            Date,
            DateTime,
            List,
            Url,
            Duration,
            Percent,
            Footage,
            Checkbox,
            Entity,
            MultiEntity,
        ]
        .into_iter()
        .find(|data_type| data_type.name() == name)
    }

    /// Whether values live under `relationships`.
    pub fn is_link(self) -> bool {
        matches!(self, DataType::Entity | DataType::MultiEntity)
    }
}

/// One field of a type.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub name: String,
    /// The display name.
    pub label: String,
    pub data_type: DataType,
    pub editable: bool,
    pub mandatory: bool,
    /// Reads answer null, as for secrets.
    pub write_only: bool,
    pub valid_types: Vec<String>,
    /// Legal values; empty = any.
    pub valid_values: Vec<String>,
    /// What this field calls some of its values, where that differs from what the site calls them.
    pub labels: Vec<(&'static str, &'static str)>,
    pub default: Value,
    /// The type and field that hold the other end; this end is derived from it.
    pub mirrors: Option<(Kind, &'static str)>,
    /// Deleted fields keep their name burned.
    pub deleted: bool,
}

impl Field {
    pub fn new(name: &str, label: &str, data_type: DataType) -> Self {
        let default = if data_type == DataType::Checkbox {
            Value::Bool(false)
        } else {
            Value::Null
        };
        Field {
            name: name.to_owned(),
            label: label.to_owned(),
            data_type,
            editable: true,
            mandatory: false,
            write_only: false,
            valid_types: Vec::new(),
            valid_values: Vec::new(),
            labels: Vec::new(),
            default,
            mirrors: None,
            deleted: false,
        }
    }

    /// Whether filters may name it (flow-api.md §4.6, last row of the table).
    pub fn is_filterable(&self) -> bool {
        !self.write_only && !matches!(self.data_type, DataType::Url | DataType::Serializable)
    }
}

/// One type.
#[derive(Clone, Debug)]
pub(super) struct Type {
    pub kind: Kind,
    /// The display name, which a site may change.
    pub label: String,
    /// The field that names a row.
    pub identity: Option<&'static str>,
    /// The segment of canonical paths: snake case, plural.
    pub segment: String,
    fields: BTreeMap<String, Field>,
}

impl Type {
    pub fn new(kind: Kind, label: &str, identity: Option<&'static str>, fields: Vec<Field>) -> Self {
        let fields = fields
            .into_iter()
            .map(|field| (field.name.clone(), field))
            .collect();
        Type {
            kind,
            label: label.to_owned(),
            identity,
            segment: plural(&snake_case(kind)),
            fields,
        }
    }

    /// The fields in use, by name.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.values().filter(|field| !field.deleted)
    }

    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.get(name).filter(|field| !field.deleted)
    }

    /// Whether rows belong to a project and cannot be made without one.
    pub fn needs_project(&self) -> bool {
        self.kind != "EventLogEntry" && self.fields.contains_key("project")
    }
}

/// The site's types, and which of them which project hides.
#[derive(Clone, Debug)]
pub(super) struct Schema {
    types: BTreeMap<Kind, Type>,
    segments: BTreeMap<String, Kind>,
    hidden: BTreeSet<(i64, Kind)>,
    /// Values that a project hides, by type and field.
    hidden_values: BTreeMap<(i64, Kind, String), Vec<String>>,
}

impl Schema {
    /// A site's stock types; with `ayon_fields` also the fields the AYON addon makes (flow-api.md §4.9).
    pub fn stock(ayon_fields: bool) -> Self {
        let types = stock::types(ayon_fields);
        let mut segments = BTreeMap::new();
        for Type { kind, segment, .. } in &types {
            let snake = snake_case(kind);
            for spelling in [segment.clone(), snake, (*kind).to_owned(), plural(kind)] {
                segments.insert(spelling, *kind);
            }
        }
        let types = types.into_iter().map(|of| (of.kind, of)).collect();
        Schema {
            types,
            segments,
            hidden: BTreeSet::new(),
            hidden_values: BTreeMap::new(),
        }
    }

    pub fn types(&self) -> impl Iterator<Item = &Type> {
        self.types.values()
    }

    /// The type of that exact name.
    pub fn of(&self, name: &str) -> Outcome<&Type> {
        self.types.get(name).ok_or_else(|| Refusal::no_type(name))
    }

    /// The type a path segment means: four spellings are understood, a lost word boundary is not.
    pub fn by_segment(&self, segment: &str) -> Outcome<&Type> {
        let kind = self
            .segments
            .get(segment)
            .ok_or_else(|| Refusal::no_type(segment))?;
        self.of(kind)
    }

    pub fn field(&self, kind: &str, field: &str) -> Option<&Field> {
        self.types.get(kind)?.field(field)
    }

    pub fn is_visible(&self, project: Option<i64>, kind: Kind) -> bool {
        project.is_none_or(|project| !self.hidden.contains(&(project, kind)))
    }

    /// Hides a type in a project, as a project's tracking settings do.
    pub fn hide(&mut self, project: i64, kind: &str) {
        if let Some(of) = self.types.get(kind) {
            self.hidden.insert((project, of.kind));
        }
    }

    /// The values of a field that a project hides; rows may still hold them.
    pub fn hidden_values(&self, project: Option<i64>, kind: Kind, field: &str) -> &[String] {
        project
            .and_then(|project| self.hidden_values.get(&(project, kind, field.to_owned())))
            .map_or(&[], Vec::as_slice)
    }

    /// Hides values of a field in a project, in place of those it hid before.
    pub fn hide_values(&mut self, project: i64, kind: &str, field: &str, values: &[&str]) {
        if let Some(of) = self.types.get(kind) {
            let values = values.iter().map(|value| (*value).to_owned()).collect();
            self.hidden_values
                .insert((project, of.kind, field.to_owned()), values);
        }
    }

    /// Adds a field under the name its label gives, or under the next free one; answers the name.
    pub fn add_field(&mut self, kind: &str, field: Field) -> Outcome<String> {
        let of = self.types.get_mut(kind).ok_or_else(|| Refusal::no_type(kind))?;
        let base = derived_name(&field.label);
        if of.fields.get(&base).is_some_and(|taken| taken.deleted) {
            return Err(Refusal::illegal(format!(
                "{kind}.{base} was deleted; its name cannot be used again."
            )));
        }
        let mut name = base.clone();
        let mut count = 0;
        while of.fields.contains_key(&name) {
            count += 1;
            name = format!("{base}_{count}");
        }
        of.fields.insert(
            name.clone(),
            Field {
                name: name.clone(),
                ..field
            },
        );
        Ok(name)
    }

    /// A field to change, deleted ones included.
    pub fn field_mut(&mut self, kind: &str, name: &str) -> Outcome<&mut Field> {
        let of = self.types.get_mut(kind).ok_or_else(|| Refusal::no_type(kind))?;
        of.fields.get_mut(name).ok_or_else(|| Refusal {
            status: 404,
            ..Refusal::illegal(format!("Field {kind}.{name} does not exist."))
        })
    }
}

/// `AYON Id` → `sg_ayon_id` (flow-api.md §4.9).
fn derived_name(label: &str) -> String {
    let plain = label.chars().map(|c| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '_'
        }
    });
    format!("sg_{}", plain.collect::<String>())
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for (at, c) in name.char_indices() {
        if c.is_ascii_uppercase() && at > 0 {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

fn plural(singular: &str) -> String {
    match singular.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None if singular.ends_with('s') => format!("{singular}es"),
        None => format!("{singular}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_follow_english() {
        let schema = Schema::stock(false);
        for (kind, segment) in [
            ("HumanUser", "human_users"),
            ("Status", "statuses"),
            ("EventLogEntry", "event_log_entries"),
            ("PermissionRuleSet", "permission_rule_sets"),
            ("CustomEntity01", "custom_entity01s"),
        ] {
            assert_eq!(schema.of(kind).unwrap().segment, segment);
            assert_eq!(schema.by_segment(segment).unwrap().kind, kind);
        }
        assert_eq!(schema.by_segment("humanusers").unwrap_err().status, 404);
    }

    #[test]
    fn a_field_gets_the_name_of_its_label() {
        assert_eq!(derived_name("AYON Id"), "sg_ayon_id");
        assert_eq!(derived_name("sg_ayon_id"), "sg_sg_ayon_id");
        assert_eq!(derived_name("With (X)"), "sg_with__x_");
    }
}
