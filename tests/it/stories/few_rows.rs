//! A few rows of a large project: only what their plan rests on is read from AYON, and the plan is the same.

use serde_json::{Value, json};

use crate::harness::{HARBOR, Stage};

/// The demonstration's project of bad data.
const NASTY: i64 = 233;
/// More than a project has that is read as a whole whatever is selected.
const MANY: usize = 3_001;
/// Fewer rows than that are read in part.
const FEW: usize = 250;

/// Fills an AYON project with what no Flow row knows, until it counts as a large one.
pub(super) async fn grow(stage: &Stage, project: &str) {
    let folder = json!({"name": "zz_elsewhere", "folderType": "Folder"});
    let made = stage
        .ayon_post(&format!("/projects/{project}/folders"), folder)
        .await;
    let operations: Vec<Value> = (0..MANY)
        .map(|number| {
            let data =
                json!({"name": format!("other{number}"), "taskType": "Generic", "folderId": made["id"]});
            json!({"type": "create", "entityType": "task", "data": data})
        })
        .collect();
    let body = json!({"operations": operations});
    let answer = stage
        .ayon_post(&format!("/projects/{project}/operations"), body)
        .await;
    assert_eq!(answer["success"], true);
}

/// The selections to compare: folder rows and Tasks in handfuls, and all of a type at once.
fn selections(stage: &Stage, project: i64, handful: usize) -> Vec<(&'static str, Vec<i64>)> {
    let state = stage.flow.state();
    let mut selections = Vec::new();
    for kind in ["Episode", "Sequence", "Shot", "Asset", "Task"] {
        let rows = state[kind].as_array().into_iter().flatten();
        let ids: Vec<i64> = rows
            .filter(|row| row["project"]["id"] == project)
            .filter_map(|row| row["id"].as_i64())
            .collect();
        let handful = if kind == "Task" { handful * 8 } else { handful };
        selections.extend(ids.chunks(handful).map(|ids| (kind, ids.to_vec())));
        if !ids.is_empty() {
            selections.push((kind, ids));
        }
    }
    selections
}

/// The plan of a selection, what AYON was asked for it, and the largest of AYON's answers.
async fn plan(stage: &Stage, index: usize, (kind, ids): &(&'static str, Vec<i64>)) -> (Value, usize, usize) {
    stage.forget_requests();
    let query = if index % 5 == 4 { "?descendants=no" } else { "" };
    let run = stage.right_click_with(kind, ids, query).await.planned().await;
    let asked = stage.ayon.controls().requests();
    let largest = asked.iter().map(|request| request.bytes_out).max();
    let questions = asked.iter().filter(|request| request.path == "/graphql").count();
    (run.data["plan"].clone(), questions, largest.unwrap_or_default())
}

async fn is_the_same(project: i64, name: &str, handful: usize) {
    let stage = Stage::open().await;
    let selections = selections(&stage, project, handful);
    assert!(selections.len() > 10, "{selections:?}");
    let mut whole = Vec::new();
    for (index, selection) in selections.iter().enumerate() {
        whole.push(plan(&stage, index, selection).await.0);
    }
    grow(&stage, name).await;
    let mut few = 0;
    let everything = plan(&stage, 0, &("Project", vec![project])).await.2;
    for (index, (selection, whole)) in selections.iter().zip(whole).enumerate() {
        let (in_parts, questions, largest) = plan(&stage, index, selection).await;
        for part in ["problems", "nodes", "operations", "digest"] {
            assert_eq!(in_parts[part], whole[part], "{part} of {selection:?}");
        }
        let nodes = in_parts["nodes"].as_array().unwrap();
        let rows = nodes.iter().filter(|node| !node["flow"].is_null()).count();
        // Whatever hangs below counts as well: beyond some hundreds the whole is the smaller question.
        if rows < FEW {
            few += 1;
            assert!(
                largest * 2 < everything,
                "{selection:?}, {rows} rows: {largest} of {everything} bytes"
            );
        }
        // Projects, people and the outline are three.
        assert!(questions <= 6, "{selection:?} took {questions} questions");
    }
    assert!(few > 10, "{few} selections were read in part");
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_is_that_of_the_whole_project() {
    is_the_same(HARBOR, "harbor_lights", 5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_of_bad_data_is_that_of_the_whole_project() {
    is_the_same(NASTY, "nasty_corner", 1).await;
}
