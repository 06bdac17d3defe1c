//! The binary as a shell sees it: exit codes are a promise to scripts.

use std::collections::BTreeMap;

use amigo::model::SyncOptions;
use amigo::sandbox::controls::FaultBody;
use serde_json::{Value, json};

use crate::harness::{API_KEY, Ended, Program, SECRETS, Stage, always};

async fn amigo(stage: &Stage, arguments: &[&str]) -> Ended {
    let ended = Program::run(stage.folder(), arguments, stage.variables()).await;
    for secret in SECRETS {
        assert!(
            !ended.out.contains(secret) && !ended.err.contains(secret),
            "{ended:?}"
        );
    }
    ended
}

async fn plan(stage: &Stage, ids: &str, more: &[&str]) -> Ended {
    let mut arguments = vec![
        "plan",
        "--action",
        "sync",
        "--project",
        "188",
        "--type",
        "Shot",
        "--ids",
        ids,
    ];
    arguments.extend(more);
    amigo(stage, &arguments).await
}

#[tokio::test(flavor = "multi_thread")]
async fn plan_tells_by_its_exit_code_what_there_is_to_do() {
    let stage = Stage::open().await;
    let nothing = plan(&stage, "1031", &[]).await;
    assert_eq!(nothing.code, Some(0), "{nothing:?}");
    let changes = plan(&stage, "1062,1063", &[]).await;
    assert_eq!(changes.code, Some(2), "{changes:?}");
    assert!(
        changes.out.contains("/ep01/hl_040/hl_040_0010"),
        "{}",
        changes.out
    );
    assert!(changes.out.contains("11 to create"), "{}", changes.out);
    let blocked = plan(&stage, "1051,1062", &[]).await;
    assert_eq!(blocked.code, Some(3), "blocked wins over changes: {blocked:?}");
    assert!(blocked.out.contains("[label-not-allowed]"), "{}", blocked.out);
    let project = amigo(&stage, &["plan", "--project", "204"]).await;
    assert_eq!(project.code, Some(2), "{project:?}");
    let narrow = plan(&stage, "1062", &["--no-tasks", "--no-descendants"]).await;
    assert!(narrow.out.contains("2 to create"), "{}", narrow.out);
    assert_eq!(stage.writes(), [""; 0]);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_usage_is_an_error() {
    let stage = Stage::open().await;
    for arguments in [
        vec!["plan"],
        vec!["plan", "--project", "x"],
        vec!["plan", "--project", "0"],
        vec!["plan", "--project", "188", "--type", "Note", "--ids", "1"],
        vec!["plan", "--project", "188", "--type", "Shot"],
        vec!["plan", "--project", "188", "--type", "Shot", "--ids", "-1"],
        vec!["plan", "--project", "188", "--action", "destroy"],
        vec!["plan", "--project", "999999"],
        vec!["apply"],
        vec!["apply", "--plan", "nowhere.json"],
        vec!["dance"],
        vec![],
    ] {
        let ended = amigo(&stage, &arguments).await;
        assert_eq!(ended.code, Some(1), "{arguments:?}: {ended:?}");
        assert!(!ended.err.is_empty(), "{arguments:?}");
        assert!(!ended.err.contains("panicked"), "{arguments:?}: {}", ended.err);
    }
    for arguments in [vec!["--help"], vec!["--version"], vec!["plan", "--help"]] {
        assert_eq!(amigo(&stage, &arguments).await.code, Some(0), "{arguments:?}");
    }
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_as_data_has_the_shape_of_a_run() {
    let stage = Stage::open().await;
    let ended = plan(&stage, "1062", &["--json"]).await;
    assert_eq!(ended.code, Some(2));
    let run: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(
        (&run["state"], &run["origin"], &run["action"]),
        (&"planned".into(), &"cli".into(), &"sync".into())
    );
    assert_eq!(run["projects"][0]["ayon"], "harbor_lights");
    assert!(run["calls"]["flow"]["requests"].as_u64().unwrap() > 0);

    // The page plans the same, to the last bit.
    let page = stage.right_click("Shot", &[1062]).await.planned().await;
    assert_eq!(run["plan"]["digest"], page.data["plan"]["digest"]);
    assert_eq!(run["plan"]["operations"], page.data["plan"]["operations"]);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_plan_is_applied_once() {
    let stage = Stage::open().await;
    let saved = plan(&stage, "1043", &["--out", "plan.json"]).await;
    assert_eq!(saved.code, Some(2), "{saved:?}");
    stage.let_it_write();
    let applied = amigo(&stage, &["apply", "--plan", "plan.json"]).await;
    assert_eq!(applied.code, Some(0), "{applied:?}");
    assert!(
        applied.out.contains("5 done, 0 failed, 0 skipped"),
        "{}",
        applied.out
    );
    assert_eq!(stage.row("Shot", 1043)["sg_ayon_sync_status"], "Synced");
    let writes = stage.writes();
    let again = amigo(&stage, &["apply", "--plan", "plan.json", "--json"]).await;
    assert_eq!(again.code, Some(4), "{again:?}");
    let run: Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!(
        (&run["state"], &run["error"]["code"]),
        (&"stale".into(), &"stale".into())
    );
    assert_eq!(stage.writes(), writes);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switch_is_on_the_command_line_and_in_the_readme() {
    let stage = Stage::open().await;
    let help = amigo(&stage, &["plan", "--help"]).await.out;
    let readme = include_str!("../../README.md");
    for switch in SyncOptions::SWITCHES {
        let flag = format!("--no-{}", switch.word);
        assert!(help.split_whitespace().any(|word| word == flag), "{help}");
        let row = format!("| {} | `?{}=no` | `{flag}` |", switch.title, switch.word);
        assert!(readme.contains(&row), "{row}");
        let planned = plan(&stage, "1031", &[&flag, "--json"]).await;
        let run: Value = serde_json::from_str(&planned.out).unwrap();
        assert_eq!(run["options"], json!({ switch.word: "no" }), "{flag}");
    }
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn switches_ride_in_the_saved_plan() {
    let stage = Stage::open().await;
    let off = ["--no-status", "--no-tags", "--no-assignees", "--no-attributes"];
    let saved = plan(&stage, "1043", &[&off[..], &["--out", "plan.json"]].concat()).await;
    assert_eq!(saved.code, Some(2), "{saved:?}");
    stage.let_it_write();
    let applied = amigo(&stage, &["apply", "--plan", "plan.json", "--json"]).await;
    assert_eq!(applied.code, Some(0), "{applied:?}");
    let run: Value = serde_json::from_str(&applied.out).unwrap();
    assert_eq!(
        run["options"],
        json!({ "status": "no", "tags": "no", "assignees": "no", "attributes": "no" })
    );
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_applied_says_so() {
    let stage = Stage::open().await;
    plan(&stage, "1043", &["--out", "plan.json"]).await;
    let file = stage.folder().join("plan.json");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("hl_020_0030", "hl_020_0031")).unwrap();
    let edited = amigo(&stage, &["apply", "--plan", "plan.json"]).await;
    assert_eq!(edited.code, Some(1), "{edited:?}");
    assert!(
        edited.err.contains("changed since it was saved"),
        "{}",
        edited.err
    );
    std::fs::write(&file, "{}").unwrap();
    let empty = amigo(&stage, &["apply", "--plan", "plan.json"]).await;
    assert_eq!(empty.code, Some(1), "{empty:?}");

    std::fs::write(&file, text).unwrap();
    stage
        .flow
        .controls()
        .add_fault(always("/_batch", FaultBody::Json, 503));
    stage.let_it_write();
    let in_part = amigo(&stage, &["apply", "--plan", "plan.json"]).await;
    assert_eq!(in_part.code, Some(5), "{in_part:?}");
    assert!(
        in_part
            .out
            .contains("hl_020_0030/layout: AYON has it; whether Flow was told"),
        "{}",
        in_part.out
    );
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn systems_that_are_not_there_are_an_error() {
    let stage = Stage::open().await;
    let mut variables = stage.variables().clone();
    // Nobody listens on a port that was just given back.
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    variables.insert("AMIGO_AYON_URL".to_owned(), format!("http://{closed}"));
    let ended = Program::run(stage.folder(), &["plan", "--project", "188"], &variables).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.err.contains("AYON cannot be reached"), "{}", ended.err);

    let mut variables = stage.variables().clone();
    variables.insert("AMIGO_AYON_API_KEY".to_owned(), "planted-wrong-key".to_owned());
    let ended = Program::run(stage.folder(), &["plan", "--project", "188"], &variables).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        ended.err.contains("API key") && !ended.err.contains("planted"),
        "{}",
        ended.err
    );
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_configuration_stops_the_start_and_is_pointed_at() {
    let folder = tempfile::tempdir().unwrap();
    let of = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    };
    for (variables, said) in [
        (
            of(&[("AMIGO_LISTEM", "127.0.0.1:1")]),
            "AMIGO_LISTEM is not a variable",
        ),
        (
            of(&[("AMIGO_LISTEN", "everywhere")]),
            "AMIGO_LISTEN is \"everywhere\", but must be",
        ),
        (of(&[("AMIGO_AMI_MAX_AGE", "soon")]), "AMIGO_AMI_MAX_AGE"),
        (of(&[("AMIGO_AMI_ALLOW_UNSIGNED", "maybe")]), "true or false"),
        (
            of(&[("AMIGO_DATABASE_URL", "mysql://root:hidden@db/x")]),
            "AMIGO_DATABASE_URL",
        ),
        (of(&[("AMIGO_LOG_FORMAT", "xml")]), "AMIGO_LOG_FORMAT"),
        (of(&[]), "AMIGO_AYON_URL"),
    ] {
        let ended = Program::run(folder.path(), &["serve"], &variables).await;
        assert_eq!(ended.code, Some(1), "{variables:?}: {ended:?}");
        assert!(ended.err.contains(said), "{variables:?}: {}", ended.err);
        assert!(!ended.err.contains("hidden@"), "{}", ended.err);
    }
    for (text, said) in [
        (
            "listem = \"127.0.0.1:0\"\n",
            "line 1, column 1: listem is not a key",
        ),
        ("\n[ayon]\nurl = 7\n", "line 3, column 7: ayon.url"),
        ("[ami]\nsecrets = [\"planted\", 7]\n", "ami.secrets"),
        ("listen = \n", "line 1"),
    ] {
        std::fs::write(folder.path().join("wrong.toml"), text).unwrap();
        let ended = Program::run(folder.path(), &["serve", "--config", "wrong.toml"], &of(&[])).await;
        assert_eq!(ended.code, Some(1), "{text}: {ended:?}");
        assert!(
            ended.err.contains("wrong.toml") && ended.err.contains(said),
            "{text}: {}",
            ended.err
        );
        assert!(!ended.err.contains("planted"), "{}", ended.err);
    }
    let ended = Program::run(folder.path(), &["serve", "--config", "none.toml"], &of(&[])).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.err.contains("none.toml"), "{}", ended.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stand_in_for_ayon_runs_alone() {
    let folder = tempfile::tempdir().unwrap();
    let none = BTreeMap::new();
    let mut program = Program::start(
        folder.path(),
        &["sandbox", "ayon", "--empty", "--api-key", API_KEY],
        &none,
    );
    let url = program
        .says("AYON server")
        .await
        .split_whitespace()
        .last()
        .unwrap()
        .to_owned();
    let key = program
        .says("API key")
        .await
        .split_whitespace()
        .last()
        .unwrap()
        .to_owned();
    assert_eq!(key, API_KEY);
    let get = async |path: &str| -> Value {
        let request = reqwest::Client::new()
            .get(format!("{url}{path}"))
            .header("x-api-key", &key);
        request.send().await.unwrap().json().await.unwrap()
    };
    assert_eq!(get("/api/projects").await["projects"], Value::Array(Vec::new()));
    assert!(get("/api/bundles").await["productionBundle"].is_string());
    let state = get("/_sandbox/state").await;
    assert!(state["attributes"].to_string().contains("shotgridId"));
    let ended = program.terminate().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stand_in_for_flow_runs_alone() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "sandbox",
        "flow",
        "--script-name",
        "tester",
        "--script-key",
        "a-key",
    ];
    let mut program = Program::start(folder.path(), &arguments, &BTreeMap::new());
    let url = program
        .says("Flow site")
        .await
        .split_whitespace()
        .last()
        .unwrap()
        .to_owned();
    program.says("tester").await;
    program.says("a-key").await;
    let answer = reqwest::Client::new()
        .post(format!("{url}/api/v1/auth/access_token"))
        .header("accept", "application/json")
        .form(&[
            ("grant_type", "client_credentials"),
            ("client_id", "tester"),
            ("client_secret", "a-key"),
        ])
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let desk = reqwest::get(format!("{url}/desk/188/shots")).await.unwrap();
    assert!(desk.text().await.unwrap().contains("hl_010_0010"));
    let ended = program.terminate().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");

    let wide = Program::run(
        folder.path(),
        &["sandbox", "flow", "--listen", "0.0.0.0:0"],
        &BTreeMap::new(),
    )
    .await;
    assert_eq!(wide.code, Some(1), "{wide:?}");
    assert!(wide.err.contains("loopback"), "{}", wide.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_prints_where_to_look() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = Program::start(folder.path(), &["demo"], &BTreeMap::new());
    demo.says("Ctrl-C").await;
    for (name, path, holds) in [
        ("  Flow", "/desk/188/shots", "hl_010_0010"),
        ("  AYON", "/projects/harbor_lights", "hl_010"),
        ("  amigo", "/", "amigo"),
    ] {
        let line = demo.says(name).await;
        let url = line
            .split_whitespace()
            .find(|word| word.starts_with("http://"))
            .unwrap();
        let answer = reqwest::get(format!("{url}{path}")).await.unwrap();
        assert_eq!(answer.status(), 200, "{line}");
        assert!(answer.text().await.unwrap().contains(holds), "{line}");
    }
    let ended = demo.terminate().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

/// Re-parenting from the command line: the same plan, its exit codes, and the count that a whole project asks for.
#[tokio::test(flavor = "multi_thread")]
async fn re_parenting_is_planned_and_applied_with_its_count() {
    let stage = Stage::open().await;
    let none = amigo(&stage, &["plan", "--action", "reparent", "--project", "188"]).await;
    assert_eq!(none.code, Some(0), "{none:?}");
    let presets = json!([{"filter_by_sg_entity_type": "Asset",
        "parents": [{"folder_type": "Folder", "folder_name": "build"}]}]);
    stage
        .set_parenting(json!({"type_grouping": {"enabled": true, "presets": presets}}))
        .await;
    let planned = amigo(
        &stage,
        &[
            "plan",
            "--action",
            "reparent",
            "--project",
            "188",
            "--out",
            "moves.json",
        ],
    )
    .await;
    assert_eq!(planned.code, Some(2), "{planned:?}");
    assert!(planned.out.contains("/build/character/"), "{}", planned.out);
    let page = stage.preview("Project", &[188]).await.planned().await;
    let saved: Value =
        serde_json::from_str(&std::fs::read_to_string(stage.folder().join("moves.json")).unwrap()).unwrap();
    assert_eq!(
        saved["plan"]["digest"], page.data["plan"]["digest"],
        "the page plans the same"
    );
    let count = saved["confirm"].as_u64().unwrap().to_string();
    for wrong in [
        &["apply", "--plan", "moves.json"][..],
        &["apply", "--plan", "moves.json", "--confirm", "0"],
    ] {
        let refused = amigo(&stage, wrong).await;
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(
            refused.err.contains(&format!("--confirm {count}")),
            "{}",
            refused.err
        );
    }
    stage.let_it_write();
    let applied = amigo(&stage, &["apply", "--plan", "moves.json", "--confirm", &count]).await;
    assert_eq!(applied.code, Some(0), "{applied:?}");

    let tried = ["--what-if", "root_relocate: Shot = cut", "--out", "tried.json"];
    let tried = amigo(
        &stage,
        &[&["plan", "--action", "reparent", "--project", "188"][..], &tried].concat(),
    )
    .await;
    assert_eq!(tried.code, Some(3), "two Shots are published: {tried:?}");
    let never = amigo(&stage, &["apply", "--plan", "tried.json", "--confirm", "1"]).await;
    assert_eq!(never.code, Some(1), "{never:?}");
    assert!(never.err.contains("only to look at"), "{}", never.err);
    for wrong in [
        ["--action", "reparent", "--no-tags"].as_slice(),
        &["--action", "reparent", "--what-if", "sideways"],
        &["--action", "sync", "--what-if", "none"],
    ] {
        let wrong = amigo(&stage, &[&["plan", "--project", "188"][..], wrong].concat()).await;
        assert_eq!(wrong.code, Some(1), "{wrong:?}");
    }
    stage.nothing_else_was_sent().await;
}

/// Users from the command line: everybody, pairs by hand, and the count that switching people off asks for.
#[tokio::test(flavor = "multi_thread")]
async fn users_are_planned_paired_and_switched_off_with_their_count() {
    let stage = Stage::open().await;
    let everybody = amigo(&stage, &["plan", "--action", "users", "--json"]).await;
    assert_eq!(
        everybody.code,
        Some(3),
        "some have to be decided about: {everybody:?}"
    );
    let told: Value = serde_json::from_str(&everybody.out).unwrap();
    assert!(told["plan"]["counts"]["create"].as_u64().unwrap() > 5);
    let of_some = |more: &[&'static str]| -> Vec<&'static str> {
        [&["plan", "--action", "users", "--type", "HumanUser"][..], more].concat()
    };
    let undecided = amigo(&stage, &of_some(&["--ids", "203,204"])).await;
    assert_eq!(undecided.code, Some(3), "{undecided:?}");
    assert!(
        undecided.out.contains("[person-email-shared]"),
        "{}",
        undecided.out
    );
    let paired = of_some(&[
        "--ids",
        "203,204",
        "--pairs",
        "203:pool 204:-",
        "--out",
        "pairs.json",
    ]);
    let paired = amigo(&stage, &paired).await;
    assert_eq!(paired.code, Some(2), "{paired:?}");
    stage.let_it_write();
    let applied = amigo(&stage, &["apply", "--plan", "pairs.json"]).await;
    assert_eq!(applied.code, Some(0), "{applied:?}");
    assert_eq!(stage.user("pool").unwrap()["data"]["sg_user_id"], 203);

    let left = amigo(&stage, &of_some(&["--ids", "75", "--out", "left.json"])).await;
    assert_eq!(left.code, Some(0), "nothing is ticked: {left:?}");
    assert!(left.out.contains("quentin.adeyemi"), "{}", left.out);
    let saved: Value =
        serde_json::from_str(&std::fs::read_to_string(stage.folder().join("left.json")).unwrap()).unwrap();
    let off = saved["plan"]["operations"][0]["id"].as_str().unwrap().to_owned();
    let apply = ["apply", "--plan", "left.json", "--tick", &off];
    for wrong in [&apply[..], &["apply", "--plan", "left.json", "--tick", "ghost"]] {
        let refused = amigo(&stage, wrong).await;
        assert_eq!(refused.code, Some(1), "{refused:?}");
    }
    let refused = amigo(&stage, &[&apply[..], &["--confirm", "2"]].concat()).await;
    assert!(refused.err.contains("--confirm 1"), "{}", refused.err);
    let done = amigo(&stage, &[&apply[..], &["--confirm", "1"]].concat()).await;
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(stage.user("quentin.adeyemi").unwrap()["active"], false);
    for wrong in [
        &["--action", "users", "--no-tags"][..],
        &["--action", "users", "--what-if", "none"],
        &["--action", "users", "--type", "Sequence", "--ids", "1020"],
        &["--action", "users", "--pairs", "57:a b"],
        &["--action", "sync", "--project", "188", "--pairs", "57:mira"],
        &["--action", "sync"],
    ] {
        let wrong = amigo(&stage, &[&["plan"][..], wrong].concat()).await;
        assert_eq!(wrong.code, Some(1), "{wrong:?}");
    }
    stage.nothing_else_was_sent().await;
}
