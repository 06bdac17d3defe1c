//! Who may plan and who may apply: the table of the manual, held by what Flow says of a person at that moment.

use std::collections::BTreeMap;

use amigo::config::Settings;
use amigo::sandbox::controls::FaultBody;
use serde_json::{Value, json};

use crate::door::{changed, refuses};
use crate::harness::{HARBOR, RunPage, SALT, Stage, always};

const ADMIN: i64 = 41;
const MANAGER: i64 = 57;
const ARTIST: i64 = 58;
const VENDOR: i64 = 76;
const DISABLED: i64 = 75;
/// Somebody who gets a group of the studio's own.
const STRANGER: i64 = 201;
/// The script that amigo itself logs in as.
const SCRIPT: i64 = 101;
/// A Shot of the project that vendors have no part in.
const SHOT: i64 = 1062;

fn link(kind: &str, id: i64) -> Value {
    json!({"type": kind, "id": id})
}

/// A permission group that the studio made.
fn group(stage: &Stage, code: &str, name: &str) -> i64 {
    let fields = json!({"code": code, "display_name": name, "entity_type": "HumanUser"});
    stage.flow.create("PermissionRuleSet", fields).unwrap()
}

/// Puts a person into a permission group.
fn regroup(stage: &Stage, person: i64, group: i64) {
    let group = link("PermissionRuleSet", group);
    assert!(
        stage
            .flow
            .set_field("HumanUser", person, "permission_rule_set", group)
    );
}

/// The group that the stand-in knows by this code.
fn stock(stage: &Stage, code: &str) -> i64 {
    let mut groups = stage.flow.ids("PermissionRuleSet").into_iter();
    groups
        .find(|id| stage.row("PermissionRuleSet", *id)["code"] == code)
        .unwrap()
}

/// Makes these people, and nobody else, members of a project.
fn members(stage: &Stage, project: i64, people: &[i64]) {
    let people: Value = people.iter().map(|id| link("HumanUser", *id)).collect();
    assert!(stage.flow.set_field("Project", project, "users", people));
}

fn salt_shot(stage: &Stage) -> i64 {
    let mut shots = stage.flow.ids("Shot").into_iter();
    shots
        .find(|id| stage.row("Shot", *id)["project"]["id"] == SALT)
        .unwrap()
}

/// A plan that may be looked at but not applied: asserts that nothing on the page or beside it leads there, and
/// answers what is said.
async fn may_only_plan(run: &RunPage<'_>) -> String {
    assert_eq!(run.data["may_apply"], false);
    assert!(run.count("create") > 0, "there would be something to apply");
    let page = run.html().await;
    assert!(
        !page.contains("id=\"apply\"") && !page.contains("/apply\""),
        "{page}"
    );
    assert!(!page.contains("name=\"op\""), "there is nothing to tick: {page}");
    let answer = run.press("apply", &[]).await;
    let refusal = refuses(answer, 403, "apply-not-permitted").await;
    let again = run.json().await;
    assert_eq!(again["state"], "planned", "{refusal}");
    for said in ["may plan a sync, but not apply it", "policy."] {
        assert!(page.contains(said), "{said}: {page}");
        assert!(refusal.contains(said), "{said}: {refusal}");
    }
    page
}

/// Somebody plans a Shot.
async fn plans(stage: &Stage, person: i64, shot: i64) -> RunPage<'_> {
    let run = stage.right_click_by(person, "Shot", &[shot]).await;
    run.planned().await
}

async fn refused(stage: &Stage, person: i64, row: i64) -> (String, String) {
    let run = stage.right_click_by(person, "Shot", &[row]).await;
    said(run).await
}

/// The code of a run that was refused, and all that is said.
async fn said(run: RunPage<'_>) -> (String, String) {
    let run = run.reaches(&["refused"]).await;
    assert_eq!(run.data["plan"], Value::Null);
    let (code, error) = (run.error().to_owned(), &run.data["error"]);
    let page = run.html().await;
    assert!(page.contains("Not possible"), "{page}");
    let words = |part: &str| error[part].as_str().unwrap().to_owned();
    (code, format!("{} {}", words("message"), words("remedy")))
}

/// Re-parenting and users have no door yet; the table decides about them already.
#[test]
fn the_manual_grants_what_is_promised() {
    let settings = Settings::of_environment(&BTreeMap::new()).unwrap();
    let table = settings.permissions;
    assert!(table.in_project.is_empty());
    let written: Vec<String> = table
        .everywhere
        .iter()
        .flat_map(|(action, groups)| {
            groups
                .iter()
                .map(move |(group, grant)| format!("{action} {group}: {grant}"))
        })
        .collect();
    let of_rows = |action: &str| {
        [
            "admin: apply",
            "artist: plan own",
            "client: plan own",
            "manager: apply",
            "others: plan",
            "vendor: plan own",
        ]
        .map(|grant| format!("{action} {grant}"))
    };
    let of_users = ["users admin: apply", "users others: nothing"].map(str::to_owned);
    let promised = [&of_rows("reparent")[..], &of_rows("sync"), &of_users].concat();
    assert_eq!(written, promised);
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_and_managers_apply_and_need_no_membership() {
    let stage = Stage::open().await;
    members(&stage, HARBOR, &[]);
    for (person, shot) in [(ADMIN, 1062), (MANAGER, 1063)] {
        let run = plans(&stage, person, shot).await;
        assert_eq!(run.data["may_apply"], true);
        assert_eq!(run.data["requested_by"]["id"], person);
        assert!(run.html().await.contains("id=\"apply\""));
        let run = run.apply().await.done().await;
        assert!(run.ended("done") > 0);
    }
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn artists_plan_in_their_own_projects() {
    let stage = Stage::open().await;
    let run = plans(&stage, ARTIST, SHOT).await;
    let page = may_only_plan(&run).await;
    assert!(page.contains("The permission group Artist"), "{page}");
    assert!(page.contains("policy.sync.artist"), "{page}");
    // Those who look at the shared address are told nothing of that.
    let shared = stage.get(&run.view()).await.text().await.unwrap();
    assert!(!shared.contains("policy.sync"), "{shared}");

    members(&stage, HARBOR, &[ADMIN, MANAGER]);
    let (code, said) = refused(&stage, ARTIST, SHOT).await;
    assert_eq!(code, "not-your-project");
    for words in ["Artist", "Harbor Lights", "policy.sync.artist"] {
        assert!(said.contains(words), "{said}");
    }
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn vendors_and_clients_are_held_to_their_projects() {
    let stage = Stage::open().await;
    let client = group(&stage, "client", "Client");
    let shot = salt_shot(&stage);
    for (name, setting) in [("Vendor", "policy.sync.vendor"), ("Client", "policy.sync.client")] {
        if name == "Client" {
            regroup(&stage, VENDOR, client);
        }
        let (code, said) = refused(&stage, VENDOR, SHOT).await;
        assert_eq!(code, "not-your-project");
        for words in [name, "Harbor Lights", setting] {
            assert!(said.contains(words), "{said}");
        }
        let run = plans(&stage, VENDOR, shot).await;
        let page = may_only_plan(&run).await;
        assert!(page.contains(setting), "{page}");
    }
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_nobody_named_may_plan() {
    let stage = Stage::open().await;
    members(&stage, HARBOR, &[]);
    regroup(&stage, STRANGER, group(&stage, "layout lead", "Layout Leads"));
    let run = plans(&stage, STRANGER, SHOT).await;
    let page = may_only_plan(&run).await;
    // Which setting decides, and which would.
    assert!(page.contains("policy.sync.others"), "{page}");
    assert!(page.contains("policy.sync.&#34;layout lead&#34;"), "{page}");
    assert!(page.contains("Layout Leads"), "{page}");

    // Somebody without any group is one of the others, too.
    let nothing = Value::Null;
    assert!(
        stage
            .flow
            .set_field("HumanUser", STRANGER, "permission_rule_set", nothing)
    );
    let run = plans(&stage, STRANGER, SHOT).await;
    may_only_plan(&run).await;
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_who_they_say_is_refused() {
    let stage = Stage::open().await;
    let post = async |id: i64, login: &str| {
        let form = changed(stage.form("Shot", &[SHOT]), "user_id", &id.to_string());
        stage.begins(&changed(form, "user_login", login)).await
    };
    for (id, login, code) in [
        (9_999, "mira.kowalski", "person-unknown"),
        (SCRIPT, "ayon_connector", "person-unknown"),
        (ADMIN, "mira.kowalski", "person-foreign"),
        (MANAGER, "idris.vahl", "person-foreign"),
        (DISABLED, "quentin.adeyemi", "person-disabled"),
    ] {
        let (got, said) = said(post(id, login).await).await;
        assert_eq!(got, code, "{id} {login}");
        // Whose id it really is stays untold.
        assert!(!said.contains("Idris"), "{said}");
    }
    // Logins are the same in any case.
    let run = post(MANAGER, "MIRA.Kowalski").await.planned().await;
    assert_eq!(run.data["may_apply"], true);
    stage.nothing_else_was_sent().await;
}

/// What was true when the plan was made may not be true when it is applied.
#[tokio::test(flavor = "multi_thread")]
async fn the_person_is_judged_again_when_they_apply() {
    let stage = Stage::open().await;
    let artist = link("PermissionRuleSet", stock(&stage, "artist"));
    let manager = link("PermissionRuleSet", stock(&stage, "manager"));
    let login = json!("mira.kowalski");
    for (field, now, then, code) in [
        ("permission_rule_set", artist, manager, "apply-not-permitted"),
        ("sg_status_list", json!("dis"), json!("act"), "person-disabled"),
        ("login", json!("somebody.else"), login, "person-foreign"),
    ] {
        let run = stage.right_click("Shot", &[SHOT]).await.planned().await;
        assert_eq!(run.data["may_apply"], true);
        assert!(stage.flow.set_field("HumanUser", MANAGER, field, now));
        let answer = run.press("apply", &[]).await;
        assert_eq!(answer.status(), 303);
        let run = run.reaches(&["refused"]).await;
        assert_eq!(run.error(), code, "{field}");
        assert_eq!(stage.writes(), [""; 0], "{field}");
        assert!(stage.flow.set_field("HumanUser", MANAGER, field, then));
    }
    // In the trash they are gone.
    let run = stage.right_click("Shot", &[SHOT]).await.planned().await;
    assert!(stage.flow.retire("HumanUser", MANAGER));
    assert_eq!(run.press("apply", &[]).await.status(), 303);
    let run = run.reaches(&["refused"]).await;
    assert_eq!(run.error(), "person-unknown");
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_project_of_a_selection_has_to_be_allowed() {
    let stage = Stage::set(|setting| {
        setting.toml = Some(format!(
            "[policy.sync]\nartist = \"apply own\"\n[policy.projects.{SALT}.sync]\nartist = \"plan own\"\n"
        ));
    })
    .await;
    let (here, there) = (SHOT, salt_shot(&stage));
    let tasks = [stage.tasks_of("Shot", here)[0], stage.tasks_of("Shot", there)[0]];
    let both = async |person| stage.right_click_on_page_by(person, "Task", &tasks).await;

    // One that may be planned only: so is all of it.
    let run = both(ARTIST).await.planned().await;
    assert_eq!(run.data["projects"].as_array().unwrap().len(), 2);
    let page = may_only_plan(&run).await;
    assert!(
        page.contains(&format!("policy.projects.{SALT}.sync.artist")),
        "{page}"
    );
    let alone = stage.right_click_on_page_by(ARTIST, "Task", &tasks[..1]).await;
    assert_eq!(alone.planned().await.data["may_apply"], true);

    // One that may not even be planned.
    let (code, said) = said(both(VENDOR).await).await;
    assert_eq!(code, "not-your-project");
    assert!(said.contains("Harbor Lights"), "{said}");
    // A page that says it is of the vendor's own project changes nothing.
    let claimed = stage.form_by(VENDOR, "Shot", &[here]);
    let claimed = changed(claimed, "project_id", &SALT.to_string());
    let run = stage.begins(&claimed).await.reaches(&["refused"]).await;
    assert_eq!(run.error(), "not-your-project");
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_studio_decides_otherwise() {
    let stage = Stage::set(|setting| {
        setting.toml = Some(format!(
            "[policy.sync]\nmanager = \"see\"\n\"Layout Leads\" = \"apply\"\nothers = \"nothing\"\n\
             [policy.projects.{HARBOR}.sync]\nArtist = \"apply own\"\nvendor = \"plan\"\n"
        ));
    })
    .await;
    // A right is found by the name that people see as well, and what a project says goes first.
    regroup(&stage, STRANGER, group(&stage, "layout_lead", "Layout Leads"));
    for (person, may_apply) in [(STRANGER, true), (ARTIST, true), (VENDOR, false)] {
        let run = plans(&stage, person, SHOT).await;
        assert_eq!(run.data["may_apply"], may_apply, "{person}");
    }
    let run = plans(&stage, ARTIST, 1063).await;
    let run = run.apply().await.done().await;
    assert!(run.ended("done") > 0);

    let (code, said) = refused(&stage, MANAGER, SHOT).await;
    assert_eq!(code, "plan-not-permitted");
    assert!(said.contains("may look at a sync, but not begin one"), "{said}");
    assert!(said.contains("policy.sync.manager"), "{said}");
    regroup(&stage, STRANGER, group(&stage, "td", "TDs"));
    let (code, said) = refused(&stage, STRANGER, SHOT).await;
    assert_eq!(code, "plan-not-permitted");
    assert!(said.contains("policy.sync.others"), "{said}");
    stage.nothing_else_was_sent().await;
}

/// Nobody is let in because nobody can be looked up.
#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_may_not_see_people_lets_nobody_in() {
    let stage = Stage::open().await;
    for status in [400, 403, 404] {
        let hidden = always("/entity/HumanUser/_search", FaultBody::Json, status);
        stage.flow.controls().add_fault(hidden);
        let (code, said) = refused(&stage, ADMIN, SHOT).await;
        assert_eq!(code, "person-unknown", "{status}");
        assert!(said.contains("must be allowed to see people"), "{said}");
        stage.flow.controls().clear_faults();
    }
    stage.nothing_else_was_sent().await;
}

/// The browser holds nothing that could be changed: neither the form of a button nor the address makes somebody else.
#[tokio::test(flavor = "multi_thread")]
async fn a_button_cannot_name_another_person() {
    let stage = Stage::open().await;
    let run = plans(&stage, ARTIST, SHOT).await;
    let more = [
        ("user_id", "41"),
        ("user_login", "idris.vahl"),
        ("requested_by", "41"),
    ];
    refuses(run.press("apply", &more).await, 403, "apply-not-permitted").await;
    let again = super::leads_to(run.press("replan", &more).await).await;
    let again = RunPage::at(&stage, &again).planned().await;
    assert_eq!(again.data["requested_by"]["id"], ARTIST);
    assert_eq!(again.data["may_apply"], false);
    stage.nothing_else_was_sent().await;
}
