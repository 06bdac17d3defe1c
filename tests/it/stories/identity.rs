//! Who is who, when rows are retired, revived, copied, moved or renamed, or AYON has a twin.

use serde_json::{Value, json};

use crate::harness::{RunPage, Stage};

/// A Shot of `hl_010` that AYON has, without published versions.
const SHOT: i64 = 1033;
const PATH: &str = "/ep01/hl_010/hl_010_0030";
/// One of the same Sequence with published versions.
const PUBLISHED: i64 = 1032;
const PUBLISHED_PATH: &str = "/ep01/hl_010/hl_010_0020";

fn folder(stage: &Stage, path: &str) -> Value {
    stage
        .ayon
        .folder_by_path("harbor_lights", path)
        .unwrap_or_else(|| panic!("AYON has no {path}"))
}

async fn sync(stage: &Stage) -> RunPage<'_> {
    stage.right_click("Shot", &[SHOT]).await.planned().await
}

/// The only operation of this kind, which is not ticked.
fn offered<'r>(run: &'r RunPage<'_>, kind: &str) -> &'r Value {
    let operations = run.data["plan"]["operations"].as_array().unwrap();
    let mut of_kind = operations.iter().filter(|operation| operation["kind"] == kind);
    let (Some(operation), None) = (of_kind.next(), of_kind.next()) else {
        panic!("not one {kind}: {:?}", run.planned_paths())
    };
    assert_eq!(operation["ticked"], false);
    operation
}

fn told<'r>(run: &'r RunPage<'_>, code: &str) -> &'r str {
    let problems = run.data["plan"]["problems"].as_array().unwrap();
    let problem = problems.iter().find(|problem| problem["code"] == code);
    let problem = problem.unwrap_or_else(|| panic!("no {code}: {problems:?}"));
    assert!(problem["remedy"].as_str().is_some_and(|text| text.ends_with('.')));
    problem["message"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retired_shot_is_switched_off_by_hand_and_on_again_when_it_is_revived() {
    let stage = Stage::open().await;
    let before = stage.ayon.paths("harbor_lights");
    let tasks = stage.ayon.tasks("harbor_lights", PATH).len();
    assert!(tasks > 0);
    assert!(stage.flow.retire("Shot", SHOT));

    let run = sync(&stage).await;
    assert!(told(&run, "retired-in-flow").contains(PATH));
    assert_eq!(run.count("retire"), 1 + u64::try_from(tasks).unwrap());
    let operations = run.data["plan"]["operations"].as_array().unwrap();
    assert!(operations.iter().all(|operation| operation["ticked"] == false));
    // Unticked, nothing happens.
    assert_eq!(run.press("apply", &[]).await.status(), 422);
    assert_eq!(folder(&stage, PATH)["active"], true);

    let run = run.tick(PATH).apply().await.done().await;
    assert_eq!((run.outcome(PATH), run.ended("done")), ("done", 1));
    assert_eq!(folder(&stage, PATH)["active"], false);
    assert_eq!(stage.ayon.paths("harbor_lights"), before, "nothing is deleted");
    assert_eq!(stage.ayon.tasks("harbor_lights", PATH).len(), tasks);
    // Once is enough.
    let again = sync(&stage).await;
    assert_eq!(again.blocked(), [format!("retired-in-flow Shot {SHOT}")]);

    assert!(stage.flow.revive("Shot", SHOT));
    let run = sync(&stage).await;
    let operation = run.operation(PATH);
    assert_eq!(
        (&operation["kind"], &operation["ticked"]),
        (&json!("update"), &json!(true))
    );
    assert_eq!(
        operation["changes"],
        json!([{"field": "active", "from": false, "to": true}])
    );
    run.apply().await.done().await;
    assert_eq!(folder(&stage, PATH)["active"], true);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_row_gets_an_id_of_its_own() {
    let stage = Stage::open().await;
    let original = folder(&stage, "/ep01/hl_010/hl_010_0010");
    let run = stage.right_click("Shot", &[1107]).await.planned().await;
    assert_eq!(run.problems("warning"), ["id-of-other Shot 1107"]);
    assert!(told(&run, "id-of-other").contains("Shot 1031"));
    run.apply().await.done().await;
    let copy = folder(&stage, "/ep02/hl_990/hl_990_0070");
    assert_ne!(copy["id"], original["id"]);
    assert_eq!(copy["attrib"]["shotgridId"], "1107");
    assert_eq!(stage.row("Shot", 1107)["sg_ayon_id"], copy["id"]);
    assert_eq!(stage.row("Shot", 1031)["sg_ayon_id"], original["id"]);
    assert_eq!(folder(&stage, "/ep01/hl_010/hl_010_0010"), original);
    let again = stage.right_click("Shot", &[1107]).await.planned().await;
    assert_eq!(
        (again.planned_paths(), again.problems("warning")),
        (vec![], vec![])
    );
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_does_not_take_what_its_original_never_claimed() {
    let stage = Stage::open().await;
    let unclaimed = json!({"name": "hl_990_0070", "folderType": "Shot"});
    stage
        .ayon_post("/projects/harbor_lights/folders", unclaimed)
        .await;
    let before = folder(&stage, "/hl_990_0070");
    for shot in [1043, 1107] {
        assert!(
            stage
                .flow
                .set_field("Shot", shot, "sg_ayon_id", before["id"].clone())
        );
    }
    // Only one of the two is selected.
    let run = stage.right_click("Shot", &[1107]).await.planned().await;
    assert_eq!(run.blocked(), ["id-of-other Shot 1107"]);
    assert!(!run.ticked_paths().iter().any(|path| path.contains("hl_990_0070")));
    assert_eq!(folder(&stage, "/hl_990_0070"), before);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_twin_that_nobody_linked_is_adopted() {
    let stage = Stage::open().await;
    let path = "/ep01/hl_020/hl_020_0030";
    let above = folder(&stage, "/ep01/hl_020")["id"].clone();
    let twin = json!({"name": "hl_020_0030", "folderType": "Shot", "parentId": above});
    stage.ayon_post("/projects/harbor_lights/folders", twin).await;
    let id = folder(&stage, path)["id"].clone();
    let run = stage.right_click("Shot", &[1043]).await.planned().await;
    assert_eq!(run.operation(path)["kind"], "update");
    run.apply().await.done().await;
    let adopted = folder(&stage, path);
    assert_eq!(adopted["id"], id);
    assert_eq!(adopted["attrib"]["shotgridId"], "1043");
    assert_eq!(stage.row("Shot", 1043)["sg_ayon_id"], id);
    let again = stage.right_click("Shot", &[1043]).await.planned().await;
    assert_eq!(again.planned_paths(), [""; 0]);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_happens_when_it_is_ticked() {
    let stage = Stage::open().await;
    let before = folder(&stage, PATH);
    let to = "/ep01/hl_020/hl_010_0030";
    let sequence = json!({"type": "Sequence", "id": 31});
    assert!(stage.flow.set_field("Shot", SHOT, "sg_sequence", sequence));
    let run = sync(&stage).await;
    assert_eq!(offered(&run, "move")["ayon"]["path"], to);
    assert!(told(&run, "sits-elsewhere").contains(PATH));
    assert_eq!(run.press("apply", &[]).await.status(), 422, "nothing is ticked");
    assert_eq!(folder(&stage, PATH), before);

    let run = run.tick(to).apply().await.done().await;
    assert_eq!(run.ended("done"), 1);
    let moved = folder(&stage, to);
    assert_eq!(moved["id"], before["id"]);
    assert!(stage.ayon.folder_by_path("harbor_lights", PATH).is_none());
    assert_eq!(sync(&stage).await.planned_paths(), [""; 0]);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rename_happens_when_it_is_ticked_and_the_label_follows_at_once() {
    let stage = Stage::open().await;
    let id = folder(&stage, PATH)["id"].clone();
    assert!(stage.flow.set_field("Shot", SHOT, "code", json!("hl_010_0035")));
    let run = sync(&stage).await;
    let rename = run.operation("name");
    assert_eq!(
        (&rename["kind"], &rename["ticked"]),
        (&json!("update"), &json!(false))
    );
    run.apply().await.done().await;
    let labelled = folder(&stage, PATH);
    assert_eq!(labelled["label"], "hl_010_0035");

    let run = sync(&stage).await;
    let run = run.tick("name").apply().await.done().await;
    assert_eq!(run.ended("done"), 1);
    assert_eq!(folder(&stage, "/ep01/hl_010/hl_010_0035")["id"], id);
    assert_eq!(sync(&stage).await.planned_paths(), [""; 0]);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_type_happens_when_it_is_ticked() {
    let stage = Stage::open().await;
    for (kind, id, field, now, wanted) in [
        ("Shot", 3042, "folderType", "Folder", "Shot"),
        ("Task", 4026, "taskType", "Layout", "Paint"),
    ] {
        let row = stage.row(kind, id);
        let ayon = row["sg_ayon_id"].as_str().unwrap();
        let entity = async || stage.ayon_entity("nasty_corner", kind, ayon).await.unwrap();
        assert_eq!(entity().await[field], now);
        let run = stage.right_click(kind, &[id]).await.planned().await;
        assert!(told(&run, "type-differs").contains(wanted));
        assert_eq!(run.ticked_paths(), [""; 0], "{kind}");
        let run = run.tick("type").apply().await.done().await;
        assert_eq!((run.outcome("type"), run.ended("failed")), ("done", 0));
        assert_eq!(entity().await[field], wanted);
        let again = stage.right_click(kind, &[id]).await.planned().await;
        assert_eq!(again.planned_paths(), [""; 0], "{kind}");
    }
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_is_neither_moved_nor_renamed_and_says_where_the_versions_are() {
    let stage = Stage::open().await;
    let before = folder(&stage, PUBLISHED_PATH);
    let sequence = json!({"type": "Sequence", "id": 31});
    assert!(stage.flow.set_field("Shot", PUBLISHED, "sg_sequence", sequence));
    let run = stage.right_click("Shot", &[PUBLISHED]).await.planned().await;
    assert!(told(&run, "move-published").contains(&format!("{PUBLISHED_PATH} has published versions")));
    assert_eq!(run.planned_paths(), [""; 0]);

    // A folder above it is locked as well, by the versions below.
    assert!(stage.flow.set_field("Sequence", 30, "code", json!("hl_015")));
    let run = stage.right_click("Sequence", &[30]).await.planned().await;
    assert!(told(&run, "rename-published").contains(&format!("{PUBLISHED_PATH} has published versions")));
    run.apply().await.done().await;
    assert_eq!(folder(&stage, PUBLISHED_PATH), before);
    let sequence = folder(&stage, "/ep01/hl_010");
    assert_eq!(sequence["label"], "hl_015", "the label follows Flow all the same");
    stage.nothing_else_was_sent().await;
}
