//! Selections that span projects, and rows that mean others: one run, project by project.

use serde_json::{Value, json};

use crate::harness::{HARBOR, RunPage, SALT, Stage};

/// A Shot of Harbor Lights that AYON lacks, below a Sequence that it has; and a Shot of salt_road.
const HERE: i64 = 1043;
const THERE: i64 = 2001;
const HERE_PATH: &str = "/ep01/hl_020/hl_020_0030";
const THERE_PATH: &str = "/pilot/sr_010/sr_010_0010";

/// The AYON projects of the operations, each once, in the order of the plan.
fn projects_in_turn(run: &RunPage<'_>) -> Vec<String> {
    let operations = run.data["plan"]["operations"].as_array().unwrap();
    let mut names: Vec<String> = operations
        .iter()
        .map(|operation| operation["project"].as_str().unwrap().to_owned())
        .collect();
    names.dedup();
    names
}

fn has(stage: &Stage, project: &str, path: &str, kind: &str, id: i64) {
    let folder = stage.ayon.folder_by_path(project, path).expect(path);
    assert_eq!(folder["attrib"]["shotgridId"], id.to_string());
    assert_eq!(stage.row(kind, id)["sg_ayon_id"], folder["id"]);
}

async fn goes_through(run: RunPage<'_>) -> RunPage<'_> {
    let run = run.apply().await.done().await;
    assert_eq!(
        (run.ended("failed"), run.ended("skipped")),
        (0, 0),
        "{}",
        run.data["report"]
    );
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_two_projects_are_planned_in_one_run() {
    let stage = Stage::open().await;
    let run = stage
        .right_click_on_my_page("Shot", &[THERE, HERE])
        .await
        .planned()
        .await;
    assert_eq!(run.data["selection"]["project_id"], Value::Null);
    assert_eq!(
        run.data["projects"],
        json!([
            {"flow_id": HARBOR, "name": "Harbor Lights", "ayon": "harbor_lights",
             "folders": stage.ayon.paths("harbor_lights").len()},
            {"flow_id": SALT, "name": "salt_road", "ayon": "salt_road"},
        ])
    );
    // Each is written whole before the next.
    assert_eq!(projects_in_turn(&run), ["harbor_lights", "salt_road"]);
    assert!(run.html().await.contains("harbor_lights and salt_road"));
    goes_through(run).await;
    has(&stage, "harbor_lights", HERE_PATH, "Shot", HERE);
    has(&stage, "salt_road", THERE_PATH, "Shot", THERE);
    let again = stage
        .right_click_on_my_page("Shot", &[HERE, THERE])
        .await
        .planned()
        .await;
    assert_eq!(again.planned_paths(), [""; 0]);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_over_the_same_projects_never_wait_for_each_other_for_good() {
    let stage = Stage::open().await;
    // Whatever the two would make for both is made first.
    let first = stage.right_click_on_my_page("Shot", &[2002, 1045]).await;
    goes_through(first.planned().await).await;
    let one = stage.right_click_on_my_page("Shot", &[HERE, THERE]).await;
    let other = stage.right_click_on_my_page("Shot", &[2003, 1047]).await;
    let (one, other) = (one.planned().await, other.planned().await);
    // Each holds its first project for a while.
    stage.hold_ayon("/operations", 0);
    let (one, other) = (one.apply().await, other.apply().await);
    let (one, other) = tokio::join!(one.done(), other.done());
    for run in [&one, &other] {
        assert_eq!((run.ended("failed"), run.ended("skipped")), (0, 0));
    }
    has(&stage, "harbor_lights", HERE_PATH, "Shot", HERE);
    has(&stage, "salt_road", THERE_PATH, "Shot", THERE);
    for (kind, id) in [("Shot", 2003), ("Shot", 1047)] {
        assert_eq!(stage.row(kind, id)["sg_ayon_sync_status"], "Synced", "{id}");
    }
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_means_what_it_is_a_version_of() {
    let stage = Stage::open().await;
    let task = stage.tasks_of("Shot", HERE)[1];
    let version = |fields: Value| {
        let mut row = json!({"code": "v001", "project": {"type": "Project", "id": HARBOR}});
        row.as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        stage.flow.create("Version", row).unwrap()
    };
    let shot = json!({"type": "Shot", "id": HERE});
    let ids = [
        version(json!({"entity": shot, "sg_task": {"type": "Task", "id": task}})),
        version(json!({"entity": {"type": "Project", "id": HARBOR}})),
        version(json!({"code": "of nothing"})),
    ];
    let run = stage.right_click("Version", &ids).await.planned().await;
    assert_eq!(
        run.planned_paths(),
        [
            format!("create {HERE_PATH}"),
            format!("create {HERE_PATH}/animation")
        ]
    );
    assert_eq!(
        run.blocked(),
        [
            format!("version-without-entity Version {}", ids[1]),
            format!("version-without-entity Version {}", ids[2])
        ]
    );
    assert!(run.html().await.contains("of nothing"));
    goes_through(run).await;
    let made = stage.ayon.tasks("harbor_lights", HERE_PATH);
    assert_eq!(made.len(), 1, "nothing that hangs beside it");
    assert_eq!(made[0]["attrib"]["shotgridId"], task.to_string());
    stage.nothing_else_was_sent().await;
}

/// A Version of a shared Asset is made in the project that shows it, not in the Asset's own.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_version_is_of_is_planned_where_it_is_at_home() {
    let stage = Stage::open().await;
    let version = json!({
        "code": "v001",
        "project": {"type": "Project", "id": HARBOR},
        "entity": {"type": "Shot", "id": THERE},
        "sg_task": {"type": "Task", "id": stage.tasks_of("Shot", HERE)[1]},
    });
    let version = stage.flow.create("Version", version).unwrap();
    let run = stage.right_click("Version", &[version]).await.planned().await;
    assert_eq!(run.blocked(), [""; 0]);
    assert_eq!(projects_in_turn(&run), ["harbor_lights", "salt_road"]);
    goes_through(run).await;
    has(&stage, "salt_road", THERE_PATH, "Shot", THERE);
    stage.nothing_else_was_sent().await;
}

/// Each would be right alone; together the second would write into what the first has just made.
#[tokio::test(flavor = "multi_thread")]
async fn two_projects_never_become_one() {
    let stage = Stage::open().await;
    assert!(stage.flow.set_field("Project", 239, "name", "salt road".into()));
    let run = stage
        .right_click("Project", &[SALT, 239, HARBOR])
        .await
        .planned()
        .await;
    let rivals = [SALT, 239].map(|id| format!("project-two-candidates Project {id}"));
    let blocked = run.blocked();
    assert!(rivals.iter().all(|rival| blocked.contains(rival)), "{blocked:?}");
    assert_eq!(projects_in_turn(&run), ["harbor_lights"]);
    // Whoever decides for one gets that one.
    let run = stage.right_click("Project", &[SALT]).await.planned().await;
    assert_eq!(projects_in_turn(&run), ["salt_road"]);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn my_tasks_may_be_in_several_projects() {
    let stage = Stage::open().await;
    let tasks = [stage.tasks_of("Shot", THERE)[0], stage.tasks_of("Shot", HERE)[1]];
    let run = stage.right_click_on_my_page("Task", &tasks).await.planned().await;
    goes_through(run).await;
    for (project, path, task) in [
        ("salt_road", THERE_PATH, tasks[0]),
        ("harbor_lights", HERE_PATH, tasks[1]),
    ] {
        let made = stage.ayon.tasks(project, path);
        assert_eq!(made.len(), 1, "{project}");
        assert_eq!(made[0]["attrib"]["shotgridId"], task.to_string());
    }
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_project_of_the_page_is_a_hint_only() {
    let stage = Stage::open().await;
    let run = stage
        .right_click_on(Some(HARBOR), "Shot", &[THERE])
        .await
        .planned()
        .await;
    assert_eq!(projects_in_turn(&run), ["salt_road"]);
    let home = "home-project".to_owned();
    assert!(run.problems("info").contains(&home));
    assert_eq!(run.blocked(), [""; 0]);
    // At home nobody has to be told.
    let run = stage.right_click("Shot", &[THERE]).await.planned().await;
    assert!(!run.problems("info").contains(&home));
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archived_project_of_several_costs_its_own_rows_only() {
    let stage = Stage::open().await;
    stage.flow.set_field("Project", SALT, "archived", true.into());
    let run = stage
        .right_click_on_my_page("Shot", &[HERE, THERE])
        .await
        .planned()
        .await;
    assert_eq!(
        run.blocked(),
        [
            format!("parent-blocked Shot {THERE}"),
            format!("project-archived Project {SALT}")
        ]
    );
    assert_eq!(projects_in_turn(&run), ["harbor_lights"]);
    let nodes = run.data["plan"]["nodes"].as_array().unwrap();
    let node = nodes.iter().find(|node| node["flow"]["id"] == THERE).unwrap();
    assert_eq!(
        (&node["verdict"], &node["selected"], &node["name"]),
        (&json!("blocked"), &json!(true), &json!("sr_010_0010"))
    );
    assert!(run.html().await.contains("salt_road is archived in Flow"));
    goes_through(run).await;
    has(&stage, "harbor_lights", HERE_PATH, "Shot", HERE);
    assert!(stage.row("Shot", THERE)["sg_ayon_id"].is_null());

    // The same for whole Projects, and for one that the script does not see at all.
    let run = stage
        .right_click("Project", &[HARBOR, SALT, 99_999])
        .await
        .planned()
        .await;
    let blocked = run.blocked();
    for expected in [
        format!("project-archived Project {SALT}"),
        "project-not-in-flow Project 99999".to_owned(),
    ] {
        assert!(blocked.contains(&expected), "{expected}: {blocked:?}");
    }
    assert_eq!(projects_in_turn(&run), ["harbor_lights"]);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_projects_can_be_selected_whole() {
    let stage = Stage::open().await;
    let run = stage.right_click("Project", &[SALT, 239]).await.planned().await;
    assert!(run.html().await.contains("2 Projects"));
    assert_eq!(projects_in_turn(&run), ["salt_road", "odd_chains"]);
    goes_through(run).await;
    for (project, path) in [("salt_road", THERE_PATH), ("odd_chains", "/oc_100_0010")] {
        assert!(stage.ayon.folder_by_path(project, path).is_some(), "{path}");
    }
    let again = stage.right_click("Project", &[239, SALT]).await.planned().await;
    assert_eq!(again.ticked_paths(), [""; 0]);
    stage.nothing_else_was_sent().await;
}
