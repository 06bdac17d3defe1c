//! Users, who of them is which Flow person, and who is assigned.

use serde_json::{Value, json};

use super::{Ayon, each, hold, nodes};
use crate::contract::statement::{Statement, own_name, statements};

const STATEMENTS: &[Statement<Ayon>] = statements![
    "ayon-api.md §7.1 users are listed by GraphQL alone, with name, mail and active" => listing,
    "ayon-api.md §7.1 the nodes of users do not hold their data" => no_data_in_nodes,
    "ayon-api.md §7.1 users are found by names, and by mail in any case" => found_by_name_and_mail,
    "ayon-api.md §13.24 a user is made with 204, and one that is there is 409" => creation,
    "ayon-api.md §13.4 the name of a user has no @, no space, no accent, and no _ at its ends" => user_names,
    "ayon-api.md §7.3 data of a user merges one level" => data_merges,
    "ayon-api.md §7.2 data.sg_user_id is read of one user, and found by the addon's endpoint" => flow_ids,
    "ayon-api.md §7.1 users and projects are answered to one question" => one_question,
    "ayon-api.md §1.3 the names of access groups are listed" => access_groups,
    "ayon-api.md §7.3 access groups merge per project, and an empty list removes" => access_merges,
    "ayon-api.md §7.2 access groups and projects that do not exist are dropped without a word" => unknown_access,
    "ayon-api.md §7.3 an e-mail that becomes another user's is 409, in any case of its letters" => email_clash,
    "ayon-api.md §7.3 a user is switched off and on, and rises and falls by data" => active_and_level,
    "ayon-api.md §13.23 assignees are not checked; an empty list clears, null is refused" => assignees,
];

#[tokio::test]
async fn people_of_ayon() {
    hold(STATEMENTS).await;
}

/// A user who goes away at the end.
async fn user(on: &Ayon, data: Value) -> String {
    let name = own_name();
    let mail = format!("{name}@studio.example");
    let body = json!({"attrib": {"fullName": "Amigo Test", "email": mail}, "data": data});
    on.put(&path(&name), body).await.is(204);
    name
}

fn path(user: &str) -> String {
    format!("/api/users/{user}")
}

async fn listing(on: &Ayon) {
    let name = user(on, json!({})).await;
    let query = "{ users(first: 2000) { edges { node { name attrib { fullName email } active
        isAdmin isManager isService isGuest accessGroups defaultAccessGroups } } } }";
    let answer = on.graphql(query, json!({})).await;
    let users = nodes(&answer["data"]["users"]);
    let ours = users
        .iter()
        .find(|user| user["name"] == json!(name))
        .expect("the new user");
    let attrib = json!({"fullName": "Amigo Test", "email": format!("{name}@studio.example")});
    assert_eq!(
        (&ours["attrib"], &ours["active"], &ours["isService"]),
        (&attrib, &json!(true), &json!(false))
    );
    assert!(ours["accessGroups"].is_string(), "{ours}");
    assert_eq!(on.get("/api/users").await.status, 404);
}

async fn no_data_in_nodes(on: &Ayon) {
    let answer = on
        .graphql("{ users(first: 1) { edges { node { data } } } }", json!({}))
        .await;
    let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
    assert!(message.contains("Cannot query field 'data'"), "{answer}");
}

async fn found_by_name_and_mail(on: &Ayon) {
    let (one, other) = (user(on, json!({})).await, user(on, json!({})).await);
    let query = "query($names: [String!], $mails: [String!]) {
        named: users(names: $names) { edges { node { name } } }
        mailed: users(emails: $mails) { edges { node { name } } } }";
    let mail = format!("{}@STUDIO.example", other.to_uppercase());
    let answer = on.graphql(query, json!({"names": [one], "mails": [mail]})).await;
    assert_eq!(each(&answer["data"]["named"], "name"), [one], "{answer}");
    assert_eq!(each(&answer["data"]["mailed"], "name"), [other], "{answer}");
}

async fn creation(on: &Ayon) {
    let name = user(on, json!({})).await;
    let again = on.put(&path(&name), json!({})).await;
    super::refused(&again, 409, "User already exists");
    let other_case = on.put(&path(&name.to_uppercase()), json!({})).await;
    assert_eq!(
        (other_case.status, &other_case.body["code"]),
        (500, &json!(409)),
        "{}",
        other_case.body
    );
}

async fn user_names(on: &Ayon) {
    for wrong in [
        "_amigotest",
        "amigotest_",
        "amigotest@studio.example",
        "amigotest%20x",
        "amigot%C3%A9st",
    ] {
        let answer = on.put(&path(wrong), json!({})).await;
        assert_eq!(answer.status, 400, "{wrong}: {}", answer.body);
    }
}

async fn data_merges(on: &Ayon) {
    let name = user(on, json!({"own": 1, "nested": {"a": 1}})).await;
    let patch = json!({"data": {"own": null, "nested": {"b": 2}, "sg_user_id": 42}});
    on.patch(&path(&name), patch).await.is(204);
    let data = on.get(&path(&name)).await.is(200)["data"].clone();
    assert_eq!(
        (data.get("own"), &data["nested"], &data["sg_user_id"]),
        (None, &json!({"b": 2}), &json!(42)),
        "{data}"
    );
}

async fn flow_ids(on: &Ayon) {
    // Larger than the ids of any site's people.
    let (ours, nobodys) = (2_000_000_001, 2_000_000_002);
    let name = user(on, json!({"sg_user_id": ours})).await;
    assert_eq!(
        on.get(&path(&name)).await.is(200)["data"]["sg_user_id"],
        json!(ours)
    );
    let bundle = on
        .get("/api/settings?variant=production&summary=true")
        .await
        .is(200);
    let addons = bundle["addons"].as_array().unwrap();
    let addon = addons
        .iter()
        .find(|addon| addon["name"] == "shotgrid")
        .expect("the shotgrid addon is in the production bundle");
    let version = addon["version"].as_str().unwrap();
    let find = async |id: i64| {
        on.get(&format!(
            "/api/addons/shotgrid/{version}/get_ayon_name_by_sg_id/{id}"
        ))
        .await
        .is(200)
    };
    assert_eq!(find(ours).await, json!(name));
    assert_eq!(find(nobodys).await, Value::Null);
}

async fn assignees(on: &Ayon) {
    let place = on.place().await;
    let task = on.task("work", &place).await;
    let task = format!("tasks/{task}");
    for list in [
        json!(["ghost"]),
        json!(["bad name!"]),
        json!(["one", "other"]),
        json!([]),
    ] {
        on.patch(&task, json!({"assignees": list})).await.is(204);
        assert_eq!(on.get(&task).await.is(200)["assignees"], list);
    }
    let null = on.patch(&task, json!({"assignees": null})).await;
    assert_eq!(null.status, 409, "{}", null.body);
}

async fn one_question(on: &Ayon) {
    let name = user(on, json!({})).await;
    let query = "query($first: Int!, $after: String) {
        users(first: $first, after: $after) {
            edges { node { name active isAdmin isManager isService accessGroups attrib { fullName email } } }
            pageInfo { hasNextPage endCursor } }
        projects(first: 10000) { edges { node { name code active attrib { shotgridId } } } } }";
    let answer = on.graphql(query, json!({"first": 100_000, "after": null})).await;
    assert!(each(&answer["data"]["users"], "name").contains(&name), "{answer}");
    assert!(answer["data"]["projects"]["edges"].is_array(), "{answer}");
    assert_eq!(answer["data"]["users"]["pageInfo"]["hasNextPage"], json!(false));
}

async fn access_groups(on: &Ayon) {
    let groups = on.get("/api/accessGroups/_").await.is(200);
    let names: Vec<&str> = groups
        .as_array()
        .unwrap()
        .iter()
        .map(|group| group["name"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"artist"), "{groups}");
}

async fn access_merges(on: &Ayon) {
    let (one, other) = (on.project.clone(), own_name());
    on.post("/api/projects", json!({"name": other, "code": other}))
        .await
        .is(201);
    let name = user(on, json!({"accessGroups": {&one: ["artist"]}})).await;
    let give = async |project: &str, groups: Value| {
        let list = json!({"accessGroups": [{"project": project, "accessGroups": groups}]});
        on.patch(&format!("{}/accessGroups", path(&name)), list)
            .await
            .is(204);
        on.get(&path(&name)).await.is(200)["data"]["accessGroups"].clone()
    };
    let given = give(&one, json!(["artist", "supervisor"])).await;
    assert_eq!(given, json!({&one: ["artist", "supervisor"]}));
    let given = give(&other, json!(["artist"])).await;
    assert_eq!(given, json!({&one: ["artist", "supervisor"], &other: ["artist"]}));
    let given = give(&one, json!([])).await;
    assert!(given.get(&one).is_none(), "{given}");
}

async fn unknown_access(on: &Ayon) {
    let project = on.project.clone();
    let groups = json!({&project: ["artist", "amigotestghosts"], "amigotest_no_project": ["artist"]});
    let name = user(on, json!({"accessGroups": groups})).await;
    let given = on.get(&path(&name)).await.is(200)["data"]["accessGroups"].clone();
    assert_eq!(given, json!({&project: ["artist"]}));
}

async fn email_clash(on: &Ayon) {
    let (one, other) = (user(on, json!({})).await, user(on, json!({})).await);
    let mail = format!("{}@STUDIO.example", other.to_uppercase());
    let clash = on.patch(&path(&one), json!({"attrib": {"email": mail}})).await;
    super::refused(&clash, 409, "This email is already used by another user");
    // Making one is not checked, and who has it does not keep anything else from being changed.
    let twin = own_name();
    let body = json!({"attrib": {"email": format!("{one}@studio.example")}});
    on.put(&path(&twin), body).await.is(204);
    on.patch(&path(&twin), json!({"attrib": {"fullName": "Amigo Twin"}}))
        .await
        .is(204);
}

async fn active_and_level(on: &Ayon) {
    let name = user(on, json!({"sg_user_id": 2_000_000_003})).await;
    on.patch(&path(&name), json!({"active": false})).await.is(204);
    assert_eq!(on.get(&path(&name)).await.is(200)["active"], json!(false));
    on.patch(&path(&name), json!({"active": true, "data": {"isManager": true}}))
        .await
        .is(204);
    let shown = on.get(&path(&name)).await.is(200);
    assert_eq!(
        (&shown["active"], &shown["data"]["isManager"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(shown["data"]["sg_user_id"], json!(2_000_000_003));
    on.patch(
        &path(&name),
        json!({"data": {"isManager": null, "sg_user_id": null}}),
    )
    .await
    .is(204);
    let data = on.get(&path(&name)).await.is(200)["data"].clone();
    assert!(data.get("sg_user_id").is_none_or(Value::is_null), "{data}");
    assert_ne!(data.get("isManager"), Some(&json!(true)), "{data}");
}
