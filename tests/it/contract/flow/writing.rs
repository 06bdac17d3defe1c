//! Making, changing, retiring and reviving rows, one by one and many at once.

use serde_json::{Value, json};

use super::{Flow, hold, ids, link, refused};
use crate::contract::statement::{Statement, statements};

const STATEMENTS: &[Statement<Flow>] = statements![
    "flow-api.md §9.16 a create is 201 with what was sent, a change 200 with the whole row" => answers_of_writes,
    "flow-api.md §9.16 moments are read as ISO 8601 in UTC" => moments,
    "flow-api.md §9.17 a Shot without a Project is refused" => needs_a_project,
    "flow-api.md §4.7 an unknown field or row refuses the change" => unknown_fields_and_rows,
    "flow-api.md §9.18 a deletion retires: 204, then 404; a revival brings the fields back, and says whether it did" => retiring,
    "flow-api.md §9.19 a retired Shot takes its Tasks along" => tasks_go_along,
    "flow-api.md §9.20 a batch answers 200 with a row's data one level deeper, in the order sent" => batches,
    "flow-api.md §9.20 one bad row of a batch refuses all" => batches_are_atomic,
    "flow-api.md §9.21 a list of links replaces, each link once; an empty one clears; null is refused" => link_lists,
    "flow-api.md §9.21 a list of links can be added to and removed from" => link_list_changes,
    "flow-api.md §5 a link is set by type and id, and cleared by null" => single_links,
    "flow-api.md §9.21 a link to nothing is refused" => dead_links,
    "flow-api.md §6 a Task is assigned to people and to groups" => assignees,
    "flow-api.md §5 tags are links to Tags of the whole site" => tags,
    "flow-api.md §5 null clears a value, and zero is a value" => null_and_zero,
    "flow-api.md §5 a date is a day, and nothing else is taken for one" => dates,
    "flow-api.md §5 a status that the type does not know is refused" => unknown_statuses,
    "flow-api.md §5 a status that the Project hides is taken" => hidden_statuses,
];

#[tokio::test]
async fn writes_to_flow() {
    hold(STATEMENTS).await;
}

async fn answers_of_writes(on: &Flow) {
    let code = on.name();
    let made = on
        .post("/entity/Shot", json!({"project": on.home(), "code": code}))
        .await
        .is(201);
    let id = made["data"]["id"].as_i64().unwrap();
    assert_eq!(made["data"]["type"], json!("Shot"));
    assert_eq!(made["data"]["attributes"]["code"], json!(code));

    let changed = on.change("Shot", id, json!({"description": "x"})).await.is(200);
    assert_eq!(changed["status"], json!("successful"), "{changed}");
    let attributes = &changed["data"]["attributes"];
    assert_eq!(
        (&attributes["description"], &attributes["code"]),
        (&json!("x"), &json!(code))
    );
}

async fn moments(on: &Flow) {
    let shot = on.shot(json!({})).await;
    let seen = on.see("Shot", shot, &["created_at", "updated_at"]).await;
    for field in ["created_at", "updated_at"] {
        let moment = seen["attributes"][field].as_str().unwrap();
        assert!(moment.ends_with('Z'), "{moment}");
        moment.parse::<jiff::Timestamp>().unwrap();
    }
}

async fn needs_a_project(on: &Flow) {
    let answer = on.post("/entity/Shot", json!({"code": on.name()})).await;
    assert_eq!(
        refused(&answer, 400, 103),
        "API create() missing 'project' attribute"
    );
}

async fn unknown_fields_and_rows(on: &Flow) {
    let shot = on.shot(json!({})).await;
    let answer = on.change("Shot", shot, json!({"amigotest_nothing": 1})).await;
    assert_eq!(
        refused(&answer, 400, 103),
        "API update() Shot.amigotest_nothing doesn't exist."
    );
    let answer = on
        .change("Shot", 2_000_000_001, json!({"description": "x"}))
        .await;
    refused(&answer, 404, 104);
}

async fn retiring(on: &Flow) {
    let shot = on.shot(json!({"description": "kept"})).await;
    let path = format!("/entity/Shot/{shot}");
    on.delete(&path).await.is(204);
    refused(&on.delete(&path).await, 404, 104);
    refused(
        &on.change("Shot", shot, json!({"description": "x"})).await,
        404,
        104,
    );
    for did in [true, false] {
        let answer = on.post(&format!("{path}?revive=true"), json!({})).await.is(200);
        assert_eq!(answer["meta"]["did_revive"], json!(did), "{answer}");
    }
    let seen = on.see("Shot", shot, &["description"]).await;
    assert_eq!(seen["attributes"]["description"], json!("kept"));
}

async fn tasks_go_along(on: &Flow) {
    let shot = on.shot(json!({})).await;
    let task = on.task(shot).await;
    on.delete(&format!("/entity/Shot/{shot}")).await.is(204);
    let here = json!([["id", "is", task]]);
    assert!(on.found("Task", here.clone()).await.is_empty());
    let retired = json!({"filters": here, "fields": ["id"], "options": {"return_only": "retired"}});
    let answer = on
        .post_as(super::ARRAY, "/entity/Task/_search", &retired)
        .await
        .is(200);
    assert_eq!(ids(&answer), [task]);
}

fn update(id: i64, data: &Value) -> Value {
    json!({"request_type": "update", "entity": "Shot", "record_id": id, "data": data})
}

async fn description(on: &Flow, shot: i64) -> Value {
    on.see("Shot", shot, &["description"]).await["attributes"]["description"].clone()
}

async fn batches(on: &Flow) {
    let (first, second, last) = (
        on.shot(json!({})).await,
        on.shot(json!({})).await,
        on.shot(json!({})).await,
    );
    let code = on.name();
    let requests = json!([
        update(second, &json!({"description": "two"})),
        {"request_type": "create", "entity": "Shot", "data": {"project": on.home(), "code": code}},
        update(first, &json!({"description": "one"})),
        {"request_type": "delete", "entity": "Shot", "record_id": last},
    ]);
    let answer = on
        .post("/entity/_batch", json!({"requests": requests}))
        .await
        .is(200);
    let rows = answer["data"].as_array().unwrap();
    on.to_remove("Shot", rows[1]["data"]["id"].as_i64().unwrap());
    assert_eq!(rows.len(), 4);
    assert_eq!(
        (&rows[0]["data"]["id"], &rows[2]["data"]["id"]),
        (&json!(second), &json!(first))
    );
    assert_eq!(rows[1]["data"]["attributes"]["code"], json!(code));
    assert_eq!(rows[3]["did_delete"], json!(true));
    assert_eq!(
        (description(on, first).await, description(on, second).await),
        (json!("one"), json!("two"))
    );
}

async fn batches_are_atomic(on: &Flow) {
    let shot = on.shot(json!({"description": "before"})).await;
    for (bad, status) in [
        (update(2_000_000_001, &json!({"description": "x"})), 404),
        (update(shot, &json!({"amigotest_nothing": "x"})), 400),
        (update(shot, &json!({"sg_status_list": "amigotest"})), 400),
    ] {
        let requests = json!([update(shot, &json!({"description": "after"})), bad]);
        let answer = on.post("/entity/_batch", json!({"requests": requests})).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        assert_eq!(description(on, shot).await, json!("before"));
    }
}

/// The targets of a list of links, by id.
async fn targets(on: &Flow, shot: i64, field: &str) -> Vec<i64> {
    let seen = on.see("Shot", shot, &[field]).await;
    let links = seen["relationships"][field]["data"].as_array().unwrap();
    let mut targets: Vec<i64> = links.iter().map(|link| link["id"].as_i64().unwrap()).collect();
    targets.sort_unstable();
    targets
}

async fn asset(on: &Flow) -> i64 {
    on.make("Asset", json!({"project": on.home(), "code": on.name()}))
        .await
}

async fn link_lists(on: &Flow) {
    let shot = on.shot(json!({})).await;
    let (one, two) = (asset(on).await, asset(on).await);
    let (one_link, two_link) = (link("Asset", one), link("Asset", two));
    for (sent, kept) in [
        (json!([two_link, one_link, two_link]), vec![one, two]),
        (json!([two_link]), vec![two]),
        (json!([]), vec![]),
    ] {
        on.change("Shot", shot, json!({"assets": sent})).await.is(200);
        assert_eq!(targets(on, shot, "assets").await, kept, "{sent}");
    }
    let null = on.change("Shot", shot, json!({"assets": null})).await;
    assert_eq!(null.status, 400, "{}", null.body);
}

async fn link_list_changes(on: &Flow) {
    let (one, two) = (asset(on).await, asset(on).await);
    let shot = on.shot(json!({"assets": [link("Asset", one)]})).await;
    for (mode, id, kept) in [("add", two, vec![one, two]), ("remove", one, vec![two])] {
        let change = json!({"multi_entity_update_mode": mode, "value": [link("Asset", id)]});
        on.change("Shot", shot, json!({"assets": change})).await.is(200);
        assert_eq!(targets(on, shot, "assets").await, kept, "{mode}");
    }
}

async fn single_links(on: &Flow) {
    let sequence = json!({"project": on.home(), "code": on.name()});
    let sequence = on.make("Sequence", sequence).await;
    let shot = on.shot(json!({})).await;
    let linked = async || {
        let seen = on.see("Shot", shot, &["sg_sequence"]).await;
        seen["relationships"]["sg_sequence"]["data"]["id"].clone()
    };
    for (sent, kept) in [
        (link("Sequence", sequence), json!(sequence)),
        (Value::Null, Value::Null),
    ] {
        on.change("Shot", shot, json!({"sg_sequence": sent}))
            .await
            .is(200);
        assert_eq!(linked().await, kept);
    }
}

async fn dead_links(on: &Flow) {
    let (shot, gone) = (on.shot(json!({})).await, asset(on).await);
    on.delete(&format!("/entity/Asset/{gone}")).await.is(204);
    for id in [gone, 2_000_000_001] {
        let sent = json!({"assets": [link("Asset", id)]});
        refused(&on.change("Shot", shot, sent).await, 400, 104);
    }
    assert!(targets(on, shot, "assets").await.is_empty());
}

async fn assignees(on: &Flow) {
    let shot = on.shot(json!({})).await;
    let task = on.task(shot).await;
    let group = on.make("Group", json!({"code": on.name()})).await;
    let active = json!([["sg_status_list", "is", "act"]]);
    let person = on.found("HumanUser", active).await[0];
    let sent = json!([link("Group", group), link("HumanUser", person)]);
    on.change("Task", task, json!({"task_assignees": sent}))
        .await
        .is(200);
    let seen = on.see("Task", task, &["task_assignees"]).await;
    let links = seen["relationships"]["task_assignees"]["data"]
        .as_array()
        .unwrap();
    let mut shown: Vec<(&str, i64)> = links
        .iter()
        .map(|link| (link["type"].as_str().unwrap(), link["id"].as_i64().unwrap()))
        .collect();
    shown.sort_unstable();
    assert_eq!(shown, [("Group", group), ("HumanUser", person)]);
}

async fn tags(on: &Flow) {
    let name = on.name();
    let tag = on.make("Tag", json!({"name": name})).await;
    let shot = on.shot(json!({"tags": [link("Tag", tag)]})).await;
    let seen = on.see("Shot", shot, &["tags"]).await;
    let tags = seen["relationships"]["tags"]["data"].as_array().unwrap();
    assert_eq!(tags.len(), 1);
    assert_eq!((&tags[0]["type"], &tags[0]["id"]), (&json!("Tag"), &json!(tag)));
    let shown = tags[0]["name"].as_str().unwrap();
    // How a site writes a tag is its own affair; compared without case it is the one that was sent.
    assert_eq!(shown.to_lowercase(), name.to_lowercase());
}

async fn null_and_zero(on: &Flow) {
    let shot = on.shot(json!({"sg_cut_in": 1001, "description": "x"})).await;
    let value = async |field: &str| on.see("Shot", shot, &[field]).await["attributes"][field].clone();
    on.change("Shot", shot, json!({"sg_cut_in": 0, "description": null}))
        .await
        .is(200);
    assert_eq!(
        (value("sg_cut_in").await, value("description").await),
        (json!(0), Value::Null)
    );
    on.change("Shot", shot, json!({"sg_cut_in": null})).await.is(200);
    assert_eq!(value("sg_cut_in").await, Value::Null);
}

async fn dates(on: &Flow) {
    let shot = on.shot(json!({})).await;
    let task = on.task(shot).await;
    on.change("Task", task, json!({"start_date": "2026-03-11"}))
        .await
        .is(200);
    let seen = on.see("Task", task, &["start_date"]).await;
    assert_eq!(seen["attributes"]["start_date"], json!("2026-03-11"));
    let wrong = on.change("Task", task, json!({"start_date": "2026-13-01"})).await;
    assert_eq!(wrong.status, 400, "{}", wrong.body);
}

async fn unknown_statuses(on: &Flow) {
    let shot = on.shot(json!({})).await;
    let answer = on
        .change("Shot", shot, json!({"sg_status_list": "amigotest"}))
        .await;
    assert_eq!(answer.status, 400, "{}", answer.body);
}

async fn hidden_statuses(on: &Flow) {
    let path = format!("/schema/Shot/fields/sg_status_list?project_id={}", on.project);
    let field = on.get(&path).await.is(200);
    let hidden = field["data"]["properties"]["hidden_values"]["value"]
        .as_array()
        .unwrap()
        .clone();
    let Some(code) = hidden.first() else {
        // Nobody can hide a status through the API, so a live Project may have none to try.
        assert!(!on.hides_a_status, "the stand-in hides a status: {field}");
        return;
    };
    let valid = &field["data"]["properties"]["valid_values"]["value"];
    assert!(valid.as_array().unwrap().contains(code), "{field}");
    let shot = on.shot(json!({"sg_status_list": code})).await;
    let seen = on.see("Shot", shot, &["sg_status_list"]).await;
    assert_eq!(seen["attributes"]["sg_status_list"], *code);
}
