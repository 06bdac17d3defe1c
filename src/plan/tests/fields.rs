//! What is carried besides name and place: statuses, tags, assignees, labels.

use std::sync::Arc;

use rstest::rstest;
use serde_json::{Value, json};

use super::attributes::numbered;
use super::stage::{Stage, codes, link, node, ticked};
use crate::model::{AyonId, FlowId, FlowRef, FlowType, UnknownStatuses};
use crate::plan::{
    Assignee, AyonUser, Change, FlowGroup, FlowPerson, On, ParentValue, Planned, Verdict, Write,
};
use crate::problem::{Code, Severity};

pub const SHOT: FlowRef = FlowRef {
    kind: FlowType::Shot,
    id: FlowId(3),
};
pub const TASK: FlowRef = FlowRef {
    kind: FlowType::Task,
    id: FlowId(7),
};

/// A Shot with a Task, both synced.
pub fn synced() -> Stage {
    let mut stage = Stage::empty();
    stage.row(FlowType::Shot, 3, "sh010", ParentValue::Empty);
    stage.row(FlowType::Task, 7, "anim", link(FlowType::Shot, 3, "sh010"));
    stage.applied()
}

pub fn flow(stage: &mut Stage, key: FlowRef) -> &mut crate::plan::FlowRow {
    stage.flow.rows.get_mut(&key).unwrap()
}

fn with_status(code: &str) -> Stage {
    let mut stage = synced();
    flow(&mut stage, SHOT).status = Some(code.into());
    stage
}

fn title(stage: &mut Stage, code: &str, title: &str) {
    let statuses = &mut stage.flow.schema.statuses;
    for kind in [FlowType::Shot, FlowType::Task, FlowType::Asset] {
        statuses
            .entry(kind)
            .or_default()
            .insert(code.to_owned(), title.to_owned());
    }
}

pub fn change(field: &str, from: Value, to: Value) -> Change {
    Change {
        field: field.to_owned(),
        from,
        to,
    }
}

/// What the plan would change on a row.
pub fn changes(planned: &Planned, key: FlowRef) -> Vec<Change> {
    let mut operations = planned.plan.operations.iter();
    let of = |flow: &crate::problem::FlowNamed| flow.key == key;
    let found = operations.find(|operation| operation.ticked && operation.flow.as_ref().is_some_and(of));
    found
        .map(|operation| operation.changes.clone())
        .unwrap_or_default()
}

pub fn severities(planned: &Planned, code: Code) -> Vec<Severity> {
    let problems = planned.plan.problems.iter();
    problems
        .filter(|problem| problem.code == code)
        .map(|problem| problem.severity)
        .collect()
}

fn new_statuses(planned: &Planned) -> Vec<(String, String, &'static str)> {
    let writes = planned.intents.iter().map(|intent| &intent.write);
    writes
        .filter_map(|write| match write {
            Write::AddStatus {
                name,
                short_name,
                state,
            } => Some((name.clone(), short_name.clone(), *state)),
            _ => None,
        })
        .collect()
}

// Statuses

#[rstest]
#[case::exact("fin", "Final", "Final", &[])]
#[case::other_case("hld", "Held", "On hold", &[Code::StatusCase])]
#[case::by_name("ip", "in Progress", "In progress", &[Code::StatusByName])]
fn a_status_is_found_by_code_then_by_other_case_then_by_name(
    #[case] code: &str,
    #[case] called: &str,
    #[case] name: &str,
    #[case] told: &[Code],
) {
    let mut stage = with_status(code);
    title(&mut stage, code, called);
    let planned = stage.plan();
    assert_eq!(codes(&planned), told);
    assert!(
        told.iter()
            .all(|code| severities(&planned, *code) == [Severity::Info])
    );
    assert_eq!(
        changes(&planned, SHOT),
        [change("status", json!("Not ready"), json!(name))]
    );
    let mut stage = stage.applied();
    assert_eq!(&*stage.folder_of(SHOT).status, name);
    assert!(ticked(&stage.plan()).is_empty());
}

/// The stock pair that the addon loses silently: found when it would be made, not found when it is looked up.
#[test]
fn the_short_name_of_another_case_is_used_and_never_made_again() {
    let mut stage = with_status("rdy");
    title(&mut stage, "rdy", "Ready to Start");
    stage.content().anatomy.statuses.push(crate::plan::AyonStatus {
        name: "Ready".to_owned(),
        short_name: "RDY".to_owned(),
        scope: Vec::new(),
    });
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::StatusCase]);
    assert_eq!(new_statuses(&planned), []);
    assert_eq!(&*stage.applied().folder_of(SHOT).status, "Ready");
}

#[test]
fn an_exact_short_name_wins_over_another_case_and_over_a_name() {
    let mut stage = with_status("rdy");
    title(&mut stage, "rdy", "Final");
    for (name, short) in [("Loud", "RDY"), ("Quiet", "rdy")] {
        stage.content().anatomy.statuses.push(crate::plan::AyonStatus {
            name: name.to_owned(),
            short_name: short.to_owned(),
            scope: Vec::new(),
        });
    }
    assert_eq!(codes(&stage.plan()), []);
    assert_eq!(&*stage.applied().folder_of(SHOT).status, "Quiet");
}

#[test]
fn an_unknown_status_is_an_operation_that_everybody_who_has_it_needs() {
    let mut stage = with_status("rev");
    flow(&mut stage, TASK).status = Some("rev".into());
    title(&mut stage, "rev", "Pending Review");
    let planned = stage.plan();
    let made = new_statuses(&planned);
    assert_eq!(made.len(), 1, "made once: {made:?}");
    assert_eq!(
        (made[0].0.as_str(), made[0].1.as_str()),
        ("Pending Review", "rev")
    );
    let [status, folder, task] = ticked(&planned).try_into().unwrap();
    assert_eq!(status.on, On::Anatomy);
    assert!(folder.needs.contains(&status.id) && task.needs.contains(&status.id));
    let mut stage = stage.applied();
    assert_eq!(&*stage.folder_of(SHOT).status, "Pending Review");
    assert_eq!(&*stage.task_of(7).status, "Pending Review");
    let last = stage.content().anatomy.statuses.last().unwrap().clone();
    assert_eq!(last.name, "Pending Review", "added at the end");
    assert!(ticked(&stage.plan()).is_empty());
}

#[test]
fn an_unknown_status_is_a_warning_when_the_studio_wants_that() {
    let mut stage = with_status("rev");
    flow(&mut stage, TASK).status = Some("rev".into());
    title(&mut stage, "rev", "Pending Review");
    stage.rules.policy.unknown_statuses = UnknownStatuses::Warn;
    let planned = stage.plan();
    assert!(planned.plan.operations.is_empty());
    let told = severities(&planned, Code::StatusUnknown);
    assert!(!told.is_empty() && told.iter().all(|severity| *severity == Severity::Warning));
    assert!(planned.plan.problems[0].message.contains("rev"));
}

#[test]
fn a_status_that_is_never_made_is_used_where_ayon_has_it() {
    let mut stage = with_status("omt");
    title(&mut stage, "omt", "Omitted");
    let planned = stage.plan();
    assert_eq!(new_statuses(&planned), []);
    assert_eq!(changes(&planned, SHOT), []);
    stage.content().anatomy.statuses.push(crate::plan::AyonStatus {
        name: "Omitted".to_owned(),
        short_name: "omt".to_owned(),
        scope: Vec::new(),
    });
    assert_eq!(&*stage.applied().folder_of(SHOT).status, "Omitted");
}

/// Users' issue #274: names that collide crash the addon's project update.
#[test]
fn colliding_names_of_statuses_never_make_two_of_one_name() {
    let mut stage = with_status("rv1");
    flow(&mut stage, TASK).status = Some("rv2".into());
    title(&mut stage, "rv1", "Client Review");
    title(&mut stage, "rv2", "client review");
    let planned = stage.plan();
    let mut names: Vec<String> = new_statuses(&planned)
        .into_iter()
        .map(|(name, ..)| name.to_lowercase())
        .collect();
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count, "AYON compares names without case");
    // Both rows get a status, and it stays: whether one for both or one each.
    let mut stage = stage.applied();
    assert_ne!(&*stage.folder_of(SHOT).status, "Not ready");
    assert_ne!(&*stage.task_of(7).status, "Not ready");
    assert!(ticked(&stage.plan()).is_empty());
}

#[test]
fn codes_that_differ_in_case_only_share_one_new_status() {
    let mut stage = with_status("new");
    flow(&mut stage, TASK).status = Some("NEW".into());
    title(&mut stage, "new", "Brand new");
    title(&mut stage, "NEW", "Newest");
    let stage = stage.applied();
    assert!(ticked(&stage.plan()).is_empty());
}

/// AYON takes any status on anything (`ayon-api.md §2.3`), so one that is meant for other kinds is better than none.
#[test]
fn a_status_that_is_meant_for_the_kind_goes_first() {
    let mut stage = with_status("tsk");
    flow(&mut stage, TASK).status = Some("tsk".into());
    for (name, scope) in [("For tasks", "task"), ("For folders", "folder")] {
        stage.content().anatomy.statuses.push(crate::plan::AyonStatus {
            name: name.to_owned(),
            short_name: "tsk".to_owned(),
            scope: vec![scope.to_owned()],
        });
    }
    let mut both = stage.clone().applied();
    assert_eq!(&*both.folder_of(SHOT).status, "For folders");
    assert_eq!(&*both.task_of(7).status, "For tasks");
    stage.content().anatomy.statuses.pop();
    assert_eq!(&*stage.applied().folder_of(SHOT).status, "For tasks");
}

#[test]
fn a_row_without_status_keeps_what_ayon_has() {
    let mut stage = synced();
    stage.folder_of(SHOT).status = "Final".into();
    assert!(ticked(&stage.plan()).is_empty());
}

// Tags

fn tagged(stage: &mut Stage, in_flow: &[&str], in_ayon: &[&str], known: &[&str]) {
    let tags = |tags: &[&str]| tags.iter().map(|tag| Arc::from(*tag)).collect::<Vec<Arc<str>>>();
    flow(stage, SHOT).tags = tags(in_flow);
    stage.folder_of(SHOT).tags = tags(in_ayon);
    stage.flow.known_tags = known.iter().map(|tag| (*tag).to_owned()).collect();
}

#[rstest]
#[case::added(&["hero"], &[], &[], &["hero"])]
#[case::added_before_ayons_own(&["hero"], &["mine"], &[], &["hero", "mine"])]
#[case::removed_when_flow_knows_it(&[], &["hero", "mine"], &["hero"], &["mine"])]
#[case::odd_characters(&["it's; <odd>"], &[], &[], &["it's; <odd>"])]
#[case::exchanged(&["b"], &["a"], &["a"], &["b"])]
fn tags_follow_flow_and_those_that_flow_cannot_know_stay(
    #[case] in_flow: &[&str],
    #[case] in_ayon: &[&str],
    #[case] known: &[&str],
    #[case] expected: &[&str],
) {
    let mut stage = synced();
    tagged(&mut stage, in_flow, in_ayon, known);
    let planned = stage.plan();
    assert_eq!(
        changes(&planned, SHOT),
        [change("tags", json!(in_ayon), json!(expected))]
    );
    let mut stage = stage.applied();
    let tags: Vec<String> = stage
        .folder_of(SHOT)
        .tags
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(tags, expected);
    assert!(ticked(&stage.plan()).is_empty());
}

#[rstest]
#[case::other_case(&["hero"], &["HERO"], &["hero"])]
#[case::ayons_own(&[], &["mine"], &[])]
#[case::other_order(&["a", "b"], &["b", "a"], &["a", "b"])]
#[case::twice(&["a", "A"], &["a"], &["a"])]
fn tags_that_are_right_are_not_written(
    #[case] in_flow: &[&str],
    #[case] in_ayon: &[&str],
    #[case] known: &[&str],
) {
    let mut stage = synced();
    tagged(&mut stage, in_flow, in_ayon, known);
    assert_eq!(changes(&stage.plan(), SHOT), []);
}

// Assignees

fn person(id: i64, login: &str, email: Option<&str>) -> FlowPerson {
    FlowPerson {
        id: FlowId(id),
        login: login.to_owned(),
        name: format!("Person {id}"),
        email: email.map(str::to_owned),
    }
}

fn user(name: &str, email: Option<&str>) -> AyonUser {
    AyonUser {
        name: name.to_owned(),
        email: email.map(str::to_owned),
    }
}

fn assigned(people: Vec<FlowPerson>, users: Vec<AyonUser>, to: &[Assignee]) -> Stage {
    let mut stage = synced();
    stage.flow.people = Some(Arc::new(people));
    stage.ayon.users = Arc::new(users);
    flow(&mut stage, TASK).assignees = to.to_vec();
    stage
}

const ANN: Assignee = Assignee::Person(FlowId(1));
const BOB: Assignee = Assignee::Person(FlowId(2));

#[rstest]
#[case::by_email(
    person(1, "x", Some("Ann@Studio.example")),
    user("ann.lee", Some("ann@studio.example"))
)]
#[case::by_login(person(1, "Ann.Lee", None), user("ann.lee", None))]
fn people_are_found(#[case] person: FlowPerson, #[case] user: AyonUser) {
    let stage = assigned(vec![person], vec![user], &[ANN]);
    let planned = stage.plan();
    assert_eq!(codes(&planned), []);
    assert_eq!(
        changes(&planned, TASK),
        [change("assignees", json!([]), json!(["ann.lee"]))]
    );
    assert!(ticked(&stage.applied().plan()).is_empty());
}

/// The addon makes such users (`ayon-shotgrid-behaviour.md §5.7`).
#[test]
fn a_login_that_is_an_email_is_found_the_way_the_addon_writes_it() {
    let people = vec![person(1, "ann@studio.example", None)];
    let stage = assigned(people, vec![user("ann_studio.example", None)], &[ANN]);
    assert_eq!(changes(&stage.plan(), TASK)[0].to, json!(["ann_studio.example"]));
}

#[test]
fn the_stored_id_counts_before_email_and_login() {
    let people = vec![person(1, "bob", Some("bob@studio.example"))];
    let users = vec![user("bob", Some("bob@studio.example")), user("ann", None)];
    let mut stage = assigned(people, users, &[ANN]);
    stage.ayon.user_links = [(FlowId(1), "ann".to_owned())].into();
    assert_eq!(changes(&stage.plan(), TASK)[0].to, json!(["ann"]));
}

#[test]
fn a_stored_id_counts_also_of_people_and_users_that_the_scripts_may_not_list() {
    let mut stage = assigned(vec![], vec![], &[ANN]);
    stage.ayon.user_links = [(FlowId(1), "ann".to_owned())].into();
    assert_eq!(codes(&stage.plan()), []);
    assert_eq!(changes(&stage.plan(), TASK)[0].to, json!(["ann"]));
    stage.task_of(7).assignees = vec!["ann".into()];
    assert_eq!(changes(&stage.plan(), TASK), []);
}

/// Whoever holds the Task in AYON may be the very person whom nobody could name.
#[test]
fn nobody_is_taken_off_while_somebody_cannot_be_named() {
    let people = vec![
        person(1, "ann", None),
        person(2, "x", None),
        person(3, "cat", None),
    ];
    let users = vec![user("ann", None), user("cat", None)];
    let mut stage = assigned(people, users, &[ANN, BOB]);
    stage.task_of(7).assignees = vec!["cat".into()];
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::AssigneeUnknown]);
    assert_eq!(changes(&planned, TASK)[0].to, json!(["ann", "cat"]));
}

/// AYON does not hold that e-mails are unique: a guess would give somebody another one's work.
#[test]
fn an_email_of_two_users_is_nobodys() {
    let people = vec![person(1, "x", Some("team@studio.example"))];
    let users = vec![
        user("ann", Some("team@studio.example")),
        user("bob", Some("team@studio.example")),
    ];
    let planned = assigned(people, users, &[ANN]).plan();
    assert_eq!(codes(&planned), [Code::AssigneeUnknown]);
    assert_eq!(changes(&planned, TASK), []);
}

#[test]
fn a_user_of_another_person_is_not_taken_by_login() {
    let people = vec![person(1, "ann", None), person(2, "ann@studio.example", None)];
    let mut stage = assigned(people, vec![user("ann", None)], &[BOB]);
    stage.ayon.user_links = [(FlowId(1), "ann".to_owned())].into();
    let planned = stage.plan();
    assert_eq!(
        codes(&planned),
        [Code::AssigneeUnknown],
        "{:?}",
        changes(&planned, TASK)
    );
}

fn group(stage: &mut Stage) {
    let group = FlowGroup {
        name: "Animators".to_owned(),
        members: vec![FlowId(1), FlowId(2)],
    };
    stage.flow.groups = [(FlowId(9), group)].into();
}

#[test]
fn a_group_counts_as_its_members_or_is_named() {
    let people = || vec![person(1, "ann", None), person(2, "bob", None)];
    let users = || vec![user("ann", None), user("bob", None)];
    let mut stage = assigned(people(), users(), &[Assignee::Group(FlowId(9)), ANN]);
    group(&mut stage);
    let to = changes(&stage.plan(), TASK)[0].to.clone();
    assert_eq!(to.as_array().unwrap().len(), 2, "{to}");
    assert_eq!(codes(&stage.plan()), []);
    stage.rules.policy.expand_groups = false;
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::AssigneeGroup]);
    assert!(planned.plan.problems[0].message.contains("Animators"));
    assert_eq!(changes(&planned, TASK)[0].to, json!(["ann"]));
}

#[test]
fn somebody_unknown_is_named_once_with_the_number_of_their_tasks() {
    let mut stage = assigned(vec![person(1, "ann", None)], vec![], &[ANN]);
    stage
        .row(FlowType::Task, 8, "comp", link(FlowType::Shot, 3, "sh010"))
        .assignees = vec![ANN];
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::AssigneeUnknown]);
    let message = &planned.plan.problems[0].message;
    assert!(message.contains("Person 1") && message.contains('2'), "{message}");
}

#[test]
fn people_that_only_ayon_knows_stay_and_people_that_flow_took_off_go() {
    let people = vec![person(1, "ann", None), person(2, "bob", None)];
    let users = vec![user("ann", None), user("bob", None), user("own", None)];
    let mut stage = assigned(people, users, &[BOB]);
    stage.task_of(7).assignees = ["own", "ann"].map(Arc::from).to_vec();
    let planned = stage.plan();
    assert_eq!(
        changes(&planned, TASK),
        [change("assignees", json!(["own", "ann"]), json!(["bob", "own"]))]
    );
    assert!(ticked(&stage.applied().plan()).is_empty());
}

#[test]
fn people_that_cannot_be_read_are_told_and_nobody_is_taken_off() {
    let mut stage = assigned(vec![], vec![user("ann", None)], &[ANN]);
    stage.flow.people = None;
    stage.task_of(7).assignees = vec!["ann".into()];
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::PeopleUnreadable]);
    assert!(ticked(&planned).is_empty());
}

// Switches and labels

#[test]
fn what_is_switched_off_is_neither_written_nor_told() {
    let mut stage = numbered();
    let row = flow(&mut stage, TASK);
    row.status = Some("unknown".into());
    row.tags = vec!["hero".into()];
    row.assignees = vec![ANN];
    row.values = vec![(0, json!("soon"))];
    stage.flow.project.tags = vec!["show".into()];
    stage.flow.project.values = vec![(0, json!(7))];
    assert!(codes(&stage.plan()).len() >= 2);
    let options = &mut stage.rules.options;
    (
        options.status,
        options.tags,
        options.assignees,
        options.attributes,
    ) = (false, false, false, false);
    let planned = stage.plan();
    assert_eq!(codes(&planned), []);
    assert!(ticked(&planned).is_empty(), "{:?}", ticked(&planned));
}

#[test]
fn a_label_is_mended_only_when_the_studio_says_how() {
    let mut stage = Stage::empty();
    stage.row(FlowType::Shot, 3, "it's;x", ParentValue::Empty);
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::LabelNotAllowed]);
    assert_eq!(node(&planned, FlowType::Shot, 3).verdict, Verdict::Blocked);
    stage.rules.policy.label_replacement = Some("_".to_owned());
    assert_eq!(node(&stage.plan(), FlowType::Shot, 3).verdict, Verdict::Create);
    let mut stage = stage.applied();
    assert_eq!(stage.folder_of(SHOT).label.as_deref(), Some("it_s_x"));
    assert!(ticked(&stage.plan()).is_empty());
}

#[test]
fn a_label_that_follows_is_shown_with_what_it_was() {
    let mut stage = synced();
    stage.folder_of(SHOT).label = Some("Old".to_owned());
    flow(&mut stage, SHOT).name = Some("Sh 010".to_owned());
    assert_eq!(
        changes(&stage.plan(), SHOT),
        [change("label", json!("Old"), json!("Sh 010"))]
    );
}

// Task types

#[test]
fn steps_that_share_a_code_are_one_task_type() {
    let mut stage = synced();
    stage.row(FlowType::Asset, 4, "Bob", ParentValue::Empty);
    for (id, on, code) in [
        (10, SHOT, "Light"),
        (11, FlowRef::new(FlowType::Asset, 4), "light"),
    ] {
        let parent = link(on.kind, on.id.0, "x");
        stage.row(FlowType::Task, id, "lgt", parent).step = Some(crate::plan::Step {
            code: Some(code.to_owned()),
            short_name: Some("LGT".to_owned()),
        });
    }
    let types = |planned: &Planned| {
        let writes = planned.intents.iter();
        writes
            .filter(|intent| matches!(intent.write, Write::AddTaskType { .. }))
            .count()
    };
    assert_eq!(types(&stage.plan()), 1);
    assert!(ticked(&stage.applied().plan()).is_empty());
}

#[test]
fn flow_hears_the_ids_of_what_was_made() {
    let stage = synced();
    assert!(stage.flow.rows.values().all(|row| {
        row.ayon_id
            .as_ref()
            .is_some_and(|id| id.parse::<AyonId>().is_ok())
    }));
}
