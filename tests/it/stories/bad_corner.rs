//! The things that go wrong on real sites: each is named, and costs only what hangs below it.

use crate::harness::{HARBOR, Stage};

/// Everything in the demonstration's bad corner that cannot be synced.
const BAD: [&str; 6] = [
    "label-not-allowed Shot 1051",
    "name-clash Shot 1103",
    "name-clash Shot 1104",
    "name-clash Task 5985",
    "name-clash Task 5986",
    "name-empty Shot 1102",
];

fn holds(told: &[String], wanted: &str) {
    assert!(
        told.iter().any(|one| one == wanted),
        "{wanted} is not among {told:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_selected_row_ends_up_as_a_row_of_the_plan() {
    let stage = Stage::open().await;
    let corner = [1051, 1102, 1103, 1104, 1105, 1106, 1107, 1108, 1109, 1110];
    let run = stage.right_click("Shot", &corner).await.planned().await;
    let blocked = run.blocked();
    for bad in BAD {
        holds(&blocked, bad);
    }
    holds(&blocked, "parent-missing Shot 1106");
    holds(&blocked, "retired-in-flow Shot 1110");
    // A copy is no reason to leave it out: it gets an id of its own, and somebody should look.
    holds(&run.problems("warning"), "id-of-other Shot 1107");

    let nodes = run.data["plan"]["nodes"].as_array().unwrap();
    for id in corner {
        let node = nodes
            .iter()
            .find(|node| node["flow"]["type"] == "Shot" && node["flow"]["id"] == id)
            .unwrap_or_else(|| panic!("Shot {id} is missing from the plan"));
        assert_eq!(node["selected"], true);
        let planned = !node["operation"].is_null();
        let said = blocked.iter().any(|one| one.ends_with(&format!(" Shot {id}")));
        assert!(
            planned != said,
            "Shot {id} is planned or blocked with a problem of its own"
        );
    }
    for problem in run.data["plan"]["problems"].as_array().unwrap() {
        for part in ["message", "remedy"] {
            assert!(
                problem[part].as_str().is_some_and(|text| !text.is_empty()),
                "{problem}"
            );
        }
    }
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn good_neighbours_are_synced_all_the_same() {
    let stage = Stage::open().await;
    let run = stage.right_click("Sequence", &[37]).await.planned().await;
    let run = run.apply().await.done().await;
    assert_eq!(
        (run.ended("failed"), run.ended("skipped")),
        (0, 0),
        "{}",
        run.data["report"]
    );
    let made = stage.ayon.paths("harbor_lights");
    for good in [
        "/ep02/hl_990",
        "/ep02/hl_990/hl_990_0070",
        "/ep02/hl_990/hl_990_0080",
        "/ep02/hl_990/scriptalert1_script",
    ] {
        holds(&made, good);
    }
    let below = made.iter().filter(|path| path.starts_with("/ep02/hl_990/"));
    assert_eq!(below.count(), 3, "{made:?}");
    let tasks = stage.ayon.tasks("harbor_lights", "/ep02/hl_990/hl_990_0080");
    let tasks: Vec<_> = tasks
        .iter()
        .map(|task| (&task["name"], &task["taskType"]))
        .collect();
    assert_eq!(tasks, [(&"without_step".into(), &"Generic".into())]);
    assert!(stage.row("Shot", 1051)["sg_ayon_id"].is_null());
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_project_names_each_of_them() {
    let stage = Stage::open().await;
    let run = stage.right_click("Project", &[HARBOR]).await.planned().await;
    let blocked = run.blocked();
    for bad in BAD {
        holds(&blocked, bad);
    }
    holds(&blocked, "task-without-entity Task 5988");
    holds(&run.problems("warning"), "id-of-other Shot 1107");
    let html = run.html().await;
    for code in [
        "id-of-other",
        "label-not-allowed",
        "name-clash",
        "name-empty",
        "task-without-entity",
    ] {
        assert!(html.contains(&format!("data-code=\"{code}\"")), "{code}");
    }
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_text_on_every_page() {
    let stage = Stage::open().await;
    stage
        .flow
        .set_field("Project", HARBOR, "name", "<img src=x onerror=alert(2)>".into());
    stage
        .flow
        .set_field("HumanUser", 57, "name", "Mira <b>Kowalski</b>".into());
    stage
        .flow
        .set_field("Shot", 1051, "code", "\"><svg/onload=alert(3)>'".into());
    let is_text = |page: &str| {
        for markup in ["<script>alert", "<img src=x", "<b>Kowalski", "<svg/onload"] {
            assert!(!page.contains(markup), "{markup} is in {page}");
        }
    };
    let run = stage.right_click("Shot", &[1051, 1105]).await.planned().await;
    let page = run.html().await;
    is_text(&page);
    assert!(
        page.contains("alert(1)") && page.contains("alert(3)"),
        "the names are shown: {page}"
    );
    let run = run.apply().await.done().await;
    is_text(&run.html().await);
    is_text(&stage.get(&run.view()).await.text().await.unwrap());
    let folder = stage
        .ayon
        .folder_by_path("harbor_lights", "/ep02/hl_990/scriptalert1_script")
        .unwrap();
    assert_eq!(folder["label"], "<script>alert(1)</script>");
    let tree = stage
        .http
        .get(format!("{}/projects/harbor_lights", stage.ayon.url()))
        .send()
        .await
        .unwrap();
    is_text(&tree.text().await.unwrap());
    stage.nothing_else_was_sent().await;
}
