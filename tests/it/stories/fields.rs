//! What a row carries besides its name and place: status, tags, assignees, attributes, and how a studio decides.

use std::collections::BTreeSet;

use amigo::sandbox::controls::Fault;
use amigo::sandbox::studio::Studio;
use serde_json::{Value, json};

use crate::harness::{RunPage, Stage};

/// A Shot that AYON does not have, with every field filled.
const NEW: i64 = 1064;
const NEW_PATH: &str = "/ep01/hl_040/hl_040_0030";
/// Linked Shots: AYON has a user, a status, a frame and a tag of its own on one each.
const DRIFTED: [i64; 4] = [1037, 1038, 1039, 1040];

fn path_of(shot: i64) -> String {
    format!("/ep01/hl_010/hl_010_{:04}", (shot - 1030) * 10)
}

fn folder(stage: &Stage, path: &str) -> Value {
    stage
        .ayon
        .folder_by_path("harbor_lights", path)
        .unwrap_or_else(|| panic!("AYON has no {path}"))
}

/// What AYON calls a Flow status of the demonstration.
fn in_ayon(code: &Value) -> &'static str {
    match code.as_str().unwrap() {
        "wtg" => "Waiting to Start",
        "rdy" => "Ready to start",
        "ip" => "In progress",
        "fin" => "Final",
        "hld" => "On hold",
        other => panic!("{other} is not in the demonstration"),
    }
}

/// The AYON users that a Task's people are, its groups' members included.
fn users_of(task: &Value) -> BTreeSet<String> {
    let studio = Studio::demo();
    let assigned = task["task_assignees"].as_array().cloned().unwrap_or_default();
    let people = assigned.iter().flat_map(|link| {
        let id = link["id"].as_i64().unwrap();
        match link["type"].as_str().unwrap() {
            "Group" => {
                let group = studio.groups.iter().find(|group| group.id == id);
                group.map(|group| group.members.clone()).unwrap_or_default()
            }
            _ => vec![id],
        }
    });
    people
        .filter_map(|person| studio.user_of(person))
        .map(|user| user.name.clone())
        .collect()
}

fn texts(list: &Value) -> BTreeSet<String> {
    let list = list.as_array().cloned().unwrap_or_default();
    list.iter()
        .map(|text| text.as_str().unwrap().to_owned())
        .collect()
}

async fn planned<'s>(stage: &'s Stage, ids: &[i64], query: &str) -> RunPage<'s> {
    stage.right_click_with("Shot", ids, query).await.planned().await
}

/// What changes on an entity, field by field.
fn changes(run: &RunPage<'_>, path: &str) -> Value {
    run.operation(path)["changes"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_shot_and_its_tasks_arrive_with_everything() {
    let stage = Stage::open().await;
    // One Task of it is assigned to a person and to a group.
    let tasks = stage.tasks_of("Shot", NEW);
    let people = json!([{"type": "HumanUser", "id": 67}, {"type": "Group", "id": 3}]);
    assert!(stage.flow.set_field("Task", tasks[0], "task_assignees", people));
    let run = planned(&stage, &[NEW], "").await;
    run.apply().await.done().await;

    let shot = folder(&stage, NEW_PATH);
    let row = stage.row("Shot", NEW);
    assert_eq!(shot["status"], in_ayon(&row["sg_status_list"]));
    assert_eq!(texts(&shot["tags"]), BTreeSet::from(["hero".to_owned()]));
    for (attribute, field) in [
        ("frameStart", "sg_head_in"),
        ("frameEnd", "sg_tail_out"),
        ("clipIn", "sg_cut_in"),
        ("clipOut", "sg_cut_out"),
        ("fps", "sg_fps"),
    ] {
        assert!(row[field].is_number(), "{field}");
        assert_eq!(shot["attrib"][attribute], row[field], "{attribute}");
    }
    let made = stage.ayon.tasks("harbor_lights", NEW_PATH);
    assert_eq!(made.len(), tasks.len());
    for (task, id) in made.iter().zip(tasks) {
        let row = stage.row("Task", id);
        assert_eq!(task["status"], in_ayon(&row["sg_status_list"]), "{id}");
        assert_eq!(texts(&task["assignees"]), users_of(&row), "{id}");
        for (attribute, field) in [("startDate", "start_date"), ("endDate", "due_date")] {
            let day = task["attrib"][attribute].as_str().unwrap_or_default();
            assert!(day.starts_with(row[field].as_str().unwrap()), "{id}: {day}");
        }
    }
    assert_eq!(
        texts(&made[0]["assignees"]),
        ["u67", "hana.vries", "u68"].map(str::to_owned).into()
    );
    let written = stage.writes();
    let again = planned(&stage, &[NEW], "").await;
    assert_eq!(again.planned_paths(), [""; 0]);
    assert_eq!(again.press("apply", &[]).await.status(), 422);
    assert_eq!(stage.writes(), written);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_differs_follows_flow_and_what_flow_cannot_know_is_kept() {
    let stage = Stage::open().await;
    let told_by_addon = stage.ayon.events().len();
    let run = planned(&stage, &DRIFTED, "").await;
    assert_eq!(
        run.planned_paths(),
        [
            format!("update {}", path_of(1038)),
            format!("update {}", path_of(1039))
        ]
    );
    let status = in_ayon(&stage.row("Shot", 1038)["sg_status_list"]);
    assert_eq!(
        changes(&run, &path_of(1038)),
        json!([{"field": "status", "from": "Not ready", "to": status}])
    );
    assert_eq!(
        changes(&run, &path_of(1039)),
        json!([{"field": "frameStart", "from": 990, "to": 1001}])
    );
    run.apply().await.done().await;
    assert_eq!(folder(&stage, &path_of(1038))["status"], status);
    assert_eq!(folder(&stage, &path_of(1039))["attrib"]["frameStart"], 1001);
    assert!(texts(&folder(&stage, &path_of(1040))["tags"]).contains("for reel"));
    let tasks = stage.ayon.tasks("harbor_lights", &path_of(1037));
    let animation = tasks.iter().find(|task| task["name"] == "animation").unwrap();
    assert!(texts(&animation["assignees"]).contains("render.lead"));

    // The addon's services must see whose changes these are.
    let events = stage.ayon.events();
    let ours: Vec<&Value> = events[told_by_addon..]
        .iter()
        .filter(|event| event["topic"].as_str().unwrap().starts_with("entity.folder."))
        .collect();
    assert!(!ours.is_empty());
    for event in ours {
        assert_eq!(event["senderType"], "shotgrid", "{event}");
    }
    assert_eq!(planned(&stage, &DRIFTED, "").await.planned_paths(), [""; 0]);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_script_may_not_see_costs_only_what_hangs_on_it() {
    let stage = Stage::open().await;
    for kind in ["Group", "Tag"] {
        stage.flow.controls().add_fault(Fault {
            path: format!("/entity/{kind}/_search"),
            status: 400,
            times: 99,
            ..Fault::default()
        });
    }
    let task = stage.tasks_of("Shot", 1037)[0];
    let before = stage.ayon.tasks("harbor_lights", &path_of(1037));
    let people = json!([{"type": "Group", "id": 3}]);
    assert!(stage.flow.set_field("Task", task, "task_assignees", people));
    let run = planned(&stage, &DRIFTED, "").await;
    assert!(run.problems("warning").contains(&"assignee-group".to_owned()));
    run.apply().await.done().await;
    assert_eq!(folder(&stage, &path_of(1039))["attrib"]["frameStart"], 1001);
    // AYON's own tag and everybody at work stay.
    assert!(texts(&folder(&stage, &path_of(1040))["tags"]).contains("for reel"));
    let people =
        |tasks: &[Value]| -> Vec<Value> { tasks.iter().map(|task| task["assignees"].clone()).collect() };
    let after = stage.ayon.tasks("harbor_lights", &path_of(1037));
    assert_eq!(people(&after), people(&before));
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn switches_leave_out_what_they_name() {
    let stage = Stage::open().await;
    let run = planned(&stage, &DRIFTED, "?status=no").await;
    assert_eq!(run.planned_paths(), [format!("update {}", path_of(1039))]);
    let run = planned(&stage, &DRIFTED, "?attributes=no").await;
    assert_eq!(run.planned_paths(), [format!("update {}", path_of(1038))]);
    let none = "?status=no&tags=no&assignees=no&attributes=no";
    let run = planned(&stage, &DRIFTED, none).await;
    assert_eq!(run.planned_paths(), [""; 0]);

    let run = planned(&stage, &[NEW], none).await;
    assert_eq!(changes(&run, NEW_PATH), json!([]));
    run.apply().await.done().await;
    let shot = folder(&stage, NEW_PATH);
    assert_ne!(shot["status"], in_ayon(&stage.row("Shot", NEW)["sg_status_list"]));
    assert_eq!(texts(&shot["tags"]), BTreeSet::new());
    for task in stage.ayon.tasks("harbor_lights", NEW_PATH) {
        assert_eq!(texts(&task["assignees"]), BTreeSet::new());
        assert!(task["attrib"]["startDate"].is_null(), "{task}");
    }
    // The next sync brings what was left out.
    let run = planned(&stage, &[NEW], "?tags=no").await;
    let fields: Vec<Value> = changes(&run, NEW_PATH).as_array().cloned().unwrap();
    let has = |name: &str| fields.iter().any(|change| change["field"] == name);
    assert!(has("status") && has("clipIn") && !has("tags"), "{fields:?}");
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inherited_value_is_nobodys_own() {
    let stage = Stage::open().await;
    // The project has 25, and so has this Shot in Flow: nothing has to be written.
    assert_eq!(stage.row("Shot", 1033)["sg_fps"], 25.0);
    assert_eq!(planned(&stage, &[1033], "").await.planned_paths(), [""; 0]);
    stage.flow.set_field("Shot", 1033, "sg_fps", json!(30.0));
    let run = planned(&stage, &[1033], "").await;
    assert_eq!(
        changes(&run, &path_of(1033)),
        json!([{"field": "fps", "from": null, "to": 30.0}])
    );
    run.apply().await.done().await;
    stage.flow.set_field("Shot", 1033, "sg_fps", json!(25.0));
    let run = planned(&stage, &[1033], "").await;
    assert_eq!(
        changes(&run, &path_of(1033)),
        json!([{"field": "fps", "from": 30.0, "to": 25.0}])
    );
    stage.nothing_else_was_sent().await;

    let repeating = Stage::set(|setting| {
        setting
            .amigo
            .insert("AMIGO_SYNC_REPEAT_INHERITED", "true".to_owned());
    })
    .await;
    // So do the first frame, and every other value that is the project's.
    let run = planned(&repeating, &[1033], "").await;
    assert_eq!(
        changes(&run, &path_of(1033)),
        json!([
            {"field": "fps", "from": null, "to": 25.0},
            {"field": "frameStart", "from": null, "to": 1001}
        ])
    );
    repeating.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_field_clears_only_where_a_studio_wants_it() {
    for (clear, expected) in [(false, json!(990)), (true, json!(1001))] {
        let stage = Stage::set(|setting| {
            setting.amigo.insert("AMIGO_SYNC_CLEAR_EMPTY", clear.to_string());
        })
        .await;
        let inherited = folder(&stage, "/ep01/hl_010")["attrib"]["frameStart"].clone();
        stage.flow.set_field("Shot", 1039, "sg_head_in", Value::Null);
        let run = planned(&stage, &[1039], "").await;
        if clear {
            assert_eq!(
                changes(&run, &path_of(1039)),
                json!([{"field": "frameStart", "from": 990, "to": null}])
            );
            run.apply().await.done().await;
        } else {
            assert_eq!(run.planned_paths(), [""; 0]);
        }
        let shown = folder(&stage, &path_of(1039))["attrib"]["frameStart"].clone();
        assert_eq!(shown, expected);
        assert!(!clear || shown == inherited, "it shows what is above it again");
        stage.nothing_else_was_sent().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_status_is_made_warned_about_or_left_alone() {
    let with = async |variables: &[(&'static str, &str)]| {
        let stage = Stage::set(|setting| {
            for (name, value) in variables {
                setting.amigo.insert(name, (*value).to_owned());
            }
        })
        .await;
        stage.flow.set_field("Shot", NEW, "sg_status_list", json!("clsd"));
        stage
    };
    let statuses = |stage: &Stage| -> Vec<String> {
        let projects = stage.ayon.projects();
        let project = projects.iter().find(|project| project["name"] == "harbor_lights");
        let statuses = project.unwrap()["statuses"].as_array().unwrap().clone();
        let named = |status: &Value| status["name"].as_str().unwrap().to_owned();
        statuses.iter().map(named).collect()
    };

    let stage = with(&[]).await;
    let before = statuses(&stage);
    let run = planned(&stage, &[NEW], "?tasks=no").await;
    let status = run.operation("status");
    assert_eq!(
        (&status["on"], &status["changes"][0]["to"]),
        (&json!("anatomy"), &json!("Closed"))
    );
    run.apply().await.done().await;
    assert_eq!(folder(&stage, NEW_PATH)["status"], "Closed");
    let after = statuses(&stage);
    assert_eq!(after, [before, vec!["Closed".to_owned()]].concat(), "at the end");
    stage.nothing_else_was_sent().await;

    for (variable, value, severity) in [
        ("AMIGO_SYNC_UNKNOWN_STATUSES", "warn", "warning"),
        ("AMIGO_SYNC_NEVER_CREATE_STATUSES", "clsd", "info"),
    ] {
        let stage = with(&[(variable, value)]).await;
        let before = statuses(&stage);
        let run = planned(&stage, &[NEW], "?tasks=no").await;
        let problems = run.problems(severity);
        assert!(
            problems.contains(&"status-unknown".to_owned()),
            "{variable}: {problems:?}"
        );
        run.apply().await.done().await;
        assert_eq!(statuses(&stage), before, "{variable}");
        assert!(stage.row("Shot", NEW)["sg_ayon_id"].is_string());
        stage.nothing_else_was_sent().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_and_labels_are_as_a_studio_wants_them() {
    let stage = Stage::set(|setting| {
        setting
            .amigo
            .insert("AMIGO_SYNC_EXPAND_GROUPS", "false".to_owned());
        setting
            .amigo
            .insert("AMIGO_SYNC_LABEL_REPLACEMENT", "-".to_owned());
    })
    .await;
    let task = stage.tasks_of("Shot", 1051)[0];
    let people = json!([{"type": "HumanUser", "id": 67}, {"type": "Group", "id": 3}]);
    assert!(stage.flow.set_field("Task", task, "task_assignees", people));
    let run = stage.right_click("Shot", &[1051]).await.planned().await;
    assert_eq!(run.blocked(), [""; 0]);
    assert_eq!(run.problems("warning"), ["assignee-group"]);
    run.apply().await.done().await;
    let made = stage.row("Shot", 1051)["sg_ayon_id"].clone();
    let paths = stage.ayon.paths("harbor_lights");
    let path = paths
        .iter()
        .find(|path| folder(&stage, path)["id"] == made)
        .unwrap();
    assert_eq!(folder(&stage, path)["label"], "it-s");
    let tasks = stage.ayon.tasks("harbor_lights", path);
    assert_eq!(tasks[0]["assignees"], json!(["u67"]));
    stage.nothing_else_was_sent().await;
}
