//! Attributes and GraphQL: what is inherited, filtered, paged and refused.

use serde_json::{Value, json};

use super::AyonOptions;
use super::tests::{Bench, FOLDERS, WORKFILES, id, studio};

#[tokio::test]
async fn attributes_inherit_leak_and_wait_for_a_restart() {
    let bench = Bench::harbor().await;
    let body = json!({"name": "sq", "attrib": {"fps": "23.976", "shotgridId": 777, "ghost": 1}});
    let parent = bench.post(FOLDERS, body).await.1["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let child = bench.folder("sh", Some(&parent)).await;
    let (_, shown) = bench.get(&format!("{FOLDERS}/{child}")).await;
    assert_eq!(shown["attrib"]["fps"], json!(23.976));
    assert_eq!(
        (shown.get("label"), shown["attrib"].get("shotgridId")),
        (None, None)
    );
    assert_eq!(
        (&shown["path"], &shown["ownAttrib"]),
        (&json!("/sq/sh"), &json!([]))
    );

    let (_, list) = bench.get(&format!("{FOLDERS}?attrib=true")).await;
    let leaked = &list["folders"][1];
    assert_eq!(
        (&leaked["path"], &leaked["attrib"]["shotgridId"]),
        (&json!("sq/sh"), &json!("777"))
    );
    assert_eq!((leaked.get("active"), &leaked["ownAttrib"]), (None, &json!([])));

    let query = "query($p: String!){project(name:$p){folders(ids:[$i]){edges{node{A}}}}}";
    let ask = async |fields: &str| {
        let query = query
            .replace("[$i]", &format!("[\"{parent}\"]"))
            .replace('A', fields);
        bench.graphql(&query, json!({"p": "harbor"})).await["data"]["project"]["folders"]["edges"][0]["node"]
            .clone()
    };
    assert_eq!(
        ask("ownAttrib attrib{fps}").await["ownAttrib"],
        json!(["fps", "shotgridId"])
    );
    assert!(
        ask("attrib{fps} ownAttrib").await["ownAttrib"]
            .as_array()
            .expect("names")
            .len()
            > 5
    );
    bench
        .patch(&format!("{FOLDERS}/{parent}"), json!({"attrib": {"fps": null}}))
        .await;
    assert_eq!(
        ask("attrib{fps} data").await,
        json!({"attrib": {"fps": 25.0}, "data": null})
    );

    let attribute = json!({"position": 50, "scope": ["folder"], "data": {"type": "integer", "title": "N"}});
    assert_eq!(bench.put("/api/attributes/sgInt", attribute).await.0, 204);
    let set = json!({"attrib": {"sgInt": 3}});
    assert_eq!(
        bench.patch(&format!("{FOLDERS}/{parent}"), set.clone()).await.0,
        204
    );
    let unknown = bench
        .graphql(
            "{project(name:\"harbor\"){folders{edges{node{attrib{sgInt}}}}}}",
            json!({}),
        )
        .await;
    assert_eq!(
        unknown["errors"][0]["message"],
        json!("Cannot query field 'sgInt' on type 'FolderAttribType'.")
    );
    assert_eq!(unknown["data"], Value::Null);
    bench.ayon.restart();
    assert_eq!(bench.patch(&format!("{FOLDERS}/{parent}"), set).await.0, 204);
    assert_eq!(ask("attrib{sgInt}").await, json!({"attrib": {"sgInt": 3}}));
    bench.ayon.stop().await;
}

#[tokio::test]
async fn graphql_filters_and_complains() {
    let bench = Bench::new(AyonOptions {
        studio: studio(),
        ..AyonOptions::default()
    });
    let query = "query($ids: [String!]!, $deep: Boolean = true){project(name:\"harbor_lights\"){
        byLink: folders(attributes:[{name:\"shotgridId\", values:$ids},{name:\"shotgridType\", values:[\"Shot\"]}]){edges{node{name hasVersions}}}
        byPath: folders(paths:[\"ep01/hl_020\", \"/ep01\"]){edges{node{name}}}
        root: folders(parentId:\"root\"){edges{node{name}}}
        tasks(first:10, taskTypes:[\"Anim\"]){edges{node{name folder @include(if:$deep){path}}}}
        folderTypes{name} statuses{name shortName state}}}";
    let answer = bench.graphql(query, json!({"ids": ["1043", "5"]})).await;
    let project = &answer["data"]["project"];
    assert_eq!(
        project["byLink"]["edges"],
        json!([{"node": {"name": "hl_020_0030", "hasVersions": true}}])
    );
    assert_eq!(
        project["byPath"]["edges"],
        json!([{"node": {"name": "ep01"}}, {"node": {"name": "hl_020"}}])
    );
    assert_eq!(
        project["root"]["edges"],
        json!([{"node": {"name": "ep01"}}, {"node": {"name": "sci_fi_prop"}}])
    );
    let folder = json!({"path": "/ep01/hl_020/hl_020_0030"});
    assert_eq!(
        project["tasks"]["edges"],
        json!([{"node": {"name": "anim", "folder": folder}}])
    );

    let message = async |query: &str| {
        let answer = bench.graphql(query, json!({})).await;
        answer["errors"][0]["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(
        message("{project(name:\"nope\"){name}}").await,
        "Project not found"
    );
    assert_eq!(
        message("{project(name:\"harbor_lights\"){nope}}").await,
        "Cannot query field 'nope' on type 'ProjectNode'."
    );
    let unknown = "Unknown argument 'nope' on field 'ProjectNode.folders'.";
    assert_eq!(
        message("{project(name:\"harbor_lights\"){folders(nope:1){edges{node{id}}}}}").await,
        unknown
    );
    assert_eq!(
        message("{project(name:\"harbor_lights\"){folders(ids:[\"zz\"]){edges{node{id}}}}}").await,
        "Invalid entity ID zz"
    );
    assert_eq!(
        message("{project(name:\"harbor_lights\"){folders(after:\"x\"){edges{node{id}}}}}").await,
        "Invalid cursor"
    );
    let lost = format!(
        "{{project(name:\"harbor_lights\"){{folder(id:\"{}\"){{id}}}}}}",
        id(1)
    );
    let answer = bench.graphql(&lost, json!({})).await;
    assert_eq!(answer["data"], json!({"project": {"folder": null}}));
    assert_eq!(answer["errors"][0]["extensions"]["status"], json!(404));
    assert_eq!(answer["errors"][0]["path"], json!(["project", "folder"]));
    let fields = bench
        .graphql(
            "{__type(name:\"TaskAttribType\"){fields{name}} users{edges{node{name isService accessGroups}}}}",
            json!({}),
        )
        .await;
    assert!(
        fields["data"]["__type"]["fields"]
            .as_array()
            .expect("fields")
            .contains(&json!({"name": "shotgridId"}))
    );
    let service = json!({"name": "amigo", "isService": true, "accessGroups": "{}"});
    assert_eq!(fields["data"]["users"]["edges"][0]["node"], service);
    bench.ayon.stop().await;
}

#[tokio::test]
async fn workfiles_are_listed_by_task() {
    let bench = Bench::harbor().await;
    let folder = bench.folder("sh010", None).await;
    for number in [1, 2] {
        let task = json!({"id": id(number), "name": format!("task{number}"), "taskType": "Generic",
            "folderId": folder});
        assert_eq!(bench.post("/api/projects/harbor/tasks", task).await.0, 201);
        let path = format!("P:\\work\\task{number}\\v001.ma");
        let tags = json!(["hero", "late"]);
        let body = json!({"id": id(10 + number), "path": path, "taskId": id(number), "tags": tags,
            "attrib": {"extension": ".ma"}});
        assert_eq!(bench.post(WORKFILES, body).await.0, 201);
    }
    let query = "query($tasks: [String!], $tags: [String!], $paths: [String!]){project(name:\"harbor\"){
        workfiles(first:10, taskIds:$tasks, tags:$tags, paths:$paths){
        edges{node{id name path taskId tags active data ownAttrib attrib{extension} thumbnailId projectName
            __typename}}
        pageInfo{hasNextPage}}}}";
    let ask = async |variables: Value| {
        bench.graphql(query, variables).await["data"]["project"]["workfiles"]["edges"].clone()
    };
    let second = json!([{"node": {
        "id": id(12), "name": "v001.ma", "path": "P:\\work\\task2\\v001.ma", "taskId": id(2),
        "tags": ["hero", "late"], "active": true, "data": null, "ownAttrib": ["extension"],
        "attrib": {"extension": ".ma"}, "thumbnailId": null, "projectName": "harbor",
        "__typename": "WorkfileNode",
    }}]);
    assert_eq!(ask(json!({"tasks": [id(2)]})).await, second);
    assert_eq!(ask(json!({"paths": ["P:\\work\\task2\\v001.ma"]})).await, second);
    assert_eq!(ask(json!({"tasks": [id(9)]})).await, json!([]));
    let count = |edges: Value| edges.as_array().map(Vec::len);
    assert_eq!(count(ask(json!({})).await), Some(2));
    assert_eq!(count(ask(json!({"tags": ["late"]})).await), Some(2));
    assert_eq!(count(ask(json!({"tags": ["late", "early"]})).await), Some(0));
    bench.ayon.stop().await;
}

#[tokio::test]
async fn products_list_their_versions_in_order() {
    let bench = Bench::harbor().await;
    let folder = bench.folder("sh010", None).await;
    let product = json!({"id": id(5), "name": "render", "folderId": folder, "productType": "render"});
    assert_eq!(bench.post("/api/projects/harbor/products", product).await.0, 201);
    for (number, version) in [(12, 12), (11, 1), (10, -1)] {
        let body = json!({"id": id(number), "version": version, "productId": id(5)});
        assert_eq!(bench.post("/api/projects/harbor/versions", body).await.0, 201);
    }
    let query = "{project(name:\"harbor\"){products{edges{node{versionList{id version name}}}}}}";
    let answer = bench.graphql(query, json!({})).await;
    let node = &answer["data"]["project"]["products"]["edges"][0]["node"];
    let expected = json!([
        {"id": id(10), "version": -1, "name": "HERO"},
        {"id": id(11), "version": 1, "name": "v001"},
        {"id": id(12), "version": 12, "name": "v012"},
    ]);
    assert_eq!(node["versionList"], expected);
    bench.ayon.stop().await;
}
