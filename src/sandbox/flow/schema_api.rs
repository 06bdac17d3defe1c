//! The schema over the API: reading it, and making the fields a tool needs (flow-api.md §4.4, §4.9).

use actix_web::http::Method;
use serde_json::{Map, Value, json};

use super::api::{Answer, Call};
use super::refusal::{Outcome, Refusal};
use super::schema::{DataType, Field, Schema, Type};
use crate::sandbox::studio::status_name;

pub(super) fn answer(schema: &mut Schema, call: &Call<'_>, segments: &[&str]) -> Answer {
    if call.method != Method::GET && !call.actor.administers() {
        return Err(Refusal::permission(
            &call.actor.role,
            "update_schema",
            "DisplayColumn",
        ));
    }
    let project = match call.parameter("project_id").map(str::parse::<i64>) {
        Some(Err(_)) => return Err(Refusal::parameter("project_id", "must be a whole number")),
        given => given.and_then(Result::ok),
    };
    let data = match (call.method, segments) {
        (&Method::GET, []) => schema
            .types()
            .map(|of| (of.kind.to_owned(), describe(schema, of, project)))
            .collect::<Map<_, _>>()
            .into(),
        (&Method::GET, [kind]) => describe(schema, schema.of(kind)?, project),
        (&Method::GET, [kind, "fields"]) => {
            let of = schema.of(kind)?;
            of.fields()
                .map(|field| (field.name.clone(), describe_field(schema, of, field, project)))
                .collect::<Map<_, _>>()
                .into()
        }
        (&Method::GET, [kind, "fields", name]) => {
            let of = schema.of(kind)?;
            let field = of.field(name).ok_or_else(|| no_field(kind, name))?;
            describe_field(schema, of, field, project)
        }
        (&Method::POST, [kind, "fields"]) => return create(schema, call, kind),
        (&Method::POST, [kind, "fields", name]) if call.parameter("revive") == Some("true") => {
            schema.field_mut(kind, name)?.deleted = false;
            Value::Bool(true)
        }
        (&Method::PUT, [kind, "fields", name]) => {
            let properties = read_properties(&call.object()?)?;
            let field = schema.field_mut(kind, name)?;
            *field = with_properties(field.clone(), &properties)?;
            let of = schema.of(kind)?;
            let field = of.field(name).ok_or_else(|| no_field(kind, name))?;
            describe_field(schema, of, field, project)
        }
        (&Method::DELETE, [kind, "fields", name]) => {
            let field = schema.field_mut(kind, name)?;
            if !name.starts_with("sg_") || field.deleted {
                return Err(no_field(kind, name));
            }
            field.deleted = true;
            return Ok((204, Value::Null));
        }
        _ => return Err(Refusal::unrouted()),
    };
    Ok((200, json!({"data": data, "links": {"self": call.path}})))
}

fn create(schema: &mut Schema, call: &Call<'_>, kind: &str) -> Answer {
    let body = call.object()?;
    let given = body.get("data_type").and_then(Value::as_str).unwrap_or_default();
    let data_type = DataType::creatable(given)
        .ok_or_else(|| Refusal::illegal(format!("Fields of data type '{given}' cannot be created.")))?;
    let properties = read_properties(&body)?;
    let label = properties
        .iter()
        .find(|(name, _)| name == "name")
        .and_then(|(_, value)| value.as_str());
    let label = label.filter(|label| !label.trim().is_empty());
    let label = label.ok_or_else(|| Refusal::parameter("name", "is missing"))?;
    let needs = |name: &str| properties.iter().any(|(given, _)| given == name);
    if data_type == DataType::Checkbox && !needs("default_value") {
        return Err(Refusal::parameter("default_value", "is missing"));
    }
    let field = with_properties(Field::new("", label, data_type), &properties)?;
    if data_type.is_link() && field.valid_types.len() != 1 {
        return Err(Refusal::parameter("valid_types", "must hold exactly one type"));
    }
    let name = schema.add_field(kind, field)?;
    let of = schema.of(kind)?;
    let data = of
        .field(&name)
        .map_or(Value::Null, |field| describe_field(schema, of, field, None));
    // The name the site chose stands in the link only.
    let own = format!("{}/schema/{kind}/fields/{name}", call.prefix);
    Ok((201, json!({"data": data, "links": {"self": own}})))
}

/// `[{"property_name", "value"}]` as pairs.
fn read_properties(body: &Map<String, Value>) -> Outcome<Vec<(String, Value)>> {
    let wrong = || Refusal::parameter("properties", "must hold property_name and value");
    let pair = |property: &Value| {
        let name = property
            .get("property_name")
            .and_then(Value::as_str)
            .ok_or_else(wrong)?;
        Ok((name.to_owned(), property.get("value").cloned().ok_or_else(wrong)?))
    };
    body.get("properties")
        .and_then(Value::as_array)
        .ok_or_else(wrong)?
        .iter()
        .map(pair)
        .collect()
}

fn with_properties(mut field: Field, properties: &[(String, Value)]) -> Outcome<Field> {
    for (name, value) in properties {
        let wrong = || Refusal::parameter(name, "is not valid");
        let texts = || {
            let list = value.as_array().ok_or_else(wrong)?.iter();
            list.map(|text| text.as_str().map(str::to_owned).ok_or_else(wrong))
                .collect::<Outcome<Vec<String>>>()
        };
        match name.as_str() {
            "name" => field.label = value.as_str().ok_or_else(wrong)?.to_owned(),
            "default_value" => field.default = value.clone(),
            "valid_values" => field.valid_values = texts()?,
            "valid_types" => field.valid_types = texts()?,
            "description" | "summary_default" => {}
            _ => return Err(wrong()),
        }
    }
    Ok(field)
}

fn describe(schema: &Schema, of: &Type, project: Option<i64>) -> Value {
    json!({
        "name": fixed(of.label.as_str()),
        "visible": fixed(schema.is_visible(project, of.kind)),
    })
}

/// A field; of what it says only the hidden values depend on the project (flow-api.md §4.4, schema).
fn describe_field(schema: &Schema, of: &Type, field: &Field, project: Option<i64>) -> Value {
    let mut properties = json!({
        "default_value": fixed(field.default.clone()),
        "summary_default": {"value": "none", "editable": true},
    });
    if field.data_type.is_link() {
        properties["valid_types"] = json!({"value": field.valid_types, "editable": true});
    }
    if matches!(field.data_type, DataType::List | DataType::StatusList) {
        properties["valid_values"] = json!({"value": field.valid_values, "editable": true});
        properties["hidden_values"] = fixed(json!(schema.hidden_values(project, of.kind, &field.name)));
        let label = |code: &String| {
            let own = field.labels.iter().find(|(value, _)| value == code);
            let site = || status_name(code).filter(|_| field.data_type == DataType::StatusList);
            own.map(|(_, label)| *label)
                .or_else(site)
                .unwrap_or(code)
                .to_owned()
        };
        let labels = field
            .valid_values
            .iter()
            .map(|code| (code.clone(), label(code).into()));
        properties["display_values"] = fixed(Value::Object(labels.collect()));
    }
    json!({
        "name": {"value": field.label, "editable": true},
        "description": {"value": "", "editable": true},
        "entity_type": fixed(of.kind),
        "data_type": fixed(field.data_type.name()),
        "editable": fixed(field.editable),
        "mandatory": fixed(field.mandatory),
        "unique": fixed(false),
        "visible": {"value": true, "editable": true},
        "properties": properties,
    })
}

/// A property nobody can change.
fn fixed(value: impl Into<Value>) -> Value {
    json!({"value": value.into(), "editable": false})
}

fn no_field(kind: &str, name: &str) -> Refusal {
    Refusal {
        status: 404,
        ..Refusal::illegal(format!("Field {kind}.{name} does not exist."))
    }
}
