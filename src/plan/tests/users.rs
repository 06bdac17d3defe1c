//! What a plan of users says, person by person.

use std::collections::{BTreeMap, BTreeSet};

use rstest::rstest;
use serde_json::json;

use super::users_stage::{Desk, person, user};
use crate::model::{FlowId, NameRule, UserLevel};
use crate::plan::{By, Column, Kind, StoredId, Verdict, Whom, Write, around, takes_away};

#[test]
fn a_stored_id_goes_before_the_email_and_that_before_the_login() {
    let mut desk = Desk::default();
    desk.person(person(1, "ann", "ann@a.example"));
    desk.person(person(2, "bob", "bob@a.example"));
    desk.person(person(3, "cat", "cat@a.example"));
    desk.user(user("zed", Some("other@a.example"), 1));
    desk.user(user("bert", Some("BOB@A.example"), 0));
    desk.user(user("Cat", None, 0));
    let planned = desk.plan();
    let found = |id| desk.seat(&planned, id);
    assert_eq!(
        (found(1).user.as_deref(), found(1).by),
        (Some("zed"), Some(By::StoredId))
    );
    assert_eq!(
        (found(2).user.as_deref(), found(2).by),
        (Some("bert"), Some(By::Email))
    );
    assert_eq!(
        (found(3).user.as_deref(), found(3).by),
        (Some("Cat"), Some(By::Login))
    );
    assert_eq!(found(2).column, Column::Link);
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

/// Collisions are told, and nobody is linked with a guess.
#[rstest]
#[case::one_mail_of_two_people(
    &[(1, "ann", "pool@a.example"), (2, "bob", "pool@a.example")], &[("pool", "pool@a.example", 0)], 1, "person-email-shared")]
#[case::one_mail_of_two_people_without_a_user(
    &[(1, "ann", "pool@a.example"), (2, "bob", "pool@a.example")], &[], 2, "person-email-shared")]
#[case::one_mail_of_two_users(
    &[(1, "ann", "ann@a.example")], &[("u1", "ann@a.example", 0), ("u2", "Ann@a.example", 0)], 1, "user-email-twice")]
#[case::the_mail_of_somebody_elses_user(
    &[(1, "ann", "ann@a.example"), (2, "bob", "")], &[("bob", "ann@a.example", 2)], 1, "user-email-of-other")]
#[case::two_users_of_one_id(
    &[(1, "ann", "")], &[("u1", "", 1), ("u2", "", 1)], 1, "user-link-twice")]
#[case::an_id_of_somebody_gone(
    &[(1, "ann", "ann@a.example")], &[("u1", "ann@a.example", 99)], 1, "user-link-gone")]
#[case::an_id_of_somebody_gone_by_login(
    &[(1, "ann", "")], &[("ann", "", 99)], 1, "user-link-gone")]
#[case::the_login_with_another_mail(
    &[(1, "ann", "ann@a.example")], &[("ann", "ann@other.example", 0)], 1, "user-email-differs")]
#[case::one_login_of_two_people(
    &[(1, "ann@a", ""), (2, "ann@b", "")], &[("ann", "", 0)], 1, "person-login-shared")]
fn a_collision_is_for_somebody_to_decide(
    #[case] people: &[(i64, &str, &str)],
    #[case] users: &[(&str, &str, i64)],
    #[case] id: i64,
    #[case] code: &str,
) {
    let desk = Desk::of(people, users);
    let planned = desk.plan();
    let seat = desk.seat(&planned, id);
    assert_eq!(seat.column, Column::Decide, "{seat:?}");
    let of_person = planned.plan.problems.iter().find(|problem| {
        problem
            .flow
            .as_ref()
            .is_some_and(|flow| flow.key.id == FlowId(id))
    });
    let problem = of_person.expect("a problem of the person's own");
    assert_eq!(problem.code.as_str(), code);
    assert!(!problem.remedy.is_empty());
    let operations = planned.plan.operations.iter();
    let theirs = operations.filter(|operation| {
        operation
            .flow
            .as_ref()
            .is_some_and(|flow| flow.key.id == FlowId(id))
    });
    assert_eq!(theirs.count(), 0);
}

#[test]
fn a_full_name_alone_is_only_a_suggestion() {
    let mut desk = Desk::default();
    let mut zoe = person(1, "zm", "zm@a.example");
    zoe.name = "Zoë Marchand".to_owned();
    desk.person(zoe);
    let mut old = user("zoe", Some("zoe@b.example"), 0);
    old.full_name = Some("zoe  marchand".to_owned());
    desk.user(old);
    let planned = desk.plan();
    let seat = desk.seat(&planned, 1);
    assert_eq!(seat.candidates[0].name, "zoe");
    assert_eq!(planned.plan.problems[0].code.as_str(), "user-same-name");
    // Either answer settles it.
    let new = desk.clone().paired("1:+");
    assert_eq!(new.seat(&new.plan(), 1).column, Column::Create);
    let same = desk.clone().paired("1:zoe");
    assert_eq!(same.seat(&same.plan(), 1).by, Some(By::Hand));
    let nobody = desk.paired("1:-");
    assert_eq!(nobody.seat(&nobody.plan(), 1).column, Column::LeftOut);
    assert!(nobody.plan().plan.operations.is_empty());
}

#[rstest]
#[case("1:ghost", "pair-impossible")]
#[case("1:robot", "pair-impossible")]
#[case("1:bob", "pair-impossible")]
fn a_pair_that_cannot_be_is_told(#[case] pairs: &str, #[case] code: &str) {
    let mut desk = Desk::of(
        &[(1, "ann", ""), (2, "bob", "")],
        &[("bob", "", 2), ("robot", "", 0)],
    );
    desk.ayon.users.get_mut("robot").unwrap().service = true;
    let desk = desk.paired(pairs);
    let planned = desk.plan();
    assert_eq!(planned.plan.problems[0].code.as_str(), code);
    assert_eq!(desk.seat(&planned, 1).column, Column::Decide);
    // Bob keeps what is his.
    assert_eq!(desk.seat(&planned, 2).user.as_deref(), Some("bob"));
}

#[test]
fn two_may_exchange_their_users_by_hand() {
    let desk = Desk::of(
        &[(1, "ann", ""), (2, "bob", "")],
        &[("ann", "", 2), ("bob", "", 1)],
    )
    .paired("1:ann 2:bob");
    let planned = desk.plan();
    assert_eq!(desk.seat(&planned, 1).user.as_deref(), Some("ann"));
    assert_eq!(desk.seat(&planned, 2).user.as_deref(), Some("bob"));
    let after = desk.applied();
    assert!(
        after.plan().plan.operations.is_empty(),
        "{:?}",
        after.plan().plan.operations
    );
}

#[test]
fn the_other_user_of_a_person_loses_the_link() {
    let desk = Desk::of(&[(1, "ann", "")], &[("u1", "", 1), ("u2", "", 1)]).paired("1:u2");
    let planned = desk.plan();
    let unlinked = planned.intents.iter().find_map(|intent| match &intent.write {
        Write::UpdateUser(patch) if patch.name == "u1" => Some(patch.link),
        _ => None,
    });
    assert_eq!(unlinked, Some(Some(None)));
    let after = desk.applied();
    assert_eq!(after.ayon.users["u1"].stored, StoredId::Nothing);
    assert_eq!(after.ayon.users["u2"].stored, StoredId::Person(FlowId(1)));
    assert!(after.plan().plan.operations.is_empty());
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
    let both = vec!["artist".to_owned(), "supervisor".to_owned()];
    assert_eq!(patch.access, BTreeMap::from([("harbor_lights".to_owned(), both)]));
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

#[test]
fn emails_that_somebody_else_has_stay_where_they_are() {
    let desk = Desk::of(
        &[(1, "ann", "new@a.example"), (2, "bob", "bob@a.example")],
        &[("ann", "old@a.example", 1), ("bob", "new@a.example", 2)],
    );
    let planned = desk.plan();
    assert!(
        planned
            .plan
            .problems
            .iter()
            .any(|problem| problem.code.as_str() == "user-email-taken")
    );
    let mails: Vec<_> = planned
        .intents
        .iter()
        .filter_map(|intent| match &intent.write {
            Write::UpdateUser(patch) => patch.email.clone(),
            _ => None,
        })
        .collect();
    assert_eq!(mails, ["bob@a.example"]);
    // The second sync finds it free.
    let after = desk.applied().applied();
    assert_eq!(after.ayon.users["ann"].email.as_deref(), Some("new@a.example"));
    assert!(after.plan().plan.operations.is_empty());
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

/// What is read for a few is enough to plan them as if all had been read.
#[test]
fn whoever_may_be_mistaken_is_looked_up_too() {
    let mut desk = Desk::of(
        &[
            (1, "ann", "ann@a.example"),
            (2, "bob", "bert@a.example"),
            (3, "cat", ""),
        ],
        &[
            ("u1", "ann@a.example", 0),
            ("ann", "bert@a.example", 0),
            ("cat", "", 0),
        ],
    );
    desk.wanted = Whom::These([FlowId(1)].into());
    let concerned = around(
        &[FlowId(1)].into(),
        &desk.flow,
        &desk.ayon,
        &desk.policy,
        &desk.pairs,
    );
    assert_eq!(concerned.people, [FlowId(1), FlowId(2)].into());
    assert_eq!(concerned.users, ["ann".to_owned(), "u1".to_owned()].into());
}
