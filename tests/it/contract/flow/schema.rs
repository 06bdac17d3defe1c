//! Types, fields and their values, and how a field is made.

use serde_json::{Value, json};

use super::{Flow, field, hold};
use crate::contract::statement::{Statement, statements};

const STATEMENTS: &[Statement<Flow>] = statements![
    "flow-api.md §9.24 the schema lists types with their name, and whether a Project shows them" => types,
    "flow-api.md §9.24 a field has a data type, and a link the types it may lead to" => fields,
    "flow-api.md §9.24 a status has valid, shown and hidden values, and each valid one has a text" => values,
    "flow-api.md §9.24 the values of a field are the site's; a Project only hides some" => hidden_values,
    "flow-api.md §4.9 a field is named sg_ and its label in small letters" => derived_names,
    "flow-api.md §9.24 a second field of the same label is made beside the first, with _1" => second_fields,
    "flow-api.md §9.24 the name of a deleted field cannot be used again" => burned_names,
    "flow-api.md §5 a value that a list does not hold is refused" => list_values,
    "flow-api.md §4.9 a checkbox needs its default value" => checkboxes,
];

#[tokio::test]
async fn schema_of_flow() {
    hold(STATEMENTS).await;
}

async fn types(on: &Flow) {
    for path in ["/schema".to_owned(), format!("/schema?project_id={}", on.project)] {
        let all = on.get(&path).await.is(200);
        for kind in ["Project", "Sequence", "Shot", "Asset", "Task"] {
            let of = &all["data"][kind];
            assert!(
                of["name"]["value"].is_string() && of["visible"]["value"].is_boolean(),
                "{kind}: {of}"
            );
        }
    }
}

/// What the schema says of a field.
async fn described(on: &Flow, kind: &str, name: &str) -> Value {
    let all = on.get(&format!("/schema/{kind}/fields")).await.is(200);
    all["data"][name].clone()
}

async fn fields(on: &Flow) {
    for (kind, name, data_type) in [
        ("Shot", "code", "text"),
        ("Shot", "sg_status_list", "status_list"),
        ("Shot", "sg_sequence", "entity"),
        ("Shot", "tags", "multi_entity"),
        ("Asset", "sg_asset_type", "list"),
        ("Task", "start_date", "date"),
        ("Task", "task_assignees", "multi_entity"),
        ("Project", "archived", "checkbox"),
    ] {
        let field = described(on, kind, name).await;
        assert_eq!(field["data_type"]["value"], json!(data_type), "{kind}.{name}");
        assert!(field["name"]["value"].is_string(), "{kind}.{name}: {field}");
        if data_type.ends_with("entity") {
            let types = &field["properties"]["valid_types"]["value"];
            assert!(types.is_array(), "{kind}.{name}: {field}");
        }
    }
    let sequence = described(on, "Shot", "sg_sequence").await;
    assert_eq!(
        sequence["properties"]["valid_types"]["value"],
        json!(["Sequence"])
    );
}

async fn values(on: &Flow) {
    for kind in ["Shot", "Task"] {
        let field = described(on, kind, "sg_status_list").await;
        let properties = &field["properties"];
        let valid = properties["valid_values"]["value"].as_array().unwrap();
        assert!(!valid.is_empty(), "{field}");
        for code in valid {
            let text = &properties["display_values"]["value"][code.as_str().unwrap()];
            assert!(text.is_string(), "{kind} {code}: {field}");
        }
    }
}

async fn hidden_values(on: &Flow) {
    let of = async |query: &str| {
        let all = on.get(&format!("/schema/Shot/fields{query}")).await.is(200);
        all["data"]["sg_status_list"]["properties"].clone()
    };
    let everywhere = of("").await;
    let here = of(&format!("?project_id={}", on.project)).await;
    assert_eq!(everywhere["valid_values"]["value"], here["valid_values"]["value"]);
    let hidden = here["hidden_values"]["value"].as_array().unwrap();
    if on.hides_a_status {
        assert_eq!(*hidden, [json!("omt")]);
        assert_eq!(everywhere["hidden_values"]["value"], json!([]));
    }
}

async fn derived_names(on: &Flow) {
    let label = on.name().replace('_', " (X) ");
    let name = on.make_field("Shot", "text", &label, &[]).await;
    let derived: String = label
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .collect();
    assert_eq!(name, format!("sg_{derived}"));
    let field = described(on, "Shot", &name).await;
    assert_eq!(field["name"]["value"], json!(label));
    let shot = on.shot(json!({name.as_str(): "x"})).await;
    let seen = on.see("Shot", shot, &[name.as_str()]).await;
    assert_eq!(seen["attributes"][&name], json!("x"));
}

async fn second_fields(on: &Flow) {
    let label = on.name();
    let first = on.make_field("Shot", "text", &label, &[]).await;
    let second = on.make_field("Shot", "text", &label, &[]).await;
    assert_eq!(second, format!("{first}_1"));
}

async fn burned_names(on: &Flow) {
    let label = on.name();
    let name = on.make_field("Shot", "text", &label, &[]).await;
    on.delete(&format!("/schema/Shot/fields/{name}")).await.is(204);
    let again = on.post("/schema/Shot/fields", field("text", &label, &[])).await;
    assert_eq!(again.status, 400, "{}", again.body);
}

async fn list_values(on: &Flow) {
    let choices = [("valid_values", json!(["Synced", "Failed"]))];
    let name = on.make_field("Shot", "list", &on.name(), &choices).await;
    let field = described(on, "Shot", &name).await;
    assert_eq!(
        field["properties"]["valid_values"]["value"],
        json!(["Synced", "Failed"])
    );
    let shot = on.shot(json!({name.as_str(): "Synced"})).await;
    let answer = on.change("Shot", shot, json!({name.as_str(): "Amigotest"})).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    let seen = on.see("Shot", shot, &[name.as_str()]).await;
    assert_eq!(seen["attributes"][&name], json!("Synced"));
}

async fn checkboxes(on: &Flow) {
    let label = on.name();
    let without = on
        .post("/schema/Shot/fields", field("checkbox", &label, &[]))
        .await;
    assert_eq!(without.status, 400, "{}", without.body);
    let name = on
        .make_field("Shot", "checkbox", &label, &[("default_value", json!(false))])
        .await;
    let shot = on.shot(json!({})).await;
    let seen = on.see("Shot", shot, &[name.as_str()]).await;
    assert_eq!(seen["attributes"][&name], json!(false));
}
