//! Writes to folders and tasks, one by one and in batches.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::AyonOptions;
use super::tests::{Bench, FOLDERS, KEY, OPERATIONS, WORKFILES, create, id};

#[tokio::test]
async fn names_and_references_are_refused_in_the_measured_words() {
    let bench = Bench::harbor().await;
    let assets = bench.folder("assets", None).await;
    for (body, status) in [
        (json!({"name": "my asset"}), 400),
        (json!({"name": "abc-"}), 400),
        (json!({"name": "ok", "label": "It's"}), 400),
        (
            json!({"name": "ok", "id": "53e095bc-0000-0000-0000-000000000000"}),
            400,
        ),
        (json!({"name": "ok", "attrib": {"frameStart": "x"}}), 400),
        (json!({"name": "ok", "attrib": {"startDate": "2024-01-02"}}), 400),
        (json!({"name": "ok", "data": []}), 400),
        (json!({"name": "ok", "label": "nul\u{0}"}), 500),
        (
            json!({"name": "ok", "attrib": {"frameStart": 9_300_000_000_000_000_000_u64}}),
            500,
        ),
    ] {
        assert_eq!(bench.post(FOLDERS, body.clone()).await.0, status, "{body}");
    }
    let (status, invalid) = bench.post(FOLDERS, json!({})).await;
    assert_eq!(status, 400);
    assert_eq!(
        invalid["detail"],
        json!("Request validation error in [POST] /api/projects/harbor/folders")
    );
    let issue = json!({"loc": ["body", "name"], "msg": "field required", "type": "value_error.missing"});
    assert_eq!(invalid["errors"][0], issue);
    for (body, detail) in [
        (
            json!({"name": "ASSETS"}),
            "Folder with lower(name::text) 'assets' already exists.",
        ),
        (
            json!({"name": "ok", "folderType": "folder"}),
            "folder_type 'folder' is not present in table \"folder_types\".",
        ),
        (
            json!({"name": "ok", "status": "in progress"}),
            "status 'in progress' is not present in table \"statuses\".",
        ),
        (
            json!({"name": "ok", "parentId": id(9)}),
            "parent_id '00000000-0000-0000-0000-000000000009' is not present in table \"folders\".",
        ),
    ] {
        let expected = json!({"code": 409, "detail": detail});
        assert_eq!(bench.post(FOLDERS, body).await, (409, expected));
    }
    let path = format!("{FOLDERS}/{assets}");
    assert_eq!(bench.patch(&path, json!({"active": false})).await.0, 204);
    bench.folder("Assets", None).await;
    assert_eq!(bench.patch(&path, json!({"active": true})).await.0, 409);
    let (_, task) = bench
        .post(
            "/api/projects/harbor/tasks",
            json!({"name": "t", "taskType": "Generic"}),
        )
        .await;
    assert_eq!(task["detail"], json!("Missing required field: folder_id"));
    assert_eq!(bench.get("/api/projects/harbor/tasks").await.0, 404);
    bench.ayon.stop().await;
}

#[tokio::test]
async fn published_folders_keep_their_place() {
    let bench = Bench::harbor().await;
    let top = bench.folder("sq010", None).await;
    let shot = bench.folder("sh010", Some(&top)).await;
    bench.publish(&shot).await;
    for (folder, body, field) in [
        (&shot, json!({"name": "SH010"}), "name"),
        (&shot, json!({"parentId": null}), "parent_id"),
        (&shot, json!({"folderType": "Asset"}), "folder_type"),
        (&top, json!({"name": "sq011"}), "name"),
    ] {
        let expected = json!({"code": 403, "detail": format!("Cannot change {field} of a folder with published versions")});
        assert_eq!(
            bench.patch(&format!("{FOLDERS}/{folder}"), body).await,
            (403, expected)
        );
    }
    let same = json!({"name": "sh010", "parentId": top, "label": "Shot 10", "active": false});
    assert_eq!(bench.patch(&format!("{FOLDERS}/{shot}"), same).await.0, 204);
    let (status, refused) = bench.delete(&format!("{FOLDERS}/{top}")).await;
    assert_eq!(
        (status, &refused["detail"]),
        (409, &json!("Unable to delete a folder with products or tasks."))
    );
    let forced = json!({"operations": [{"type": "update", "entityType": "folder", "entityId": shot, "force": true,
        "data": {"name": "sh011"}}]});
    assert_eq!(bench.post(OPERATIONS, forced).await.1["success"], json!(true));
    assert_eq!(bench.ayon.paths("harbor"), ["/sq010", "/sq010/sh011"]);
    assert_eq!(bench.delete(&format!("{FOLDERS}/{top}?force=true")).await.0, 204);
    assert_eq!(
        bench.get("/api/projects/harbor/stats").await.1["counts"]["versions"],
        json!(0)
    );
    bench.ayon.stop().await;
}

#[tokio::test]
async fn a_batch_fails_in_each_of_the_three_ways() {
    let bench = Bench::harbor().await;
    bench.folder("taken", None).await;
    let clash = json!({"id": "clash", "type": "create", "entityType": "folder", "data": {"name": "TAKEN"}});
    let lost = json!({"id": "lost", "type": "update", "entityType": "folder", "entityId": id(99), "data": {"label": "x"}});
    let statuses = |answer: &Value| -> Vec<(u64, Value)> {
        let results = answer["operations"].as_array().expect("results");
        results
            .iter()
            .map(|result| {
                (
                    result["status"].as_u64().unwrap_or(0),
                    result["errorCode"].clone(),
                )
            })
            .collect()
    };

    // A failure of the database rolls back, though the earlier operation still claims success.
    let (status, answer) = bench
        .post(
            OPERATIONS,
            json!({"operations": [create(1, "one"), clash, create(2, "two")]}),
        )
        .await;
    assert_eq!((status, &answer["success"]), (200, &json!(false)));
    assert_eq!(
        statuses(&answer),
        [(201, Value::Null), (409, json!("unique-violation"))]
    );
    assert_eq!(bench.ayon.paths("harbor"), ["/taken"]);

    // A failure of the application keeps the earlier operation, unlisted and untold.
    let told = bench.ayon.events().len();
    let (_, answer) = bench
        .post(OPERATIONS, json!({"operations": [create(1, "one"), lost]}))
        .await;
    assert_eq!(statuses(&answer), [(201, Value::Null), (404, json!("not-found"))]);
    assert_eq!(bench.ayon.paths("harbor"), ["/one", "/taken"]);
    assert_eq!(bench.ayon.events().len(), told);
    let listed = async || bench.get(FOLDERS).await.1["folders"].as_array().map(Vec::len);
    assert_eq!(listed().await, Some(1));
    let task = json!({"operations": [{"type": "create", "entityType": "task", "entityId": id(7),
        "data": {"name": "comp", "taskType": "Compositing", "folderId": id(1)}}, lost]});
    bench.post(OPERATIONS, task).await;
    assert_eq!(
        bench
            .get(&format!("/api/projects/harbor/tasks/{}", id(7)))
            .await
            .0,
        500
    );
    bench
        .patch(&format!("{FOLDERS}/{}", id(1)), json!({"label": "healed"}))
        .await;
    assert_eq!(
        bench
            .get(&format!("/api/projects/harbor/tasks/{}", id(7)))
            .await
            .0,
        200
    );
    assert_eq!(listed().await, Some(2));

    let raise = json!({"operations": [create(2, "two"), lost], "raiseOnError": true});
    assert_eq!(bench.post(OPERATIONS, raise).await.0, 404);
    let raise = json!({"operations": [create(2, "two"), create(3, "bad name")], "raiseOnError": true});
    assert_eq!(bench.post(OPERATIONS, raise).await.0, 500);
    assert_eq!(bench.ayon.paths("harbor"), ["/one", "/taken"]);

    let in_fresh = json!({"type": "create", "entityType": "task", "entityId": id(8),
        "data": {"name": "anim", "taskType": "Animation", "folderId": id(4)}});
    let early = json!({"type": "update", "entityType": "task", "entityId": id(8), "data": {"label": "x"}});
    let orphan =
        json!({"type": "create", "entityType": "task", "data": {"name": "anim", "taskType": "Animation"}});
    let body = json!({"canFail": true, "operations": [
        create(4, "four"), in_fresh, early, lost, clash, create(5, "bad name"), orphan,
        {"type": "create", "entityType": "folder"},
    ]});
    let (_, answer) = bench.post(OPERATIONS, body).await;
    let expected = [
        (201, Value::Null),
        (201, Value::Null),
        (500, Value::Null),
        (404, json!("not-found")),
        (409, json!("unique-violation")),
        (400, json!("invalid_data")),
        (400, json!("not-null-violation")),
        (500, Value::Null),
    ];
    assert_eq!(statuses(&answer), expected);
    assert_eq!(answer["operations"][2]["detail"], json!("'parent_id'"));

    let twice = json!({"operations": [lost, lost]});
    let (status, answer) = bench.post(OPERATIONS, twice).await;
    assert_eq!(
        (status, answer["detail"].clone()),
        (400, json!(format!("Duplicate operation for folder {}", id(99))))
    );
    bench.ayon.stop().await;
}

#[tokio::test]
async fn five_thousand_creates_are_quick_and_carry_their_sender_type() {
    let bench = Bench::harbor().await;
    let operations: Vec<Value> = (1..=5000)
        .map(|number| create(number, &format!("sh{number:04}")))
        .collect();
    let started = Instant::now();
    let headers = [
        ("x-api-key", KEY),
        ("x-sender-type", "shotgrid"),
        ("x-sender", "bad sender!"),
    ];
    let body = json!({"operations": operations, "raiseOnError": true});
    let (status, answer) = bench.ask(Method::POST, OPERATIONS, &headers, Some(body)).await;
    assert_eq!((status, &answer["success"]), (200, &json!(true)));
    assert!(
        started.elapsed() < Duration::from_secs(3),
        "{:?}",
        started.elapsed()
    );
    let last = bench.ayon.events().pop().expect("an event");
    assert_eq!(
        (&last["topic"], &last["senderType"]),
        (&json!("entity.folder.created"), &json!("shotgrid"))
    );
    assert_eq!(last["sender"], Value::Null);

    let query = "query All($after: String){project(name:\"harbor\"){folders(first:2500 after:$after){
        pageInfo{hasNextPage endCursor} edges{node{...F __typename}}}}}
        fragment F on FolderNode{id path attrib{shotgridId} hasVersions}";
    let mut after = Value::Null;
    let mut sizes = Vec::new();
    loop {
        let answer = bench.graphql(query, json!({"after": after})).await;
        let folders = &answer["data"]["project"]["folders"];
        sizes.push(folders["edges"].as_array().map_or(0, Vec::len));
        after = folders["pageInfo"]["endCursor"].clone();
        if folders["pageInfo"]["hasNextPage"] != json!(true) {
            break;
        }
    }
    // A full page promises another, even when that one is empty.
    assert_eq!((sizes, after), (vec![2500, 2500, 0], Value::Null));
    let record = bench
        .ayon
        .controls()
        .requests()
        .into_iter()
        .find(|request| request.path == OPERATIONS);
    assert_eq!(
        record.and_then(|record| record.sender_type).as_deref(),
        Some("shotgrid")
    );
    bench.ayon.stop().await;
}

#[tokio::test]
async fn a_slow_server_makes_hierarchy_readers_wait() {
    let bench = Bench::new(AyonOptions {
        slow: true,
        ..AyonOptions::default()
    });
    bench
        .post("/api/projects", json!({"name": "harbor", "code": "hbr"}))
        .await;
    let operations: Vec<Value> = (1..=40)
        .map(|number| create(number, &format!("sh{number}")))
        .collect();
    let started = Instant::now();
    let write = bench.post(OPERATIONS, json!({"operations": operations}));
    let path = format!("{FOLDERS}/{}", id(1));
    let read = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let status = bench.get(&path).await.0;
        (status, started.elapsed())
    };
    let (_, (status, waited)) = tokio::join!(write, read);
    assert_eq!(status, 200);
    assert!(waited >= Duration::from_millis(180), "{waited:?}");
    bench.ayon.stop().await;
}

#[tokio::test]
async fn workfiles_come_and_go_with_their_task() {
    let bench = Bench::harbor().await;
    let folder = bench.folder("sh010", None).await;
    for (number, name) in [(1, "comp"), (2, "roto")] {
        let task = json!({"id": id(number), "name": name, "taskType": "Generic", "folderId": folder});
        assert_eq!(bench.post("/api/projects/harbor/tasks", task).await.0, 201);
    }
    let path = "{root[work]}/harbor/sh010/work/comp/hbr_sh010_comp_v001.nk";
    let attrib = json!({"extension": ".nk", "fps": 24});
    let body = json!({"id": id(11), "path": path, "taskId": id(1), "attrib": attrib});
    assert_eq!(bench.post(WORKFILES, body).await, (201, json!({"id": id(11)})));
    let at = |number: u32| format!("{WORKFILES}/{}", id(number));
    let (_, shown) = bench.get(&at(11)).await;
    assert_eq!((&shown["path"], &shown["taskId"]), (&json!(path), &json!(id(1))));
    assert_eq!(shown["attrib"], json!({"extension": ".nk"}));
    assert_eq!(
        (&shown["status"], &shown["createdBy"]),
        (&json!("Omitted"), &json!("amigo"))
    );

    assert_eq!(bench.post(WORKFILES, json!({"taskId": id(1)})).await.0, 400);
    let unknown =
        "task_id '00000000-0000-0000-0000-000000000009' is not present in table \"tasks\".".to_owned();
    for (body, detail) in [
        (
            json!({"path": path, "taskId": id(2)}),
            format!("Workfile with path '{path}' already exists."),
        ),
        (json!({"path": "another.nk", "taskId": id(9)}), unknown),
    ] {
        let expected = json!({"code": 409, "detail": detail});
        assert_eq!(bench.post(WORKFILES, body).await, (409, expected));
    }

    let added = bench.ayon.add_workfile("harbor", "/sh010", "comp", "a.nk");
    assert!(added.is_some());
    assert_eq!(bench.ayon.add_workfile("harbor", "/sh010", "comp", "a.nk"), None);
    assert_eq!(bench.ayon.add_workfile("harbor", "/sh010", "paint", "b.nk"), None);
    let body = json!({"id": id(12), "path": "roto.nk", "taskId": id(2)});
    assert_eq!(bench.post(WORKFILES, body).await.0, 201);
    assert_eq!(bench.patch(&at(12), json!({"path": "roto_v002.nk"})).await.0, 204);
    assert_eq!(bench.get(&at(12)).await.1["path"], json!("roto_v002.nk"));
    assert_eq!(bench.delete(&at(11)).await.0, 204);
    assert_eq!(bench.delete(&at(11)).await.0, 404);
    let again = json!({"id": id(11), "path": path, "taskId": id(1)});
    assert_eq!(bench.post(WORKFILES, again).await.0, 201);
    assert_eq!(
        bench
            .delete(&format!("/api/projects/harbor/tasks/{}", id(2)))
            .await
            .0,
        204
    );
    assert_eq!(
        (bench.get(&at(11)).await.0, bench.get(&at(12)).await.0),
        (200, 404)
    );
    assert_eq!(bench.delete(&format!("{FOLDERS}/{folder}")).await.0, 204);
    assert_eq!(bench.get(&at(11)).await.0, 404);
    let left = bench
        .graphql(
            "{project(name:\"harbor\"){workfiles{edges{node{id}}}}}",
            json!({}),
        )
        .await;
    assert_eq!(left["data"]["project"]["workfiles"]["edges"], json!([]));
    bench.ayon.stop().await;
}
