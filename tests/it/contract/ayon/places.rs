//! Where folders stand, what keeps them there, and what retiring means.

use serde_json::{Value, json};

use super::{Ayon, each, hold, new_id, nodes, refused};
use crate::contract::statement::{Statement, statements};

const STATEMENTS: &[Statement<Ayon>] = statements![
    "ayon-api.md §4.2 a folder moves by parentId, and null is the top" => moves,
    "ayon-api.md §4.2 a folder cannot move into itself, below itself, or nowhere" => impossible_moves,
    "ayon-api.md §4.2 a task moves by folderId" => task_moves,
    "ayon-api.md §4.3 an unpublished folder and any task change their type" => retypes,
    "ayon-api.md §13.13 a published folder and those above it keep name, parent and type" => published_folders_stay,
    "ayon-api.md §13.13 a value that does not change is accepted of a published folder, as is all the rest" => published_folders_change,
    "ayon-api.md §13.13 in a batch the refusal is a 403 of its row" => published_rows_are_refused,
    "ayon-api.md §4.3 a product alone does not hold a folder, a version does, and hasVersions tells on the folders above" => versions_hold,
    "ayon-api.md §13.14 a folder with products cannot be deleted; an empty one can, with all below it" => deletions,
    "ayon-api.md §4.5 inactive folders and tasks stay in the lists, and GraphQL says active" => retired_ones_are_listed,
    "ayon-api.md §4.1 a folder can be made below an inactive one, and children of a retired one stay active" => retiring_is_shallow,
    "ayon-api.md §13.22 data merges one level and null removes a key; unknown keys are ignored" => data_merges,
];

#[tokio::test]
async fn places_in_ayon() {
    hold(STATEMENTS).await;
}

async fn path(on: &Ayon, folder: &str) -> String {
    on.see(folder).await["path"].as_str().unwrap().to_owned()
}

async fn moves(on: &Ayon) {
    let (from, to) = (on.place().await, on.place().await);
    let folder = on.folder("mover", Some(&from)).await;
    let child = on.folder("child", Some(&folder)).await;
    on.change(&folder, json!({"parentId": to})).await.is(204);
    assert_eq!(
        path(on, &child).await,
        format!("{}/mover/child", path(on, &to).await)
    );
    on.change(&folder, json!({"parentId": null})).await.is(204);
    assert_eq!(path(on, &child).await, "/mover/child");
    assert!(on.see(&folder).await.get("parentId").is_none());
}

async fn impossible_moves(on: &Ayon) {
    let place = on.place().await;
    let folder = on.folder("top", Some(&place)).await;
    let child = on.folder("below", Some(&folder)).await;
    let itself = on.change(&folder, json!({"parentId": folder})).await;
    refused(&itself, 400, "Folder cannot be its own parent");
    let below = on.change(&folder, json!({"parentId": child})).await;
    refused(&below, 400, "Folder cannot be moved to one of its descendants");
    assert_eq!(
        on.change(&folder, json!({"parentId": new_id()})).await.status,
        409
    );
    assert_eq!(on.see(&folder).await["parentId"], json!(place));
}

async fn task_moves(on: &Ayon) {
    let (from, to) = (on.place().await, on.place().await);
    let task = on.task("mover", &from).await;
    on.patch(&format!("tasks/{task}"), json!({"folderId": to}))
        .await
        .is(204);
    assert_eq!(on.see_task(&task).await["folderId"], json!(to));
}

async fn retypes(on: &Ayon) {
    let place = on.place().await;
    let (folder, task) = (
        on.folder("typed", Some(&place)).await,
        on.task("typed", &place).await,
    );
    on.change(&folder, json!({"folderType": "Shot"})).await.is(204);
    assert_eq!(on.see(&folder).await["folderType"], json!("Shot"));
    on.patch(&format!("tasks/{task}"), json!({"taskType": "Animation"}))
        .await
        .is(204);
    assert_eq!(on.see_task(&task).await["taskType"], json!("Animation"));
}

/// A place, a folder in it, and a published one in that.
async fn published(on: &Ayon) -> (String, String, String) {
    let place = on.place().await;
    let above = on.folder("sq010", Some(&place)).await;
    let folder = on.folder("sh010", Some(&above)).await;
    on.publish(&folder).await;
    (place, above, folder)
}

async fn published_folders_stay(on: &Ayon) {
    let (_, above, folder) = published(on).await;
    for (id, change, column) in [
        (&folder, json!({"name": "sh011"}), "name"),
        (&folder, json!({"name": "SH010"}), "name"),
        (&folder, json!({"parentId": null}), "parent_id"),
        (&folder, json!({"folderType": "Asset"}), "folder_type"),
        (&above, json!({"name": "sq011"}), "name"),
        (&above, json!({"parentId": null}), "parent_id"),
    ] {
        let detail = format!("Cannot change {column} of a folder with published versions");
        refused(&on.change(id, change).await, 403, &detail);
    }
}

async fn published_folders_change(on: &Ayon) {
    let (_, above, folder) = published(on).await;
    let same = json!({"name": "sh010", "parentId": above, "folderType": on.see(&folder).await["folderType"]});
    on.change(&folder, same).await.is(204);
    let free = json!({"label": "Shot 10", "status": "On hold", "tags": ["x"], "attrib": {"fps": 24.0},
        "data": {"k": 1}, "active": false});
    on.change(&folder, free).await.is(204);
    let task = on.task("comp", &folder).await;
    on.patch(
        &format!("tasks/{task}"),
        json!({"name": "comp2", "taskType": "Compositing"}),
    )
    .await
    .is(204);
}

async fn published_rows_are_refused(on: &Ayon) {
    let (_, _, folder) = published(on).await;
    let rows = json!([{"id": "move", "type": "update", "entityType": "folder", "entityId": folder,
        "data": {"parentId": null}}]);
    let results = on.batch(rows).await;
    let words = "Cannot change parent_id of a folder with published versions";
    assert_eq!(
        (
            &results[0]["status"],
            &results[0]["errorCode"],
            &results[0]["detail"]
        ),
        (&json!(403), &json!("forbidden"), &json!(words))
    );
}

async fn versions_hold(on: &Ayon) {
    let place = on.place().await;
    let folder = on.folder("lone", Some(&place)).await;
    let product = json!({"name": "model", "folderId": folder, "productType": "model"});
    on.post("products", product).await.is(201);
    on.change(&folder, json!({"name": "free"})).await.is(204);
    assert_eq!(on.see(&place).await["hasVersions"], json!(false));
    on.publish(&folder).await;
    for id in [&place, &folder] {
        assert_eq!(on.see(id).await["hasVersions"], json!(true));
    }
    let seen = on
        .ask(&format!(
            "folders(ids: [\"{place}\"]) {{ edges {{ node {{ hasVersions }} }} }}"
        ))
        .await;
    assert_eq!(nodes(&seen["folders"])[0]["hasVersions"], json!(true));
}

async fn deletions(on: &Ayon) {
    let (_, above, _) = published(on).await;
    let answer = on.delete(&format!("folders/{above}")).await;
    refused(&answer, 409, "Unable to delete a folder with products or tasks.");

    let helper = on.place().await;
    let child = on.folder("child", Some(&helper)).await;
    on.delete(&format!("folders/{helper}")).await.is(204);
    assert_eq!(on.get(&format!("folders/{child}")).await.status, 404);
}

async fn retired_ones_are_listed(on: &Ayon) {
    let place = on.place().await;
    let folder = on.folder("retired", Some(&place)).await;
    let task = on.task("retired", &place).await;
    on.change(&folder, json!({"active": false})).await.is(204);
    on.patch(&format!("tasks/{task}"), json!({"active": false}))
        .await
        .is(204);
    let seen = on
        .ask(&format!(
            "folders(parentIds: [\"{place}\"]) {{ edges {{ node {{ id active }} }} }}
             tasks(folderIds: [\"{place}\"]) {{ edges {{ node {{ id active }} }} }}"
        ))
        .await;
    assert_eq!(nodes(&seen["folders"]), [&json!({"id": folder, "active": false})]);
    assert_eq!(nodes(&seen["tasks"]), [&json!({"id": task, "active": false})]);
}

async fn retiring_is_shallow(on: &Ayon) {
    let place = on.place().await;
    let before = on.folder("before", Some(&place)).await;
    on.change(&place, json!({"active": false})).await.is(204);
    assert_eq!(on.see(&before).await["active"], json!(true));
    on.folder("after", Some(&place)).await;
    let seen = on
        .ask(&format!(
            "folders(parentIds: [\"{place}\"]) {{ edges {{ node {{ name active }} }} }}"
        ))
        .await;
    assert_eq!(each(&seen["folders"], "name"), ["after", "before"]);
}

async fn data_merges(on: &Ayon) {
    let place = on.place().await;
    let folder = on
        .folder_with(json!({"name": "full", "parentId": place, "data": {"a": {"x": 1}, "b": 2}}))
        .await;
    on.change(
        &folder,
        json!({"data": {"a": {"y": 1}, "b": null, "c": 3}, "nothing": 1, "path": "/x"}),
    )
    .await
    .is(204);
    let data = &on.see(&folder).await["data"];
    assert_eq!(*data, json!({"a": {"y": 1}, "c": 3}));
    for wrong in [json!([]), json!("text")] {
        assert_eq!(on.change(&folder, json!({"data": wrong})).await.status, 400);
    }
    on.change(&folder, json!({})).await.is(204);
    let untouched: &Value = &on.see(&folder).await["data"];
    assert_eq!(*untouched, json!({"a": {"y": 1}, "c": 3}));
}
