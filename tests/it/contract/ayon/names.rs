//! Names, labels, ids and types: what is taken, what is refused, and in which words.

use serde_json::json;

use super::{Ayon, dashed, each, hold, new_id, refused};
use crate::contract::statement::{Statement, statements};

const STATEMENTS: &[Statement<Ayon>] = statements![
    "ayon-api.md §13.4 a name is letters, digits and _ - . within; nothing else, and no empty one" => names,
    "ayon-api.md §13.4 a label is anything without ' and ;" => labels,
    "ayon-api.md §13.4 an id is 32 hex digits without dashes" => ids,
    "ayon-api.md §13.5 names are unique per parent in any case, among active ones" => unique_names,
    "ayon-api.md §4.1 a name may change its case" => case_renames,
    "ayon-api.md §4.1 names of tasks are unique per folder in any case" => unique_task_names,
    "ayon-api.md §13.6 an unknown type, status or parent is 409, and case counts" => unknown_references,
    "ayon-api.md §4.1 a task needs a type and a folder" => tasks_need_type_and_folder,
    "ayon-api.md §13.7 a create may bring its id, and its replay is a 409 that names the id" => own_ids,
    "ayon-api.md §4.1 tags are free texts, and a change replaces them" => tags,
    "ayon-api.md §13.22 a create is 201 with the id; reading leaves out what is null" => thin_answers,
];

#[tokio::test]
async fn names_in_ayon() {
    hold(STATEMENTS).await;
}

async fn names(on: &Ayon) {
    let place = on.place().await;
    for name in ["a", "_a_", "a.b", "a-b", "0010", "SH_010", &"n".repeat(300)] {
        on.folder(name, Some(&place)).await;
    }
    for name in [
        "",
        "my asset",
        "-abc",
        "abc-",
        ".abc",
        "abc.",
        "caf\u{e9}",
        "a/b",
        "a:b",
        "a'b",
    ] {
        let body = json!({"name": name, "parentId": place});
        assert_eq!(on.post("folders", body).await.status, 400, "{name:?}");
    }
}

async fn labels(on: &Ayon) {
    let place = on.place().await;
    for (number, label) in [
        "hl 020/0030",
        "Caf\u{e9} \u{1f3ac}",
        "<b>\"x\" & y</b>",
        "",
        "a\nb",
    ]
    .iter()
    .enumerate()
    {
        let body = json!({"name": format!("l{number}"), "parentId": place, "label": label});
        let folder = on.folder_with(body).await;
        let seen = on.see(&folder).await;
        assert_eq!(seen["label"].as_str().unwrap_or_default(), *label);
    }
    for label in ["It's", "a;b"] {
        let body = json!({"name": "no", "parentId": place, "label": label});
        assert_eq!(on.post("folders", body).await.status, 400, "{label:?}");
        assert_eq!(
            on.change(&place, json!({"label": label})).await.status,
            400,
            "{label:?}"
        );
    }
    on.change(&place, json!({"label": "x"})).await.is(204);
    on.change(&place, json!({"label": null})).await.is(204);
    assert!(on.see(&place).await["label"].is_null());
}

async fn ids(on: &Ayon) {
    let place = on.place().await;
    let id = new_id();
    for wrong in [dashed(&id), id[..31].to_owned(), format!("{}g", &id[..31])] {
        let body = json!({"name": "x", "parentId": place, "id": wrong});
        assert_eq!(on.post("folders", body).await.status, 400, "{wrong}");
    }
}

async fn unique_names(on: &Ayon) {
    on.folder("assets", None).await;
    let clash = on.post("folders", json!({"name": "ASSETS"})).await;
    refused(
        &clash,
        409,
        "Folder with lower(name::text) 'assets' already exists.",
    );
    let place = on.place().await;
    let first = on.folder("assets", Some(&place)).await;
    let clash = on
        .post("folders", json!({"name": "ASSETS", "parentId": place}))
        .await;
    assert_eq!(clash.status, 409, "{}", clash.body);

    on.change(&first, json!({"active": false})).await.is(204);
    on.folder("Assets", Some(&place)).await;
    assert_eq!(on.change(&first, json!({"active": true})).await.status, 409);
}

async fn case_renames(on: &Ayon) {
    let place = on.place().await;
    let folder = on.folder("DupX", Some(&place)).await;
    on.change(&folder, json!({"name": "DUPX"})).await.is(204);
    assert_eq!(on.see(&folder).await["name"], json!("DUPX"));
}

async fn unique_task_names(on: &Ayon) {
    let (place, elsewhere) = (on.place().await, on.place().await);
    on.task("comp", &place).await;
    on.task("comp", &elsewhere).await;
    let body = json!({"name": "Comp", "taskType": "Generic", "folderId": place});
    let clash = on.post("tasks", body).await;
    let detail = format!(
        "Task with folder_id, lower(name::text) '{}, comp' already exists.",
        dashed(&place)
    );
    refused(&clash, 409, &detail);
}

async fn unknown_references(on: &Ayon) {
    let place = on.place().await;
    let lost = new_id();
    let parent = format!(
        "parent_id '{}' is not present in table \"folders\".",
        dashed(&lost)
    );
    for (body, detail) in [
        (
            json!({"name": "x", "folderType": "folder"}),
            "folder_type 'folder' is not present in table \"folder_types\".",
        ),
        (
            json!({"name": "x", "status": "in progress"}),
            "status 'in progress' is not present in table \"statuses\".",
        ),
        (json!({"name": "x", "parentId": lost}), parent.as_str()),
    ] {
        refused(&on.post("folders", body).await, 409, detail);
    }
    let body = json!({"name": "x", "taskType": "generic", "folderId": place});
    let detail = "task_type 'generic' is not present in table \"task_types\".";
    refused(&on.post("tasks", body).await, 409, detail);
}

async fn tasks_need_type_and_folder(on: &Ayon) {
    let place = on.place().await;
    let typeless = on.post("tasks", json!({"name": "x", "folderId": place})).await;
    assert_eq!(typeless.status, 400, "{}", typeless.body);
    let homeless = on
        .post("tasks", json!({"name": "x", "taskType": "Generic"}))
        .await;
    refused(&homeless, 409, "Missing required field: folder_id");
}

async fn own_ids(on: &Ayon) {
    let place = on.place().await;
    let (folder, task) = (new_id(), new_id());
    let body = json!({"id": folder, "name": "own", "parentId": place});
    assert_eq!(on.folder_with(body.clone()).await, folder);
    let again = on.post("folders", body).await;
    refused(
        &again,
        409,
        &format!("Folder with id '{}' already exists.", dashed(&folder)),
    );

    let create = json!([
        {"id": "task", "type": "create", "entityType": "task", "entityId": task,
            "data": {"name": "own", "taskType": "Generic", "folderId": folder}},
    ]);
    assert_eq!(on.batch(create.clone()).await[0]["status"], json!(201));
    let again = on.batch(create).await;
    assert_eq!(again[0]["status"], json!(409), "{again:?}");
    // The other name proves that it is the id which is refused.
    let other = json!([
        {"id": "task", "type": "create", "entityType": "task", "entityId": task,
            "data": {"name": "other", "taskType": "Generic", "folderId": folder}},
    ]);
    let again = on.batch(other).await;
    assert_eq!(
        (&again[0]["status"], &again[0]["errorCode"]),
        (&json!(409), &json!("unique-violation"))
    );
}

async fn tags(on: &Ayon) {
    let place = on.place().await;
    let folder = on
        .folder_with(json!({"name": "tagged", "parentId": place, "tags": ["x", "unknown tag", "it's"]}))
        .await;
    let sorted = async || {
        let mut tags: Vec<String> = serde_json::from_value(on.see(&folder).await["tags"].clone()).unwrap();
        tags.sort();
        tags
    };
    assert_eq!(sorted().await, ["it's", "unknown tag", "x"]);
    on.change(&folder, json!({"tags": ["y"]})).await.is(204);
    assert_eq!(sorted().await, ["y"]);
    on.change(&folder, json!({"tags": []})).await.is(204);
    assert!(sorted().await.is_empty());
}

async fn thin_answers(on: &Ayon) {
    let place = on.place().await;
    let made = on
        .post("folders", json!({"name": "thin", "parentId": place}))
        .await
        .is(201);
    let id = made["id"].as_str().unwrap();
    assert_eq!(made, json!({"id": id}));
    let seen = on.see(id).await;
    assert!(
        seen.get("label").is_none() && seen.get("thumbnailId").is_none(),
        "{seen}"
    );
    for there in [
        "name",
        "folderType",
        "path",
        "status",
        "attrib",
        "ownAttrib",
        "active",
    ] {
        assert!(seen.get(there).is_some(), "{there}: {seen}");
    }
    let children = on
        .ask(&format!(
            "folders(parentIds: [\"{place}\"]) {{ edges {{ node {{ path }} }} }}"
        ))
        .await;
    assert_eq!(
        each(&children["folders"], "path"),
        [seen["path"].as_str().unwrap()]
    );
    assert!(seen["path"].as_str().unwrap().starts_with('/'));
}
