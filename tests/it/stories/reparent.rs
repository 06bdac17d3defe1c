//! Re-parenting from the click to the moved tree: enable a rule, preview, apply.

use serde_json::{Value, json};

use crate::harness::{HARBOR, RunPage, Stage};

/// A mode with these chains of plain folders.
pub fn rule(mode: &str, chains: &[(&str, &[&str])]) -> Value {
    let presets: Vec<Value> = chains
        .iter()
        .map(|(kind, names)| {
            let parents: Vec<Value> = names
                .iter()
                .map(|name| json!({"folder_type": "Folder", "folder_name": name}))
                .collect();
            json!({"filter_by_sg_entity_type": kind, "parents": parents})
        })
        .collect();
    json!({mode: {"enabled": true, "presets": presets}})
}

/// The demonstration's project with everything synced.
pub async fn synced() -> Stage {
    let stage = Stage::open().await;
    let run = stage.right_click("Project", &[HARBOR]).await.planned().await;
    let run = run.apply().await.done().await;
    assert_eq!(run.ended("failed"), 0);
    stage
}

fn nodes(run: &RunPage<'_>) -> Vec<Value> {
    run.data["plan"]["nodes"].as_array().unwrap().clone()
}

/// The folders of the tree as it would be.
fn tree_after(run: &RunPage<'_>) -> Vec<String> {
    let folder = |node: &&Value| node["on"] == "folder" && node["placement"]["exists"] != false;
    let mut paths: Vec<String> = nodes(run)
        .iter()
        .filter(folder)
        .map(|node| node["path"].as_str().unwrap().to_owned())
        .collect();
    paths.sort();
    paths
}

fn tree_now(stage: &Stage) -> Vec<String> {
    let mut paths = stage.ayon.paths("harbor_lights");
    paths.sort();
    paths
}

/// V11, V12: a rule that is switched on moves nothing that exists, in the addon. Here it is previewed and applied.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_switched_on_previewed_and_applied() {
    let stage = synced().await;
    stage
        .set_parenting(rule(
            "root_relocate",
            &[("Shot", &["all_shots", "cut"]), ("Asset", &["build"])],
        ))
        .await;
    let writes = stage.writes();
    let run = stage.preview("Project", &[HARBOR]).await.planned().await;
    assert_eq!(stage.writes(), writes, "a preview writes nothing");

    assert_eq!(
        run.blocked(),
        ["move-published Shot 1032", "move-published Shot 1041"]
    );
    let messages: Vec<&str> = run.data["plan"]["problems"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|problem| problem["code"] == "move-published")
        .map(|problem| problem["message"].as_str().unwrap())
        .collect();
    assert!(
        messages[0].contains("/ep01/hl_010/hl_010_0020 has 1 published version"),
        "{messages:?}"
    );
    assert!(run.count("move") > 60, "{}", run.data["plan"]["counts"]);
    let moved = run.operation("/all_shots/cut/hl_010_0010");
    assert_eq!(moved["ayon"]["from"], "/ep01/hl_010/hl_010_0010");
    let directory = moved["changes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|change| change["field"] == "work directory");
    assert_eq!(
        directory.unwrap()["to"],
        "{root[work]}/harbor_lights/all_shots/cut/hl_010_0010/work/{task[name]}"
    );
    let because: Vec<&str> = moved["because"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step.as_str().unwrap())
        .collect();
    assert_eq!(because[4], "preset: the first for Shots → all_shots/cut");

    let after = tree_after(&run);
    let moves = run.count("move");
    // Whoever moves a whole project types how many folders that are.
    assert_eq!(run.data["confirm"], moves);
    for typed in [vec![], vec![("confirm", "1")], vec![("confirm", "all of them")]] {
        let answer = run.press("apply", &typed).await;
        assert_eq!(answer.status(), 422);
        let text = answer.text().await.unwrap();
        assert!(
            text.contains("confirm-wrong") && text.contains(&moves.to_string()),
            "{text}"
        );
    }
    let run = run.apply().await.done().await;
    assert_eq!(
        (run.ended("failed"), run.ended("skipped")),
        (0, 0),
        "{}",
        run.data["report"]
    );
    assert_eq!(tree_now(&stage), after, "the tree is what was shown");
    assert!(
        stage
            .ayon
            .folder_by_path("harbor_lights", "/ep01/hl_010/hl_010_0020")
            .is_some(),
        "what is published stays"
    );
    assert!(
        !stage
            .ayon
            .tasks("harbor_lights", "/all_shots/cut/hl_010_0010")
            .is_empty(),
        "tasks ride along"
    );

    let again = stage.preview("Project", &[HARBOR]).await.planned().await;
    assert!(again.ticked_paths().is_empty(), "{:?}", again.ticked_paths());
    let sync = stage.right_click("Project", &[HARBOR]).await.planned().await;
    // By the rule one more row has a place, whose parent in Flow is out of reach.
    assert_eq!(
        sync.ticked_paths(),
        ["create /all_shots/cut/hl_990_0060"],
        "a sync is content with it"
    );
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_selection_moves_with_what_is_below_it() {
    let stage = synced().await;
    stage
        .set_parenting(rule("type_grouping", &[("Sequence", &["sequences"])]))
        .await;
    let run = stage.preview("Sequence", &[32]).await.planned().await;
    assert_eq!(
        run.ticked_paths(),
        ["create /sequences", "move /sequences/hl_030"],
        "its Shots ride along"
    );
    assert!(run.data["confirm"].is_null(), "nothing is typed for a selection");
    let run = run.apply().await.done().await;
    assert_eq!(run.ended("done"), 2);
    assert!(
        stage
            .ayon
            .folder_by_path("harbor_lights", "/sequences/hl_030/hl_030_0010")
            .is_some()
    );
    // Flow hears nothing: no id and no status changes.
    let html = run.html().await;
    assert!(
        html.contains("/ep01/hl_030") && html.contains("/sequences/hl_030"),
        "old and new path"
    );
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn workfiles_leave_the_tick_to_somebody() {
    let stage = synced().await;
    let task = &stage.ayon.tasks("harbor_lights", "/ep01/hl_010/hl_010_0010")[0];
    let made = stage.ayon.add_workfile(
        "harbor_lights",
        "/ep01/hl_010/hl_010_0010",
        task["name"].as_str().unwrap(),
        "{root[work]}/harbor_lights/ep01/hl_010/hl_010_0010/work/v001.ma",
    );
    assert!(made.is_some());
    stage
        .set_parenting(rule("root_relocate", &[("Shot", &["shots"])]))
        .await;
    let run = stage.preview("Shot", &[1031, 1033]).await.planned().await;
    assert_eq!(run.ticked_paths(), ["create /shots", "move /shots/hl_010_0030"]);
    assert_eq!(run.problems("warning"), ["workfiles-below Shot 1031"]);
    let run = run.tick("/shots/hl_010_0010").apply().await.done().await;
    assert_eq!(run.ended("done"), 3, "{}", run.data["report"]);
    assert!(
        stage
            .ayon
            .folder_by_path("harbor_lights", "/shots/hl_010_0010")
            .is_some()
    );
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn emptied_folders_are_switched_off_only_when_somebody_ticks_them() {
    let stage = synced().await;
    stage
        .set_parenting(rule("type_grouping", &[("Asset", &["assets"])]))
        .await;
    let run = stage.preview("Project", &[HARBOR]).await.planned().await;
    let offered: Vec<String> = run
        .planned_paths()
        .into_iter()
        .filter(|path| path.starts_with("retire"))
        .collect();
    assert!(offered.contains(&"retire /character".to_owned()), "{offered:?}");
    assert!(!run.ticked_paths().iter().any(|path| path.starts_with("retire")));
    let run = run.tick("/character").apply().await.done().await;
    assert_eq!(run.ended("failed"), 0, "{}", run.data["report"]);
    assert_eq!(run.outcome("/character"), "done");
    let character = stage.ayon.folder_by_path("harbor_lights", "/character");
    assert_eq!(character.unwrap()["active"], false);
    stage.nothing_else_was_sent().await;
}

/// Rules are tried without anything being saved, and nobody can apply them.
#[tokio::test(flavor = "multi_thread")]
async fn other_rules_are_tried_and_never_applied() {
    let stage = synced().await;
    let writes = stage.writes();
    let run = stage.preview("Project", &[HARBOR]).await.planned().await;
    assert!(run.ticked_paths().is_empty());
    let form = [
        ("options", "listed"),
        ("on", "descendants"),
        ("mode", "type_grouping"),
        ("chain.Episode", ""),
        ("chain.Shot", "all_shots / cut[Folder]"),
    ];
    let answer = run.press("replan", &form).await;
    assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap());
    let tried = RunPage::at(&stage, answer.headers()["location"].to_str().unwrap())
        .planned()
        .await;
    assert_eq!(
        tried.data["options"]["what-if"],
        "type_grouping: Shot = all_shots[Folder]/cut[Folder]"
    );
    assert!(tried.count("move") > 60);
    assert_eq!(tried.data["may_apply"], false);
    let html = tried.html().await;
    assert!(html.contains("What if the rules were others?"));
    assert!(
        html.contains("&quot;folder_name&quot;: &quot;all_shots&quot;")
            || html.contains("&#34;folder_name&#34;: &#34;all_shots&#34;"),
        "the settings to paste"
    );
    assert!(!html.contains("id=\"apply\""));
    let answer = tried.press("apply", &[("confirm", "77")]).await;
    assert_eq!(answer.status(), 403);
    assert!(answer.text().await.unwrap().contains("what-if"));
    // The address to look at keeps the variant, and planning again does too.
    let view = stage.get(&tried.view()).await.text().await.unwrap();
    assert!(view.contains("type_grouping: Shots go below all_shots/cut."));
    let again = tried.replan(&[]).await;
    assert_eq!(again.data["options"], tried.data["options"]);
    // Of selected rows the whole project can be tried.
    let one = stage.preview("Shot", &[1031]).await.planned().await;
    let whole = [&form[..], &[("whole", "yes")]].concat();
    let answer = one.press("replan", &whole).await;
    let whole = RunPage::at(&stage, answer.headers()["location"].to_str().unwrap());
    let whole = whole.planned().await;
    assert_eq!(whole.count("move"), tried.count("move"));
    assert_eq!(whole.data["may_apply"], false);
    // So does a menu item's address.
    let by_item = stage
        .choose("reparent", "Shot", &[1031], "?what-if=root_relocate:Shot=x")
        .await
        .planned()
        .await;
    assert_eq!(by_item.ticked_paths(), ["create /x", "move /x/hl_010_0010"]);
    for (mode, name, value) in [
        ("none", "mode", "both"),
        ("none", "chain.Shot", "a;b"),
        ("as-set", "chain.Shot", "all_shots"),
        ("none", "chain.Shot", &"a/".repeat(9000)),
    ] {
        let form = [("options", "listed"), ("mode", mode), (name, value)];
        assert_eq!(run.press("replan", &form).await.status(), 422, "{name}");
    }
    assert_eq!(stage.writes(), writes);
    stage.nothing_else_was_sent().await;
}

/// V23 the other way: types that are off are passed by, above the selection and below it.
#[tokio::test(flavor = "multi_thread")]
async fn types_that_are_off_are_passed_by_where_a_studio_wants_it() {
    let mut stage = synced().await;
    let enabled = json!(["Project", "Episode", "Shot", "Asset", "Task"]);
    stage
        .set_compatibility("shotgrid_enabled_entities", enabled)
        .await;
    let run = stage.preview("Shot", &[1041]).await.planned().await;
    assert_eq!(run.blocked(), ["parent-missing Shot 1041"]);
    stage
        .restart_amigo_with(&[("AMIGO_PLACEMENT_DISABLED_PARENTS", "nearest")])
        .await;
    let run = stage.preview("Episode", &[11]).await.planned().await;
    let moved: Vec<String> = run.ticked_paths();
    assert!(moved.contains(&"move /ep01/hl_010_0010".to_owned()), "{moved:?}");
    assert!(moved.contains(&"move /ep01/hl_030_0010".to_owned()), "{moved:?}");
    let one = stage.preview("Shot", &[1031]).await.planned().await;
    assert_eq!(one.ticked_paths(), ["move /ep01/hl_010_0010"]);
    let one = one.apply().await.done().await;
    assert_eq!(one.ended("done"), 1);
    // A preset keeps Flow's hierarchy beyond them as well.
    stage
        .restart_amigo_with(&[("AMIGO_PLACEMENT_ROOT_RELOCATE", "keep-hierarchy")])
        .await;
    stage
        .set_parenting(rule("root_relocate", &[("Shot", &["all_shots"])]))
        .await;
    let kept = stage.preview("Episode", &[12]).await.planned().await;
    let moved = kept.ticked_paths();
    assert!(moved.contains(&"move /all_shots/ep02".to_owned()), "{moved:?}");
    stage.nothing_else_was_sent().await;
}

/// Whoever ticks the only moves there are has a place to type their number.
#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_typed_also_where_no_move_was_ticked_at_first() {
    let stage = synced().await;
    stage.set_parenting(json!({})).await;
    let folder = stage
        .ayon
        .folder_by_path("harbor_lights", "/character/child")
        .unwrap();
    let away = format!(
        "{}/api/projects/harbor_lights/folders/{}",
        stage.ayon.url(),
        folder["id"].as_str().unwrap()
    );
    let answer = stage
        .http
        .patch(away)
        .header("x-api-key", crate::harness::API_KEY)
        .json(&json!({"parentId": null}))
        .send()
        .await
        .unwrap();
    assert!(answer.status().is_success());
    let task = &stage.ayon.tasks("harbor_lights", "/child")[0];
    let made = stage.ayon.add_workfile(
        "harbor_lights",
        "/child",
        task["name"].as_str().unwrap(),
        "/work/child.ma",
    );
    assert!(made.is_some());
    let run = stage.preview("Project", &[HARBOR]).await.planned().await;
    assert!(run.ticked_paths().is_empty());
    assert!(run.data["confirm"].is_null());
    let html = run.html().await;
    assert!(html.contains("name=\"confirm\"") && !html.contains("pattern=\" *[0-9]+ *\" required"));
    let id = run.operation("/character/child")["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let ticked = [("ticks", "listed"), ("op", id.as_str())];
    assert_eq!(run.press("apply", &ticked).await.status(), 422);
    stage.let_it_write();
    let answer = run
        .press("apply", &[&ticked[..], &[("confirm", " 1 ")]].concat())
        .await;
    assert_eq!(answer.status(), 303);
    let run = run.done().await;
    assert_eq!(run.outcome("/character/child"), "done");
    stage.nothing_else_was_sent().await;
}
