//! Who is who: the board of users, what is written of it, and what never is.

use std::collections::BTreeMap;
use std::time::Duration;

use amigo::sandbox::controls::{Fault, FaultBody};
use serde_json::{Value, json};

use crate::harness::{ADMIN, HARBOR, RunPage, Stage};

/// Where a person stands: column, AYON user, what says so.
fn seat(run: &RunPage<'_>, person: i64) -> (String, String, String) {
    let nodes = run.data["plan"]["nodes"].as_array().unwrap();
    let node = nodes.iter().find(|node| node["flow"]["id"] == person);
    let seat = &node.unwrap_or_else(|| panic!("{person} has no row"))["seat"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&seat["column"]), text(&seat["user"]), text(&seat["by"]))
}

fn stands(column: &str, user: &str, by: &str) -> (String, String, String) {
    (column.to_owned(), user.to_owned(), by.to_owned())
}

fn codes_of(run: &RunPage<'_>, person: i64) -> Vec<String> {
    let problems = run.data["plan"]["problems"].as_array().unwrap().iter();
    let theirs = problems.filter(|problem| problem["flow"]["id"] == person);
    theirs
        .map(|problem| problem["code"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_seen_and_the_ticked_rows_are_written() {
    let stage = Stage::open().await;
    let before: BTreeMap<String, Value> = users(&stage);
    let passwords = stage.ayon.with_password();
    let run = stage.sync_users("HumanUser", &[]).await.planned().await;
    assert_eq!(stage.writes(), [""; 0], "a plan writes nothing");

    // By the stored id, as number and as text; by e-mail in any case; by login in any case.
    assert_eq!(seat(&run, 57), stands("matched", "mira.kowalski", "stored-id"));
    assert_eq!(seat(&run, 73), stands("matched", "oskar.quill", "stored-id"));
    assert_eq!(seat(&run, 67), stands("link", "u67", "email"));
    assert_eq!(seat(&run, 63), stands("link", "emre.castell", "login"));
    // New ones, with and without an e-mail.
    assert_eq!(seat(&run, 72), stands("create", "nadia.ferro", ""));
    assert_eq!(seat(&run, 76), stands("create", "rosa", ""));
    assert_eq!(seat(&run, 78), stands("create", "render.watch", ""));
    // Two people with one e-mail; two users with one.
    for person in [203, 204] {
        assert_eq!(seat(&run, person).0, "decide");
        assert_eq!(codes_of(&run, person), ["person-email-shared"]);
    }
    assert_eq!(codes_of(&run, 205), ["user-email-twice"]);
    // Who left, and whose user is off although they are not.
    assert_eq!(seat(&run, 75), stands("leavers", "quentin.adeyemi", "stored-id"));
    assert_eq!(seat(&run, 206), stands("update", "gunnar.leaving", "stored-id"));
    assert_eq!(codes_of(&run, 207), ["account-left-out"]);

    let run = run.apply().await.done().await;
    assert_eq!(run.ended("failed"), 0, "{}", run.data["report"]);
    let rosa = stage.user("rosa").unwrap();
    assert_eq!(rosa["attrib"]["fullName"], "Rosa Tidewater");
    assert_eq!(rosa["attrib"]["email"], "rosa@tidewater-vfx.example");
    assert_eq!(rosa["data"]["sg_user_id"], 76);
    assert_eq!(rosa["data"]["defaultAccessGroups"], json!(["freelancer"]));
    let nadia = stage.user("nadia.ferro").unwrap();
    let access = &nadia["data"]["accessGroups"];
    assert_eq!(access["harbor_lights"], json!(["artist"]), "{access}");
    assert_eq!(stage.user("u67").unwrap()["data"]["sg_user_id"], 67);
    assert!(stage.user("gunnar.leaving").unwrap()["active"] == true);
    let after = users(&stage);
    assert_eq!(stage.ayon.with_password(), passwords);
    // Nobody vanished, was renamed, switched off, or lost anything.
    for (name, old) in &before {
        let new = &after[name];
        assert!(old["active"] == false || new["active"] == true, "{name}");
        for flag in ["isAdmin", "isManager"] {
            assert_eq!(old["data"].get(flag), new["data"].get(flag), "{name}");
        }
        for (project, groups) in old["data"]["accessGroups"].as_object().into_iter().flatten() {
            let has = new["data"]["accessGroups"][project].as_array().unwrap();
            assert!(
                groups.as_array().unwrap().iter().all(|group| has.contains(group)),
                "{name}"
            );
        }
    }

    // The second sync has nothing to write, and writes nothing.
    let writes = stage.writes();
    let again = stage.sync_users("HumanUser", &[]).await.planned().await;
    assert_eq!(again.ticked_paths(), [""; 0]);
    assert_eq!(stage.writes(), writes);
    stage.nothing_else_was_sent().await;
}

fn users(stage: &Stage) -> BTreeMap<String, Value> {
    let users = stage.ayon.users().into_iter();
    users
        .map(|user| (user["name"].as_str().unwrap().to_owned(), user))
        .collect()
}

/// Names with quotes, of two hundred characters, from right to left, in HTML, of one letter, without a group.
#[tokio::test(flavor = "multi_thread")]
async fn the_nasty_people_of_the_seed_are_rows_and_nothing_more() {
    let stage = Stage::open().await;
    let nasty: Vec<i64> = (201..=213).collect();
    let run = stage.sync_users("HumanUser", &nasty).await.planned().await;
    let nodes = run.data["plan"]["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), nasty.len());
    assert_eq!(seat(&run, 201).0, "matched");
    assert_eq!(seat(&run, 202), stands("create", "li.ming", ""));
    assert_eq!(seat(&run, 208), stands("create", "user_q", ""));
    for person in [209, 210, 211, 212, 213] {
        let (column, user, _) = seat(&run, person);
        assert_eq!(column, "create", "{person}");
        assert!(amigo::model::user_name_allowed(&user), "{user}");
    }
    let html = run.html().await;
    assert!(
        !html.contains("<script>alert(1)"),
        "what people are called is text"
    );
    assert!(html.contains("&#60;script&#62;alert(1)") || html.contains("&lt;script&gt;alert(1)"));
    let run = run.apply().await.done().await;
    assert_eq!(run.ended("failed"), 0, "{}", run.data["report"]);
    let again = stage.sync_users("HumanUser", &nasty).await.planned().await;
    assert_eq!(again.ticked_paths(), [""; 0]);
    stage.nothing_else_was_sent().await;
}

/// Somebody who knows better says so; it rides in the options and survives another plan.
#[tokio::test(flavor = "multi_thread")]
async fn pairs_by_hand_survive_a_replan_and_are_written() {
    let stage = Stage::open().await;
    let run = stage
        .sync_users("HumanUser", &[203, 204, 205])
        .await
        .planned()
        .await;
    assert_eq!(run.ticked_paths(), [""; 0]);
    let run = run
        .replan(&[
            ("pair.203", "pool"),
            ("pair.204", "+"),
            ("person", "wanda"),
            ("user", "wmill"),
        ])
        .await;
    assert_eq!(run.data["options"]["pairs"], "203:pool 204:+ 205:wmill");
    assert_eq!(seat(&run, 203), stands("link", "pool", "hand"));
    assert_eq!(seat(&run, 204), stands("create", "pool.two", ""));
    assert_eq!(seat(&run, 205), stands("link", "wmill", "hand"));
    // The e-mail is one user's only.
    assert_eq!(codes_of(&run, 204), ["user-email-taken"]);
    // Planned again as it is, they stay; one is taken back.
    let run = run.replan(&[("pair.205", "")]).await;
    assert_eq!(run.data["options"]["pairs"], "203:pool 204:+");
    assert_eq!(seat(&run, 205).0, "decide");
    let run = run.apply().await.done().await;
    assert_eq!(run.ended("failed"), 0, "{}", run.data["report"]);
    assert_eq!(stage.user("pool").unwrap()["data"]["sg_user_id"], 203);
    assert_eq!(stage.user("pool.two").unwrap()["data"]["sg_user_id"], 204);
    // What was decided is stored now, and needs nobody to say it again.
    let again = stage.sync_users("HumanUser", &[203, 204]).await.planned().await;
    assert_eq!(again.ticked_paths(), [""; 0]);
    assert_eq!(seat(&again, 203), stands("matched", "pool", "stored-id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn pairs_that_make_no_sense_are_refused_with_words() {
    let stage = Stage::open().await;
    let run = stage.sync_users("HumanUser", &[203, 204]).await.planned().await;
    for form in [
        &[("pair.203", "pool"), ("pair.204", "pool")][..],
        &[("pair.203", "<b>")],
        &[("pair.x", "pool")],
        &[("person", "ghost.login"), ("user", "pool")],
        &[("person", "203"), ("user", "")],
    ] {
        let answer = run.press("replan", form).await;
        assert_eq!(answer.status(), 422, "{form:?}");
    }
    // A user that is somebody else's is told on the board.
    let run = run.replan(&[("pair.203", "mira.kowalski")]).await;
    assert_eq!(codes_of(&run, 203), ["pair-impossible"]);
}

/// Leavers are switched off only by a tick, and only with the count typed; an administrator never.
#[tokio::test(flavor = "multi_thread")]
async fn who_left_is_switched_off_by_a_tick_and_a_typed_count() {
    let stage = Stage::open().await;
    stage
        .flow
        .set_field("HumanUser", 58, "sg_status_list", json!("dis"));
    stage.flow.retire("HumanUser", 59);
    stage
        .flow
        .set_field("HumanUser", 42, "sg_status_list", json!("dis"));
    // The other manager goes as well: one of them has to stay.
    stage
        .flow
        .set_field("HumanUser", 57, "sg_status_list", json!("dis"));
    let run = stage.sync_users("HumanUser", &[]).await.planned().await;
    assert_eq!(run.data["confirm"], Value::Null, "nothing of it is ticked");
    for (person, user) in [(58, "ansel.okafor"), (59, "bea.lindqvist")] {
        assert_eq!(seat(&run, person).0, "leavers");
        assert_eq!(run.operation(user)["ticked"], false);
    }
    let protected = codes_of(&run, 42).len() + codes_of(&run, 57).len();
    assert_eq!(protected, 1, "one manager is kept");
    let run = run.tick("ansel.okafor").tick("bea.lindqvist");
    let ids: Vec<String> = ["ansel.okafor", "bea.lindqvist"]
        .map(|user| run.operation(user)["id"].as_str().unwrap().to_owned())
        .into();
    let ticks = [
        ("ticks", "listed"),
        ("op", ids[0].as_str()),
        ("op", ids[1].as_str()),
    ];
    for typed in [None, Some("1"), Some("two")] {
        let typed = typed.map(|typed| ("confirm", typed));
        let form: Vec<(&str, &str)> = ticks.into_iter().chain(typed).collect();
        let answer = run.press("apply", &form).await;
        assert_eq!(answer.status(), 422);
        assert!(
            answer
                .text()
                .await
                .unwrap()
                .contains("2 users would be switched off or demoted")
        );
    }
    stage.let_it_write();
    let form: Vec<(&str, &str)> = ticks.into_iter().chain([("confirm", "2")]).collect();
    assert_eq!(run.press("apply", &form).await.status(), 303);
    let run = run.done().await;
    assert_eq!(run.ended("done"), 2);
    assert_eq!(stage.user("ansel.okafor").unwrap()["active"], false);
    assert_eq!(stage.user("bea.lindqvist").unwrap()["active"], false);
    stage.nothing_else_was_sent().await;
}

/// Users are written a few at the same time, eight unless somebody says otherwise, and the page is told how far it is.
#[tokio::test(flavor = "multi_thread")]
async fn a_few_users_are_written_at_the_same_time() {
    let stage = Stage::open().await;
    let run = stage.sync_users("HumanUser", &[]).await.planned().await;
    let ticked = run.ticked_paths().len();
    assert!(ticked > 16, "{ticked} users are no crowd");
    stage.ayon.controls().set_latency(Duration::from_millis(60));
    stage.forget_requests();
    let run = run.apply().await.done().await;
    let requests = stage.ayon.controls().requests();
    let written = requests
        .iter()
        .filter(|request| matches!(request.method.as_str(), "PUT" | "PATCH"));
    let most = written.map(|request| request.beside + 1).max().unwrap();
    assert!((2..=8).contains(&most), "{most} at the same time");
    let events = stage
        .get(&format!("{}/events", run.path))
        .await
        .text()
        .await
        .unwrap();
    assert!(events.contains("\"phase\":\"Users\""), "{events}");
}

/// A page of the listing that fails makes nobody a leaver: the run fails instead.
#[tokio::test(flavor = "multi_thread")]
async fn a_listing_that_fails_ends_the_run() {
    let stage = Stage::open().await;
    for (controls, path) in [
        (stage.ayon.controls(), "/api/users/bea.lindqvist"),
        (stage.ayon.controls(), "/graphql"),
        (stage.flow.controls(), "/entity/HumanUser/_search"),
    ] {
        controls.add_fault(Fault {
            path: path.to_owned(),
            status: 500,
            times: 100,
            ..Fault::default()
        });
        let run = stage.sync_users("HumanUser", &[]).await.failed().await;
        assert!(run.data["plan"].is_null());
        controls.clear_faults();
    }
}

/// Members of a Group and of a Project; whoever works on rows.
#[tokio::test(flavor = "multi_thread")]
async fn a_selection_means_its_people() {
    let stage = Stage::open().await;
    let people = |run: &RunPage<'_>| -> Vec<i64> {
        let nodes = run.data["plan"]["nodes"].as_array().unwrap();
        let mut ids: Vec<i64> = nodes
            .iter()
            .map(|node| node["flow"]["id"].as_i64().unwrap())
            .collect();
        ids.sort_unstable();
        ids
    };
    let ids = |links: &Value, kind: &str| -> Vec<i64> {
        let links = links.as_array().into_iter().flatten();
        links
            .filter(|link| link["type"] == kind)
            .map(|link| link["id"].as_i64().unwrap())
            .collect()
    };
    let group = stage.flow.ids("Group")[0];
    let mut members = ids(&stage.row("Group", group)["users"], "HumanUser");
    members.sort_unstable();
    let run = stage.sync_users("Group", &[group]).await.planned().await;
    assert_eq!(people(&run), members);
    let run = stage.sync_users("Project", &[HARBOR]).await.planned().await;
    let mut members = ids(&stage.row("Project", HARBOR)["users"], "HumanUser");
    members.sort_unstable();
    assert_eq!(people(&run), members);
    // Of two Tasks, one is a group's.
    let tasks = stage.flow.ids("Task");
    let grouped = tasks
        .iter()
        .find(|id| !ids(&stage.row("Task", **id)["task_assignees"], "Group").is_empty());
    let alone = tasks
        .iter()
        .find(|id| ids(&stage.row("Task", **id)["task_assignees"], "HumanUser").len() == 1);
    let (grouped, alone) = (*grouped.unwrap(), *alone.unwrap());
    let mut expected = ids(&stage.row("Task", alone)["task_assignees"], "HumanUser");
    let assigned = stage.row("Task", grouped)["task_assignees"].clone();
    expected.extend(ids(&assigned, "HumanUser"));
    for group in ids(&assigned, "Group") {
        expected.extend(ids(&stage.row("Group", group)["users"], "HumanUser"));
    }
    expected.sort_unstable();
    expected.dedup();
    let run = stage.sync_users("Task", &[grouped, alone]).await.planned().await;
    assert_eq!(people(&run), expected);
    // Rows that have Tasks mean whoever works on those.
    for kind in ["Shot", "Asset"] {
        let of = |task: i64| stage.row("Task", task)["entity"].clone();
        let tasks = stage.flow.ids("Task");
        let tasks = tasks.iter().filter(|task| {
            let people = ids(&stage.row("Task", **task)["task_assignees"], "HumanUser");
            of(**task)["type"] == kind && !people.is_empty()
        });
        let row = of(*tasks.clone().next().unwrap())["id"].as_i64().unwrap();
        let mut expected: Vec<i64> = Vec::new();
        for task in stage
            .flow
            .ids("Task")
            .into_iter()
            .filter(|task| of(*task)["id"] == row && of(*task)["type"] == kind)
        {
            let assigned = stage.row("Task", task)["task_assignees"].clone();
            expected.extend(ids(&assigned, "HumanUser"));
            for group in ids(&assigned, "Group") {
                expected.extend(ids(&stage.row("Group", group)["users"], "HumanUser"));
            }
        }
        expected.sort_unstable();
        expected.dedup();
        let run = stage.sync_users(kind, &[row]).await.planned().await;
        assert_eq!(people(&run), expected, "{kind} {row}");
    }
    // Nobody at all is told, not taken for everybody.
    let nobody = stage.flow.create("Group", json!({"code": "Empty"})).unwrap();
    let run = stage
        .sync_users("Group", &[nobody])
        .await
        .reaches(&["refused"])
        .await;
    assert_eq!(run.error(), "nobody-selected");
}

/// Types that the action is not for are refused at the door, and so is a page of rows with nothing selected.
#[tokio::test(flavor = "multi_thread")]
async fn other_types_are_refused_at_the_door() {
    let stage = Stage::open().await;
    let item = |kind: &str| stage.item_of("users", kind, "");
    for (kind, ids, code) in [
        ("Sequence", vec![1020], "type-not-for-action"),
        ("Shot", vec![], "nothing-selected"),
    ] {
        let mut form = stage.flow.ami_form(item(kind), kind, &ids, ADMIN, Some(HARBOR));
        crate::harness::sign(&mut form);
        let answer = stage
            .http
            .post(format!("{}/ami/users", stage.url()))
            .header("accept", "application/json")
            .form(&form)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 422);
        let told: Value = answer.json().await.unwrap();
        assert_eq!(told["error"]["code"], code);
    }
    let mut form = stage
        .flow
        .ami_form(stage.item("HumanUser", ""), "HumanUser", &[57], ADMIN, None);
    crate::harness::sign(&mut form);
    assert_eq!(
        stage.post("/ami/sync", &form).await.status(),
        422,
        "people are not synced as rows"
    );
}

/// The Tasks of people whom AYON knows since then can be synced at once.
#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_assigned_now_is_offered_as_a_sync() {
    let stage = Stage::open().await;
    let task = stage.tasks_of("Shot", 1043)[0];
    let nadia = json!([{"type": "HumanUser", "id": 72, "name": "Nadia Ferro"}]);
    stage.flow.set_field("Task", task, "task_assignees", nadia);
    let run = stage.sync_users("Task", &[task]).await.planned().await;
    assert_eq!(seat(&run, 72).0, "create");
    let run = run.apply().await.done().await;
    let html = run.html().await;
    assert!(html.contains("Sync 1 Task to AYON"), "{html}");
    let answer = run.press("follow", &[]).await;
    assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap());
    let sync = RunPage::at(&stage, answer.headers()["location"].to_str().unwrap())
        .planned()
        .await;
    assert_eq!(sync.data["action"], "sync");
    assert_eq!(sync.data["parent"], run.data["view"]);
    assert_eq!(sync.data["selection"]["ids"], json!([task]));
    let changes: Vec<&Value> = sync.data["plan"]["operations"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|operation| operation["changes"].as_array().unwrap())
        .filter(|change| change["field"] == "assignees")
        .collect();
    assert!(
        changes
            .iter()
            .any(|change| change["to"].to_string().contains("nadia.ferro")),
        "{changes:?}"
    );
    // Nothing follows from a run that wrote nobody.
    let other = stage.sync_users("HumanUser", &[57]).await.planned().await;
    assert_eq!(other.press("follow", &[]).await.status(), 409);
}

/// Only administrators by default; a studio may let others look.
#[tokio::test(flavor = "multi_thread")]
async fn the_policy_decides_who_may() {
    let stage = Stage::open().await;
    let run = stage
        .sync_users_by(57, "HumanUser", &[])
        .await
        .reaches(&["refused"])
        .await;
    assert_eq!(run.error(), "plan-not-permitted");
    stage.close().await;
    let stage = Stage::set(|setting| {
        setting.toml = Some(
            "[policy.users]\nmanager = \"plan\"\nartist = \"apply own\"\n[users.roles]\nmanager = [\"supervisor\"]\n"
                .to_owned(),
        );
    })
    .await;
    let run = stage.sync_users_by(57, "HumanUser", &[72]).await.planned().await;
    assert_eq!(run.data["may_apply"], false);
    assert_eq!(run.press("apply", &[]).await.status(), 403);
    // "Own projects" cannot mean everybody.
    let run = stage
        .sync_users_by(58, "HumanUser", &[72])
        .await
        .reaches(&["refused"])
        .await;
    assert_eq!(run.error(), "plan-not-permitted");
}

/// What a run leaves behind is about nobody, however it ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_of_users_is_pruned_when_its_run_has_ended() {
    let mut stage = Stage::open().await;
    let private = [
        "tidewater-vfx.example",
        "Rosa Tidewater",
        "Nadia Ferro",
        "zoë@example.com",
    ];
    let run = stage.sync_users("HumanUser", &[]).await.planned().await;
    let whole = run.data.to_string();
    assert!(private.iter().all(|text| whole.contains(text)));
    let view = run.view();
    let done = run.apply().await.done().await;
    let cancelled = stage.sync_users("HumanUser", &[72, 76]).await.planned().await;
    assert_eq!(cancelled.press("cancel", &[]).await.status(), 303);
    let (done_path, cancelled_path) = (done.path.clone(), cancelled.path.clone());
    for path in [&done_path, &cancelled_path] {
        let text = stage.get(&format!("{path}.json")).await.text().await.unwrap();
        let html = stage.get(path).await.text().await.unwrap();
        for gone in private {
            assert!(!text.contains(gone), "{path}: {gone}");
            assert!(!html.contains(gone), "{path}: {gone}");
        }
    }
    // Counts and ids stay, and lead to both sides.
    let report: Value = stage
        .get(&format!("{done_path}.json"))
        .await
        .json()
        .await
        .unwrap();
    assert!(report["report"]["counts"]["done"].as_u64().unwrap() > 5);
    assert!(report["plan"]["counts"]["create"].as_u64().unwrap() > 3);
    let html = stage.get(&view).await.text().await.unwrap();
    assert!(
        html.contains("/detail/HumanUser/76") && html.contains("/settings/users?name=rosa"),
        "{html}"
    );
    // And so is what everybody still needs: with an e-mail, without one, and who only was switched off.
    for (name, needs) in [
        (
            "rosa",
            "Takes a licence. Still needs SSO or an invitation to log in.",
        ),
        ("render.watch", "without an e-mail nobody can be invited"),
        ("gunnar.leaving", "Takes a licence again."),
    ] {
        let row = html.split("<li ").find(|row| row.contains(&format!(">{name}<")));
        let row = row.unwrap_or_else(|| panic!("{name} has no row"));
        assert!(row.contains(needs), "{row}");
    }
    // The database does not hold it either.
    stage.stop_amigo().await;
    for name in ["amigo.db", "amigo.db-wal"] {
        let Ok(bytes) = std::fs::read(stage.folder().join(name)) else {
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        for gone in private {
            assert!(!text.contains(gone), "{name} holds {gone}");
        }
    }
}

/// Somebody else was quicker: nothing is written by a plan that is out of date.
#[tokio::test(flavor = "multi_thread")]
async fn what_changed_meanwhile_makes_the_plan_stale() {
    let stage = Stage::open().await;
    let run = stage.sync_users("HumanUser", &[72]).await.planned().await;
    let answer = stage
        .http
        .put(format!("{}/api/users/nadia", stage.ayon.url()))
        .header("x-api-key", crate::harness::API_KEY)
        .json(&json!({"attrib": {"email": "NADIA.ferro@demo-studio.example"}}))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 204);
    let run = run.apply().await.reaches(&["stale"]).await;
    assert!(stage.user("nadia.ferro").is_none(), "{}", run.data["error"]);
}

/// A fault at one system halts the rest; a cancelled run says what it did not reach.
#[tokio::test(flavor = "multi_thread")]
async fn a_system_that_goes_away_stops_the_rest() {
    let stage = Stage::open().await;
    let run = stage.sync_users("HumanUser", &[]).await.planned().await;
    stage.ayon.controls().add_fault(Fault {
        method: Some("PUT".to_owned()),
        path: "/api/users/".to_owned(),
        body: FaultBody::Reset,
        times: 1000,
        ..Fault::default()
    });
    let run = run.apply().await.done().await;
    assert!(run.ended("failed") > 0);
    assert!(run.html().await.contains("Not done"));
    stage.ayon.controls().clear_faults();
    let again = stage.sync_users("HumanUser", &[]).await.planned().await;
    let again = again.apply().await.done().await;
    assert_eq!(again.ended("failed"), 0, "{}", again.data["report"]);
}
