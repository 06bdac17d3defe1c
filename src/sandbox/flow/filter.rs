//! Filters: the array and hash forms, and the relations each data type knows (flow-api.md §4.6).

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use super::calendar;
use super::refusal::{Outcome, Refusal};
use super::schema::{DataType, Field, Kind};
use super::site::{Site, link_parts};
use super::view::{Path, View};

/// Groups may be nested so deep; one more is a server error.
const DEEPEST: usize = 265;

/// A condition on rows.
pub(super) enum Filter<'s> {
    All(Vec<Filter<'s>>),
    Any(Vec<Filter<'s>>),
    Test {
        path: Path<'s>,
        check: Check,
        negated: bool,
    },
}

/// What one value has to fulfil.
pub(super) enum Check {
    OneOf(BTreeSet<Key>),
    Below(Key),
    Above(Key),
    /// Both ends included.
    Within(Key, Key),
    Contains(String),
    StartsWith(String),
    EndsWith(String),
    IsOfType(String),
    IsNamed(BTreeSet<Key>),
    NameContains(String),
}

/// A value in a form that compares as the site compares: text without case, numbers in millionths.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Null,
    Flag(bool),
    Number(i64),
    Text(String),
    Link(String, i64),
}

/// Reads conditions for rows of one type.
pub(super) struct Reader<'v, 's> {
    pub view: &'v View<'s>,
    pub kind: Kind,
    pub now: Timestamp,
}

impl<'s> Reader<'_, 's> {
    /// A list of triples that must all hold.
    pub fn array(&self, filters: &Value) -> Outcome<Filter<'s>> {
        let filters = filters
            .as_array()
            .ok_or_else(|| Refusal::parameter("filters", "must be an array"))?;
        filters
            .iter()
            .map(|triple| self.triple(triple))
            .collect::<Outcome<_>>()
            .map(Filter::All)
    }

    /// A group `{logical_operator, conditions}`, possibly nested.
    pub fn hash(&self, filters: &Value) -> Outcome<Filter<'s>> {
        self.group(filters, 1)
    }

    fn group(&self, group: &Value, depth: usize) -> Outcome<Filter<'s>> {
        if depth > DEEPEST {
            return Err(Refusal {
                status: 500,
                code: 100,
                ..Refusal::parameters("Shotgun Server Error")
            });
        }
        let conditions = group.get("conditions").and_then(Value::as_array);
        let conditions = conditions.ok_or_else(|| Refusal::parameter("conditions", "is missing"))?;
        let read = |condition: &Value| match condition {
            Value::Object(_) => self.group(condition, depth + 1),
            triple => self.triple(triple),
        };
        let operator = group.get("logical_operator").and_then(Value::as_str);
        let filters = conditions.iter().map(read).collect::<Outcome<Vec<_>>>()?;
        match operator {
            Some("and") => Ok(Filter::All(filters)),
            // No conditions means everything, whatever joins them.
            Some("or") if filters.is_empty() => Ok(Filter::All(filters)),
            Some("or") => Ok(Filter::Any(filters)),
            _ => Err(Refusal::parameter("logical_operator", "must be 'and' or 'or'")),
        }
    }

    fn triple(&self, triple: &Value) -> Outcome<Filter<'s>> {
        let parts = triple.as_array().map(Vec::as_slice);
        let Some([Value::String(dotted), Value::String(relation), values @ ..]) = parts else {
            return Err(Refusal::parameter(
                "filters",
                "must hold [field, relation, value]",
            ));
        };
        let values = match values {
            [] => {
                return Err(Refusal::parameter(
                    "filters",
                    "must hold [field, relation, value]",
                ));
            }
            [Value::Array(values)] => values.as_slice(),
            values => values,
        };
        self.test(dotted, relation, values)
    }

    /// One condition; `values` may be given as one list or one after the other.
    pub fn test(&self, dotted: &str, relation: &str, values: &[Value]) -> Outcome<Filter<'s>> {
        let kind = self.kind;
        let path = self.view.path(kind, dotted);
        let path =
            path.ok_or_else(|| Refusal::parameters(format!("API read() {kind}.{dotted} doesn't exist.")))?;
        if !path.field.is_filterable() {
            return Err(Refusal::parameters(format!(
                "API read() {kind}.{dotted} cannot be used in a filter."
            )));
        }
        let legal = relations(path.field.data_type);
        if !legal.contains(&relation) {
            let legal = legal.join(", ");
            return Err(Refusal::parameters(format!(
                "API read() {kind}.{dotted}: relation '{relation}' is not valid, use one of: {legal}"
            )));
        }
        let (relation, negated) = positive(relation);
        let check = self.check(path.field, relation, values).map_err(|what| {
            Refusal::parameters(format!("API read() {kind}.{dotted} '{relation}': {what}"))
        })?;
        Ok(Filter::Test { path, check, negated })
    }

    fn check(&self, field: &Field, relation: &str, values: &[Value]) -> Result<Check, &'static str> {
        let keys = || {
            values
                .iter()
                .map(|value| wanted(field, value))
                .collect::<Result<Vec<Key>, _>>()
        };
        let text = || {
            values
                .first()
                .and_then(Value::as_str)
                .map(str::to_lowercase)
                .ok_or("needs a text")
        };
        Ok(match relation {
            "in" if values.is_empty() => return Err("needs at least one value"),
            "is" if values.len() != 1 => return Err("needs one value"),
            "is" | "in" => Check::OneOf(keys()?.into_iter().collect()),
            "less_than" => Check::Below(keys()?.pop().ok_or("needs one value")?),
            "greater_than" => Check::Above(keys()?.pop().ok_or("needs one value")?),
            "between" => match <[Key; 2]>::try_from(keys()?) {
                Ok([low, high]) => Check::Within(low, high),
                Err(_) => return Err("needs two values"),
            },
            "contains" => Check::Contains(text()?),
            "starts_with" => Check::StartsWith(text()?),
            "ends_with" => Check::EndsWith(text()?),
            "type_is" => Check::IsOfType(
                values
                    .first()
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned(),
            ),
            "name_is" => Check::IsNamed(BTreeSet::from([Key::Text(text()?)])),
            "name_contains" => Check::NameContains(text()?),
            dates => {
                let (low, high) = calendar::window(self.now, dates, values)?;
                let key = |time: Timestamp| {
                    let text = time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
                    let length = if field.data_type == DataType::Date {
                        10
                    } else {
                        text.len()
                    };
                    Key::Text(text[..length].to_lowercase())
                };
                Check::Within(key(low), key(high))
            }
        })
    }
}

impl Filter<'_> {
    /// Whether a row fulfils it.
    pub fn holds(&self, view: &View<'_>, kind: Kind, id: i64) -> bool {
        match self {
            Filter::All(filters) => filters.iter().all(|filter| filter.holds(view, kind, id)),
            Filter::Any(filters) => filters.iter().any(|filter| filter.holds(view, kind, id)),
            Filter::Test { path, check, negated } => {
                let found = keys(view, path, kind, id);
                found.iter().any(|key| check.holds(view, key)) != *negated
            }
        }
    }
}

impl Check {
    fn holds(&self, view: &View<'_>, key: &Key) -> bool {
        let text = match key {
            Key::Text(text) => Some(text.as_str()),
            _ => None,
        };
        let name = || match key {
            Key::Link(kind, id) => link_name(view.site, view, kind, *id),
            _ => None,
        };
        match self {
            Check::OneOf(wanted) => wanted.contains(key),
            Check::Below(limit) => *key != Key::Null && key < limit,
            Check::Above(limit) => *key != Key::Null && key > limit,
            Check::Within(low, high) => *key != Key::Null && low <= key && key <= high,
            Check::Contains(part) => text.is_some_and(|text| text.contains(part)),
            Check::StartsWith(part) => text.is_some_and(|text| text.starts_with(part)),
            Check::EndsWith(part) => text.is_some_and(|text| text.ends_with(part)),
            Check::IsOfType(wanted) => matches!(key, Key::Link(kind, _) if kind == wanted),
            Check::IsNamed(wanted) => name().is_some_and(|name| wanted.contains(&Key::Text(name))),
            Check::NameContains(part) => name().is_some_and(|name| name.contains(part)),
        }
    }
}

fn link_name(site: &Site, view: &View<'_>, kind: &str, id: i64) -> Option<String> {
    let kind = site.schema.of(kind).ok()?.kind;
    view.display_name(kind, id).as_str().map(str::to_lowercase)
}

/// The values a path finds from a row; nothing found counts as null.
fn keys(view: &View<'_>, path: &Path<'_>, kind: Kind, id: i64) -> Vec<Key> {
    let mut keys = Vec::new();
    for (kind, id) in view.ends(path, kind, id) {
        if path.field.data_type.is_link() {
            keys.extend(
                view.targets(kind, id, path.field)
                    .into_iter()
                    .map(|(kind, id)| Key::Link(kind.to_owned(), id)),
            );
        } else if let Some(row) = view.site.row(kind, id) {
            keys.push(plain_key(&view.scalar(kind, id, row, path.field)));
        }
    }
    if keys.is_empty() {
        keys.push(Key::Null);
    }
    keys
}

fn plain_key(value: &Value) -> Key {
    match value {
        Value::Bool(flag) => Key::Flag(*flag),
        Value::Number(number) => number.as_f64().map_or(Key::Null, number_key),
        Value::String(text) => Key::Text(text.to_lowercase()),
        _ => Key::Null,
    }
}

/// Numbers as whole millionths, which order and compare exactly.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a cast saturates, and no field holds numbers that large"
)]
fn number_key(number: f64) -> Key {
    Key::Number((number * 1e6).round() as i64)
}

/// The value of a condition, as its field needs it.
fn wanted(field: &Field, value: &Value) -> Result<Key, &'static str> {
    use DataType::*;
    match (field.data_type, value) {
        (_, Value::Null) => Ok(Key::Null),
        (Image, _) => Err("can only be compared with null"),
        (Entity | MultiEntity, _) => match link_parts(value) {
            Some((kind, id)) => Ok(Key::Link(kind.to_owned(), id)),
            None => Err("needs a link with type and id"),
        },
        (Checkbox, Value::Bool(flag)) => Ok(Key::Flag(*flag)),
        (Checkbox, _) => Err("needs true or false"),
        (Number | Float | Percent | Duration, Value::Number(number)) => {
            number.as_f64().map(number_key).ok_or("needs a number")
        }
        (Number | Float | Percent | Duration, Value::String(text)) => {
            text.trim().parse().map(number_key).map_err(|_| "needs a number")
        }
        (Number | Float | Percent | Duration, _) => Err("needs a number"),
        (DateTime, Value::String(text)) => calendar::date_time(text)
            .map(|text| Key::Text(text.to_lowercase()))
            .ok_or("needs a date or a time"),
        (_, Value::String(text)) => Ok(Key::Text(text.to_lowercase())),
        (_, Value::Number(number)) => Ok(Key::Text(number.to_string())),
        _ => Err("does not take such a value"),
    }
}

/// A relation without its negation, and whether it was negated.
fn positive(relation: &str) -> (&str, bool) {
    match relation {
        "is_not" => ("is", true),
        "type_is_not" => ("type_is", true),
        "name_not_contains" => ("name_contains", true),
        _ => relation
            .strip_prefix("not_")
            .map_or((relation, false), |positive| (positive, true)),
    }
}

fn relations(data_type: DataType) -> &'static [&'static str] {
    match data_type {
        DataType::Text | DataType::Footage | DataType::Color | DataType::EntityType => &[
            "is",
            "is_not",
            "contains",
            "not_contains",
            "starts_with",
            "ends_with",
            "in",
            "not_in",
        ],
        DataType::Number | DataType::Float | DataType::Percent | DataType::Duration => &[
            "is",
            "is_not",
            "less_than",
            "greater_than",
            "between",
            "not_between",
            "in",
            "not_in",
        ],
        DataType::Date | DataType::DateTime => &[
            "is",
            "is_not",
            "greater_than",
            "less_than",
            "in_last",
            "not_in_last",
            "in_next",
            "not_in_next",
            "in_calendar_day",
            "in_calendar_week",
            "in_calendar_month",
            "in_calendar_year",
            "between",
            "in",
            "not_in",
        ],
        DataType::Checkbox | DataType::Image => &["is", "is_not"],
        DataType::List | DataType::StatusList => &["is", "is_not", "in", "not_in"],
        DataType::Entity | DataType::MultiEntity => &[
            "is",
            "is_not",
            "type_is",
            "type_is_not",
            "name_is",
            "name_contains",
            "name_not_contains",
            "in",
            "not_in",
        ],
        DataType::Url | DataType::Serializable => &[],
    }
}
