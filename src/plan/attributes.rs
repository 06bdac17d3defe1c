//! Values: what Flow holds, as AYON wants it, and when the two are the same (`ayon-api.md §3.4`).

use std::rc::Rc;

use serde_json::{Value, json};

use super::rules::{AttributeKind, MappedAttribute};
use super::snapshot::Held;

/// What an entity shows once the plan is applied, by position in the rules: its own values or those above it.
pub(super) type Effective = Rc<[Value]>;

/// What a project shows that the plan leaves as it is.
pub(super) fn shown(held: &[Held], attributes: &[MappedAttribute]) -> Effective {
    let value = |index: usize| held.get(index).map_or(Value::Null, |held| held.value.clone());
    (0..attributes.len()).map(value).collect()
}

/// What something below shows of its own accord: the inheritable part of what is above it.
pub(super) fn inherited(above: &Effective, attributes: &[MappedAttribute], index: usize) -> Value {
    match (attributes.get(index), above.get(index)) {
        (Some(attribute), Some(value)) if attribute.inherits => value.clone(),
        _ => Value::Null,
    }
}

/// What is shown by something below `above` that the plan leaves as it is: its own values, and the rest from above.
pub(super) fn shown_below(above: &Effective, held: &[Held], attributes: &[MappedAttribute]) -> Effective {
    let value = |index: usize| match held.get(index) {
        Some(held) if held.own => held.value.clone(),
        _ => inherited(above, attributes, index),
    };
    (0..attributes.len()).map(value).collect()
}

/// A Flow value that AYON's attribute cannot hold, in words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unfitting(pub &'static str);

/// Turns a Flow value into the attribute's kind; nothing stays nothing, also as an empty text or list. Zero is a
/// value.
pub(super) fn converted(kind: &AttributeKind, value: &Value) -> Result<Value, Unfitting> {
    let empty = match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    if empty {
        return Ok(Value::Null);
    }
    let fitting = match kind {
        AttributeKind::Text => text(value).map(Value::String),
        AttributeKind::Integer => integer(value).map(Value::from),
        AttributeKind::Float => float(value).map(|number| json!(number)),
        AttributeKind::Boolean => boolean(value).map(Value::Bool),
        AttributeKind::Datetime => value.as_str().and_then(datetime).map(Value::String),
        AttributeKind::Texts => list(value, |item| text(item).map(Value::String)),
        AttributeKind::Integers => list(value, |item| integer(item).map(Value::from)),
        AttributeKind::Other(_) => None,
    };
    fitting.ok_or(Unfitting(match kind {
        AttributeKind::Text => "a text",
        AttributeKind::Integer => "a whole number",
        AttributeKind::Float => "a number",
        AttributeKind::Boolean => "yes or no",
        AttributeKind::Datetime => "a date",
        AttributeKind::Texts => "a list of texts",
        AttributeKind::Integers => "a list of whole numbers",
        AttributeKind::Other(_) => "of a kind that Flow has",
    }))
}

/// Whether AYON shows the value already. Numbers are compared as numbers; a date that Flow holds as a day is
/// the same at any time of that day, because the addon writes it in its own time zone.
pub(super) fn same(kind: &AttributeKind, wanted: &Value, held: &Value) -> bool {
    match kind {
        AttributeKind::Float => match (wanted.as_f64(), held.as_f64()) {
            (Some(wanted), Some(held)) => (wanted - held).abs() <= f64::EPSILON * wanted.abs().max(1.0),
            _ => wanted == held,
        },
        AttributeKind::Datetime => match (wanted.as_str(), held.as_str()) {
            (Some(wanted), Some(held)) if wanted.ends_with("T00:00:00Z") => {
                wanted.get(..10) == held.get(..10)
            }
            (Some(wanted), Some(held)) => instant(wanted) == instant(held),
            _ => wanted == held,
        },
        _ => wanted == held,
    }
}

/// NUL cannot be stored (`ayon-api.md §1.5`).
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.replace('\0', "")),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Array(items) => {
            let items: Option<Vec<String>> = items.iter().map(text).collect();
            items.map(|items| items.join(", "))
        }
        Value::Object(_) | Value::Null => None,
    }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| whole(text.parse().ok()?))
        }
        Value::Bool(flag) => Some(i64::from(*flag)),
        _ => None,
    }
}

/// A number without a fraction that a double tells apart from its neighbours.
fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

fn float(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => Some(number.as_f64()? != 0.0),
        Value::String(text) => match text.trim().to_lowercase().as_str() {
            "true" | "yes" | "1" | "on" => Some(true),
            "false" | "no" | "0" | "off" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// A day becomes its beginning in UTC, because AYON refuses a date without a time; an instant stays.
fn datetime(text: &str) -> Option<String> {
    let text = text.trim();
    if let Ok(day) = text.parse::<jiff::civil::Date>()
        && text.len() == 10
    {
        return Some(format!("{day}T00:00:00Z"));
    }
    text.parse::<jiff::Timestamp>()
        .ok()
        .map(|instant| instant.to_string())
}

/// AYON keeps an instant as it was given, with any offset or none, which then counts as UTC.
fn instant(text: &str) -> Option<jiff::Timestamp> {
    let bare = || text.replace(' ', "T").parse::<jiff::civil::DateTime>().ok();
    text.parse().ok().or_else(|| {
        let zoned = bare()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(zoned.timestamp())
    })
}

fn list(value: &Value, item: impl Fn(&Value) -> Option<Value>) -> Option<Value> {
    match value {
        Value::Array(items) => items
            .iter()
            .map(item)
            .collect::<Option<Vec<_>>>()
            .map(Value::Array),
        single => item(single).map(|single| json!([single])),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::{converted, same};
    use crate::plan::AttributeKind as Kind;

    #[rstest]
    #[case(Kind::Integer, json!(0), Some(json!(0)))]
    #[case(Kind::Integer, json!("1001"), Some(json!(1001)))]
    #[case(Kind::Integer, json!(1001.0), Some(json!(1001)))]
    #[case(Kind::Integer, json!(10.5), None)]
    #[case(Kind::Integer, json!("abc"), None)]
    #[case(Kind::Integer, json!(1e300), None)]
    #[case(Kind::Float, json!("23.976"), Some(json!(23.976)))]
    #[case(Kind::Float, json!(24), Some(json!(24.0)))]
    #[case(Kind::Float, json!("NaN"), None)]
    #[case(Kind::Text, json!(12), Some(json!("12")))]
    #[case(Kind::Text, json!("a\u{0}b"), Some(json!("ab")))]
    #[case(Kind::Text, json!({"url": "x"}), None)]
    #[case(Kind::Boolean, json!(false), Some(json!(false)))]
    #[case(Kind::Boolean, json!("yes"), Some(json!(true)))]
    #[case(Kind::Datetime, json!("2026-03-11"), Some(json!("2026-03-11T00:00:00Z")))]
    #[case(Kind::Datetime, json!("2026-03-11T14:05:09Z"), Some(json!("2026-03-11T14:05:09Z")))]
    #[case(Kind::Datetime, json!("soon"), None)]
    #[case(Kind::Datetime, json!(""), Some(Value::Null))]
    #[case(Kind::Texts, json!([]), Some(Value::Null))]
    #[case(Kind::Texts, json!("one"), Some(json!(["one"])))]
    #[case(Kind::Texts, json!(["a", "b"]), Some(json!(["a", "b"])))]
    #[case(Kind::Integers, json!(["1", 2]), Some(json!([1, 2])))]
    #[case(Kind::Other("dict".to_owned()), json!("x"), None)]
    #[case(Kind::Integer, Value::Null, Some(Value::Null))]
    fn values_are_converted_or_refused(
        #[case] kind: Kind,
        #[case] value: Value,
        #[case] expected: Option<Value>,
    ) {
        assert_eq!(converted(&kind, &value).ok(), expected);
    }

    #[rstest]
    #[case(Kind::Float, json!(24.0), json!(24), true)]
    #[case(Kind::Float, json!(24.0), json!(25), false)]
    #[case(Kind::Datetime, json!("2026-03-11T00:00:00Z"), json!("2026-03-11T09:30:00+02:00"), true)]
    #[case(Kind::Datetime, json!("2026-03-11T00:00:00Z"), json!("2026-03-12T00:00:00Z"), false)]
    #[case(Kind::Datetime, json!("2026-03-11T14:05:09Z"), json!("2026-03-11T15:05:09+01:00"), true)]
    #[case(Kind::Datetime, json!("2026-03-11T14:05:09Z"), json!("2026-03-11 14:05:09"), true)]
    #[case(Kind::Datetime, json!("2026-03-11T14:05:09Z"), Value::Null, false)]
    #[case(Kind::Integer, json!(0), Value::Null, false)]
    fn what_is_the_same_is_left_alone(
        #[case] kind: Kind,
        #[case] wanted: Value,
        #[case] held: Value,
        #[case] expected: bool,
    ) {
        assert_eq!(same(&kind, &wanted, &held), expected);
    }
}
