//! A moment's trouble at the writes that are rarer than a new Shot: what a project gains, and what somebody ticks by
//! hand. Each happens once, whatever AYON answered.

use amigo::sandbox::controls::Fault;
use serde_json::{Value, json};

use super::faults_writing::{arm, deadlocks, is_over, is_whole};
use crate::harness::{HARBOR, Stage, impatient, moments};

/// A Shot of `hl_010` that AYON has, without published versions.
const SHOT: i64 = 1033;
const PATH: &str = "/ep01/hl_010/hl_010_0030";
/// A Shot that AYON does not have.
const NEW: i64 = 1064;
const NEW_PATH: &str = "/ep01/hl_040/hl_040_0030";

/// Something to write.
struct Deed {
    /// Changes Flow such that it has to be written.
    because: fn(&Stage),
    /// Type, id and options of the selection.
    of: (&'static str, i64, &'static str),
    /// What is ticked by hand.
    ticked: Option<&'static str>,
    /// How many writes come before it.
    after: u32,
    /// Whether AYON holds it, once.
    is_there: fn(&Stage) -> bool,
}

/// Of each sort one: not done, done and not told, silently done, lost to another writer.
fn troubles(path: &str) -> Vec<(&'static str, Fault)> {
    let mut troubles: Vec<(&'static str, Fault)> = moments(path).into_iter().chain(deadlocks(path)).collect();
    // A project is one row.
    let deadlock = match path {
        "/operations" => "a deadlock of one row",
        _ => "a deadlock",
    };
    let names = ["a bad gateway", "dropped, done", "silence, done", deadlock];
    troubles.retain(|(name, _)| names.contains(name));
    assert_eq!(troubles.len(), names.len());
    troubles
}

async fn is_done_once(method: &str, path: &str, deed: Deed) {
    let (kind, id, options) = deed.of;
    for (name, fault) in troubles(path) {
        let what = format!("{path}: {name}");
        let stage = Stage::set(impatient).await;
        (deed.because)(&stage);
        assert!(!(deed.is_there)(&stage), "{what}");
        let controls = stage.ayon.controls();
        let mut run = stage.right_click_with(kind, &[id], options).await.planned().await;
        if let Some(ticked) = deed.ticked {
            assert_eq!(run.operation(ticked)["ticked"], false, "{what}");
            run = run.tick(ticked);
        }
        arm(controls, fault, method, deed.after);
        let run = run.apply().await.done().await;
        is_whole(&run, &what);
        if let Some(ticked) = deed.ticked {
            assert_eq!(run.outcome(ticked), "done", "{what}");
        }
        is_over(&stage, controls, name, &what).await;
        assert!((deed.is_there)(&stage), "{what}");
        let again = stage.right_click_with(kind, &[id], options).await.planned().await;
        assert_eq!(again.planned_paths(), [""; 0], "{what}");
        stage.nothing_else_was_sent().await;
    }
}

fn project(stage: &Stage) -> Value {
    let mut projects = stage.ayon.projects().into_iter();
    projects.find(|one| one["name"] == "harbor_lights").unwrap()
}

/// How often one of the project's lists names something, in whatever case.
fn named(stage: &Stage, list: &str, name: &str) -> usize {
    let project = project(stage);
    let list = project[list].as_array().unwrap().iter();
    list.filter(|one| one["name"].as_str().unwrap().eq_ignore_ascii_case(name))
        .count()
}

fn folder(stage: &Stage, path: &str) -> Value {
    let folder = stage.ayon.folder_by_path("harbor_lights", path);
    folder.unwrap_or(Value::Null)
}

/// What has to be done to `SHOT`, ticked by hand, as one of the writes to its rows.
fn by_hand(because: fn(&Stage), ticked: &'static str, is_there: fn(&Stage) -> bool) -> Deed {
    Deed {
        because,
        of: ("Shot", SHOT, ""),
        ticked: Some(ticked),
        after: 0,
        is_there,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_is_added_once() {
    let deed = Deed {
        because: |stage| {
            assert!(stage.flow.set_field("Shot", NEW, "sg_status_list", json!("clsd")));
        },
        of: ("Shot", NEW, "?tasks=no"),
        ticked: None,
        after: 0,
        is_there: |stage| {
            named(stage, "statuses", "Closed") == 1 && folder(stage, NEW_PATH)["status"] == "Closed"
        },
    };
    is_done_once("PATCH", "/api/projects/harbor_lights", deed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_is_added_once() {
    let deed = Deed {
        because: |stage| {
            let tags = json!([{"type": "Tag", "id": 2}]);
            assert!(stage.flow.set_field("Project", HARBOR, "tags", tags));
        },
        of: ("Project", HARBOR, "?descendants=no&tasks=no&attributes=no"),
        ticked: None,
        after: 0,
        is_there: |stage| named(stage, "tags", "reuse") == 1,
    };
    is_done_once("PATCH", "/api/projects/harbor_lights", deed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attributes_of_a_project_are_written() {
    let deed = Deed {
        because: |stage| {
            let words = json!("What became of the lighthouse");
            assert!(stage.flow.set_field("Project", HARBOR, "sg_description", words));
        },
        of: ("Project", HARBOR, "?descendants=no&tasks=no&tags=no"),
        ticked: None,
        after: 0,
        is_there: |stage| project(stage)["attrib"]["description"] == "What became of the lighthouse",
    };
    is_done_once("PATCH", "/api/projects/harbor_lights", deed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_moved_once() {
    let elsewhere = |stage: &Stage| {
        let sequence = json!({"type": "Sequence", "id": 31});
        assert!(stage.flow.set_field("Shot", SHOT, "sg_sequence", sequence));
    };
    let deed = by_hand(elsewhere, "/ep01/hl_020/hl_010_0030", |stage| {
        !folder(stage, "/ep01/hl_020/hl_010_0030").is_null() && folder(stage, PATH).is_null()
    });
    is_done_once("POST", "/operations", deed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_renamed_once() {
    let called_otherwise = |stage: &Stage| {
        assert!(stage.flow.set_field("Shot", SHOT, "code", json!("hl_010_0035")));
    };
    let deed = by_hand(called_otherwise, "name", |stage| {
        !folder(stage, "/ep01/hl_010/hl_010_0035").is_null() && folder(stage, PATH).is_null()
    });
    // AYON takes one change of a folder at a time, and the label goes first.
    is_done_once("POST", "/operations", Deed { after: 1, ..deed }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_gets_another_type_once() {
    let deed = Deed {
        because: |_| (),
        of: ("Shot", 3042, ""),
        ticked: Some("type"),
        after: 0,
        is_there: |stage| {
            let row = stage.row("Shot", 3042);
            let paths = stage.ayon.paths("nasty_corner");
            let mut folders = paths
                .iter()
                .filter_map(|path| stage.ayon.folder_by_path("nasty_corner", path));
            let ours = folders.find(|folder| folder["id"] == row["sg_ayon_id"]);
            ours.unwrap()["folderType"] == "Shot"
        },
    };
    is_done_once("POST", "/operations", deed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_switched_off_once() {
    let deed = by_hand(
        |stage| assert!(stage.flow.retire("Shot", SHOT)),
        PATH,
        |stage| folder(stage, PATH)["active"] == false,
    );
    // Its Tasks are switched off one by one.
    let deed = Deed {
        of: ("Shot", SHOT, "?tasks=no"),
        ..deed
    };
    is_done_once("POST", "/operations", deed).await;
}
