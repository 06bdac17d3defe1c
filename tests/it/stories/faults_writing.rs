//! A moment's trouble at each write of a run: the run ends, its report is true, nothing is made twice, and the next
//! sync has nothing left to do or finishes the rest.

use amigo::sandbox::controls::{Controls, Fault, FaultBody};
use serde_json::{Value, json};

use crate::harness::{HARBOR, RunPage, Stage, impatient, moments, once};

/// A deadlock as AYON tells it, of the whole request and of the row `row` alone.
pub(super) fn deadlocks(path: &str) -> Vec<(&'static str, Fault)> {
    let lost = |body, status, row| Fault {
        detail: Some("Deadlock detected while writing".to_owned()),
        row,
        ..once(path, body, status)
    };
    vec![
        ("a deadlock", lost(FaultBody::Json, 409, 0)),
        ("a deadlock of one row", lost(FaultBody::Row, 409, 0)),
    ]
}

/// Trouble with the system's own error after the write was carried out.
fn crashed(path: &str) -> (&'static str, Fault) {
    let fault = Fault {
        applied: true,
        ..once(path, FaultBody::Json, 500)
    };
    ("a crash, done", fault)
}

/// Arms a fault for requests of a method, behind `after` others.
pub(super) fn arm(controls: &Controls, fault: Fault, method: &str, after: u32) {
    controls.add_fault(Fault {
        method: Some(method.to_owned()),
        after,
        ..fault
    });
}

/// The fault struck, and what it kept silent about is over.
pub(super) async fn is_over(stage: &Stage, controls: &Controls, name: &str, what: &str) {
    assert_eq!(controls.struck(), 1, "{what}");
    if name.starts_with("silence") {
        stage.silence_is_over(controls, 1).await;
    }
    controls.clear_faults();
}

/// Everything that was wanted was done.
pub(super) fn is_whole(run: &RunPage<'_>, what: &str) {
    let undone = run.ended("failed") + run.ended("skipped");
    assert_eq!(undone, 0, "{what}: {}", run.data["report"]);
    assert!(run.ended("done") > 0, "{what}");
}

/// A new Shot with a Task of a new step in a project that AYON has.
struct New {
    shot: i64,
    task: i64,
    path: String,
}

fn new_shot(stage: &Stage, number: usize) -> New {
    let like = stage.row("Shot", 1043);
    let link = |kind: &str, id: i64| json!({"type": kind, "id": id});
    let name = format!("hl_020_{:04}", 5000 + number);
    let create = |kind: &str, fields: Value| stage.flow.create(kind, fields).unwrap();
    let shot = create(
        "Shot",
        json!({"code": name, "project": link("Project", HARBOR), "sg_sequence": like["sg_sequence"]}),
    );
    let step = create(
        "Step",
        json!({"code": format!("Step {number}"), "short_name": format!("S{number}"), "entity_type": "Shot"}),
    );
    let task = create(
        "Task",
        json!({"content": "work", "project": link("Project", HARBOR), "entity": link("Shot", shot),
            "step": link("Step", step)}),
    );
    New {
        shot,
        task,
        path: format!("/ep01/hl_020/{name}"),
    }
}

/// Both sides hold the new Shot and its Task once, and say so of each other.
async fn is_synced_once(stage: &Stage, new: &New, folders: usize, what: &str) {
    assert_eq!(stage.ayon.paths("harbor_lights").len(), folders, "{what}");
    let folder = stage
        .ayon
        .folder_by_path("harbor_lights", &new.path)
        .unwrap_or_else(|| panic!("{what}: AYON has no {}", new.path));
    let tasks = stage.ayon.tasks("harbor_lights", &new.path);
    assert_eq!(tasks.len(), 1, "{what}");
    for (kind, id, partner) in [("Shot", new.shot, &folder), ("Task", new.task, &tasks[0])] {
        let row = stage.row(kind, id);
        assert_eq!(row["sg_ayon_id"], partner["id"], "{what}: {kind}");
        assert_eq!(row["sg_ayon_sync_status"], "Synced", "{what}: {kind}");
    }
    let again = stage.right_click("Shot", &[new.shot]).await.planned().await;
    assert_eq!(again.planned_paths(), [""; 0], "{what}");
}

/// Syncs one new Shot after the other, with one trouble after the other at the write of this address.
async fn is_written_once(
    system: &str,
    method: &str,
    path: &str,
    after: u32,
    more: Vec<(&'static str, Fault)>,
) {
    let stage = Stage::set(impatient).await;
    let controls = match system {
        "flow" => stage.flow.controls(),
        _ => stage.ayon.controls(),
    };
    let troubles = moments(path).into_iter().chain([crashed(path)]).chain(more);
    for (number, (name, fault)) in troubles.enumerate() {
        let what = format!("{path}: {name}");
        let new = new_shot(&stage, number);
        let folders = stage.ayon.paths("harbor_lights").len();
        stage.forget_requests();
        let run = stage.right_click("Shot", &[new.shot]).await.planned().await;
        assert_eq!(run.operation(&new.path)["kind"], "create", "{what}");
        arm(controls, fault, method, after);
        let run = run.apply().await.done().await;
        is_whole(&run, &what);
        is_over(&stage, controls, name, &what).await;
        is_synced_once(&stage, &new, folders + 1, &what).await;
    }
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn types_are_added_once() {
    let path = "/api/projects/harbor_lights";
    is_written_once("ayon", "PATCH", path, 0, vec![deadlocks(path).remove(0)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_are_made_once() {
    let path = "/operations";
    is_written_once("ayon", "POST", path, 0, deadlocks(path)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_are_made_once() {
    let path = "/operations";
    is_written_once("ayon", "POST", path, 1, deadlocks(path)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn flow_is_told_whatever_happens_to_the_batch() {
    let path = "/entity/_batch";
    let token = ("an ended token", once(path, FaultBody::Json, 401));
    is_written_once("flow", "POST", path, 0, vec![token]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_is_known_by_its_values() {
    let stage = Stage::set(impatient).await;
    let controls = stage.ayon.controls();
    let path = "/operations";
    for (name, fault) in moments(path).into_iter().chain(deadlocks(path)) {
        let label = format!("Renamed for {name}");
        assert!(stage.flow.set_field("Shot", 1031, "code", label.clone().into()));
        stage.forget_requests();
        let run = stage.right_click("Shot", &[1031]).await.planned().await;
        arm(controls, fault, "POST", 0);
        let run = run.apply().await.done().await;
        is_whole(&run, name);
        is_over(&stage, controls, name, name).await;
        let state = stage
            .ayon
            .folder_by_path("harbor_lights", "/ep01/hl_010/hl_010_0010");
        assert_eq!(state.unwrap()["label"], label, "{name}");
        // The folder's own name is offered only.
        let again = stage.right_click("Shot", &[1031]).await.planned().await;
        assert_eq!(again.ticked_paths(), [""; 0], "{name}");
    }
    stage.nothing_else_was_sent().await;
}

/// A project that only Flow has, with one Shot.
fn new_project(stage: &Stage, number: usize) -> (i64, i64, String) {
    let name = format!("fault_{number:02}");
    let fields = json!({"name": name, "code": format!("f{number:02}"), "sg_status": "Active", "archived": false,
        "is_template": false, "is_demo": false,
        "tracking_settings": stage.row("Project", HARBOR)["tracking_settings"]});
    let project = stage.flow.create("Project", fields).unwrap();
    let link = json!({"type": "Project", "id": project});
    let shot = json!({"code": "sh010", "project": link});
    let shot = stage.flow.create("Shot", shot).unwrap();
    (project, shot, name)
}

/// Makes one project after the other, with one trouble after the other at the write of this kind.
async fn projects_are_made(method: &str) {
    let stage = Stage::set(impatient).await;
    let controls = stage.ayon.controls();
    let path = "/api/projects";
    let troubles = moments(path).into_iter().chain([crashed(path)]);
    for (number, (name, fault)) in troubles.enumerate() {
        let what = format!("{method}: {name}");
        let (project, shot, ayon) = new_project(&stage, number);
        let before = stage.ayon.projects().len();
        stage.forget_requests();
        let run = stage.right_click("Shot", &[shot]).await.planned().await;
        arm(controls, fault, method, 0);
        let run = run.apply().await.done().await;
        is_whole(&run, &what);
        is_over(&stage, controls, name, &what).await;
        let projects = stage.ayon.projects();
        assert_eq!(projects.len(), before + 1, "{what}");
        let made = projects.iter().find(|one| one["name"] == ayon.as_str()).unwrap();
        assert_eq!(made["attrib"]["shotgridId"], project.to_string(), "{what}");
        assert_eq!(stage.row("Project", project)["sg_ayon_id"], ayon, "{what}");
        assert_eq!(stage.ayon.paths(&ayon), ["/sh010"], "{what}");
        let again = stage.right_click("Shot", &[shot]).await.planned().await;
        assert_eq!(again.planned_paths(), [""; 0], "{what}");
    }
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_is_made_once() {
    projects_are_made("POST").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_is_linked_once() {
    projects_are_made("PATCH").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_field_is_never_made_twice() {
    let path = "/schema/Shot/fields";
    for (name, fault) in moments(path).into_iter().chain([crashed(path)]) {
        let stage = Stage::set(|setting| {
            impatient(setting);
            setting.flow.ayon_fields = false;
        })
        .await;
        let run = stage.right_click("Shot", &[1062]).await.planned().await;
        let controls = stage.flow.controls();
        arm(controls, fault, "POST", 0);
        let run = run.apply().await.done().await;
        assert_eq!(controls.struck(), 1, "{name}");
        let field = |stage: &Stage| stage.row("Shot", 1062).get("sg_ayon_id").is_some();
        // Where nobody can know whether Flow will make it after all, it is not asked again.
        let first = "Shot.sg_ayon_id";
        match run.outcome(first) {
            "done" => {
                assert!(field(&stage), "{name}");
                is_whole(&run, name);
            }
            outcome => {
                assert_eq!(outcome, "failed", "{name}");
                let message = run.message(first);
                assert!(message.contains("shows the next sync"), "{name}: {message}");
                assert!(!field(&stage) || name == "silence, done in the end", "{name}");
                let wishes = [
                    "a bad gateway",
                    "unavailable",
                    "a gateway that waited",
                    "dropped",
                    "silence",
                ];
                let late = name == "silence, done in the end";
                assert!(wishes.contains(&name) || late, "{name}: {message}");
            }
        }
        is_over(&stage, controls, name, name).await;
        let run = stage.right_click("Shot", &[1062]).await.planned().await;
        if !run.planned_paths().is_empty() {
            is_whole(&run.apply().await.done().await, name);
        }
        let row = stage.row("Shot", 1062);
        assert_eq!(row["sg_ayon_sync_status"], "Synced", "{name}");
        let twins: Vec<&String> = row
            .as_object()
            .unwrap()
            .keys()
            .filter(|field| field.ends_with("_1"))
            .collect();
        assert!(twins.is_empty(), "{name}: {twins:?}");
        let again = stage.right_click("Shot", &[1062]).await.planned().await;
        assert_eq!(again.planned_paths(), [""; 0], "{name}");
        stage.nothing_else_was_sent().await;
    }
}

/// What the report says of each row is what both sides hold.
fn tells_the_truth(stage: &Stage, run: &RunPage<'_>, new: &New, what: &str) {
    let folder = stage.ayon.folder_by_path("harbor_lights", &new.path);
    let task = stage.ayon.tasks("harbor_lights", &new.path).pop();
    let rows = [
        ("Shot", new.shot, new.path.clone(), folder),
        ("Task", new.task, format!("{}/work", new.path), task),
    ];
    for (kind, id, path, partner) in rows {
        let told = stage.row(kind, id)["sg_ayon_sync_status"] == "Synced";
        let (outcome, message) = (run.outcome(&path), run.message(&path));
        let what = format!("{what}: {path} {outcome}: {message}");
        match outcome {
            "done" => assert!(partner.is_some() && told, "{what}"),
            "failed" if message.starts_with("AYON has it") => assert!(partner.is_some() && !told, "{what}"),
            "failed" => assert!(partner.is_none() && !told, "{what}"),
            "skipped" => assert!(partner.is_none() && !told && !message.is_empty(), "{what}"),
            _ => panic!("{what}"),
        }
    }
}

/// Trouble that stays: the run ends, tells the truth, and the next sync finishes what is left.
#[tokio::test(flavor = "multi_thread")]
async fn trouble_that_stays_is_told_and_healed_by_the_next_sync() {
    let stage = Stage::open().await;
    let writes = [
        ("ayon", "/api/projects/harbor_lights", 0),
        ("ayon", "/operations", 0),
        ("ayon", "/operations", 1),
        ("flow", "/entity/_batch", 0),
    ];
    let kinds = [
        (FaultBody::Html, 502, false),
        (FaultBody::Json, 503, true),
        (FaultBody::Json, 500, false),
        (FaultBody::Json, 429, false),
        (FaultBody::Json, 401, false),
        (FaultBody::Json, 403, false),
        (FaultBody::Reset, 0, false),
        (FaultBody::Reset, 0, true),
        (FaultBody::Truncated, 200, false),
    ];
    let cases = writes
        .iter()
        .flat_map(|write| kinds.iter().map(move |kind| (write, kind)));
    for (number, ((system, path, after), (body, status, applied))) in cases.enumerate() {
        let what = format!("{path} behind {after}: {body:?} {status}, done: {applied}");
        let new = new_shot(&stage, number);
        let folders = stage.ayon.paths("harbor_lights").len();
        let run = stage.right_click("Shot", &[new.shot]).await.planned().await;
        let controls = match *system {
            "flow" => stage.flow.controls(),
            _ => stage.ayon.controls(),
        };
        let fault = Fault {
            times: u32::MAX,
            applied: *applied,
            ..once(path, *body, *status)
        };
        let method = if path.contains("harbor") { "PATCH" } else { "POST" };
        arm(controls, fault, method, *after);
        let run = run.apply().await.done().await;
        assert!(controls.struck() > 0, "{what}");
        tells_the_truth(&stage, &run, &new, &what);
        controls.clear_faults();

        let rest = stage.right_click("Shot", &[new.shot]).await.planned().await;
        if !rest.planned_paths().is_empty() {
            is_whole(&rest.apply().await.done().await, &what);
        }
        is_synced_once(&stage, &new, folders + 1, &what).await;
    }
    stage.nothing_else_was_sent().await;
}
