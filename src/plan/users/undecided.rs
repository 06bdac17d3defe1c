//! People for whom nothing is written: somebody has to decide, or did.

use crate::model::{FlowId, FlowRef};
use crate::plan::operation::Verdict;
use crate::problem::{Code, FlowNamed, Severity};

use super::board::{Board, named, of_flow, seat};
use super::matching::{Why, WrongPair};
use super::seat::{Candidate, Column, Seat};
use super::snapshot::{FlowPeople, Individual};

impl Board<'_> {
    /// Somebody has to decide who they are.
    pub fn undecided(&mut self, person: &Individual, why: &Why, candidates: &[String]) {
        let (code, message, remedy) = told(person, why, self.input.flow);
        self.problem(
            Severity::Blocked,
            code,
            Some(named(person)),
            None,
            message.clone(),
            remedy,
        );
        let candidates = candidates
            .iter()
            .filter_map(|name| self.input.ayon.users.get(name));
        let seat = Seat {
            candidates: candidates
                .map(|user| Candidate {
                    name: user.name.clone(),
                    full_name: user.full_name.clone(),
                    email: user.email.clone(),
                    active: user.active,
                })
                .collect(),
            by_hand: matches!(why, Why::Pair(_)),
            ..seat(Column::Decide, person)
        };
        let trace = [of_flow(person), message].into();
        let key = named(person).key;
        self.without_user(key, person.title(), Verdict::Blocked, trace, seat);
    }

    /// Somebody whom this plan leaves alone.
    pub fn left_out(&mut self, person: &Individual, why: &str) {
        let seat = Seat {
            by_hand: self.input.pairs.of(person.id).is_some(),
            ..seat(Column::LeftOut, person)
        };
        let trace = [of_flow(person), why.to_owned()].into();
        let key = named(person).key;
        self.without_user(key, person.title(), Verdict::Unchanged, trace, seat);
    }

    /// A selected person that Flow does not show.
    pub fn not_shown(&mut self, key: FlowRef) {
        let name = format!("#{}", key.id);
        let flow = FlowNamed {
            key,
            name: name.clone(),
        };
        self.problem(
            Severity::Blocked,
            Code::NotInFlow,
            Some(flow),
            None,
            format!("Flow shows amigo no person {}.", key.id),
            "Reload the page in Flow; they may be gone, or not for amigo's script to see.",
        );
        let trace = ["Flow does not show them".to_owned()].into();
        let seat = Seat::at(Column::LeftOut);
        self.without_user(key, name, Verdict::Blocked, trace, seat);
    }
}

/// Code, message and remedy.
fn told(person: &Individual, why: &Why, flow: &FlowPeople) -> (Code, String, &'static str) {
    let who = person.title();
    let name_of = |id: &FlowId| match flow.people.get(id) {
        Some(other) => other.title(),
        None => format!("HumanUser {id}"),
    };
    let names = |ids: &[FlowId]| ids.iter().map(name_of).collect::<Vec<_>>().join(", ");
    match why {
        Why::EmailShared(others) => (
            Code::PersonEmailShared,
            format!("{who} has the same e-mail in Flow as {}.", names(others)),
            "Correct the e-mails in Flow, or say here who is whom.",
        ),
        Why::EmailTwice => (
            Code::UserEmailTwice,
            format!("More than one AYON user has the e-mail of {who}."),
            "Say here which one it is, and correct the other's e-mail in AYON.",
        ),
        Why::EmailOfOther { user, other } => (
            Code::UserEmailOfOther,
            format!(
                "The AYON user {user} has the e-mail of {who}, and is linked with {}.",
                name_of(other)
            ),
            "Correct the e-mail in Flow or AYON, or say here who is whom: a user is linked with one person.",
        ),
        Why::LinkTwice => (
            Code::UserLinkTwice,
            format!("More than one AYON user is linked with {who}."),
            "Say here which one it is; the others lose the link.",
        ),
        Why::LinkGone { user, stored } => (
            Code::UserLinkGone,
            format!(
                "The AYON user {user} could be {who}, but is linked with {stored}, whom Flow does not show."
            ),
            "If both are one person, pair them here: that replaces the link.",
        ),
        Why::LoginShared(others) if others.is_empty() => (
            Code::PersonLoginShared,
            format!("An AYON user has the login of {who}, and others could be it as well."),
            "Say here who is whom.",
        ),
        Why::LoginShared(others) => (
            Code::PersonLoginShared,
            format!(
                "By their logins, {who} and {} could be one AYON user.",
                names(others)
            ),
            "Say here who is whom.",
        ),
        Why::EmailDiffers => (
            Code::UserEmailDiffers,
            format!("An AYON user has the login of {who}, but another e-mail."),
            "If both are one person, pair them here; AYON then gets the e-mail of Flow.",
        ),
        Why::Privileged => (
            Code::UserPrivileged,
            format!(
                "The AYON user with the login of {who} is a manager or an administrator, and no e-mail says that it is theirs."
            ),
            "If both are one person, pair them here; AYON then gets the e-mail of Flow.",
        ),
        Why::SameName => (
            Code::UserSameName,
            format!("An AYON user has the full name of {who}, or is called by it, and nothing else agrees."),
            "If both are one person, pair them here; otherwise choose a new user.",
        ),
        Why::Pair(WrongPair::NoUser(name)) => (
            Code::PairImpossible,
            format!("{who} cannot be {name}: AYON has no such user."),
            "Choose another user, or a new one.",
        ),
        Why::Pair(WrongPair::Service(name)) => (
            Code::PairImpossible,
            format!("{who} cannot be {name}: that is a service, not a person."),
            "Choose another user, or a new one.",
        ),
        Why::Pair(WrongPair::Held(name, other)) => (
            Code::PairImpossible,
            format!(
                "{who} cannot be {name}: that user is linked with {}.",
                name_of(other)
            ),
            "Pair that person with somebody else as well, or leave them out by hand.",
        ),
    }
}
