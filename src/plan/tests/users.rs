//! What a plan of users says, person by person.

use std::collections::{BTreeMap, BTreeSet};

use rstest::rstest;
use serde_json::json;

use super::users_stage::{Desk, person};
use crate::model::{FlowId, NameRule, UserLevel};
use crate::plan::{Column, Kind, Operation, Planned, StoredId, Verdict, Whom, Write, takes_away};

pub(super) fn codes(planned: &Planned) -> BTreeSet<&str> {
    let problems = planned.plan.problems.iter();
    problems.map(|problem| problem.code.as_str()).collect()
}

#[test]
fn who_is_new_gets_a_user_with_everything_but_a_password() {
    let mut desk = Desk::default();
    desk.policy
        .roles
        .insert("artist".to_owned(), vec!["artist".to_owned()]);
    desk.ayon.projects.insert(FlowId(188), "harbor_lights".to_owned());
    let mut ann = person(1, "ann.lee@a.example", "ann.lee@a.example");
    ann.name = "Ann Lee".to_owned();
    ann.projects = [FlowId(188), FlowId(204)].into();
    desk.person(ann);
    let planned = desk.plan();
    let Write::CreateUser(user) = &planned.intents[0].write else {
        panic!("{:?}", planned.intents);
    };
    assert_eq!(user.name, "ann.lee");
    assert_eq!(user.full_name.as_deref(), Some("Ann Lee"));
    assert_eq!(user.email.as_deref(), Some("ann.lee@a.example"));
    assert_eq!(
        user.access,
        BTreeMap::from([("harbor_lights".to_owned(), vec!["artist".to_owned()])])
    );
    assert_eq!(user.default_access, ["artist"]);
    let sent = serde_json::to_string(&planned.intents).unwrap();
    assert!(!sent.contains("password"), "{sent}");
}

#[test]
fn names_that_are_taken_are_numbered_whoever_is_selected() {
    let people = [(1, "jo@a", ""), (2, "jo@b", ""), (3, "jo@c", "")];
    let mut desk = Desk::of(&people, &[("robot", "", 0)]);
    desk.ayon.users.get_mut("robot").unwrap().service = true;
    let names = |desk: &Desk| -> Vec<String> {
        let planned = desk.plan();
        let creates = planned.intents.iter().filter_map(|intent| match &intent.write {
            Write::CreateUser(user) => Some(user.name.clone()),
            _ => None,
        });
        creates.collect()
    };
    assert_eq!(names(&desk), ["jo", "jo2", "jo3"]);
    desk.wanted = Whom::These([FlowId(3)].into());
    assert_eq!(names(&desk), ["jo3"]);
    assert_eq!(desk.plan().plan.problems[0].code.as_str(), "user-name-taken");
}

#[test]
fn access_is_added_and_never_replaced() {
    let mut desk = Desk::of(&[(1, "ann", "")], &[("ann", "", 1)]);
    desk.policy.roles.insert(
        "artist".to_owned(),
        vec!["artist".to_owned(), "ghosts".to_owned()],
    );
    desk.ayon.projects.insert(FlowId(188), "harbor_lights".to_owned());
    desk.flow.people.get_mut(&FlowId(1)).unwrap().projects = [FlowId(188)].into();
    let ann = desk.ayon.users.get_mut("ann").unwrap();
    ann.access
        .insert("harbor_lights".to_owned(), vec!["supervisor".to_owned()]);
    ann.access
        .insert("other".to_owned(), vec!["freelancer".to_owned()]);
    let planned = desk.plan();
    let Write::UpdateUser(patch) = &planned.intents[0].write else {
        panic!("{:?}", planned.intents);
    };
    let added = vec!["artist".to_owned()];
    assert_eq!(
        patch.access,
        BTreeMap::from([("harbor_lights".to_owned(), added)])
    );
    let change = &planned.plan.operations[0].changes[0];
    assert_eq!(
        (&change.from, &change.to),
        (&json!(["supervisor"]), &json!(["artist", "supervisor"]))
    );
    assert!(
        planned
            .plan
            .problems
            .iter()
            .any(|problem| problem.code.as_str() == "access-group-unknown")
    );
    assert!(desk.applied().plan().plan.operations.is_empty());
}

#[test]
fn levels_rise_and_fall_only_when_somebody_ticks_it() {
    let mut desk = Desk::of(
        &[(1, "ann", ""), (2, "bob", ""), (3, "cat", ""), (4, "dan", "")],
        &[("ann", "", 1), ("bob", "", 2), ("cat", "", 3), ("dan", "", 4)],
    );
    let level = |desk: &mut Desk, name: &str, level| desk.ayon.users.get_mut(name).unwrap().level = level;
    level(&mut desk, "bob", UserLevel::Manager);
    level(&mut desk, "cat", UserLevel::Manager);
    level(&mut desk, "dan", UserLevel::Admin);
    let mut falls = desk.clone();
    falls.policy.levels.insert("artist".to_owned(), UserLevel::User);
    let planned = falls.plan();
    let of_levels: Vec<_> = planned
        .plan
        .operations
        .iter()
        .filter(|operation| takes_away(operation))
        .collect();
    assert_eq!(
        of_levels.len(),
        1,
        "one manager stays, and no administrator falls"
    );
    assert!(of_levels.iter().all(|operation| !operation.ticked));
    let protected: Vec<&str> = planned
        .plan
        .problems
        .iter()
        .filter(|problem| problem.code.as_str() == "user-protected")
        .filter_map(|problem| problem.ayon.as_ref().map(|ayon| ayon.name.as_str()))
        .collect();
    assert_eq!(protected, ["cat", "dan"]);
    desk.policy.levels.insert("artist".to_owned(), UserLevel::Admin);
    let planned = desk.plan();
    assert_eq!(planned.plan.operations.len(), 3);
    assert!(
        planned
            .plan
            .operations
            .iter()
            .all(|operation| !operation.ticked && !takes_away(operation))
    );
}

#[test]
fn leavers_are_listed_and_switched_off_only_by_a_tick() {
    let mut desk = Desk::of(
        &[(1, "ann", ""), (2, "bob", "bob@a.example"), (3, "cat", "")],
        &[
            ("ann", "", 1),
            ("bob", "bob@a.example", 0),
            ("cat", "", 3),
            ("gone", "", 77),
            ("stray", "", 78),
        ],
    );
    for id in [1, 2, 3] {
        desk.flow.people.get_mut(&FlowId(id)).unwrap().active = false;
    }
    desk.ayon.users.get_mut("cat").unwrap().active = false;
    desk.flow.retired.insert(FlowId(77), "Gone Person".to_owned());
    let planned = desk.plan();
    let off: BTreeSet<&str> = planned
        .plan
        .operations
        .iter()
        .filter(|operation| operation.kind == Kind::Retire)
        .filter_map(|operation| operation.ayon.as_ref().map(|ayon| ayon.name.as_str()))
        .collect();
    // Whom Flow merely does not show has not left.
    assert_eq!(off, ["ann", "bob", "gone"].into());
    assert!(planned.plan.operations.iter().all(|operation| !operation.ticked));
    assert_eq!(planned.plan.counts.retire, 3);
    assert_eq!(desk.seat(&planned, 3).column, Column::Leavers);
}

#[test]
fn nobody_is_offered_to_lock_themselves_out() {
    let mut desk = Desk::of(
        &[(1, "ann", ""), (2, "bob", "")],
        &[("ann", "", 1), ("bob", "", 2), ("max", "", 0)],
    );
    desk.ayon.users.get_mut("ann").unwrap().level = UserLevel::Manager;
    desk.ayon.users.get_mut("max").unwrap().level = UserLevel::Manager;
    desk.flow.people.get_mut(&FlowId(1)).unwrap().active = false;
    desk.asked_by = Some(FlowId(1));
    assert!(desk.plan().plan.operations.is_empty());
    desk.asked_by = None;
    assert_eq!(desk.plan().plan.operations.len(), 1);
}

#[test]
fn an_inactive_user_of_an_active_person_is_switched_on_by_a_row_of_its_own() {
    let mut desk = Desk::of(&[(1, "ann", "")], &[("ann", "", 1)]);
    desk.ayon.users.get_mut("ann").unwrap().active = false;
    let planned = desk.plan();
    assert_eq!(planned.plan.operations.len(), 1);
    assert_eq!(planned.plan.operations[0].changes[0].to, json!(true));
    assert!(desk.applied().ayon.users["ann"].active);
}

fn mails(planned: &Planned) -> Vec<&str> {
    let mails = planned.intents.iter().filter_map(|intent| match &intent.write {
        Write::UpdateUser(patch) => patch.email.as_deref(),
        Write::CreateUser(user) => user.email.as_deref(),
        _ => None,
    });
    mails.collect()
}

/// AYON refuses an e-mail that somebody has, so whoever gives one up goes before whoever takes it; and who does not give
/// it up costs the other nothing else.
#[test]
fn an_email_that_is_given_up_goes_on_to_whose_it_is() {
    let mut desk = Desk::of(
        &[
            (1, "ann", "new@a.example"),
            (2, "bob", "bob@a.example"),
            (3, "cat", "old@a.example"),
        ],
        &[("ann", "old@a.example", 1), ("bob", "new@a.example", 2)],
    )
    .paired("3:+");
    desk.ayon.users.get_mut("ann").unwrap().full_name = None;
    let planned = desk.plan();
    assert!(!codes(&planned).contains("user-email-taken"));
    let of = |id: i64| -> Vec<&Operation> {
        let of = |operation: &&Operation| {
            operation
                .flow
                .as_ref()
                .is_some_and(|flow| flow.key.id == FlowId(id))
        };
        planned.plan.operations.iter().filter(of).collect()
    };
    let ([bob], [ann, ann_mail], [cat, cat_mail]) = (&of(2)[..], &of(1)[..], &of(3)[..]) else {
        panic!("{:?}", planned.plan.operations);
    };
    assert!(ann.needs.is_empty() && cat.needs.is_empty());
    assert_eq!(ann_mail.needs, std::slice::from_ref(&bob.id));
    assert_eq!(cat_mail.needs, [ann_mail.id.clone(), cat.id.clone()]);
    let after = desk.applied();
    assert_eq!(after.ayon.users["ann"].email.as_deref(), Some("new@a.example"));
    assert_eq!(after.ayon.users["cat"].email.as_deref(), Some("old@a.example"));
    assert!(after.plan().plan.operations.is_empty());
    let refused = desk.applied_if(|operation| operation.id != bob.id);
    assert_eq!(refused.ayon.users["cat"].stored, StoredId::Person(FlowId(3)));
    assert!(refused.ayon.users["ann"].full_name.is_some());
    // Whoever does not give it up in this plan keeps it.
    desk.wanted = Whom::These([FlowId(1)].into());
    let few = desk.plan();
    assert!(codes(&few).contains("user-email-taken"));
    assert!(mails(&few).is_empty());
}

#[test]
fn access_that_cannot_be_read_stays() {
    let mut desk = Desk::of(&[(1, "ann", "")], &[("ann", "", 1)]);
    desk.policy
        .roles
        .insert("artist".to_owned(), vec!["artist".to_owned()]);
    desk.ayon.projects.insert(FlowId(188), "harbor_lights".to_owned());
    desk.flow.people.get_mut(&FlowId(1)).unwrap().projects = [FlowId(188)].into();
    assert_eq!(desk.plan().plan.operations.len(), 1);
    desk.ayon.users.get_mut("ann").unwrap().access_unread = true;
    let planned = desk.plan();
    assert!(planned.plan.operations.is_empty());
    assert!(codes(&planned).contains("user-access-unread"));
}

/// Somebody approved a link because of the e-mail; by another reason it is another link.
#[test]
fn what_a_match_rests_on_is_part_of_its_facts() {
    let facts = |mail: &str| {
        let desk = Desk::of(&[(1, "ann", mail)], &[("ann", "ann@a.example", 0)]);
        let planned = desk.plan();
        planned.plan.operations[0].facts.clone()
    };
    assert_ne!(facts("ann@a.example"), facts(""));
    let desk = Desk::of(&[(1, "ann", "ann@a.example")], &[("ann", "ann@a.example", 0)]).paired("1:ann");
    let by_hand = desk.plan().plan.operations[0].facts.clone();
    assert_ne!(facts("ann@a.example"), by_hand);
}

#[test]
fn two_who_want_each_others_email_keep_theirs() {
    let desk = Desk::of(
        &[(1, "ann", "a@a.example"), (2, "bob", "b@a.example")],
        &[("ann", "b@a.example", 1), ("bob", "a@a.example", 2)],
    );
    let planned = desk.plan();
    assert!(codes(&planned).contains("user-email-taken"));
    assert!(mails(&planned).is_empty());
    desk.applied();
}

#[test]
fn nobody_is_switched_off_while_an_active_person_may_be_them() {
    let mut desk = Desk::of(
        &[(1, "ann", "ann@a.example"), (2, "ann.old", "")],
        &[("u1", "ann@a.example", 2)],
    );
    desk.flow.people.get_mut(&FlowId(2)).unwrap().active = false;
    let planned = desk.plan();
    assert_eq!(desk.seat(&planned, 1).candidates[0].name, "u1");
    assert!(planned.plan.operations.is_empty());
    assert!(codes(&planned).contains("user-protected"));
    let new = desk.clone().paired("1:+");
    let off = new.plan();
    assert!(
        off.plan
            .operations
            .iter()
            .any(|operation| operation.kind == Kind::Retire)
    );
    // Nor is somebody's who got the user by hand, though it still stores who left.
    let hers = desk.paired("1:u1");
    assert!(
        hers.plan()
            .plan
            .operations
            .iter()
            .all(|operation| operation.kind == Kind::Update)
    );
}

#[test]
fn a_manager_who_is_switched_off_is_not_switched_on_by_default() {
    let mut desk = Desk::of(&[(1, "ann", "")], &[("ann", "", 1)]);
    let ann = desk.ayon.users.get_mut("ann").unwrap();
    (ann.active, ann.level) = (false, UserLevel::Manager);
    let planned = desk.plan();
    assert_eq!(planned.plan.operations.len(), 1);
    assert!(!planned.plan.operations[0].ticked);
}

/// What else is wanted of a user is wanted for the person that it is linked with.
#[test]
fn rows_of_a_user_wait_for_its_link() {
    let mut desk = Desk::of(&[(1, "ann", "ann@a.example")], &[("ann", "ann@a.example", 0)]);
    desk.policy.levels.insert("artist".to_owned(), UserLevel::Manager);
    desk.ayon.users.get_mut("ann").unwrap().active = false;
    let planned = desk.plan();
    let [link, rest @ ..] = planned.plan.operations.as_slice() else {
        panic!("no operations");
    };
    assert_eq!(rest.len(), 2);
    assert!(rest.iter().all(|operation| operation.needs.contains(&link.id)));
}

#[test]
fn who_falls_to_a_plain_user_keeps_their_projects() {
    let mut desk = Desk::of(
        &[(1, "ann", ""), (2, "bob", "")],
        &[("ann", "", 1), ("bob", "", 2)],
    );
    for user in desk.ayon.users.values_mut() {
        user.level = UserLevel::Manager;
    }
    desk.policy.levels.insert("artist".to_owned(), UserLevel::User);
    desk.policy
        .roles
        .insert("artist".to_owned(), vec!["artist".to_owned()]);
    desk.ayon.projects.insert(FlowId(188), "harbor_lights".to_owned());
    desk.flow.people.get_mut(&FlowId(1)).unwrap().projects = [FlowId(188)].into();
    let after = desk.applied_if(|_| true);
    let ann = &after.ayon.users["ann"];
    assert_eq!(ann.level, UserLevel::User);
    assert_eq!(ann.access["harbor_lights"], ["artist"]);
}

#[rstest]
#[case("")]
#[case("notanemail")]
fn without_a_usable_email_it_is_said(#[case] mail: &str) {
    let desk = Desk::of(&[(1, "ann", mail)], &[]);
    let planned = desk.plan();
    assert!(
        planned
            .plan
            .problems
            .iter()
            .any(|problem| problem.code.as_str() == "email-missing")
    );
    assert_eq!(planned.plan.counts.create, 1);
}

#[test]
fn accounts_that_stand_for_nobody_and_people_without_a_name_are_told() {
    let mut desk = Desk::of(&[(1, "shotgun_support", ""), (2, "🎬", "")], &[]);
    desk.policy.left_out.insert("shotgun_support".to_owned());
    desk.flow.people.get_mut(&FlowId(2)).unwrap().name = "…".to_owned();
    let planned = desk.plan();
    assert_eq!(desk.seat(&planned, 1).column, Column::LeftOut);
    let codes: BTreeSet<&str> = planned
        .plan
        .problems
        .iter()
        .map(|problem| problem.code.as_str())
        .collect();
    assert!(
        codes.contains("account-left-out") && codes.contains("user-name-unusable"),
        "{codes:?}"
    );
}

/// Every selected person has a row, whatever became of them.
#[test]
fn nobody_who_was_selected_is_missing() {
    let mut desk = Desk::of(&[(1, "ann", ""), (2, "bob", "")], &[]);
    desk.flow.people.get_mut(&FlowId(2)).unwrap().active = false;
    desk.flow.retired.insert(FlowId(3), "Cat".to_owned());
    let ids = [1, 2, 3, 4].map(FlowId);
    desk.wanted = Whom::These(ids.into());
    let planned = desk.plan();
    let rows: BTreeSet<FlowId> = planned
        .plan
        .nodes
        .iter()
        .filter_map(|node| Some(node.flow?.id))
        .collect();
    assert_eq!(rows, ids.into());
    let of = |id| {
        planned
            .plan
            .nodes
            .iter()
            .find(|node| node.flow.unwrap().id == FlowId(id))
            .unwrap()
    };
    assert_eq!(of(4).verdict, Verdict::Blocked);
    assert_eq!(of(3).verdict, Verdict::Unchanged);
}

/// What a run leaves behind names nobody.
#[test]
fn what_is_kept_holds_ids_and_counts() {
    let mut desk = Desk::of(
        &[
            (1, "ann.secret", "ann@private.example"),
            (2, "zed.secret", "pool@private.example"),
            (3, "x", "pool@private.example"),
        ],
        &[("u1", "old@private.example", 1)],
    );
    desk.policy.names = NameRule::Login;
    let planned = desk.plan();
    let whole = serde_json::to_string(&planned.plan).unwrap();
    assert!(whole.contains("private.example") && whole.contains("zed.secret"));
    let kept = planned.plan.kept().unwrap();
    let text = serde_json::to_string(&kept).unwrap();
    for gone in ["private.example", "zed.secret", "ann.secret", "Person 1"] {
        assert!(!text.contains(gone), "{gone}: {text}");
    }
    assert_eq!(kept.counts, planned.plan.counts);
    assert!(text.contains("\"u1\""), "the AYON user's id is its name");
    assert_eq!(kept.operations.len(), planned.plan.operations.len());
}
