//! Projects, and the lists of types, statuses and tags in them.

use serde_json::{Value, json};

use super::{Ayon, hold, new_project, refused};
use crate::contract::statement::{PREFIX, Statement, own_name, statements};

const STATEMENTS: &[Statement<Ayon>] = statements![
    "ayon-api.md §13.21 a project is made with 201, and a name or code that is taken in any case is 409" => taken_names,
    "ayon-api.md §13.21 a name or code of the wrong form is a 500" => wrong_names,
    "ayon-api.md §2.1 a project is found in any case and answers with its own name" => any_case,
    "ayon-api.md §2.5 _ in the name of a project that is asked for stands for any one character" => wildcards,
    "ayon-api.md §2.1 the folders and tasks of a project are counted, of a project that is not there 404" => counts,
    "ayon-api.md §2.2 a project of an empty anatomy has the built-in types, statuses and tags" => built_in_anatomy,
    "ayon-api.md §13.20 a list that is sent replaces the one before, in the order sent" => lists_replace,
    "ayon-api.md §13.20 of a new type or status the name suffices" => names_suffice,
    "ayon-api.md §13.20 a type or status in use cannot be left out, and nothing is changed then" => used_ones_stay,
    "ayon-api.md §13.20 the same name in another case is a 500" => no_twins,
    "ayon-api.md §2.3 a status has one of four states" => states,
    "ayon-api.md §13.29 the status of a new entity is the first one whose scope has its type" => default_status,
    "ayon-api.md §13.29 scope is not enforced" => scope_is_advice,
    "ayon-api.md §2.3 data of a project merges one level and null removes a key" => project_data,
    "ayon-api.md §2.4 anatomy presets can be listed, and the primary one read" => presets,
    "ayon-api.md §2.2 a project is made of a whole anatomy, as a preset is read" => whole_anatomy,
];

#[tokio::test]
async fn projects_of_ayon() {
    hold(STATEMENTS).await;
}

/// A project that goes away at the end.
async fn project(on: &Ayon) -> String {
    let name = own_name();
    let made = on.post("/api/projects", new_project(&name)).await.is(201);
    assert_eq!(made, Value::Null);
    name
}

fn path(project: &str) -> String {
    format!("/api/projects/{project}")
}

async fn list(on: &Ayon, project: &str, which: &str) -> Vec<Value> {
    let project = on.get(&path(project)).await.is(200);
    project[which].as_array().unwrap().clone()
}

fn names(list: &[Value]) -> Vec<&str> {
    list.iter().map(|item| item["name"].as_str().unwrap()).collect()
}

async fn taken_names(on: &Ayon) {
    let name = project(on).await;
    let (upper, free) = (name.to_uppercase(), own_name());
    for (name, code) in [(upper.as_str(), free.as_str()), (free.as_str(), upper.as_str())] {
        let answer = on
            .post("/api/projects", json!({"name": name, "code": code}))
            .await;
        refused(&answer, 409, &format!("Project {name} ({code}) already exists"));
    }
}

async fn wrong_names(on: &Ayon) {
    let good = own_name();
    for (name, code) in [
        (format!("{good} 2"), good.clone()),
        (good.clone(), format!("{good}-2")),
    ] {
        let answer = on
            .post("/api/projects", json!({"name": name, "code": code}))
            .await;
        assert_eq!(answer.status, 500, "{name} {code}: {}", answer.body);
    }
    assert_eq!(on.get(&path(&good)).await.status, 404);
}

async fn any_case(on: &Ayon) {
    let seen = on.get(&path(&on.project.to_uppercase())).await.is(200);
    assert_eq!(seen["name"], json!(on.project));
    let all = on.get("/api/projects").await.is(200);
    let listed = all["projects"].as_array().unwrap();
    let ours = listed
        .iter()
        .find(|project| project["name"] == json!(on.project))
        .unwrap();
    assert_eq!(
        (&ours["code"], &ours["active"]),
        (&json!(on.project), &json!(true))
    );
}

/// Read only: a change by such a name would change somebody else's project.
async fn wildcards(on: &Ayon) {
    let name = project(on).await;
    for at in [PREFIX.len(), name.len() - 1] {
        let mut asked = name.clone();
        asked.replace_range(at..=at, "_");
        let seen = on.get(&path(&asked)).await.is(200);
        assert_eq!(seen["name"], json!(name), "{asked}");
    }
    for asked in [format!("{name}_"), format!("{}_", &name[..name.len() - 2])] {
        assert_eq!(on.get(&path(&asked)).await.status, 404, "{asked}");
    }
}

async fn counts(on: &Ayon) {
    let name = project(on).await;
    let counted = async || {
        let stats = on.get(&format!("{}/stats", path(&name))).await.is(200);
        (
            stats["counts"]["folders"].clone(),
            stats["counts"]["tasks"].clone(),
        )
    };
    assert_eq!(counted().await, (json!(0), json!(0)));
    let mut above = Value::Null;
    for number in 1..=3 {
        let folder = json!({"name": format!("f{number}"), "parentId": above});
        let made = on.post(&format!("{}/folders", path(&name)), folder).await.is(201);
        above = made["id"].clone();
    }
    for task in ["one", "other"] {
        let body = json!({"name": task, "taskType": "Generic", "folderId": above});
        on.post(&format!("{}/tasks", path(&name)), body).await.is(201);
    }
    assert_eq!(counted().await, (json!(3), json!(2)));
    let nowhere = format!("{}/stats", path(&own_name()));
    assert_eq!(on.get(&nowhere).await.status, 404);
}

async fn built_in_anatomy(on: &Ayon) {
    let seen = on.get("").await.is(200);
    for (which, keys) in [
        ("folderTypes", ["name", "shortName", "icon"].as_slice()),
        ("taskTypes", &["name", "shortName", "icon"]),
        ("statuses", &["name", "shortName", "state", "scope"]),
        ("tags", &["name", "color"]),
    ] {
        let list = seen[which].as_array().unwrap();
        assert!(!list.is_empty(), "{which}");
        for key in keys {
            assert!(list[0].get(key).is_some(), "{which} {key}: {}", list[0]);
        }
    }
    let types = seen["folderTypes"].as_array().unwrap();
    assert!(names(types).contains(&"Shot"), "{types:?}");
}

async fn lists_replace(on: &Ayon) {
    let name = project(on).await;
    for (which, new) in [
        ("folderTypes", json!({"name": "Scene", "shortName": "scn"})),
        ("taskTypes", json!({"name": "Previz", "shortName": "pvz"})),
        (
            "statuses",
            json!({"name": "Client review", "shortName": "crv", "state": "in_progress"}),
        ),
        ("tags", json!({"name": "hero", "color": "#ff0000"})),
    ] {
        let before = list(on, &name, which).await;
        let mut longer = before.clone();
        longer.push(new.clone());
        on.patch(&path(&name), json!({which: longer})).await.is(204);
        let after = list(on, &name, which).await;
        assert_eq!(names(&after), names(&longer), "{which}");
        for (key, value) in new.as_object().unwrap() {
            assert_eq!(after.last().unwrap()[key], *value, "{which} {key}");
        }

        on.patch(&path(&name), json!({which: [new.clone(), before[0].clone()]}))
            .await
            .is(204);
        let after = list(on, &name, which).await;
        assert_eq!(
            names(&after),
            [new["name"].as_str().unwrap(), before[0]["name"].as_str().unwrap()],
            "{which}"
        );
    }
}

async fn names_suffice(on: &Ayon) {
    let name = project(on).await;
    for which in ["folderTypes", "taskTypes", "statuses"] {
        let mut longer = list(on, &name, which).await;
        longer.push(json!({"name": "X1Y"}));
        on.patch(&path(&name), json!({which: longer})).await.is(204);
        assert!(names(&list(on, &name, which).await).contains(&"X1Y"), "{which}");
    }
    on.get(&format!("{}/anatomy", path(&name))).await.is(200);
}

async fn used_ones_stay(on: &Ayon) {
    let name = project(on).await;
    let folder = json!({"name": "used", "folderType": "Shot", "status": "On hold"});
    on.post(&format!("{}/folders", path(&name)), folder).await.is(201);
    for (which, used) in [("folderTypes", "Shot"), ("statuses", "On hold")] {
        let before = list(on, &name, which).await;
        let without: Vec<&Value> = before.iter().filter(|item| item["name"] != used).collect();
        let answer = on.patch(&path(&name), json!({which: without})).await;
        assert_eq!(answer.status, 500, "{which}: {}", answer.body);
        let after = list(on, &name, which).await;
        assert_eq!(names(&after), names(&before), "{which}");
    }
}

async fn no_twins(on: &Ayon) {
    let name = project(on).await;
    for (which, twin) in [
        ("folderTypes", "shot"),
        ("taskTypes", "animation"),
        ("statuses", "on HOLD"),
    ] {
        let mut longer = list(on, &name, which).await;
        longer.push(json!({"name": twin}));
        let answer = on.patch(&path(&name), json!({which: longer})).await;
        assert_eq!(answer.status, 500, "{which}: {}", answer.body);
        assert!(!names(&list(on, &name, which).await).contains(&twin), "{which}");
    }
}

async fn states(on: &Ayon) {
    let name = project(on).await;
    let mut longer = list(on, &name, "statuses").await;
    for (number, state) in ["not_started", "in_progress", "done", "blocked"]
        .iter()
        .enumerate()
    {
        longer.push(json!({"name": format!("Own {number}"), "state": state}));
    }
    on.patch(&path(&name), json!({"statuses": longer})).await.is(204);
    longer.push(json!({"name": "Own other", "state": "started"}));
    let answer = on.patch(&path(&name), json!({"statuses": longer})).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
}

async fn default_status(on: &Ayon) {
    let name = project(on).await;
    let statuses = json!([
        {"name": "For versions", "scope": ["version"]},
        {"name": "For tasks", "scope": ["task"]},
        {"name": "For all", "scope": ["folder", "task", "version"]},
    ]);
    on.patch(&path(&name), json!({"statuses": statuses}))
        .await
        .is(204);
    let made = on
        .post(&format!("{}/folders", path(&name)), json!({"name": "new"}))
        .await
        .is(201);
    let folder = made["id"].as_str().unwrap();
    let body = json!({"name": "new", "taskType": "Generic", "folderId": folder});
    let task = on.post(&format!("{}/tasks", path(&name)), body).await.is(201);
    let seen = on.get(&format!("{}/folders/{folder}", path(&name))).await.is(200);
    assert_eq!(seen["status"], json!("For all"));
    let task = format!("{}/tasks/{}", path(&name), task["id"].as_str().unwrap());
    assert_eq!(on.get(&task).await.is(200)["status"], json!("For tasks"));
}

async fn scope_is_advice(on: &Ayon) {
    let name = project(on).await;
    let mut statuses = list(on, &name, "statuses").await;
    statuses.push(json!({"name": "For versions", "scope": ["version"]}));
    on.patch(&path(&name), json!({"statuses": statuses}))
        .await
        .is(204);
    let body = json!({"name": "new", "status": "For versions"});
    on.post(&format!("{}/folders", path(&name)), body).await.is(201);
}

async fn project_data(on: &Ayon) {
    let name = project(on).await;
    on.patch(&path(&name), json!({"data": {"x": 1, "y": {"a": 1}}}))
        .await
        .is(204);
    on.patch(&path(&name), json!({"data": {"x": null, "y": {"b": 2}}}))
        .await
        .is(204);
    let data = on.get(&path(&name)).await.is(200)["data"].clone();
    assert_eq!((data.get("x"), &data["y"]), (None, &json!({"b": 2})), "{data}");
}

async fn presets(on: &Ayon) {
    let all = on.get("/api/anatomy/presets").await.is(200);
    assert!(all["presets"].is_array(), "{all}");
    for preset in ["_", "__primary__"] {
        let anatomy = on.get(&format!("/api/anatomy/presets/{preset}")).await.is(200);
        for list in ["folder_types", "task_types", "statuses", "tags"] {
            assert!(anatomy[list].is_array(), "{preset} {list}: {anatomy}");
        }
    }
}

async fn whole_anatomy(on: &Ayon) {
    let mut anatomy = on.get("/api/anatomy/presets/_").await.is(200);
    let scene = json!({"name": "Scene", "shortName": "scn", "icon": "folder", "color": "#cccccc"});
    anatomy["folder_types"].as_array_mut().unwrap().insert(0, scene);
    let name = own_name();
    let body = json!({"name": name, "code": name, "assignUsers": false, "anatomy": anatomy});
    on.post("/api/projects", body).await.is(201);
    let types = list(on, &name, "folderTypes").await;
    assert_eq!(names(&types)[0], "Scene");
    let made = on
        .post(&format!("{}/folders", path(&name)), json!({"name": "first"}))
        .await
        .is(201);
    let folder = format!("{}/folders/{}", path(&name), made["id"].as_str().unwrap());
    // The first type is what a folder is without a word about it.
    assert_eq!(on.get(&folder).await.is(200)["folderType"], json!("Scene"));
}
