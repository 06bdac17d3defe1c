//! Reading request bodies the way the server's models do: camelCase or snake_case keys, pydantic v1 coercions.

use serde_json::{Map, Value};

use super::refusal::Refusal;

/// A JSON object, as bodies, attributes and data are.
pub(super) type Object = Map<String, Value>;

/// What a body says about one field.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Given<T> {
    Absent,
    Null,
    Value(T),
}

impl<T> Given<T> {
    /// The value; an explicit null counts as nothing given.
    pub(super) fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// Absent as `None`; a null breaks the column's not-null rule (409, §4.4).
    pub(super) fn not_null(self, column: &str) -> Result<Option<T>, Refusal> {
        match self {
            Self::Absent => Ok(None),
            Self::Null => Err(Refusal::not_null(column)),
            Self::Value(value) => Ok(Some(value)),
        }
    }

    /// Absent as `None`, null as `Some(None)`: for columns that may be emptied.
    pub(super) fn nullable(self) -> Option<Option<T>> {
        match self {
            Self::Absent => None,
            Self::Null => Some(None),
            Self::Value(value) => Some(Some(value)),
        }
    }
}

/// A request body, read field by field.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a Object);

impl<'a> Fields<'a> {
    /// The raw value under the camelCase key or its snake_case twin.
    pub(super) fn raw(self, field: &str) -> Option<&'a Value> {
        self.0.get(field).or_else(|| self.0.get(&snake_case(field)))
    }

    /// A string; numbers are turned into text.
    pub(super) fn text(self, field: &str) -> Result<Given<String>, Refusal> {
        self.read(field, "str type expected", "type_error.str", as_text)
    }

    /// A string that must be there.
    pub(super) fn required_text(self, field: &str) -> Result<String, Refusal> {
        self.text(field)?.value().ok_or_else(|| Refusal::missing(field))
    }

    pub(super) fn texts(self, field: &str) -> Result<Given<Vec<String>>, Refusal> {
        self.read(field, "value is not a valid list", "type_error.list", |value| {
            value.as_array()?.iter().map(as_text).collect()
        })
    }

    pub(super) fn list(self, field: &str) -> Result<Given<&'a Vec<Value>>, Refusal> {
        self.read(
            field,
            "value is not a valid list",
            "type_error.list",
            Value::as_array,
        )
    }

    pub(super) fn object(self, field: &str) -> Result<Given<&'a Object>, Refusal> {
        self.read(
            field,
            "value is not a valid dict",
            "type_error.dict",
            Value::as_object,
        )
    }

    pub(super) fn flag(self, field: &str) -> Result<Given<bool>, Refusal> {
        self.read(
            field,
            "value could not be parsed to a boolean",
            "type_error.bool",
            as_flag,
        )
    }

    pub(super) fn integer(self, field: &str) -> Result<Given<i64>, Refusal> {
        self.read(
            field,
            "value is not a valid integer",
            "type_error.integer",
            as_integer,
        )
    }

    fn read<T>(
        self,
        field: &str,
        complaint: &str,
        kind: &'static str,
        parse: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Given<T>, Refusal> {
        match self.raw(field) {
            None => Ok(Given::Absent),
            Some(Value::Null) => Ok(Given::Null),
            Some(value) => match parse(value) {
                Some(parsed) => Ok(Given::Value(parsed)),
                None => Err(Refusal::invalid(&[field], complaint, kind)),
            },
        }
    }
}

/// Text as pydantic v1 accepts it: strings, numbers, booleans.
pub(super) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(true) => Some("True".into()),
        Value::Bool(false) => Some("False".into()),
        _ => None,
    }
}

/// A whole number from numbers (cut off), booleans and digits in text.
pub(super) fn as_integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            let float = number.as_f64()?;
            #[expect(
                clippy::cast_possible_truncation,
                reason = "cutting off is what the server does"
            )]
            (float.abs() < 9.0e18).then_some(float.trunc() as i64)
        }),
        Value::Bool(flag) => Some(i64::from(*flag)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A boolean from itself, 0 and 1, and the words pydantic v1 knows.
pub(super) fn as_flag(value: &Value) -> Option<bool> {
    let word = match value {
        Value::Bool(flag) => return Some(*flag),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.to_ascii_lowercase(),
        _ => return None,
    };
    match word.as_str() {
        "1" | "true" | "t" | "on" | "yes" | "y" => Some(true),
        "0" | "false" | "f" | "off" | "no" | "n" => Some(false),
        _ => None,
    }
}

/// Refuses what PostgreSQL cannot hold: NUL in text, integers beyond 64 bit (§1.5).
pub(super) fn check_storable(value: &Value) -> Result<(), Refusal> {
    match value {
        Value::String(text) => check_text(text),
        Value::Number(number) => {
            let fits = match number.as_f64() {
                _ if number.is_i64() => true,
                Some(float) => !number.is_u64() && (float.fract() != 0.0 || float.abs() < 9.2e18),
                None => false,
            };
            if fits {
                Ok(())
            } else {
                Err(Refusal::unstorable("value out of int64 range"))
            }
        }
        Value::Array(items) => items.iter().try_for_each(check_storable),
        Value::Object(object) => object.iter().try_for_each(|(key, value)| {
            check_text(key)?;
            check_storable(value)
        }),
        Value::Null | Value::Bool(_) => Ok(()),
    }
}

fn check_text(text: &str) -> Result<(), Refusal> {
    if text.contains('\0') {
        return Err(Refusal::unstorable(
            "invalid byte sequence for encoding \"UTF8\": 0x00",
        ));
    }
    Ok(())
}

/// `folderType` → `folder_type`.
pub(super) fn snake_case(camel: &str) -> String {
    let mut snake = String::with_capacity(camel.len() + 4);
    for c in camel.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

/// Merges one level: given keys replace, null deletes (§4.2).
pub(super) fn merge_one_level(into: &mut Object, patch: &Object) {
    for (key, value) in patch {
        if value.is_null() {
            into.remove(key);
        } else {
            into.insert(key.clone(), value.clone());
        }
    }
}
