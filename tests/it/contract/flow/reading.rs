//! What a row looks like.

use serde_json::{Value, json};

use super::{Flow, hold, link};
use crate::contract::statement::{Statement, statements};

const STATEMENTS: &[Statement<Flow>] = statements![
    "flow-api.md §9.8 values stand in attributes, links in relationships, and never the other way" => two_places,
    "flow-api.md §9.8 a link has type, id and the name that its target shows" => links,
    "flow-api.md §9.10 a dotted field through a link is flat in attributes, through a list of links it is absent" => dotted_fields,
    "flow-api.md §9.10 an unknown field is absent without an error" => unknown_fields,
    "flow-api.md §9.9 a link to a retired row reads null, and drops out of a list" => retired_targets,
    "flow-api.md §9.19 the Shots of a retired Sequence stay" => orphans,
    "flow-api.md §9.22 a person has a login, a mail and a status" => people,
    "flow-api.md §6 a script is found by its name, and a dotted field tells the code of its role" => script_roles,
    "flow-api.md §6 a Step has a code for each type of entity" => steps,
];

#[tokio::test]
async fn rows_of_flow() {
    hold(STATEMENTS).await;
}

/// A Sequence and a Shot in it; the Sequence's name.
async fn sequence(on: &Flow) -> (i64, String, i64) {
    let name = on.name();
    let sequence = on
        .make("Sequence", json!({"project": on.home(), "code": name}))
        .await;
    let shot = on.shot(json!({"sg_sequence": link("Sequence", sequence)})).await;
    (sequence, name, shot)
}

async fn two_places(on: &Flow) {
    let shot = on.shot(json!({})).await;
    let fields = ["code", "description", "sg_sequence", "tasks", "project"];
    let seen = on.see("Shot", shot, &fields).await;
    assert_eq!(
        (&seen["type"], &seen["id"]),
        (&json!("Shot"), &json!(shot)),
        "{seen}"
    );
    let keys = |place: &str| -> Vec<String> {
        let mut keys: Vec<String> = seen[place].as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys
    };
    assert_eq!(keys("attributes"), ["code", "description"]);
    assert_eq!(keys("relationships"), ["project", "sg_sequence", "tasks"]);
    assert_eq!(seen["attributes"]["description"], Value::Null);
    assert_eq!(seen["relationships"]["sg_sequence"]["data"], Value::Null);
    assert_eq!(seen["relationships"]["tasks"]["data"], json!([]));
}

async fn links(on: &Flow) {
    let (sequence, name, shot) = sequence(on).await;
    let task = on.task(shot).await;
    let seen = on.see("Shot", shot, &["sg_sequence", "tasks"]).await;
    assert_eq!(
        seen["relationships"]["sg_sequence"]["data"],
        json!({"id": sequence, "name": name, "type": "Sequence"})
    );
    let tasks = seen["relationships"]["tasks"]["data"].as_array().unwrap();
    assert_eq!(
        (tasks.len(), &tasks[0]["id"], &tasks[0]["type"]),
        (1, &json!(task), &json!("Task"))
    );
}

async fn dotted_fields(on: &Flow) {
    let (_, name, shot) = sequence(on).await;
    on.task(shot).await;
    let fields = ["code", "sg_sequence.Sequence.code", "tasks.Task.content"];
    let seen = on.see("Shot", shot, &fields).await;
    assert_eq!(seen["attributes"]["sg_sequence.Sequence.code"], json!(name));
    for place in ["attributes", "relationships"] {
        let there = seen.get(place).and_then(|all| all.get("tasks.Task.content"));
        assert!(there.is_none(), "{seen}");
    }
}

async fn unknown_fields(on: &Flow) {
    let shot = on.shot(json!({})).await;
    let seen = on.see("Shot", shot, &["code", "amigotest_nothing"]).await;
    assert!(seen["attributes"]["code"].is_string());
    assert!(!seen.to_string().contains("amigotest_nothing"), "{seen}");
}

async fn retired_targets(on: &Flow) {
    let (sequence, _, shot) = sequence(on).await;
    let (kept, gone) = (on.task(shot).await, on.task(shot).await);
    for path in [
        format!("/entity/Sequence/{sequence}"),
        format!("/entity/Task/{gone}"),
    ] {
        on.delete(&path).await.is(204);
    }
    let seen = on.see("Shot", shot, &["sg_sequence", "tasks"]).await;
    assert_eq!(seen["relationships"]["sg_sequence"]["data"], Value::Null);
    let tasks = seen["relationships"]["tasks"]["data"].as_array().unwrap();
    assert_eq!((tasks.len(), &tasks[0]["id"]), (1, &json!(kept)), "{seen}");
}

async fn orphans(on: &Flow) {
    let (sequence, _, shot) = sequence(on).await;
    on.delete(&format!("/entity/Sequence/{sequence}")).await.is(204);
    let filter = json!([["id", "is", shot], ["sg_sequence", "is", null]]);
    assert_eq!(on.found("Shot", filter).await, [shot]);
}

async fn people(on: &Flow) {
    let fields = ["login", "email", "name", "sg_status_list"];
    let answer = on
        .search("HumanUser", json!([["sg_status_list", "is", "act"]]), &fields)
        .await
        .is(200);
    let person = &answer["data"][0]["attributes"];
    assert!(
        person["login"].is_string() && person["name"].is_string(),
        "{person}"
    );
    assert!(person.get("email").is_some(), "{person}");
    assert_eq!(person["sg_status_list"], json!("act"));
}

async fn script_roles(on: &Flow) {
    let role = "permission_rule_set.PermissionRuleSet.code";
    let script = json!([["firstname", "is", on.access.script_name]]);
    let answer = on.search("ApiUser", script, &[role]).await.is(200);
    let found = answer["data"].as_array().unwrap();
    assert_eq!(found.len(), 1, "{answer}");
    let code = found[0]["attributes"][role].as_str();
    assert!(code.is_some_and(|code| !code.is_empty()), "{answer}");
}

async fn steps(on: &Flow) {
    let answer = on
        .search("Step", json!([]), &["code", "short_name", "entity_type"])
        .await
        .is(200);
    let step = &answer["data"][0]["attributes"];
    for field in ["code", "short_name", "entity_type"] {
        assert!(step[field].is_string(), "{field}: {step}");
    }
}
