//! Who of Flow is found to be whom in AYON.

use rstest::rstest;

use super::users::codes;
use super::users_stage::{Desk, person, user};
use crate::model::{FlowId, NameRule, UserLevel};
use crate::plan::{By, Column, StoredId, Write};

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
    let Write::UpdateUser(patch) = &planned.intents[0].write else {
        panic!("{:?}", planned.intents);
    };
    assert_eq!(patch.takes_from, [("u1".to_owned(), FlowId(1))]);
    let after = desk.applied();
    assert_eq!(after.ayon.users["u1"].stored, StoredId::Nothing);
    assert_eq!(after.ayon.users["u2"].stored, StoredId::Person(FlowId(1)));
    assert!(after.plan().plan.operations.is_empty());
}

#[test]
fn a_manager_is_nobodys_by_a_login_alone() {
    let mut desk = Desk::of(
        &[(1, "ann", "ann@a.example"), (2, "bob", "bob@a.example")],
        &[("ann", "", 0), ("bob", "bob@a.example", 0)],
    );
    for user in desk.ayon.users.values_mut() {
        user.level = UserLevel::Manager;
    }
    let planned = desk.plan();
    assert_eq!(desk.seat(&planned, 1).column, Column::Decide);
    assert!(codes(&planned).contains("user-privileged"));
    assert_eq!(desk.seat(&planned, 2).by, Some(By::Email));
    let by_hand = desk.paired("1:ann");
    assert_eq!(by_hand.seat(&by_hand.plan(), 1).by, Some(By::Hand));
}

#[test]
fn somebody_called_new_keeps_the_user_that_they_got() {
    let desk = Desk::of(&[(1, "ann", "")], &[("ann", "", 0)]).paired("1:+");
    let after = desk.applied();
    assert_eq!(after.ayon.users["ann2"].stored, StoredId::Person(FlowId(1)));
    assert_eq!(after.seat(&after.plan(), 1).by, Some(By::StoredId));
    assert!(after.plan().plan.operations.is_empty());
}

/// An old user of somebody who left and whose e-mail goes on, as of a desk or a role, is not the next one's by that alone.
#[test]
fn the_user_of_somebody_who_left_is_not_the_next_ones() {
    let mut desk = Desk::of(
        &[
            (1, "old.lead", "lead@a.example"),
            (2, "new.lead", "lead@a.example"),
        ],
        &[("old.lead", "lead@a.example", 0)],
    );
    desk.flow.people.get_mut(&FlowId(1)).unwrap().active = false;
    let planned = desk.plan();
    assert_eq!(desk.seat(&planned, 2).column, Column::Decide);
    assert!(codes(&planned).contains("person-email-shared"));
    // The same by a name that was made of the full name.
    let mut named = desk.clone();
    named.policy.names = NameRule::FirstLast;
    named.user(user("person.1", Some("lead@a.example"), 0));
    named.ayon.users.remove("old.lead");
    assert_eq!(named.seat(&named.plan(), 2).column, Column::Decide);
    // One who merely changed the login is.
    desk.flow.people.get_mut(&FlowId(1)).unwrap().login = "x".to_owned();
    assert_eq!(desk.seat(&desk.plan(), 2).by, Some(By::Email));
}

#[test]
fn leavers_of_whom_nobody_knows_which_user_they_had_are_told() {
    let mut desk = Desk::of(&[(1, "ann", "")], &[("u1", "", 1), ("u2", "", 1)]);
    desk.flow.people.get_mut(&FlowId(1)).unwrap().active = false;
    let planned = desk.plan();
    assert_eq!(desk.seat(&planned, 1).column, Column::Decide);
    assert!(codes(&planned).contains("user-link-twice"));
}

/// Somebody came back under a new account: what is decided of that does not make their user a leaver's.
#[rstest]
#[case::undecided("")]
#[case::left_out("2:-")]
#[case::impossible("2:ghost")]
fn the_user_of_somebody_who_came_back_is_not_switched_off(#[case] pairs: &str) {
    let mut desk = Desk::of(
        &[(1, "anna", "anna@a.example"), (2, "anna.new", "anna@a.example")],
        &[("anna", "anna@a.example", 0)],
    );
    desk.flow.people.get_mut(&FlowId(1)).unwrap().active = false;
    let planned = desk.paired(pairs).plan();
    assert!(
        planned.plan.operations.is_empty(),
        "{:?}",
        planned.plan.operations
    );
}

#[test]
fn a_login_that_somebody_who_left_had_as_well_is_for_somebody_to_decide() {
    let mut desk = Desk::of(
        &[(1, "anna", ""), (2, "anna@studio.example", "")],
        &[("anna", "", 0)],
    );
    desk.flow.people.get_mut(&FlowId(1)).unwrap().active = false;
    let planned = desk.plan();
    assert_eq!(desk.seat(&planned, 2).column, Column::Decide);
    assert!(codes(&planned).contains("person-login-shared"));
    // Unless the e-mail says that they had another user.
    desk.flow.people.get_mut(&FlowId(1)).unwrap().email = Some("anna@old.example".to_owned());
    desk.user(user("aold", Some("anna@old.example"), 0));
    assert_eq!(desk.seat(&desk.plan(), 2).by, Some(By::Login));
}

#[test]
fn a_name_made_of_the_full_name_is_a_suggestion_as_well() {
    let mut desk = Desk::default();
    let mut anna = person(1, "x17", "");
    anna.name = "Anna Berg".to_owned();
    desk.person(anna);
    desk.user(user("anna.berg", None, 0));
    desk.policy.names = NameRule::FirstLast;
    let planned = desk.plan();
    assert_eq!(desk.seat(&planned, 1).column, Column::Decide);
    assert!(codes(&planned).contains("user-same-name"));
    // Where names are made of logins, it is somebody else's name.
    desk.policy.names = NameRule::BeforeAt;
    assert_eq!(desk.seat(&desk.plan(), 1).column, Column::Create);
}

/// Only who really becomes another user gives theirs up.
#[test]
fn a_decision_that_cannot_be_takes_nothing_from_anybody() {
    let desk = Desk::of(
        &[(1, "ann", ""), (2, "bob", ""), (3, "cat", "")],
        &[("u1", "", 1), ("u9", "", 3)],
    )
    .paired("1:u9 2:u1");
    let planned = desk.plan();
    assert_eq!(desk.seat(&planned, 1).column, Column::Decide);
    assert_eq!(desk.seat(&planned, 2).column, Column::Decide);
    assert!(
        planned.plan.operations.is_empty(),
        "{:?}",
        planned.plan.operations
    );
    // All round it can be.
    let round = desk.paired("1:u9 2:u1 3:u2");
    assert_eq!(round.seat(&round.plan(), 2).column, Column::Decide);
    let mut round = round;
    round.user(user("u2", None, 0));
    assert_eq!(round.seat(&round.plan(), 2).by, Some(By::Hand));
}
