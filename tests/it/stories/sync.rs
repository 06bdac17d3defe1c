//! The main job: right-click, look, apply, find it in AYON.

use serde_json::{Value, json};

use crate::harness::{HARBOR, Stage};

/// Three Shots of a Sequence that AYON does not have yet.
const SHOTS: [i64; 3] = [1062, 1063, 1064];

/// The id that Flow holds for a row.
fn ayon_id(stage: &Stage, kind: &str, id: i64) -> Value {
    let row = stage.row(kind, id);
    assert_eq!(row["sg_ayon_sync_status"], "Synced", "{kind} {id}");
    row["sg_ayon_id"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn shots_reach_ayon_with_their_sequence_and_tasks() {
    let stage = Stage::open().await;
    let run = stage.right_click("Shot", &SHOTS).await.planned().await;

    assert_eq!(
        run.data["selection"],
        json!({"entity_type": "Shot", "ids": SHOTS, "project_id": HARBOR})
    );
    assert_eq!(run.data["requested_by"]["name"], "Mira Kowalski");
    assert_eq!(
        run.data["projects"],
        json!([{"flow_id": HARBOR, "name": "Harbor Lights", "ayon": "harbor_lights",
                "folders": stage.ayon.paths("harbor_lights").len()}])
    );
    assert_eq!(
        run.planned_paths()[..5],
        [
            "create /ep01/hl_040",
            "create /ep01/hl_040/hl_040_0010",
            "create /ep01/hl_040/hl_040_0020",
            "create /ep01/hl_040/hl_040_0030",
            "create /ep01/hl_040/hl_040_0010/layout",
        ]
    );
    assert_eq!(run.count("create"), 16);
    assert_eq!(run.blocked(), [""; 0]);
    assert!(stage.writes().is_empty(), "{:?}", stage.writes());

    let run = run.apply().await.done().await;
    assert_eq!(run.ended("done"), 16);
    for (id, name) in SHOTS
        .into_iter()
        .zip(["hl_040_0010", "hl_040_0020", "hl_040_0030"])
    {
        let path = format!("/ep01/hl_040/{name}");
        let folder = stage.ayon.folder_by_path("harbor_lights", &path).expect(name);
        assert_eq!(folder["folderType"], "Shot");
        assert_eq!(folder["attrib"]["shotgridId"], id.to_string());
        assert_eq!(folder["attrib"]["shotgridType"], "Shot");
        assert_eq!(folder["id"], ayon_id(&stage, "Shot", id));
        let tasks = stage.ayon.tasks("harbor_lights", &path);
        let types: Vec<&str> = tasks
            .iter()
            .map(|task| task["taskType"].as_str().unwrap())
            .collect();
        assert_eq!(types, ["Layout", "Animation", "Lighting", "Compositing"]);
        for (task, flow) in tasks.iter().zip(stage.tasks_of("Shot", id)) {
            assert_eq!(task["id"], ayon_id(&stage, "Task", flow));
            assert_eq!(task["attrib"]["shotgridId"], flow.to_string());
        }
    }
    let sequence = stage
        .ayon
        .folder_by_path("harbor_lights", "/ep01/hl_040")
        .unwrap();
    assert_eq!(sequence["id"], ayon_id(&stage, "Sequence", 33));
    assert!(
        stage.row("Shot", 1065)["sg_ayon_id"].is_null(),
        "only what was selected is synced"
    );

    let written = stage.writes();
    let again = stage.right_click("Shot", &SHOTS).await.planned().await;
    assert_eq!(again.planned_paths(), [""; 0]);
    assert_eq!(again.count("unchanged"), 18);
    let answer = again.press("apply", &[]).await;
    assert_eq!(answer.status(), 422);
    assert_eq!(stage.writes(), written);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sequence_brings_what_hangs_below_it() {
    let stage = Stage::open().await;
    let run = stage.right_click("Sequence", &[33]).await.planned().await;
    assert_eq!(run.count("create"), 1 + 10 + 40);
    let run = run.apply().await.done().await;
    assert_eq!(run.ended("done"), 51);
    assert_eq!(
        stage
            .ayon
            .tasks("harbor_lights", "/ep01/hl_040/hl_040_0100")
            .len(),
        4
    );
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn options_of_the_menu_item_leave_things_out() {
    let stage = Stage::open().await;
    for (query, creates) in [
        ("?descendants=no", 1),
        ("?tasks=no", 11),
        ("?descendants=no&tasks=no", 1),
        ("?descendants=yes", 51),
    ] {
        let run = stage
            .right_click_with("Sequence", &[33], query)
            .await
            .planned()
            .await;
        assert_eq!(run.count("create"), creates, "{query}");
    }
    // Without what hangs below, a Shot still brings the Tasks it consists of.
    let run = stage
        .right_click_with("Shot", &SHOTS[..1], "?descendants=no")
        .await
        .planned()
        .await;
    assert_eq!(run.count("create"), 1 + 1 + 4);
    let html = run.html().await;
    assert!(html.contains("descendants: no"), "{html}");
    let run = stage
        .right_click_with("Shot", &SHOTS[..1], "?status=no&attributes=off&tags=yes")
        .await
        .planned()
        .await;
    assert_eq!(
        run.data["options"],
        serde_json::json!({ "status": "no", "attributes": "no" })
    );
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_bring_the_folders_they_hang_on() {
    let stage = Stage::open().await;
    let tasks = stage.tasks_of("Shot", 1062);
    let run = stage.right_click("Task", &tasks[1..3]).await.planned().await;
    assert_eq!(
        run.planned_paths(),
        [
            "create /ep01/hl_040",
            "create /ep01/hl_040/hl_040_0010",
            "create /ep01/hl_040/hl_040_0010/animation",
            "create /ep01/hl_040/hl_040_0010/lighting",
        ]
    );
    run.apply().await.done().await;
    let made = stage.ayon.tasks("harbor_lights", "/ep01/hl_040/hl_040_0010");
    assert_eq!(made.len(), 2);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn assets_are_put_into_their_categories() {
    let stage = Stage::open().await;
    // One whose category AYON has, and one whose category is new.
    assert!(
        stage
            .flow
            .set_field("Asset", 705, "sg_asset_type", json!("Set Piece"))
    );
    let run = stage.right_click("Asset", &[704, 705]).await.planned().await;
    let paths = run.planned_paths();
    assert_eq!(
        paths[..3],
        [
            "create /character/diver",
            "create /set_piece",
            "create /set_piece/harbour_master"
        ]
    );
    let run = run.apply().await.done().await;
    assert_eq!(run.ended("done"), 7);
    let category = stage.ayon.folder_by_path("harbor_lights", "/set_piece").unwrap();
    assert_eq!(category["folderType"], "AssetCategory");
    assert_eq!(category["label"], "Set Piece");
    let asset = stage
        .ayon
        .folder_by_path("harbor_lights", "/set_piece/harbour_master")
        .unwrap();
    assert_eq!(asset["folderType"], "Asset");
    assert_eq!(asset["id"], ayon_id(&stage, "Asset", 705));
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_is_synced_whole_but_for_what_is_wrong_in_it() {
    let stage = Stage::open().await;
    let run = stage.right_click("Project", &[HARBOR]).await.planned().await;
    assert!(run.count("create") > 200, "{}", run.data["plan"]["counts"]);
    assert!(run.count("blocked") > 0);
    let run = run.apply().await.done().await;
    assert_eq!(
        run.ended("failed") + run.ended("skipped"),
        0,
        "{}",
        run.data["report"]["counts"]
    );
    let written = stage.writes();

    let again = stage.right_click("Project", &[HARBOR]).await.planned().await;
    assert_eq!(again.planned_paths(), [""; 0]);
    assert_eq!(again.blocked(), run.blocked());
    assert_eq!(stage.writes(), written);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn published_folders_are_left_as_they_are() {
    let stage = Stage::open().await;
    let path = "/ep01/hl_040/hl_040_0010";
    stage
        .right_click("Shot", &SHOTS[..1])
        .await
        .planned()
        .await
        .apply()
        .await
        .done()
        .await;
    let folder = stage.ayon.folder_by_path("harbor_lights", path).unwrap();
    let product = stage
        .ayon_post(
            "/projects/harbor_lights/products",
            json!({"name": "renderMain", "productType": "render", "folderId": folder["id"]}),
        )
        .await;
    stage
        .ayon_post(
            "/projects/harbor_lights/versions",
            json!({"version": 1, "productId": product["id"]}),
        )
        .await;
    let before = stage.ayon.folder_by_path("harbor_lights", path).unwrap();
    let already = stage
        .ayon
        .folder_by_path("harbor_lights", "/ep01/hl_010/hl_010_0020")
        .unwrap();

    let run = stage.right_click("Project", &[HARBOR]).await.planned().await;
    run.apply().await.done().await;
    assert_eq!(stage.ayon.folder_by_path("harbor_lights", path).unwrap(), before);
    let still = stage
        .ayon
        .folder_by_path("harbor_lights", "/ep01/hl_010/hl_010_0020")
        .unwrap();
    assert_eq!(still, already);
    stage.nothing_else_was_sent().await;
}
