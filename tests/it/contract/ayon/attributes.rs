//! Attributes: whose value is seen, and what a value becomes.

use serde_json::{Value, json};

use super::{Ayon, hold, nodes};
use crate::contract::statement::{Statement, statements};

const STATEMENTS: &[Statement<Ayon>] = statements![
    "ayon-api.md §13.15 folders and tasks inherit down the tree, and ownAttrib names what is their own" => inheritance,
    "ayon-api.md §13.15 null removes an own value, and the inherited one shows again" => null_removes,
    "ayon-api.md §3.3 a value equal to the inherited one is still an own one" => equal_is_own,
    "ayon-api.md §3.3 a moved folder inherits from where it is" => moved_folders_inherit_anew,
    "ayon-api.md §2.3 attributes of the project merge, and its folders inherit them" => project_attributes,
    "ayon-api.md §3.2 shotgridId and shotgridType exist on folders, tasks and the project, and are not inherited" => links_are_not_inherited,
    "ayon-api.md §13.16 numbers in texts, fractions and switches become what the attribute holds" => coercions,
    "ayon-api.md §13.16 what cannot be coerced is a 400 and changes nothing" => wrong_values,
    "ayon-api.md §13.16 a date without a time is refused, a date with one is kept" => dates,
    "ayon-api.md §13.16 ranges and lists of choices are not checked" => unchecked_values,
    "ayon-api.md §13.15 an unknown attribute, or one of another scope, is dropped without a word" => unknown_attributes,
    "ayon-api.md §3.2 GraphQL tells which attributes are live" => live_attributes,
];

#[tokio::test]
async fn attributes_of_ayon() {
    hold(STATEMENTS).await;
}

/// A folder's or task's own attributes, sorted.
fn own(seen: &Value) -> Vec<String> {
    let mut names: Vec<String> = serde_json::from_value(seen["ownAttrib"].clone()).unwrap();
    names.sort();
    names
}

async fn set(on: &Ayon, folder: &str, attrib: Value) {
    on.change(folder, json!({"attrib": attrib})).await.is(204);
}

async fn inheritance(on: &Ayon) {
    let place = on.place().await;
    let folder = on.folder("below", Some(&place)).await;
    let task = on.task("work", &folder).await;
    set(on, &place, json!({"fps": 23.976, "frameStart": 991})).await;
    set(on, &folder, json!({"frameStart": 1001})).await;

    let (above, below, work) = (
        on.see(&place).await,
        on.see(&folder).await,
        on.see_task(&task).await,
    );
    assert_eq!(own(&above), ["fps", "frameStart"]);
    assert_eq!(own(&below), ["frameStart"]);
    assert_eq!(
        (&below["attrib"]["fps"], &below["attrib"]["frameStart"]),
        (&json!(23.976), &json!(1001))
    );
    assert!(own(&work).is_empty());
    assert_eq!(
        (&work["attrib"]["fps"], &work["attrib"]["frameStart"]),
        (&json!(23.976), &json!(1001))
    );
}

async fn null_removes(on: &Ayon) {
    let place = on.place().await;
    let folder = on.folder("below", Some(&place)).await;
    set(on, &place, json!({"frameEnd": 1100})).await;
    set(on, &folder, json!({"frameEnd": 1200})).await;
    set(on, &folder, json!({"frameEnd": null})).await;
    let seen = on.see(&folder).await;
    assert_eq!((own(&seen), &seen["attrib"]["frameEnd"]), (vec![], &json!(1100)));
}

async fn equal_is_own(on: &Ayon) {
    let place = on.place().await;
    let folder = on.folder("below", Some(&place)).await;
    set(on, &place, json!({"fps": 30.0})).await;
    set(on, &folder, json!({"fps": 30.0})).await;
    assert_eq!(own(&on.see(&folder).await), ["fps"]);
}

async fn moved_folders_inherit_anew(on: &Ayon) {
    let (from, to) = (on.place().await, on.place().await);
    set(on, &from, json!({"clipIn": 1})).await;
    set(on, &to, json!({"clipIn": 2})).await;
    let folder = on.folder("mover", Some(&from)).await;
    assert_eq!(on.see(&folder).await["attrib"]["clipIn"], json!(1));
    on.change(&folder, json!({"parentId": to})).await.is(204);
    assert_eq!(on.see(&folder).await["attrib"]["clipIn"], json!(2));
}

async fn project_attributes(on: &Ayon) {
    on.patch("", json!({"attrib": {"handleStart": 7, "shotgridId": "7"}}))
        .await
        .is(204);
    on.patch("", json!({"attrib": {"handleEnd": 8, "nothing": 1}}))
        .await
        .is(204);
    let seen = on.get("").await.is(200);
    assert_eq!(
        (
            &seen["attrib"]["handleStart"],
            &seen["attrib"]["handleEnd"],
            &seen["attrib"]["shotgridId"]
        ),
        (&json!(7), &json!(8), &json!("7"))
    );
    let wrong = on.patch("", json!({"attrib": {"handleStart": "x"}})).await;
    assert_eq!(wrong.status, 400, "{}", wrong.body);
    let place = on.place().await;
    let seen = on.see(&place).await;
    assert_eq!(seen["attrib"]["handleStart"], json!(7));
    assert!(
        seen["attrib"]["shotgridId"].is_null() && own(&seen).is_empty(),
        "{seen}"
    );
}

async fn links_are_not_inherited(on: &Ayon) {
    let place = on.place().await;
    set(
        on,
        &place,
        json!({"shotgridId": "777", "shotgridType": "Sequence"}),
    )
    .await;
    let folder = on.folder("below", Some(&place)).await;
    let task = on.task("work", &place).await;
    assert_eq!(own(&on.see(&place).await), ["shotgridId", "shotgridType"]);
    assert!(on.see(&folder).await["attrib"]["shotgridId"].is_null());
    assert!(on.see_task(&task).await["attrib"]["shotgridId"].is_null());
    let seen = on
        .ask(&format!(
            "folders(ids: [\"{folder}\"]) {{ edges {{ node {{ attrib {{ shotgridId shotgridType }} }} }} }}
             tasks(ids: [\"{task}\"]) {{ edges {{ node {{ attrib {{ shotgridId shotgridType }} }} }} }}"
        ))
        .await;
    let nothing = json!({"attrib": {"shotgridId": null, "shotgridType": null}});
    assert_eq!(nodes(&seen["folders"]), [&nothing]);
    assert_eq!(nodes(&seen["tasks"]), [&nothing]);
    on.patch(
        &format!("tasks/{task}"),
        json!({"attrib": {"shotgridId": "5", "shotgridType": "Task"}}),
    )
    .await
    .is(204);
    assert_eq!(own(&on.see_task(&task).await), ["shotgridId", "shotgridType"]);
}

async fn coercions(on: &Ayon) {
    let place = on.place().await;
    for (attribute, sent, kept) in [
        ("frameStart", json!("1001"), json!(1001)),
        ("frameStart", json!(1001.7), json!(1001)),
        ("frameStart", json!(true), json!(1)),
        ("frameStart", json!(0), json!(0)),
        ("fps", json!("23.976"), json!(23.976)),
        ("fps", json!(24), json!(24.0)),
        ("description", json!(12), json!("12")),
        ("description", json!(1.5), json!("1.5")),
        ("shotgridId", json!(55), json!("55")),
    ] {
        set(on, &place, json!({attribute: sent})).await;
        assert_eq!(
            on.see(&place).await["attrib"][attribute],
            kept,
            "{attribute} {sent}"
        );
    }
}

async fn wrong_values(on: &Ayon) {
    let place = on.place().await;
    for wrong in [
        json!({"frameStart": "x"}),
        json!({"fps": "fast"}),
        json!({"description": ["a"]}),
    ] {
        let answer = on
            .change(&place, json!({"label": "changed", "attrib": wrong}))
            .await;
        assert_eq!(answer.status, 400, "{wrong}: {}", answer.body);
    }
    let seen = on.see(&place).await;
    assert!(seen.get("label").is_none() && own(&seen).is_empty(), "{seen}");
}

async fn dates(on: &Ayon) {
    let place = on.place().await;
    for wrong in ["2024-01-02", "", "hello"] {
        let answer = on.change(&place, json!({"attrib": {"startDate": wrong}})).await;
        assert_eq!(answer.status, 400, "{wrong:?}: {}", answer.body);
    }
    for (sent, kept) in [
        ("2024-01-02T00:00:00", "2024-01-02T00:00:00"),
        ("2024-01-02T00:00:00Z", "2024-01-02T00:00:00+00:00"),
        ("2024-01-02T10:00:00+02:00", "2024-01-02T10:00:00+02:00"),
    ] {
        set(on, &place, json!({"startDate": sent})).await;
        let seen = on.see(&place).await["attrib"]["startDate"]
            .as_str()
            .unwrap()
            .to_owned();
        // Both spellings of UTC are one moment; which one a server writes is its own affair.
        assert_eq!(seen.replace('Z', "+00:00"), kept, "{sent}");
    }
}

async fn unchecked_values(on: &Ayon) {
    let place = on.place().await;
    set(on, &place, json!({"fps": -1.0, "priority": "not a choice"})).await;
    let attrib = on.see(&place).await["attrib"].clone();
    assert_eq!(
        (&attrib["fps"], &attrib["priority"]),
        (&json!(-1.0), &json!("not a choice"))
    );
}

async fn unknown_attributes(on: &Ayon) {
    let place = on.place().await;
    let body = json!({"name": "extra", "parentId": place,
        "attrib": {"amigotestNothing": 1, "fullName": "x", "fps": 24.0}});
    let folder = on.folder_with(body).await;
    let seen = on.see(&folder).await;
    assert_eq!(own(&seen), ["fps"]);
    assert!(seen["attrib"].get("amigotestNothing").is_none(), "{seen}");
    set(on, &folder, json!({"amigotestNothing": 2})).await;
    assert_eq!(own(&on.see(&folder).await), ["fps"]);
}

async fn live_attributes(on: &Ayon) {
    let query = "{ folder: __type(name: \"FolderAttribType\") { fields { name } }
        task: __type(name: \"TaskAttribType\") { fields { name } } }";
    let answer = on.graphql(query, json!({})).await;
    for scope in ["folder", "task"] {
        let fields = answer["data"][scope]["fields"].as_array().unwrap();
        for name in ["shotgridId", "shotgridType", "fps"] {
            assert!(fields.contains(&json!({"name": name})), "{scope} {name}");
        }
        assert!(!fields.contains(&json!({"name": "amigotestNothing"})));
    }
}
