//! Somebody else does the same work at the same moment: both end true, and nothing is made twice.

use amigo::sandbox::controls::{Fault, FaultBody};
use serde_json::{Value, json};

use crate::harness::{HARBOR, Program, RunPage, Stage, once, until};

const SHOT: &str = "/ep01/hl_020/hl_020_0030";

/// Applies, and waits until AYON holds the bulk write behind `after` others, not carried out yet.
async fn held_before<'s>(stage: &'s Stage, run: RunPage<'s>, after: u32) -> RunPage<'s> {
    let controls = stage.ayon.controls();
    controls.add_fault(Fault {
        path: "/operations".to_owned(),
        body: FaultBody::Hang,
        delay_ms: 1500,
        after,
        ..Fault::default()
    });
    let run = run.apply().await;
    until("AYON holds the rows", async || {
        (controls.struck() == 1).then_some(())
    })
    .await;
    run
}

fn link(kind: &str, id: i64) -> Value {
    json!({"shotgridId": id.to_string(), "shotgridType": kind})
}

fn id_at(stage: &Stage, path: &str) -> Value {
    stage.ayon.folder_by_path("harbor_lights", path).unwrap()["id"].clone()
}

/// The next sync makes nothing; at most it fills what theirs lacks. Then nothing is left to do.
async fn nothing_is_left(stage: Stage, shot: i64) {
    stage.ayon.controls().clear_faults();
    let again = stage.right_click("Shot", &[shot]).await.planned().await;
    let planned = again.planned_paths();
    assert!(
        planned.iter().all(|one| one.starts_with("update /")),
        "{planned:?}"
    );
    if !planned.is_empty() {
        again.apply().await.done().await;
        let again = stage.right_click("Shot", &[shot]).await.planned().await;
        assert_eq!(again.planned_paths(), [""; 0]);
    }
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_that_know_nothing_of_each_other_apply_at_once() {
    let stage = Stage::open().await;
    let folders = stage.ayon.paths("harbor_lights").len();
    let run = stage.right_click("Shot", &[1043]).await.planned().await;
    let mut other = stage.variables().clone();
    let database = stage.folder().join("other.db");
    other.insert(
        "AMIGO_DATABASE_URL".to_owned(),
        format!("sqlite://{}", database.display()),
    );
    let select = [
        "plan",
        "--action",
        "sync",
        "--project",
        "188",
        "--type",
        "Shot",
        "--ids",
        "1043",
        "--out",
        "plan.json",
    ];
    let planned = Program::run(stage.folder(), &select, &other).await;
    assert_eq!(planned.code, Some(2), "{planned:?}");

    let run = held_before(&stage, run, 0).await;
    let applied = Program::run(stage.folder(), &["apply", "--plan", "plan.json"], &other).await;
    assert_eq!(applied.code, Some(0), "{applied:?}");
    let run = run.done().await;

    assert_eq!(run.ended("done"), 5, "{}", run.data["report"]);
    assert_eq!(stage.ayon.paths("harbor_lights").len(), folders + 1);
    assert_eq!(stage.ayon.tasks("harbor_lights", SHOT).len(), 4);
    assert_eq!(stage.row("Shot", 1043)["sg_ayon_id"], id_at(&stage, SHOT));
    nothing_is_left(stage, 1043).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_the_addon_made_meanwhile_is_linked_and_filled() {
    let stage = Stage::open().await;
    let run = stage.right_click("Shot", &[1043]).await.planned().await;
    let run = held_before(&stage, run, 0).await;
    let above = id_at(&stage, "/ep01/hl_020");
    let body =
        json!({"name": "hl_020_0030", "folderType": "Shot", "parentId": above, "attrib": link("Shot", 1043)});
    let made = stage.ayon_post("/projects/harbor_lights/folders", body).await;
    let run = run.done().await;

    assert_ne!(
        run.operation(SHOT)["ayon"]["id"],
        made["id"],
        "it has an id of its own"
    );
    assert_eq!(id_at(&stage, SHOT), made["id"]);
    assert_eq!(stage.row("Shot", 1043)["sg_ayon_id"], made["id"]);
    assert_eq!(stage.ayon.tasks("harbor_lights", SHOT).len(), 4);
    let report = run.data["report"].clone();
    assert_eq!(run.ended("failed") + run.ended("skipped"), 0, "{report}");
    nothing_is_left(stage, 1043).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn flow_hears_their_id_also_where_it_holds_the_one_that_was_to_be_used() {
    let stage = Stage::open().await;
    let stored = json!("0123456789abcdef0123456789abcdef");
    assert!(stage.flow.set_field("Shot", 1043, "sg_ayon_id", stored.clone()));
    assert!(
        stage
            .flow
            .set_field("Shot", 1043, "sg_ayon_sync_status", json!("Synced"))
    );
    let run = stage.right_click("Shot", &[1043]).await.planned().await;
    assert_eq!(run.operation(SHOT)["ayon"]["id"], stored);
    let run = held_before(&stage, run, 0).await;
    let above = id_at(&stage, "/ep01/hl_020");
    let body =
        json!({"name": "hl_020_0030", "folderType": "Shot", "parentId": above, "attrib": link("Shot", 1043)});
    let made = stage.ayon_post("/projects/harbor_lights/folders", body).await;
    let run = run.done().await;

    assert_eq!(run.outcome(SHOT), "done", "{}", run.data["report"]);
    assert_eq!(stage.row("Shot", 1043)["sg_ayon_id"], made["id"]);
    let message = run.message(SHOT);
    assert!(message.starts_with("somebody else made it"), "{message}");
    let task = run.message(&format!("{SHOT}/animation"));
    assert_eq!(task, "", "what amigo made itself needs no remark");
    nothing_is_left(stage, 1043).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_to_go_below_ours_goes_below_theirs_in_the_same_request() {
    let stage = Stage::open().await;
    let like = stage.row("Sequence", 33);
    let project = json!({"type": "Project", "id": HARBOR});
    let fields = json!({"code": "hl_900", "project": project, "episode": like["episode"]});
    let sequence = stage.flow.create("Sequence", fields).unwrap();
    let fields = json!({"code": "hl_900_0010", "project": project,
        "sg_sequence": {"type": "Sequence", "id": sequence}});
    let shot = stage.flow.create("Shot", fields).unwrap();
    let run = stage.right_click("Shot", &[shot]).await.planned().await;
    let above = run.operation("/ep01/hl_900")["kind"].clone();
    assert_eq!(above, "create");

    let run = held_before(&stage, run, 0).await;
    let body = json!({"name": "hl_900", "folderType": "Sequence", "parentId": id_at(&stage, "/ep01"),
        "attrib": link("Sequence", sequence)});
    let made = stage.ayon_post("/projects/harbor_lights/folders", body).await;
    let run = run.done().await;

    assert_eq!(run.ended("done"), 2, "{}", run.data["report"]);
    assert_eq!(id_at(&stage, "/ep01/hl_900"), made["id"]);
    let below = stage
        .ayon
        .folder_by_path("harbor_lights", "/ep01/hl_900/hl_900_0010")
        .unwrap();
    assert_eq!(below["parentId"], made["id"]);
    assert_eq!(stage.row("Sequence", sequence)["sg_ayon_id"], made["id"]);
    assert_eq!(stage.row("Shot", shot)["sg_ayon_id"], below["id"]);
    nothing_is_left(stage, shot).await;
}

/// Every Shot goes below the folder `/cut`, as a re-parenting preset of the addon's wants it.
async fn shots_go_below_a_helper(stage: &Stage) {
    let parents = json!([{"folder_type": "Folder", "folder_name": "cut"}]);
    let presets = json!([{"filter_by_sg_entity_type": "Shot", "parents": parents}]);
    let parenting = json!({"root_relocate": {"enabled": true, "presets": presets}});
    stage.set_parenting(parenting).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_helper_folder_that_somebody_made_meanwhile_is_used() {
    for (kind, outcome) in [("Folder", "done"), ("Library", "failed")] {
        let stage = Stage::open().await;
        shots_go_below_a_helper(&stage).await;
        let run = stage.right_click("Shot", &[1043]).await.planned().await;
        let run = held_before(&stage, run, 0).await;
        let body = json!({"name": "cut", "folderType": kind});
        let made = stage.ayon_post("/projects/harbor_lights/folders", body).await;
        let run = run.done().await;

        assert_eq!(run.outcome("/cut"), outcome, "{}", run.data["report"]);
        if outcome == "failed" {
            assert_eq!(run.outcome("/cut/hl_020_0030"), "skipped");
            stage.nothing_else_was_sent().await;
            continue;
        }
        assert_eq!(run.ended("done"), 6, "{}", run.data["report"]);
        assert!(run.message("/cut").starts_with("somebody else made it"));
        let shot = stage
            .ayon
            .folder_by_path("harbor_lights", "/cut/hl_020_0030")
            .unwrap();
        assert_eq!(shot["parentId"], made["id"]);
        assert_eq!(stage.row("Shot", 1043)["sg_ayon_id"], shot["id"]);
        nothing_is_left(stage, 1043).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_helper_folder_whose_answer_was_lost_is_known_again() {
    let stage = Stage::open().await;
    shots_go_below_a_helper(&stage).await;
    let run = stage.right_click("Shot", &[1043]).await.planned().await;
    let controls = stage.ayon.controls();
    controls.add_fault(once("/operations", FaultBody::Truncated, 200));
    let run = run.apply().await.done().await;
    assert_eq!(controls.struck(), 1);
    assert_eq!(run.ended("done"), 6, "{}", run.data["report"]);
    assert_eq!(run.message("/cut"), "", "nobody else made it");
    let writes = stage.writes();
    let sent = writes.iter().filter(|one| one.ends_with("/operations")).count();
    assert_eq!(sent, 2, "folders once, tasks once: {writes:?}");
    nothing_is_left(stage, 1043).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_the_addon_made_meanwhile_is_linked() {
    let stage = Stage::open().await;
    let tasks = stage.tasks_of("Shot", 1043);
    let run = stage.right_click("Shot", &[1043]).await.planned().await;
    let run = held_before(&stage, run, 1).await;
    let row = stage.row("Task", tasks[1]);
    let name = format!("{SHOT}/animation");
    assert_eq!(run.operation(&name)["flow"]["id"], tasks[1], "{row}");
    let body = json!({"name": "animation", "taskType": "Animation", "folderId": id_at(&stage, SHOT),
        "attrib": link("Task", tasks[1])});
    let made = stage.ayon_post("/projects/harbor_lights/tasks", body).await;
    let run = run.done().await;

    assert_eq!(run.outcome(&name), "done");
    assert_eq!(run.ended("done"), 5, "{}", run.data["report"]);
    assert_eq!(stage.row("Task", tasks[1])["sg_ayon_id"], made["id"]);
    assert_eq!(stage.ayon.tasks("harbor_lights", SHOT).len(), 4);
    nothing_is_left(stage, 1043).await;
}
