//! What a post looks like, without a value of it: for the recorder.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{AmiPost, Chosen, RowsOf, Signed};

/// What can be told of a post.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// As it was sent, but for what only this post has.
    pub content_type: String,
    pub fields: usize,
    /// Names that came more than once, and how often.
    pub repeated: Vec<(String, usize)>,
    /// Names that end in `[]`.
    pub bracketed: Vec<String>,
    /// Names of fields without a value.
    pub blank: Vec<String>,
    pub timestamp: bool,
    pub signature: bool,
    /// The form that matched, where one did.
    pub matched: Option<Signed>,
    pub light: Light,
    /// All names, in their order, each once.
    pub names: Vec<String>,
    /// The types of what the entry of Flow's event log holds, where Flow was asked.
    pub ami_payload: Option<BTreeMap<String, String>>,
}

/// Whether a post names an entry of Flow's event log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Light {
    #[default]
    No,
    /// And holds nothing else that tells rows.
    Only,
    /// Beside the usual fields.
    WithFields,
}

impl Seen {
    /// Looks at a form whose names may be told.
    pub fn of(pairs: &[(String, String)]) -> Self {
        let mut names: Vec<String> = Vec::new();
        let mut times: BTreeMap<&str, usize> = BTreeMap::new();
        for (name, _) in pairs {
            let count = times.entry(name).or_default();
            *count += 1;
            if *count == 1 {
                names.push(name.clone());
            }
        }
        let repeated =
            |name: &String| Some((name.clone(), times[name.as_str()])).filter(|(_, count)| *count > 1);
        let blank = pairs.iter().filter(|(_, value)| value.is_empty());
        let light = match AmiPost::parse(pairs, RowsOf::Selection) {
            Ok(AmiPost {
                chosen: Chosen::Event(_),
                ..
            }) => Light::Only,
            _ if names.iter().any(|name| name == "event_log_entry_id") => Light::WithFields,
            _ => Light::No,
        };
        Self {
            fields: pairs.len(),
            repeated: names.iter().filter_map(repeated).collect(),
            bracketed: names
                .iter()
                .filter(|name| name.ends_with("[]"))
                .cloned()
                .collect(),
            blank: blank.map(|(name, _)| name.clone()).collect(),
            timestamp: times.contains_key("timestamp"),
            signature: times.contains_key("signature"),
            light,
            names,
            ..Self::default()
        }
    }
}

/// A value's type in words, with nothing of the value.
pub fn shape_of(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "yes or no".to_owned(),
        Value::Number(_) => "number".to_owned(),
        Value::String(text) => shape_of_text(text),
        Value::Array(items) => {
            let mut shapes: Vec<String> = items.iter().map(shape_of).collect();
            shapes.sort_unstable();
            shapes.dedup();
            match shapes.as_slice() {
                [] => "empty list".to_owned(),
                shapes => format!("list of {}: {}", items.len(), shapes.join(", ")),
            }
        }
        Value::Object(fields) => format!("object with {} fields", fields.len()),
    }
}

fn shape_of_text(text: &str) -> String {
    let numbers = |list: &str| list.split(',').all(|item| item.trim().parse::<i64>().is_ok());
    match text {
        "" => "empty text".to_owned(),
        _ if text.parse::<i64>().is_ok() => "text that is a number".to_owned(),
        _ if numbers(text) => format!("text that is {} numbers with commas", text.split(',').count()),
        _ => "text".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn seen(fields: &[(&str, &str)]) -> Seen {
        let pairs: Vec<(String, String)> = fields
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        Seen::of(&pairs)
    }

    #[test]
    fn what_is_odd_about_a_form_is_seen() {
        let seen = seen(&[
            ("cols", "code"),
            ("cols", ""),
            ("selected_ids[]", "7"),
            ("timestamp", "now"),
            ("signature", ""),
        ]);
        assert_eq!(seen.fields, 5);
        assert_eq!(seen.names, ["cols", "selected_ids[]", "timestamp", "signature"]);
        assert_eq!(seen.repeated, [("cols".to_owned(), 2)]);
        assert_eq!(seen.bracketed, ["selected_ids[]"]);
        assert_eq!(seen.blank, ["cols", "signature"]);
        assert!(seen.timestamp && seen.signature);
        assert_eq!(seen.light, Light::No);
    }

    #[test]
    fn a_light_post_is_told_from_one_that_holds_more() {
        let entry = ("event_log_entry_id", "98765");
        assert_eq!(seen(&[entry, ("timestamp", "now")]).light, Light::Only);
        assert_eq!(seen(&[entry, ("entity_type", "Shot")]).light, Light::WithFields);
        assert_eq!(seen(&[("entity_type", "Shot")]).light, Light::No);
    }

    #[rstest]
    #[case(json!("mira"), "text")]
    #[case(json!("57"), "text that is a number")]
    #[case(json!("57, 61"), "text that is 2 numbers with commas")]
    #[case(json!(""), "empty text")]
    #[case(json!([57, "61", 7]), "list of 3: number, text that is a number")]
    #[case(json!([]), "empty list")]
    #[case(json!({"mira": 57}), "object with 1 fields")]
    #[case(json!(null), "null")]
    #[case(json!(true), "yes or no")]
    #[case(json!(57.5), "number")]
    fn a_shape_holds_nothing_of_the_value(#[case] value: Value, #[case] expected: &str) {
        assert_eq!(shape_of(&value), expected);
    }
}
