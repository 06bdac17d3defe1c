//! Every row that goes wrong on real sites, by the table of the invented studio: the good ones land, the bad ones are
//! named, and what is right on both sides is left alone.

use amigo::sandbox::studio::{Expect, NastyRow, Studio};
use serde_json::{Value, json};

use crate::harness::{RunPage, Stage};

/// The project of the nasty corner.
const CORNER: i64 = 233;
const KINDS: [&str; 5] = ["Episode", "Sequence", "Shot", "Asset", "Task"];

/// The Project of a row in Flow; nothing when Flow does not have the row, or it belongs to none.
fn home(stage: &Stage, kind: &str, id: i64) -> Option<i64> {
    stage.flow.row(kind, id)?["project"]["id"].as_i64()
}

/// The rows of a project that the table lists.
fn rows_of(stage: &Stage, project: i64) -> Vec<NastyRow> {
    let mut rows = Studio::demo().nasty();
    rows.retain(|(kind, id, ..)| KINDS.contains(kind) && home(stage, kind, *id) == Some(project));
    rows
}

/// A row, and the entity that Flow says it is.
async fn pair(stage: &Stage, project: &str, kind: &str, id: i64) -> (Value, Option<Value>) {
    let row = stage.row(kind, id);
    let entity = match row["sg_ayon_id"].as_str() {
        Some(id) => stage.ayon_entity(project, kind, id).await,
        None => None,
    };
    (row, entity)
}

/// Why a row did not land; nothing when it did.
fn not_landed((row, entity): &(Value, Option<Value>), kind: &str, id: i64) -> Option<String> {
    let Some(entity) = entity else {
        return Some(format!("Flow's id {} is nothing in AYON", row["sg_ayon_id"]));
    };
    let expected = [
        (&entity["attrib"]["shotgridId"], json!(id.to_string())),
        (&entity["attrib"]["shotgridType"], json!(kind)),
        (&entity["active"], json!(true)),
        (&row["sg_ayon_sync_status"], json!("Synced")),
    ];
    expected
        .into_iter()
        .find(|(held, wanted)| *held != wanted)
        .map(|(held, wanted)| format!("{held} instead of {wanted}"))
}

/// The problems that name a row.
fn problems_of<'r>(run: &'r RunPage<'_>, kind: &str, id: i64) -> Vec<&'r Value> {
    let problems = run.data["plan"]["problems"].as_array().unwrap();
    problems
        .iter()
        .filter(|problem| problem["flow"]["type"] == kind && problem["flow"]["id"] == id)
        .collect()
}

fn node_of<'r>(run: &'r RunPage<'_>, kind: &str, id: i64) -> Option<&'r Value> {
    let nodes = run.data["plan"]["nodes"].as_array().unwrap();
    nodes
        .iter()
        .find(|node| node["flow"]["type"] == kind && node["flow"]["id"] == id)
}

fn ticked<'r>(run: &'r RunPage<'_>) -> Vec<&'r Value> {
    let operations = run.data["plan"]["operations"].as_array().unwrap();
    operations
        .iter()
        .filter(|operation| operation["ticked"] == true)
        .collect()
}

/// Asserts that nobody complained.
fn all_right(complaints: &[String]) {
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_corner_lands_but_for_what_is_named() {
    let stage = Stage::open().await;
    let rows = rows_of(&stage, CORNER);
    let mut before = Vec::new();
    for (kind, id, ..) in &rows {
        before.push(pair(&stage, "nasty_corner", kind, *id).await);
    }

    let run = stage.right_click("Project", &[CORNER]).await.planned().await;
    let run = run.apply().await.done().await;
    assert_eq!(
        (run.ended("failed"), run.ended("skipped")),
        (0, 0),
        "{}",
        run.data["report"]
    );

    let mut complaints = Vec::new();
    for ((kind, id, why, expect), before) in rows.iter().zip(&before) {
        let after = pair(&stage, "nasty_corner", kind, *id).await;
        let wrong = match expect {
            Expect::Lands => not_landed(&after, kind, *id),
            Expect::Unchanged if after != *before => Some(format!("{before:?} became {after:?}")),
            // What hangs on a bad row is named when somebody selects it.
            Expect::Unchanged | Expect::Problem => None,
        };
        complaints.extend(wrong.map(|wrong| format!("{kind} {id} ({why}): {wrong}")));
    }
    all_right(&complaints);

    let again = stage.right_click("Project", &[CORNER]).await.planned().await;
    assert_eq!(again.ticked_paths(), [""; 0]);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_selected_row_is_planned_or_named() {
    let stage = Stage::open().await;
    let table = Studio::demo().nasty();
    let mut complaints = Vec::new();
    for kind in KINDS {
        let rows: Vec<&NastyRow> = table.iter().filter(|(of, ..)| *of == kind).collect();
        let ids: Vec<i64> = rows.iter().map(|(_, id, ..)| *id).collect();
        let run = stage
            .right_click_on(Some(CORNER), kind, &ids)
            .await
            .planned()
            .await;
        for (_, id, why, expect) in rows {
            let problems = problems_of(&run, kind, *id);
            let Some(node) = node_of(&run, kind, *id) else {
                complaints.push(format!("{kind} {id} ({why}) is missing from the plan"));
                continue;
            };
            let writes = ticked(&run)
                .into_iter()
                .any(|operation| operation["flow"]["type"] == kind && operation["flow"]["id"] == *id);
            let told = problems.iter().all(|problem| {
                ["message", "remedy"]
                    .iter()
                    .all(|part| problem[part].as_str().is_some_and(|text| text.ends_with('.')))
            });
            let as_expected = match expect {
                Expect::Lands => node["verdict"] != "blocked",
                Expect::Problem => !problems.is_empty(),
                Expect::Unchanged => !writes && node["verdict"] != "blocked",
            };
            if !as_expected || !told || node["selected"] != true {
                complaints.push(format!(
                    "{kind} {id} ({why}) should be {expect:?}: {} {problems:?}",
                    node["verdict"]
                ));
            }
        }
    }
    all_right(&complaints);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn projects_with_odd_rules_are_synced_all_the_same() {
    let stage = Stage::open().await;
    // Flow only, without a code, and with a name that AYON takes no part of; tracking settings of every odd shape.
    for (project, name) in [(234, "Spati_Sohne_Pilot"), (239, "odd_chains")] {
        let run = stage.right_click("Project", &[project]).await.planned().await;
        assert_eq!(run.data["projects"][0]["ayon"], name);
        let run = run.apply().await.done().await;
        assert_eq!(
            (run.ended("failed"), run.ended("skipped")),
            (0, 0),
            "{}",
            run.data["report"]
        );
        let mut complaints = Vec::new();
        let rows = rows_of(&stage, project);
        assert!(!rows.is_empty());
        for (kind, id, why, expect) in rows {
            assert_eq!(expect, Expect::Lands, "{kind} {id}");
            let wrong = not_landed(&pair(&stage, name, kind, id).await, kind, id);
            complaints.extend(wrong.map(|wrong| format!("{kind} {id} ({why}): {wrong}")));
        }
        all_right(&complaints);
        let again = stage.right_click("Project", &[project]).await.planned().await;
        assert_eq!(again.ticked_paths(), [""; 0], "{project}");
    }
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn projects_that_must_not_be_synced_say_why() {
    let stage = Stage::open().await;
    for (project, code) in [
        (234, "project-name-changed"),
        (236, "project-template"),
        (237, "project-template"),
        (238, "other-ayon-server"),
        (240, "project-linked-elsewhere"),
        (241, "hidden-types"),
    ] {
        let run = stage.right_click("Project", &[project]).await.planned().await;
        let problems = problems_of(&run, "Project", project);
        let told = problems.iter().find(|problem| problem["code"] == code);
        let told = told.unwrap_or_else(|| panic!("{project}: {problems:?}"));
        assert!(told["remedy"].as_str().is_some_and(|text| text.ends_with('.')));
        if told["severity"] == "blocked" {
            assert_eq!(run.planned_paths(), [""; 0], "{project}");
            assert_eq!(run.count("blocked"), 1, "{project}");
        }
    }
    let run = stage.right_click("Project", &[235]).await;
    assert_eq!(run.reaches(&["refused"]).await.error(), "project-archived");

    let listed = Studio::demo().nasty();
    let bad = listed
        .iter()
        .filter(|(kind, _, _, expect)| *kind == "Project" && *expect == Expect::Problem);
    assert_eq!(bad.count(), 7, "all of them are above");
    stage.nothing_else_was_sent().await;
}
