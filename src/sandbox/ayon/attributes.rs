//! The attribute table: what exists, where it applies, and how a value is coerced (`ayon-api.md §3`).

use serde_json::{Value, json};

use super::fields::{Fields, Object, as_flag, as_integer, as_text};
use super::names;
use super::refusal::Refusal;

/// Which kind of entity an attribute value belongs to; the words are those of the table's scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Project,
    Folder,
    Task,
    Product,
    Version,
    Workfile,
    User,
}

impl Scope {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Folder => "folder",
            Self::Task => "task",
            Self::Product => "product",
            Self::Version => "version",
            Self::Workfile => "workfile",
            Self::User => "user",
        }
    }
}

/// One row of the attribute table.
#[derive(Clone, Debug)]
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) position: i64,
    pub(super) scope: Vec<String>,
    pub(super) builtin: bool,
    /// `type`, `title`, `default`, `inherit`, `enum`, … as sent and answered.
    pub(super) data: Object,
}

impl Attribute {
    pub(super) fn kind(&self) -> &str {
        self.data.get("type").and_then(Value::as_str).unwrap_or("string")
    }

    /// Children show the value of their parent unless this is false; the default is true.
    pub(super) fn inherits(&self) -> bool {
        self.data.get("inherit").and_then(Value::as_bool).unwrap_or(true)
    }

    pub(super) fn applies_to(&self, scope: Scope) -> bool {
        self.scope.iter().any(|word| word == scope.word())
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "name": self.name,
            "position": self.position,
            "scope": self.scope,
            "builtin": self.builtin,
            "data": self.data,
        })
    }

    /// Reads the body of a PUT, in which the name stands in the address or in the body.
    pub(super) fn from_json(name: &str, body: Fields<'_>) -> Result<Self, Refusal> {
        if !names::is_attribute_name(name) {
            return Err(Refusal::pattern("name", names::ATTRIBUTE_NAME));
        }
        let data = body
            .object("data")?
            .value()
            .ok_or_else(|| Refusal::missing("data"))?;
        if !data.contains_key("type") {
            return Err(Refusal::invalid(
                &["data", "type"],
                "field required",
                "value_error.missing",
            ));
        }
        Ok(Self {
            name: name.to_owned(),
            position: body
                .integer("position")?
                .value()
                .ok_or_else(|| Refusal::missing("position"))?,
            scope: body.texts("scope")?.value().unwrap_or_default(),
            builtin: body.flag("builtin")?.value().unwrap_or(false),
            data: data.clone(),
        })
    }

    /// The stored form of a value, or why the server refuses it (§3.4). Limits and enums are not enforced.
    fn coerce(&self, value: &Value) -> Result<Value, Refusal> {
        let refuse =
            |message: &str, kind| Err(Refusal::invalid(&["attrib", self.name.as_str()], message, kind));
        match self.kind() {
            "integer" => match as_integer(value) {
                Some(number) => Ok(json!(number)),
                None => refuse("value is not a valid integer", "type_error.integer"),
            },
            "float" => match as_float(value) {
                Some(number) => Ok(json!(number)),
                None => refuse("value is not a valid float", "type_error.float"),
            },
            "boolean" => match as_flag(value) {
                Some(flag) => Ok(json!(flag)),
                None => refuse("value could not be parsed to a boolean", "type_error.bool"),
            },
            "datetime" => match as_datetime(value) {
                Some(moment) => Ok(json!(moment)),
                None => refuse("invalid datetime format", "value_error.datetime"),
            },
            "list_of_strings" | "list_of_integers" | "list_of_any" | "list_of_submodels" => {
                if value.is_array() {
                    Ok(value.clone())
                } else {
                    refuse("value is not a valid list", "type_error.list")
                }
            }
            "dict" => {
                if value.is_object() {
                    Ok(value.clone())
                } else {
                    refuse("value is not a valid dict", "type_error.dict")
                }
            }
            _ => match as_text(value) {
                Some(text) => Ok(json!(text)),
                None => refuse("str type expected", "type_error.str"),
            },
        }
    }
}

/// The values of `given` that will be stored; null stays, as the wish to drop the own value.
/// What is not in `live` for this scope is dropped without a word (§3.4).
pub(super) fn accept(live: &[Attribute], scope: Scope, given: &Object) -> Result<Object, Refusal> {
    let mut accepted = Object::new();
    for (name, value) in given {
        let Some(attribute) = live.iter().find(|a| a.name == *name && a.applies_to(scope)) else {
            continue;
        };
        let stored = if value.is_null() {
            Value::Null
        } else {
            attribute.coerce(value)?
        };
        accepted.insert(name.clone(), stored);
    }
    Ok(accepted)
}

fn as_float(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A date with a time, as text or as seconds since 1970; a date alone is refused (§3.4).
fn as_datetime(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => {
            let moment = jiff::Timestamp::from_second(number.as_i64()?).ok()?;
            Some(moment.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string())
        }
        Value::String(text) => {
            let (local, offset) = split_offset(text);
            let separator = local.as_bytes().get(10)?;
            if !matches!(separator, b'T' | b't' | b' ') {
                return None;
            }
            let moment: jiff::civil::DateTime = local.parse().ok()?;
            let fraction = match moment.subsec_nanosecond() / 1000 {
                0 => String::new(),
                micros => format!(".{micros:06}"),
            };
            Some(format!(
                "{}{fraction}{offset}",
                moment.strftime("%Y-%m-%dT%H:%M:%S")
            ))
        }
        _ => None,
    }
}

/// Cuts the offset off a datetime and writes it as `+HH:MM`; nothing for a naive one.
fn split_offset(text: &str) -> (&str, String) {
    if let Some(local) = text.strip_suffix(['Z', 'z']) {
        return (local, "+00:00".into());
    }
    match text.rfind(['+', '-']) {
        // The last dash of a naive value belongs to its date.
        Some(place) if place > 10 => {
            let (local, offset) = text.split_at(place);
            let digits: String = offset[1..].chars().filter(|c| *c != ':').collect();
            match digits.len() {
                2 => (local, format!("{}{digits}:00", &offset[..1])),
                4 => (
                    local,
                    format!("{}{}:{}", &offset[..1], &digits[..2], &digits[2..]),
                ),
                _ => (text, String::new()),
            }
        }
        _ => (text, String::new()),
    }
}

/// What a new project holds of its own: the defaults of its attributes (§2.2).
pub(super) fn project_defaults(live: &[Attribute]) -> Object {
    let builtin = live.iter().filter(|a| a.builtin && a.applies_to(Scope::Project));
    builtin
        .filter_map(|a| {
            let default = a.data.get("default")?;
            Some((a.name.clone(), a.coerce(default).ok()?))
        })
        .collect()
}
