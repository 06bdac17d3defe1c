//! What goes wrong while folders move, and input that is odd: a readable page and a consistent tree, always.

use amigo::sandbox::controls::{Fault, FaultBody};
use serde_json::json;

use super::reparent::{rule, synced};
use crate::harness::{HARBOR, SALT, Stage};

#[tokio::test(flavor = "multi_thread")]
async fn a_tree_that_changed_meanwhile_is_named_and_nothing_moves() {
    let stage = synced().await;
    stage
        .set_parenting(rule("root_relocate", &[("Shot", &["shots"])]))
        .await;
    let run = stage.preview("Shot", &[1031, 1033]).await.planned().await;
    let shots = stage
        .ayon_post(
            "/projects/harbor_lights/folders",
            json!({"name": "shots", "folderType": "Folder"}),
        )
        .await;
    let taken = json!({"name": "HL_010_0030", "folderType": "Shot", "parentId": shots["id"]});
    stage.ayon_post("/projects/harbor_lights/folders", taken).await;
    let run = run.apply().await.reaches(&["stale"]).await;
    let said = run.data["error"]["message"].as_str().unwrap();
    assert!(said.contains("/shots/hl_010_0030"), "{said}");
    assert!(
        stage
            .ayon
            .folder_by_path("harbor_lights", "/ep01/hl_010/hl_010_0010")
            .is_some()
    );
    stage.nothing_else_was_sent().await;
}

/// AYON refuses one of many: that row says so, and the others are where they belong.
#[tokio::test(flavor = "multi_thread")]
async fn one_move_of_many_is_refused() {
    let stage = synced().await;
    stage
        .set_parenting(rule("root_relocate", &[("Shot", &["shots"])]))
        .await;
    let run = stage.preview("Project", &[HARBOR]).await.planned().await;
    let sent = run.ticked_paths();
    assert!(sent.len() > 50, "{sent:?}");
    let refused = sent[10].strip_prefix("move ").unwrap().to_owned();
    let from = run.operation(&refused)["ayon"]["from"]
        .as_str()
        .unwrap()
        .to_owned();
    stage.ayon.controls().add_fault(Fault {
        path: "/operations".to_owned(),
        body: FaultBody::Row,
        status: 403,
        row: 10,
        ..Fault::default()
    });
    let run = run.apply().await.done().await;
    assert_eq!(run.outcome(&refused), "failed", "{}", run.data["report"]);
    assert_eq!(
        (run.ended("failed"), run.ended("done")),
        (1, sent.len() as u64 - 1)
    );
    for path in sent.iter().filter_map(|path| path.strip_prefix("move ")) {
        let there = if path == refused { &from } else { path };
        assert!(
            stage.ayon.folder_by_path("harbor_lights", there).is_some(),
            "{there}"
        );
    }
    let html = run.html().await;
    assert!(html.contains("Not done") && html.contains(&refused) && html.contains(&from));
    let again = stage.preview("Project", &[HARBOR]).await.planned().await;
    assert_eq!(
        again.ticked_paths(),
        [format!("move {refused}")],
        "what is left shows in the next preview"
    );
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_rules_are_told_and_move_nothing() {
    let stage = synced().await;
    let sixty: Vec<String> = (0..60).map(|level| format!("level_{level:02}")).collect();
    let sixty: Vec<&str> = sixty.iter().map(String::as_str).collect();
    for (chains, said) in [
        (rule("root_relocate", &[("Shot", &[""])]), "chain-taken Shot 1031"),
        (
            rule("root_relocate", &[("Shot", &["all shots!"])]),
            "chain-taken Shot 1031",
        ),
        (
            rule("type_grouping", &[("Shot", &["ep01"])]),
            "chain-taken Shot 1031",
        ),
    ] {
        stage.set_parenting(chains).await;
        let run = stage.preview("Shot", &[1031]).await.planned().await;
        assert_eq!(run.blocked(), [said]);
        assert!(run.planned_paths().is_empty());
        assert_eq!(stage.get(&run.path).await.status(), 200);
    }
    let mut both = rule("root_relocate", &[("Shot", &["a"])]);
    both["type_grouping"] = json!({"enabled": true, "presets": []});
    stage.set_parenting(both).await;
    let run = stage.preview("Shot", &[1031]).await.planned().await;
    assert!(
        run.blocked()
            .contains(&"reparent-both-modes Project 188".to_owned()),
        "{:?}",
        run.blocked()
    );
    // Sixty levels are many, and fine.
    stage
        .set_parenting(rule("root_relocate", &[("Shot", &sixty)]))
        .await;
    let run = stage.preview("Shot", &[1031]).await.planned().await;
    assert_eq!(run.ticked_paths().len(), 61);
    let run = run.apply().await.done().await;
    assert_eq!(run.ended("done"), 61, "{}", run.data["report"]);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_that_ayon_lacks_has_nothing_to_move() {
    let stage = Stage::open().await;
    let run = stage.preview("Project", &[SALT]).await.planned().await;
    assert_eq!(run.blocked(), [format!("project-not-in-ayon Project {SALT}")]);
    assert!(run.planned_paths().is_empty());
    let run = stage.preview("Project", &[HARBOR]).await.planned().await;
    assert!(run.problems("info").contains(&"not-in-ayon".to_owned()));
    stage.nothing_else_was_sent().await;
}

/// Everything that goes wrong on real sites, under two rules: what can move moves, the rest is named, and that is all.
#[tokio::test(flavor = "multi_thread")]
async fn the_nasty_corner_ends_in_a_readable_page_and_a_consistent_tree() {
    const CORNER: i64 = 233;
    let stage = Stage::open().await;
    for rules in [
        rule(
            "root_relocate",
            &[("Shot", &["shots"]), ("Asset", &["build", "assets"])],
        ),
        rule("type_grouping", &[("Sequence", &["sequences"])]),
        json!({}),
    ] {
        stage.set_parenting(rules).await;
        let run = stage.preview("Project", &[CORNER]).await.planned().await;
        assert_eq!(stage.get(&run.path).await.status(), 200);
        for problem in run.data["plan"]["problems"].as_array().unwrap() {
            for part in ["message", "remedy"] {
                assert!(
                    problem[part].as_str().is_some_and(|text| !text.is_empty()),
                    "{problem}"
                );
            }
        }
        if run.ticked_paths().is_empty() {
            continue;
        }
        let run = run.apply().await.done().await;
        assert_eq!(
            (run.ended("failed"), run.ended("skipped")),
            (0, 0),
            "{}",
            run.data["report"]
        );
        let again = stage.preview("Project", &[CORNER]).await.planned().await;
        assert!(again.ticked_paths().is_empty(), "{:?}", again.ticked_paths());
    }
    stage.nothing_else_was_sent().await;
}
