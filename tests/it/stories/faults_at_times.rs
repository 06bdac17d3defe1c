//! A moment's trouble at the reads that only some selections need, or only the first run of a process: who people are,
//! what is in the trash, parts of a large project, what a new project would be like.

use amigo::sandbox::controls::Fault;
use serde_json::json;

use super::faults::{a_few, controls};
use super::few_rows::grow;
use crate::harness::{HARBOR, RunPage, Setting, Stage};

/// A read, and the selection that needs it.
struct Read {
    what: &'static str,
    system: &'static str,
    path: &'static str,
    /// How many requests to such an address come before it.
    after: u32,
    set: fn(&mut Setting),
    /// Makes the selection: a type and an id.
    select: fn(&Stage) -> (&'static str, i64),
    options: &'static str,
}

const PLAIN: Read = Read {
    what: "",
    system: "flow",
    path: "",
    after: 0,
    set: |_| (),
    select: |_| ("Shot", 1031),
    options: "",
};

/// A Shot of a project that only Flow has.
fn of_a_new_project(_: &Stage) -> (&'static str, i64) {
    ("Shot", 2001)
}

fn assigned_to_a_group(stage: &Stage) -> (&'static str, i64) {
    let task = stage.tasks_of("Shot", 1031)[0];
    let people = json!([{"type": "Group", "id": 3}]);
    assert!(stage.flow.set_field("Task", task, "task_assignees", people));
    ("Shot", 1031)
}

fn with_a_retired_task(stage: &Stage) -> (&'static str, i64) {
    assert!(stage.flow.retire("Task", stage.tasks_of("Shot", 1031)[0]));
    ("Shot", 1031)
}

fn version(stage: &Stage) -> (&'static str, i64) {
    let link = |kind: &str, id: i64| json!({"type": kind, "id": id});
    let version = json!({"code": "v001", "project": link("Project", HARBOR), "entity": link("Shot", 1031)});
    ("Version", stage.flow.create("Version", version).unwrap())
}

fn of_ayon() -> Vec<Read> {
    vec![
        Read {
            what: "the anatomy of a new project",
            path: "/api/anatomy/presets/",
            select: of_a_new_project,
            ..PLAIN
        },
        // Projects are the first question. There is no content to ask for.
        Read {
            what: "the users",
            path: "/graphql",
            after: 1,
            select: of_a_new_project,
            ..PLAIN
        },
        Read {
            what: "the content of a project",
            path: "/graphql",
            after: 1,
            options: "?assignees=no",
            ..PLAIN
        },
        Read {
            what: "the user of a person",
            path: "/get_ayon_name_by_sg_id/",
            ..PLAIN
        },
        // AYON alone assigns somebody there.
        Read {
            what: "the person of a user",
            path: "/api/users/",
            select: |_| ("Shot", 1037),
            ..PLAIN
        },
    ]
    .into_iter()
    .map(|read| Read {
        system: "ayon",
        ..read
    })
    .collect()
}

fn of_flow() -> Vec<Read> {
    vec![
        Read {
            what: "who asks",
            path: "/entity/HumanUser/_search",
            ..PLAIN
        },
        Read {
            what: "the people",
            path: "/entity/HumanUser/_search",
            after: 1,
            ..PLAIN
        },
        Read {
            what: "a group",
            path: "/entity/Group/_search",
            select: assigned_to_a_group,
            ..PLAIN
        },
        // AYON has a tag there that no row shows.
        Read {
            what: "tags",
            path: "/entity/Tag/_search",
            select: |_| ("Shot", 1040),
            ..PLAIN
        },
        Read {
            what: "a Version",
            path: "/entity/Version/_search",
            select: version,
            ..PLAIN
        },
        // The Tasks of the Shot are the first search.
        Read {
            what: "the trash",
            path: "/entity/Task/_search",
            after: 1,
            select: with_a_retired_task,
            ..PLAIN
        },
        Read {
            what: "the role of the script",
            path: "/entity/ApiUser/_search",
            set: |setting| {
                setting.flow.ayon_fields = false;
                // Unless this is known, the fields are planned.
                setting.flow.script_role = "api_limited".to_owned();
            },
            ..PLAIN
        },
    ]
}

/// What a plan says, and for whom, whatever the address of the AYON server.
fn told(stage: &Stage, run: &RunPage<'_>) -> String {
    let mut plan = run.data["plan"].clone();
    for operation in plan["operations"].as_array_mut().unwrap() {
        // A digest, in which the address is too.
        operation["facts"].take();
    }
    let told = json!([
        plan["nodes"],
        plan["operations"],
        plan["problems"],
        run.data["requested_by"]
    ]);
    told.to_string().replace(stage.ayon.url(), "AYON")
}

/// The plan that a selection gets of an amigo that has read nothing yet.
async fn first_plan(read: &Read, fault: Option<Fault>) -> String {
    let stage = Stage::set(read.set).await;
    let (kind, id) = (read.select)(&stage);
    let controls = controls(&stage, read.system);
    let faults = u32::from(fault.is_some());
    if let Some(fault) = fault {
        let after = read.after;
        controls.add_fault(Fault { after, ..fault });
    }
    let run = stage.right_click_with(kind, &[id], read.options).await;
    let plan = told(&stage, &run.planned().await);
    assert_eq!(controls.struck(), faults, "{}", read.what);
    stage.nothing_else_was_sent().await;
    plan
}

/// The plan of a selection is the same with and without trouble at the read.
async fn is_borne(read: &Read) {
    let unhurt = first_plan(read, None).await;
    for (name, fault) in a_few(read.system, read.path) {
        let hurt = first_plan(read, Some(fault)).await;
        assert_eq!(hurt, unhurt, "{}: {name}", read.what);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_of_ayon_at_times() {
    for read in of_ayon() {
        is_borne(&read).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_of_flow_at_times() {
    for read in of_flow() {
        is_borne(&read).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trash_is_a_search_of_its_own() {
    let stage = Stage::open().await;
    let searches = async || {
        stage.forget_requests();
        stage.right_click("Shot", &[1031]).await.planned().await;
        let asked = stage.flow.controls().requests();
        asked
            .iter()
            .filter(|request| request.path.ends_with("/entity/Task/_search"))
            .count()
    };
    assert_eq!(searches().await, 1);
    with_a_retired_task(&stage);
    assert_eq!(searches().await, 2);
    stage.nothing_else_was_sent().await;
}

/// Each question for a part of a large project in turn: its outline, the rows, what is around them.
#[tokio::test(flavor = "multi_thread")]
async fn every_question_for_a_part_of_a_large_project() {
    let stage = Stage::open().await;
    grow(&stage, "harbor_lights").await;
    let planned = async || {
        let run = stage.right_click_with("Shot", &[1031], "?assignees=no").await;
        told(&stage, &run.planned().await)
    };
    let controls = stage.ayon.controls();
    controls.clear_requests();
    let unhurt = planned().await;
    let asked = controls.requests();
    let questions = asked.iter().filter(|request| request.path == "/graphql").count();
    assert!(questions >= 4, "{questions}");
    // The first is for the projects.
    for after in 1..u32::try_from(questions).unwrap() {
        for (name, fault) in a_few("ayon", "/graphql") {
            controls.add_fault(Fault { after, ..fault });
            assert_eq!(planned().await, unhurt, "{after}: {name}");
            assert_eq!(controls.struck(), 1, "{after}: {name}");
            controls.clear_faults();
        }
    }
    stage.nothing_else_was_sent().await;
}
