//! Bulk writes: a batch in which every row stands for itself, which is how amigo writes.

use serde_json::{Value, json};

use super::{Ayon, hold, new_id};
use crate::contract::statement::{Statement, statements};

const STATEMENTS: &[Statement<Ayon>] = statements![
    "ayon-api.md §13.8 a batch answers 200 with a result for each row, in order, with the row's own id" => results_by_row,
    "ayon-api.md §5.2 with canFail each row fails alone, with a status and a code" => rows_fail_alone,
    "ayon-api.md §5.1 a create carries label, type, status, tags, assignees, attributes and data at once" => everything_at_once,
    "ayon-api.md §3.4 a wrong value of an attribute fails its row alone, an unknown attribute none" => wrong_attributes,
    "ayon-api.md §5.2 an empty batch succeeds" => nothing_to_do,
    "ayon-api.md §5.4 a tree is made in one batch, parents first" => trees_in_one_batch,
    "ayon-api.md §13.12 a child before its parent is refused" => children_wait,
    "ayon-api.md §13.12 a task cannot be changed in the batch that makes its folder" => fresh_tasks_keep_still,
    "ayon-api.md §13.11 two changes of one entity refuse the whole batch" => one_change_an_entity,
    "ayon-api.md §5.4 a create and an update of one folder go together" => create_then_update,
    "ayon-api.md §5.4 a name that a retired folder frees is taken in the same batch" => freed_names,
    "ayon-api.md §5.4 a child is moved out and its old parent deleted in one batch, its tasks with it" => emptied_helpers,
    "ayon-api.md §5.4 two moves that would make a circle: the second is refused" => circles,
    "ayon-api.md §5.4 two names cannot be swapped in one batch" => no_swaps,
    "ayon-api.md §13.9 raiseOnError rolls all rows back" => all_or_nothing,
    "ayon-api.md §13.10 without canFail an earlier row claims a success that was rolled back" => false_success,
];

#[tokio::test]
async fn operations_of_ayon() {
    hold(STATEMENTS).await;
}

fn create(id: &str, name: &str, parent: &str) -> Value {
    json!({"id": name, "type": "create", "entityType": "folder", "entityId": id,
        "data": {"name": name, "folderType": "Folder", "parentId": parent}})
}

fn create_task(id: &str, name: &str, folder: &str) -> Value {
    json!({"id": name, "type": "create", "entityType": "task", "entityId": id,
        "data": {"name": name, "taskType": "Generic", "folderId": folder}})
}

fn update(kind: &str, id: &str, data: &Value) -> Value {
    json!({"id": format!("change {id}"), "type": "update", "entityType": kind, "entityId": id, "data": data})
}

/// Status and code of each result.
fn ends(results: &[Value]) -> Vec<(u64, Option<&str>)> {
    results
        .iter()
        .map(|result| (result["status"].as_u64().unwrap(), result["errorCode"].as_str()))
        .collect()
}

async fn results_by_row(on: &Ayon) {
    let place = on.place().await;
    let (one, task) = (new_id(), new_id());
    let rows = json!([
        create(&one, "one", &place),
        create_task(&task, "work", &place),
        update("folder", &place, &json!({"label": "changed"})),
    ]);
    let body = json!({"operations": rows, "canFail": true});
    let answer = on.post("operations", body).await.is(200);
    assert_eq!(answer["success"], json!(true));
    let results = answer["operations"].as_array().unwrap();
    assert_eq!(ends(results), [(201, None), (201, None), (204, None)]);
    let said: Vec<&Value> = results.iter().map(|result| &result["id"]).collect();
    assert_eq!(
        said,
        [&json!("one"), &json!("work"), &json!(format!("change {place}"))]
    );
    let ids: Vec<&Value> = results.iter().map(|result| &result["entityId"]).collect();
    assert_eq!(ids, [&json!(one), &json!(task), &json!(place)]);
    assert!(results.iter().all(|result| result["success"] == true));
}

async fn rows_fail_alone(on: &Ayon) {
    let place = on.place().await;
    let lost = new_id();
    let (good, late) = (new_id(), new_id());
    let mut typeless = create_task(&new_id(), "unknown_type", &place);
    typeless["data"]["taskType"] = json!("generic");
    let homeless = json!({"id": "homeless", "type": "create", "entityType": "task", "entityId": new_id(),
        "data": {"name": "homeless", "taskType": "Generic"}});
    let results = on
        .batch(json!([
            create(&good, "taken", &place),
            create(&new_id(), "TAKEN", &place),
            update("folder", &lost, &json!({"label": "x"})),
            create(&new_id(), "bad name", &place),
            typeless,
            homeless,
            {"id": "empty", "type": "create", "entityType": "folder"},
            create(&late, "late", &place),
        ]))
        .await;
    assert_eq!(
        ends(&results),
        [
            (201, None),
            (409, Some("unique-violation")),
            (404, Some("not-found")),
            (400, Some("invalid_data")),
            (409, Some("foreign-key-violation")),
            (400, Some("not-null-violation")),
            (500, None),
            (201, None),
        ]
    );
    let words = results[1]["detail"].as_str().unwrap();
    assert!(words.contains("already exists"), "{words}");
    on.see(&good).await;
    on.see(&late).await;
}

async fn everything_at_once(on: &Ayon) {
    let place = on.place().await;
    let (folder, task) = (new_id(), new_id());
    let mut first = create(&folder, "full", &place);
    let all = json!({"label": "Full", "folderType": "Shot", "status": "On hold", "tags": ["x"],
        "attrib": {"frameStart": 0, "shotgridId": "1"}, "data": {"sg_ayon_id": folder}});
    let mut second = create_task(&task, "full", &folder);
    let more = json!({"label": "Full", "taskType": "Animation", "status": "On hold", "tags": ["x"],
        "assignees": ["one", "other"], "attrib": {"frameStart": 5}, "data": {"sg_ayon_id": task}});
    for (row, fields) in [(&mut first, &all), (&mut second, &more)] {
        for (name, value) in fields.as_object().unwrap() {
            row["data"][name] = value.clone();
        }
    }
    let results = on.batch(json!([first, second])).await;
    assert_eq!(ends(&results), [(201, None), (201, None)]);
    for (seen, fields) in [(on.see(&folder).await, &all), (on.see_task(&task).await, &more)] {
        for (name, value) in fields.as_object().unwrap() {
            if name == "attrib" {
                for (attribute, value) in value.as_object().unwrap() {
                    assert_eq!(seen["attrib"][attribute], *value, "{attribute}: {seen}");
                }
            } else {
                assert_eq!(seen[name], *value, "{name}: {seen}");
            }
        }
    }
}

async fn wrong_attributes(on: &Ayon) {
    let place = on.place().await;
    let (wrong, unknown) = (new_id(), new_id());
    let mut rows = [
        create(&wrong, "wrong", &place),
        create(&unknown, "unknown", &place),
    ];
    rows[0]["data"]["attrib"] = json!({"frameStart": "x"});
    rows[1]["data"]["attrib"] = json!({"amigotestNothing": 1});
    let results = on.batch(json!(rows)).await;
    assert_eq!(results[0]["success"], json!(false));
    assert_eq!(results[1]["status"], json!(201));
    assert_eq!(on.get(&format!("folders/{wrong}")).await.status, 404);
    on.see(&unknown).await;
}

async fn nothing_to_do(on: &Ayon) {
    let answer = on.post("operations", json!({"operations": []})).await.is(200);
    assert_eq!(answer, json!({"operations": [], "success": true}));
}

async fn trees_in_one_batch(on: &Ayon) {
    let place = on.place().await;
    let (sequence, shot, task) = (new_id(), new_id(), new_id());
    let results = on
        .batch(json!([
            create(&sequence, "sq010", &place),
            create(&shot, "sh010", &sequence),
            create_task(&task, "comp", &shot),
        ]))
        .await;
    assert_eq!(ends(&results), [(201, None), (201, None), (201, None)]);
    let path = on.see(&shot).await["path"].as_str().unwrap().to_owned();
    assert!(path.ends_with("/sq010/sh010"), "{path}");
    assert_eq!(on.see_task(&task).await["folderId"], json!(shot));
}

async fn children_wait(on: &Ayon) {
    let place = on.place().await;
    let (parent, child) = (new_id(), new_id());
    let results = on
        .batch(json!([
            create(&child, "child", &parent),
            create(&parent, "parent", &place)
        ]))
        .await;
    assert_eq!(
        ends(&results),
        [(409, Some("foreign-key-violation")), (201, None)]
    );
}

async fn fresh_tasks_keep_still(on: &Ayon) {
    let place = on.place().await;
    let (folder, task) = (new_id(), new_id());
    let results = on
        .batch(json!([
            create(&folder, "fresh", &place),
            create_task(&task, "anim", &folder),
            update("task", &task, &json!({"label": "x"})),
        ]))
        .await;
    assert_eq!(ends(&results), [(201, None), (201, None), (500, None)]);
    assert_eq!(results[2]["detail"], json!("'parent_id'"));
    let later = on
        .batch(json!([update("task", &task, &json!({"label": "x"}))]))
        .await;
    assert_eq!(ends(&later), [(204, None)]);
}

async fn one_change_an_entity(on: &Ayon) {
    let place = on.place().await;
    let rows = json!([
        update("folder", &place, &json!({"label": "one"})),
        update("folder", &place, &json!({"label": "two"})),
    ]);
    let answer = on
        .post("operations", json!({"operations": rows, "canFail": true}))
        .await;
    super::refused(&answer, 400, &format!("Duplicate operation for folder {place}"));
    assert!(on.see(&place).await.get("label").is_none());
}

async fn create_then_update(on: &Ayon) {
    let place = on.place().await;
    let folder = new_id();
    let results = on
        .batch(json!([
            create(&folder, "both", &place),
            update("folder", &folder, &json!({"label": "Both"})),
        ]))
        .await;
    assert_eq!(ends(&results), [(201, None), (204, None)]);
    assert_eq!(on.see(&folder).await["label"], json!("Both"));
}

async fn freed_names(on: &Ayon) {
    let place = on.place().await;
    let old = on.folder("name", Some(&place)).await;
    let results = on
        .batch(json!([
            update("folder", &old, &json!({"active": false})),
            create(&new_id(), "Name", &place),
        ]))
        .await;
    assert_eq!(ends(&results), [(204, None), (201, None)]);
}

async fn emptied_helpers(on: &Ayon) {
    let place = on.place().await;
    let helper = on.folder("helper", Some(&place)).await;
    let child = on.folder("child", Some(&helper)).await;
    let task = on.task("work", &helper).await;
    let results = on
        .batch(json!([
            update("folder", &child, &json!({"parentId": place})),
            {"id": "gone", "type": "delete", "entityType": "folder", "entityId": helper},
        ]))
        .await;
    assert_eq!(ends(&results), [(204, None), (204, None)]);
    assert_eq!(on.see(&child).await["parentId"], json!(place));
    assert_eq!(on.get(&format!("tasks/{task}")).await.status, 404);
}

async fn circles(on: &Ayon) {
    let place = on.place().await;
    let (one, two) = (
        on.folder("one", Some(&place)).await,
        on.folder("two", Some(&place)).await,
    );
    let results = on
        .batch(json!([
            update("folder", &one, &json!({"parentId": two})),
            update("folder", &two, &json!({"parentId": one})),
        ]))
        .await;
    assert_eq!(
        (&results[0]["status"], &results[1]["status"]),
        (&json!(204), &json!(400)),
        "{results:?}"
    );
    assert_eq!(on.see(&two).await["parentId"], json!(place));
}

async fn no_swaps(on: &Ayon) {
    let place = on.place().await;
    let (one, two) = (
        on.folder("one", Some(&place)).await,
        on.folder("two", Some(&place)).await,
    );
    let results = on
        .batch(json!([
            update("folder", &one, &json!({"name": "two"})),
            update("folder", &two, &json!({"name": "one"})),
        ]))
        .await;
    assert_eq!(
        ends(&results),
        [(409, Some("unique-violation")), (409, Some("unique-violation"))]
    );
}

async fn all_or_nothing(on: &Ayon) {
    let place = on.place().await;
    let good = new_id();
    let rows = json!([
        create(&good, "good", &place),
        update("folder", &new_id(), &json!({"label": "x"}))
    ]);
    let answer = on
        .post("operations", json!({"operations": rows, "raiseOnError": true}))
        .await;
    assert_eq!(answer.status, 404, "{}", answer.body);
    assert_eq!(on.get(&format!("folders/{good}")).await.status, 404);
}

async fn false_success(on: &Ayon) {
    let place = on.place().await;
    on.folder("taken", Some(&place)).await;
    let good = new_id();
    let rows = json!([create(&good, "good", &place), create(&new_id(), "taken", &place)]);
    let answer = on.post("operations", json!({"operations": rows})).await.is(200);
    assert_eq!(answer["success"], json!(false));
    assert_eq!(
        ends(answer["operations"].as_array().unwrap()),
        [(201, None), (409, Some("unique-violation"))]
    );
    assert_eq!(on.get(&format!("folders/{good}")).await.status, 404);
}
