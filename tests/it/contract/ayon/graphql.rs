//! Reading whole projects and small parts of them.

use serde_json::{Value, json};

use super::{Ayon, each, hold, new_id, nodes};
use crate::contract::statement::{Statement, statements};

const STATEMENTS: &[Statement<Ayon>] = statements![
    "ayon-api.md §13.19 a full page says that another follows, even where that one is empty" => pages,
    "ayon-api.md §13.19 a page holds 100 without a word about it, and all where first is large" => page_sizes,
    "ayon-api.md §6.3 ownAttrib is right when it is asked before attrib" => own_attributes_first,
    "ayon-api.md §6.2 folders are found by id, by parent, by path and at the root" => folder_filters,
    "ayon-api.md §6.2 tasks are found by id and by folder" => task_filters,
    "ayon-api.md §6.2 folders and tasks are found however deep below a folder, those with products alone as well" => all_below,
    "ayon-api.md §6.2 an empty list of ids, parents, folders or paths finds nothing" => empty_lists,
    "ayon-api.md §6.2 attributes filter: any of the values, all of the names" => attribute_filters,
    "ayon-api.md §6.2 ids that are unknown find nothing, and one of the wrong form is an error" => unknown_ids,
    "ayon-api.md §6.2 a lost folder is null beside an error with status 404" => lost_folder,
    "ayon-api.md §6.2 data is JSON in a text, and null when it is empty" => data_is_text,
    "ayon-api.md §6.2 nodes hold status, tags and assignees, and the project its lists" => fields_of_nodes,
    "ayon-api.md §6.2 folders with tasks and folders with products are found, workfiles by their task" => what_folders_hold,
    "ayon-api.md §2.4 a project's config is JSON in a text, with its work templates by name" => work_templates,
    "the queries that amigo sends are understood as they stand" => own_queries,
];

#[tokio::test]
async fn graphql_of_ayon() {
    hold(STATEMENTS).await;
}

async fn pages(on: &Ayon) {
    let place = on.place().await;
    for number in 0..4 {
        on.folder(&format!("f{number}"), Some(&place)).await;
    }
    let query = "query($p: String!, $parents: [String!], $after: String) { project(name: $p) {
        folders(parentIds: $parents, first: 2, after: $after) {
            pageInfo { hasNextPage endCursor } edges { node { name } } } } }";
    let (mut seen, mut after) = (Vec::new(), Value::Null);
    for (rows, more) in [(2, true), (2, true), (0, false)] {
        let answer = on
            .graphql(query, json!({"parents": [place], "after": after}))
            .await;
        let list = &answer["data"]["project"]["folders"];
        assert_eq!(nodes(list).len(), rows, "{answer}");
        assert_eq!(list["pageInfo"]["hasNextPage"], json!(more));
        seen.extend(each(list, "name"));
        after = list["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(seen, ["f0", "f1", "f2", "f3"]);
    assert_eq!(after, Value::Null);
}

async fn page_sizes(on: &Ayon) {
    let place = on.place().await;
    let rows: Vec<Value> = (0..101)
        .map(|number| {
            json!({"type": "create", "entityType": "task", "entityId": new_id(),
                "data": {"name": format!("t{number}"), "taskType": "Generic", "folderId": place}})
        })
        .collect();
    let results = on.batch(Value::from(rows)).await;
    assert!(results.iter().all(|result| result["status"] == 201));
    let seen = on
        .ask(&format!(
            "few: tasks(folderIds: [\"{place}\"]) {{ pageInfo {{ hasNextPage }} edges {{ node {{ id }} }} }}
             all: tasks(folderIds: [\"{place}\"], first: 100000) {{ pageInfo {{ hasNextPage }} edges {{ node {{ id }} }} }}"
        ))
        .await;
    assert_eq!(nodes(&seen["few"]).len(), 100);
    assert_eq!(seen["few"]["pageInfo"]["hasNextPage"], json!(true));
    assert_eq!(nodes(&seen["all"]).len(), 101);
    assert_eq!(seen["all"]["pageInfo"]["hasNextPage"], json!(false));
}

async fn own_attributes_first(on: &Ayon) {
    let place = on.place().await;
    on.change(&place, json!({"attrib": {"fps": 24.0}})).await.is(204);
    let body = json!({"name": "own", "parentId": place, "attrib": {"shotgridId": "1"}});
    let folder = on.folder_with(body).await;
    let task = json!({"name": "own", "taskType": "Generic", "folderId": folder, "attrib": {"frameStart": 5}});
    on.post("tasks", task).await.is(201);
    let seen = on
        .ask(&format!(
            "folders(ids: [\"{folder}\"]) {{ edges {{ node {{ ownAttrib attrib {{ shotgridId fps }} }} }} }}
             tasks(folderIds: [\"{folder}\"]) {{ edges {{ node {{ ownAttrib attrib {{ frameStart fps }} }} }} }}"
        ))
        .await;
    assert_eq!(
        nodes(&seen["folders"]),
        [&json!({"ownAttrib": ["shotgridId"], "attrib": {"shotgridId": "1", "fps": 24.0}})]
    );
    assert_eq!(
        nodes(&seen["tasks"]),
        [&json!({"ownAttrib": ["frameStart"], "attrib": {"frameStart": 5, "fps": 24.0}})]
    );
}

async fn folder_filters(on: &Ayon) {
    let place = on.place().await;
    let above = on.folder("above", Some(&place)).await;
    let below = on.folder("below", Some(&above)).await;
    let top = on.see(&place).await["name"].as_str().unwrap().to_owned();
    let found = async |filter: String| {
        let seen = on
            .ask(&format!(
                "folders({filter}, first: 1000) {{ edges {{ node {{ name }} }} }}"
            ))
            .await;
        each(&seen["folders"], "name")
    };
    assert_eq!(
        found(format!("ids: [\"{below}\", \"{above}\"]")).await,
        ["above", "below"]
    );
    assert_eq!(
        found(format!("parentIds: [\"{place}\", \"{above}\"]")).await,
        ["above", "below"]
    );
    assert_eq!(
        found(format!("paths: [\"/{top}/above\", \"{top}/above/below\"]")).await,
        ["above", "below"]
    );
    let at_root = found("parentId: \"root\"".to_owned()).await;
    assert!(
        at_root.contains(&top) && !at_root.contains(&"above".to_owned()),
        "{at_root:?}"
    );
}

async fn task_filters(on: &Ayon) {
    let (one, other) = (on.place().await, on.place().await);
    let task = on.task("first", &one).await;
    on.task("second", &one).await;
    on.task("third", &other).await;
    let found = async |filter: String| {
        let seen = on
            .ask(&format!("tasks({filter}) {{ edges {{ node {{ name }} }} }}"))
            .await;
        each(&seen["tasks"], "name")
    };
    assert_eq!(found(format!("ids: [\"{task}\"]")).await, ["first"]);
    assert_eq!(
        found(format!("folderIds: [\"{one}\"]")).await,
        ["first", "second"]
    );
    assert_eq!(
        found(format!("folderIds: [\"{one}\", \"{other}\"]")).await,
        ["first", "second", "third"]
    );
}

async fn attribute_filters(on: &Ayon) {
    let place = on.place().await;
    for (name, id, kind) in [
        ("a", "9055", "Asset"),
        ("b", "9056", "Asset"),
        ("c", "9055", "Shot"),
        ("d", "9057", "Asset"),
    ] {
        let attrib = json!({"shotgridId": id, "shotgridType": kind});
        on.folder_with(json!({"name": name, "parentId": place, "attrib": attrib}))
            .await;
        let task = json!({"name": name, "taskType": "Generic", "folderId": place, "attrib": attrib});
        on.post("tasks", task).await.is(201);
    }
    let filter = "attributes: [{name: \"shotgridId\", values: [\"9055\", \"9056\"]},
        {name: \"shotgridType\", values: [\"Asset\"]}]";
    let seen = on
        .ask(&format!(
            "folders({filter}) {{ edges {{ node {{ name }} }} }} tasks({filter}) {{ edges {{ node {{ name }} }} }}"
        ))
        .await;
    assert_eq!(each(&seen["folders"], "name"), ["a", "b"]);
    assert_eq!(each(&seen["tasks"], "name"), ["a", "b"]);
}

async fn unknown_ids(on: &Ayon) {
    let lost = new_id();
    let seen = on
        .ask(&format!(
            "folders(ids: [\"{lost}\"]) {{ edges {{ node {{ id }} }} }}
             tasks(folderIds: [\"{lost}\"]) {{ edges {{ node {{ id }} }} }}"
        ))
        .await;
    assert!(nodes(&seen["folders"]).is_empty() && nodes(&seen["tasks"]).is_empty());
    let query =
        "query($p: String!) { project(name: $p) { folders(ids: [\"zz\"]) { edges { node { id } } } } }";
    let answer = on.graphql(query, json!({})).await;
    assert_eq!(
        answer["errors"][0]["message"],
        json!("Invalid entity ID zz"),
        "{answer}"
    );
}

async fn lost_folder(on: &Ayon) {
    let lost = new_id();
    let query = format!("query($p: String!) {{ project(name: $p) {{ folder(id: \"{lost}\") {{ id }} }} }}");
    let answer = on.graphql(&query, json!({})).await;
    assert_eq!(answer["data"], json!({"project": {"folder": null}}), "{answer}");
    assert_eq!(answer["errors"][0]["extensions"]["status"], json!(404));
}

async fn data_is_text(on: &Ayon) {
    let place = on.place().await;
    let body = json!({"name": "with", "parentId": place, "data": {"sg_ayon_id": "x"}});
    on.folder_with(body).await;
    on.folder("without", Some(&place)).await;
    let seen = on
        .ask(&format!(
            "folders(parentIds: [\"{place}\"]) {{ edges {{ node {{ name data }} }} }}"
        ))
        .await;
    for node in nodes(&seen["folders"]) {
        if node["name"] == "without" {
            assert_eq!(node["data"], Value::Null);
            continue;
        }
        let data: Value = serde_json::from_str(node["data"].as_str().unwrap()).unwrap();
        assert_eq!(data, json!({"sg_ayon_id": "x"}));
    }
}

async fn fields_of_nodes(on: &Ayon) {
    let place = on.place().await;
    let task = json!({"name": "full", "taskType": "Generic", "folderId": place, "status": "On hold",
        "tags": ["x"], "assignees": ["somebody"], "label": "Full"});
    on.post("tasks", task).await.is(201);
    let seen = on
        .ask(&format!(
            "name code attrib {{ fps }}
             folderTypes {{ name shortName icon color }} taskTypes {{ name shortName icon color }}
             statuses {{ name shortName state icon color scope }} tags {{ name color }}
             folders(ids: [\"{place}\"]) {{ edges {{ node {{
                id name label folderType parentId path status tags active hasVersions updatedAt }} }} }}
             tasks(folderIds: [\"{place}\"]) {{ edges {{ node {{
                name label taskType folderId status tags assignees active updatedAt }} }} }}"
        ))
        .await;
    assert_eq!(seen["name"], json!(on.project));
    for list in ["folderTypes", "taskTypes", "statuses", "tags"] {
        assert!(
            seen[list].as_array().is_some_and(|items| !items.is_empty()),
            "{list}: {seen}"
        );
    }
    let scope = &seen["statuses"][0]["scope"];
    assert!(
        scope
            .as_array()
            .is_some_and(|scope| scope.contains(&json!("task"))),
        "{scope}"
    );
    assert_eq!(nodes(&seen["folders"])[0]["tags"], json!([]));
    let task = nodes(&seen["tasks"])[0];
    assert_eq!(
        (&task["status"], &task["tags"], &task["assignees"]),
        (&json!("On hold"), &json!(["x"]), &json!(["somebody"]))
    );
}

async fn all_below(on: &Ayon) {
    let place = on.place().await;
    let above = on.folder("above", Some(&place)).await;
    let below = on.folder("below", Some(&above)).await;
    on.folder("beside", Some(&place)).await;
    on.task("deep", &below).await;
    let product = json!({"name": "model", "folderId": below, "productType": "model"});
    on.post("products", product).await.is(201);
    let seen = on
        .ask(&format!(
            "all: folders(parentIds: [\"{place}\"], includeFolderChildren: true) {{ edges {{ node {{ name }} }} }}
             made: folders(parentIds: [\"{place}\"], includeFolderChildren: true, hasProducts: true) {{
                edges {{ node {{ name }} }} }}
             tasks(folderIds: [\"{place}\"], includeFolderChildren: true) {{ edges {{ node {{ name path }} }} }}"
        ))
        .await;
    assert_eq!(each(&seen["all"], "name"), ["above", "below", "beside"]);
    assert_eq!(each(&seen["made"], "name"), ["below"]);
    assert_eq!(each(&seen["tasks"], "name"), ["deep"]);
    let path = nodes(&seen["tasks"])[0]["path"].as_str().unwrap();
    assert!(
        path.starts_with('/') && path.ends_with("/above/below/deep"),
        "{path}"
    );
}

async fn empty_lists(on: &Ayon) {
    on.task("some", &on.place().await).await;
    let lists = [
        "folders(ids: [])",
        "folders(parentIds: [])",
        "folders(parentIds: [], includeFolderChildren: true)",
        "folders(paths: [])",
        "tasks(ids: [])",
        "tasks(folderIds: [])",
        "tasks(folderIds: [], includeFolderChildren: true)",
    ];
    for list in lists {
        let seen = on
            .ask(&format!("found: {list} {{ edges {{ node {{ id }} }} }}"))
            .await;
        assert!(nodes(&seen["found"]).is_empty(), "{list}: {seen}");
    }
}

/// A question of amigo's, with the fields that several share, for a studio that maps no attribute.
fn own_query(texts: &[&str]) -> String {
    ["PROJECT", "FOLDER", "TASK"]
        .iter()
        .fold(texts.concat(), |text, what| {
            text.replace(&format!("{what}_ATTRIBUTES"), "")
        })
}

async fn what_folders_hold(on: &Ayon) {
    let place = on.place().await;
    let worked_on = on.folder("worked_on", Some(&place)).await;
    let published = on.folder("published", Some(&place)).await;
    let task = on.task("paint", &worked_on).await;
    on.publish(&published).await;
    let path = format!("{{root[work]}}/{}/paint_v001.ma", on.project);
    let workfiles = format!("/api/projects/{}/workfiles", on.project);
    on.post(&workfiles, json!({"path": path, "taskId": task}))
        .await
        .is(201);
    let query = own_query(&[
        include_str!("../../../../src/ayon/tree.graphql"),
        include_str!("../../../../src/ayon/project_fields.graphql"),
        include_str!("../../../../src/ayon/folder_fields.graphql"),
    ]);
    let answer = on
        .graphql(&query, json!({"project": on.project, "first": 1000}))
        .await;
    assert!(answer["errors"].is_null(), "{answer}");
    let project = &answer["data"]["project"];
    assert!(each(&project["folders"], "id").contains(&place));
    let (with_tasks, with_products) = (
        each(&project["withTasks"], "id"),
        each(&project["withProducts"], "id"),
    );
    assert!(with_tasks.contains(&worked_on) && !with_tasks.contains(&published));
    assert!(with_products.contains(&published) && !with_products.contains(&worked_on));
    assert!(each(&project["workfiles"], "taskId").contains(&task));
    let tasks = include_str!("../../../../src/ayon/workfile_tasks.graphql");
    let answer = on
        .graphql(
            tasks,
            json!({"project": on.project, "first": 1000, "ids": [task]}),
        )
        .await;
    assert_eq!(each(&answer["data"]["project"]["tasks"], "folderId"), [worked_on]);
    let versions = include_str!("../../../../src/ayon/published.graphql");
    let answer = on
        .graphql(
            versions,
            json!({"project": on.project, "first": 1000, "folders": [published, place]}),
        )
        .await;
    let products = nodes(&answer["data"]["project"]["products"]);
    assert_eq!(products.len(), 1, "{answer}");
    assert_eq!(products[0]["folderId"], json!(published));
    assert_eq!(products[0]["versionList"].as_array().map(Vec::len), Some(1));
}

async fn work_templates(on: &Ayon) {
    let answer = on.ask("config").await;
    let config = answer["config"].as_str().unwrap_or_else(|| panic!("{answer}"));
    let config: Value = serde_json::from_str(config).unwrap();
    let directory = &config["templates"]["work"]["default"]["directory"];
    assert!(
        directory
            .as_str()
            .is_some_and(|text| text.contains("{hierarchy}")),
        "{config}"
    );
}

async fn own_queries(on: &Ayon) {
    const PROJECT: &str = include_str!("../../../../src/ayon/project_fields.graphql");
    const FOLDER: &str = include_str!("../../../../src/ayon/folder_fields.graphql");
    const TASK: &str = include_str!("../../../../src/ayon/task_fields.graphql");
    let content = own_query(&[
        include_str!("../../../../src/ayon/content.graphql"),
        PROJECT,
        FOLDER,
        TASK,
    ]);
    let answer = on
        .graphql(&content, json!({"project": on.project, "first": 1000}))
        .await;
    assert!(
        answer["errors"].is_null() && answer["data"]["project"]["folders"]["edges"].is_array(),
        "{answer}"
    );
    let outline = own_query(&[include_str!("../../../../src/ayon/outline.graphql"), PROJECT]);
    let answer = on.graphql(&outline, json!({"project": on.project})).await;
    assert_eq!(answer["data"]["project"]["name"], json!(on.project), "{answer}");
    let parts = own_query(&[include_str!("../../../../src/ayon/parts.graphql"), FOLDER, TASK]);
    let (place, none) = (on.place().await, json!([]));
    let variables = json!({"project": on.project, "first": 1000, "byRow": false, "links": none, "ids": [place],
        "paths": none, "foldersIn": none, "tasksIn": none, "below": none, "publishedBelow": none});
    let answer = on.graphql(&parts, variables).await;
    assert!(answer["errors"].is_null(), "{answer}");
    let found = &answer["data"]["project"];
    assert_eq!(each(&found["foldersById"], "id"), [place]);
    assert!(nodes(&found["foldersIn"]).is_empty() && found["linkedFolders"].is_null());
    let projects = on
        .graphql(include_str!("../../../../src/ayon/projects.graphql"), json!({}))
        .await;
    assert!(projects["errors"].is_null(), "{projects}");
    assert!(each(&projects["data"]["projects"], "name").contains(&on.project));
}
