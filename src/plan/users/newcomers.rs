//! People whom AYON does not know: the user that they get.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::model::UserLevel;
use crate::plan::intent::{NewUser, UserPatch, Write};
use crate::plan::operation::{Change, Kind, Reasons, Verdict};
use crate::problem::{Code, Severity};

use super::board::{Board, Lane, Letter, PersonRow, Wish, named, of_flow, seat};
use super::changes::{EMAIL, LEVEL, access_changes, full_name, link_change, taken_changes};
use super::names::name_by;
use super::seat::{Column, Seat};
use super::snapshot::{Individual, StoredId};

impl Board<'_> {
    /// A person who gets a user.
    pub fn new_user(&mut self, person: &Individual, name: Option<&str>, by_hand: bool) {
        let mut trace = vec![of_flow(person)];
        trace.push(match by_hand {
            true => "Somebody said by hand that they are new in AYON".to_owned(),
            false => "No AYON user has their id, e-mail, login or name".to_owned(),
        });
        let Some(name) = name else {
            self.problem(
                Severity::Blocked,
                Code::UserNameUnusable,
                Some(named(person)),
                None,
                format!("No AYON name can be made of what {} is called.", person.title()),
                "Pair them by hand with a user that somebody makes in AYON, or give them another login in Flow.",
            );
            let seat = seat(Column::Decide, person);
            let key = named(person).key;
            self.without_user(key, person.title(), Verdict::Blocked, trace.into(), seat);
            return;
        };
        self.say_taken(person, name, &mut trace);
        let lost = self.lost.get(&person.id).cloned().unwrap_or_default();
        let mapped = self.mapped(person, &mut trace);
        let access = self.mapping.access(person, &mapped.groups, &BTreeMap::new());
        let (mail, later) = match self.new_mail(person, name) {
            Some(Letter::Now(mail)) => (Some(mail), None),
            Some(Letter::After(mail, after)) => (None, Some((mail, after))),
            None => (None, None),
        };
        self.say_no_mail(person);
        let full = full_name(person, None);
        let mut changes: Vec<Change> = vec![link_change(&StoredId::Nothing, Some(person.id.0))];
        changes.extend(
            full.iter()
                .map(|full| Change::new("full name", Value::Null, json!(full))),
        );
        changes.extend(
            mail.iter()
                .map(|mail| Change::new(EMAIL, Value::Null, json!(mail))),
        );
        changes.push(Change::new("default access", Value::Null, json!(mapped.groups)));
        changes.extend(access_changes(&access, &BTreeMap::new()));
        changes.extend(taken_changes(&lost));
        let trace: Reasons = trace.into();
        let flow = named(person);
        let wish = |lane, word, kind, changes, needs, write| Wish {
            lane,
            word,
            besides: "",
            kind,
            ticked: true,
            flow: flow.clone(),
            user: name,
            level: UserLevel::User,
            changes,
            needs,
            because: trace.clone(),
            write,
            rests: json!([
                person.active,
                lost.iter().map(|user| user.stored.person()).collect::<Vec<_>>()
            ]),
        };
        let user = NewUser {
            name: name.to_owned(),
            full_name: full,
            email: mail,
            flow: person.id,
            access,
            default_access: mapped.groups,
            takes_from: lost.iter().map(|user| (user.name.clone(), person.id)).collect(),
        };
        let create = self.add(wish(
            Lane::Create,
            "create",
            Kind::Create,
            changes,
            Vec::new(),
            Write::CreateUser(user),
        ));
        let mut offers = Vec::new();
        if let Some((mail, after)) = later {
            let needs = after.into_iter().chain([create.clone()]).collect();
            let update =
                |lane, word, changes, needs, write| wish(lane, word, Kind::Update, changes, needs, write);
            offers.push(self.mail_after(name, None, mail, needs, &update));
        }
        if let Some(level) = self
            .mapping
            .level(person)
            .filter(|level| *level > UserLevel::User)
        {
            let patch = UserPatch {
                level: Some((UserLevel::User, level)),
                ..UserPatch::of(name)
            };
            let change = Change::new(LEVEL, json!(UserLevel::User), json!(level));
            offers.push(self.add(Wish {
                ticked: false,
                ..wish(
                    Lane::Level,
                    "level",
                    Kind::Update,
                    vec![change],
                    vec![create.clone()],
                    Write::UpdateUser(patch),
                )
            }));
        }
        let seat = Seat {
            user: Some(name.to_owned()),
            by_hand,
            tasks: self.tasks(person),
            ..seat(Column::Create, person)
        };
        self.row(PersonRow {
            key: flow.key,
            title: person.title(),
            user: Some((name, UserLevel::User)),
            verdict: Verdict::Create,
            operation: Some(create),
            offers,
            trace,
            seat,
        });
    }

    /// Somebody else has the name that the rule gives.
    pub(super) fn say_taken(&mut self, person: &Individual, name: &str, trace: &mut Vec<String>) {
        let Some(wanted) = name_by(self.input.policy.names, person) else {
            return;
        };
        trace.push(format!("Their login makes the name {wanted}"));
        if wanted == name {
            return;
        }
        trace.push(format!("{wanted} is taken, so the name is {name}"));
        self.problem(
            Severity::Warning,
            Code::UserNameTaken,
            Some(named(person)),
            None,
            format!(
                "{} would be {wanted} in AYON, which is somebody else; the new user is {name}.",
                person.title()
            ),
            "If both are one person, pair them by hand. AYON users are never renamed by amigo.",
        );
    }

    pub(super) fn say_no_mail(&mut self, person: &Individual) {
        if person.mail().is_some() {
            return;
        }
        let message = match person.email.as_deref().map(str::trim).unwrap_or_default() {
            "" => format!(
                "{} has no e-mail in Flow, so nobody can be invited by it.",
                person.title()
            ),
            _ => format!(
                "The e-mail of {} in Flow cannot be one, so it is left out.",
                person.title()
            ),
        };
        self.problem(
            Severity::Info,
            Code::EmailMissing,
            Some(named(person)),
            None,
            message,
            "Give them an e-mail in Flow, or let them log in through SSO by their name.",
        );
    }
}
