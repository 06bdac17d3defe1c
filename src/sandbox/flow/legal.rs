//! Which values a field takes, and the form it keeps them in (flow-api.md §5).

use std::collections::BTreeSet;

use serde_json::Value;

use super::calendar;
use super::refusal::{Outcome, Refusal};
use super::schema::{DataType, Field};
use super::site::{Site, link_parts, link_to};

/// A write to one row, with what its refusals need to say.
pub(super) struct Target<'a> {
    pub site: &'a Site,
    pub kind: &'a str,
    /// `Create` or `Update`.
    pub verb: &'a str,
}

impl Target<'_> {
    /// The value as it is kept, or the refusal. `current` holds the links a list has now.
    pub fn legal(&self, field: &Field, value: &Value, current: &[Value]) -> Outcome<Value> {
        let no = || Refusal::value(self.verb, self.kind, &field.name);
        if !field.editable {
            return Err(Refusal::illegal(format!(
                "API {}() {}.{} is not editable.",
                self.verb.to_lowercase(),
                self.kind,
                field.name
            )));
        }
        if field.data_type == DataType::MultiEntity {
            return self.links(field, value, current);
        }
        if value.is_null() {
            let needed = field.mandatory && field.data_type == DataType::Entity
                || field.data_type == DataType::Checkbox;
            return if needed { Err(no()) } else { Ok(Value::Null) };
        }
        self.scalar(field, value).ok_or_else(no)
    }

    fn scalar(&self, field: &Field, value: &Value) -> Option<Value> {
        let text = value.as_str();
        match field.data_type {
            // flow-api.md §5: some texts keep "" as null.
            DataType::Text if text == Some("") && field.name == "content" => Some(Value::Null),
            DataType::Text | DataType::Color | DataType::Footage => text.map(Value::from),
            DataType::Number | DataType::Percent | DataType::Duration => {
                let number = value.as_i64().or_else(|| text?.trim().parse().ok())?;
                i32::try_from(number).ok().map(Value::from)
            }
            DataType::Float => value.as_f64().map(Value::from),
            DataType::Checkbox => value.as_bool().map(Value::from),
            DataType::Date => calendar::date(text?).map(|day| day.to_string().into()),
            DataType::DateTime => calendar::date_time(text?).map(Value::from),
            DataType::List | DataType::StatusList => {
                let legal = field.valid_values.is_empty()
                    || field.valid_values.iter().any(|one| Some(one.as_str()) == text);
                text.filter(|_| legal).map(Value::from)
            }
            DataType::Entity => self.link(field, value),
            DataType::EntityType => self.site.schema.of(text?).ok().map(|of| of.kind.into()),
            DataType::Serializable | DataType::Url => value.is_object().then(|| value.clone()),
            // Pictures come in over an upload only; lists of links are handled before.
            DataType::Image | DataType::MultiEntity => None,
        }
    }

    /// A link in its stored form, if its target lives.
    fn link(&self, field: &Field, value: &Value) -> Option<Value> {
        let (kind, _) = link_parts(value)?;
        let (kind, id) = self.site.target(value).filter(|(target, _)| *target == kind)?;
        let fits = field.valid_types.is_empty() || field.valid_types.iter().any(|valid| valid == kind);
        fits.then(|| link_to(kind, id))
    }

    /// A bare list replaces; a wrapper says whether to add, remove or set.
    fn links(&self, field: &Field, value: &Value, current: &[Value]) -> Outcome<Value> {
        let no = || Refusal::value(self.verb, self.kind, &field.name);
        let (mode, given) = match value.get("multi_entity_update_mode") {
            Some(mode) => (
                mode.as_str().unwrap_or_default(),
                value.get("value").unwrap_or(&Value::Null),
            ),
            None => ("set", value),
        };
        let given = given.as_array().ok_or_else(no)?;
        let given: Vec<Value> = given
            .iter()
            .map(|one| self.link(field, one).ok_or_else(no))
            .collect::<Outcome<_>>()?;
        let all: Vec<Value> = match mode {
            "set" => given,
            "add" => current.iter().cloned().chain(given).collect(),
            "remove" => current
                .iter()
                .filter(|one| !given.contains(one))
                .cloned()
                .collect(),
            _ => return Err(no()),
        };
        // Each once, and in an order of the site's own.
        let unique: BTreeSet<(String, i64)> = all
            .iter()
            .filter_map(link_parts)
            .map(|(kind, id)| (kind.to_owned(), id))
            .collect();
        Ok(unique.into_iter().map(|(kind, id)| link_to(&kind, id)).collect())
    }
}
