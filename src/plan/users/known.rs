//! People whose user AYON has: what it lacks.

use serde_json::{Value, json};

use crate::model::UserLevel;
use crate::plan::intent::{UserPatch, Write};
use crate::plan::operation::{Change, Kind, OpId, Reasons, Verdict};
use crate::problem::{Code, FlowNamed, Severity};

use super::board::{Board, Lane, Letter, PersonRow, UPDATE, Wish, named, of_ayon, of_flow, seat};
use super::changes::{ACTIVE, EMAIL, LEVEL, access_changes, full_name, link_change, taken_changes};
use super::matching::By;
use super::seat::{Column, Seat};
use super::snapshot::{Account, Individual, StoredId};

impl<'a> Board<'a> {
    /// A person whose user AYON has.
    pub fn known(&mut self, person: &Individual, user: &'a Account, by: By) {
        let linked = user.stored == StoredId::Person(person.id);
        let mut trace = vec![of_flow(person), match_words(person, user, by)];
        if !person.active {
            return self.leaver(person, user, by, trace);
        }
        let (mut patch, mut changes) = (UserPatch::of(&user.name), Vec::new());
        let lost = self.lost.get(&person.id).cloned().unwrap_or_default();
        if !linked {
            patch.link = Some(Some(person.id));
            changes.push(link_change(&user.stored, Some(person.id.0)));
        }
        patch.takes_from = lost.iter().map(|user| (user.name.clone(), person.id)).collect();
        changes.extend(taken_changes(&lost));
        if let Some(name) = full_name(person, Some(user)) {
            let from = user.full_name.clone().map_or(Value::Null, Value::from);
            changes.push(Change::new("full name", from, json!(name)));
            patch.full_name = Some(name);
        }
        let mut later = None;
        match self.known_mail(person, &user.name) {
            Some(Letter::Now(mail)) => {
                let from = user.email.clone().map_or(Value::Null, Value::from);
                changes.push(Change::new(EMAIL, from, json!(mail)));
                patch.email = Some(mail);
            }
            Some(Letter::After(mail, after)) => later = Some((mail, after)),
            None => {}
        }
        if user.level == UserLevel::User {
            let mapped = self.mapped(person, &mut trace);
            patch.access = self.access(person, user, &mapped.groups);
            changes.extend(access_changes(&patch.access, &user.access));
        } else {
            trace.push(format!(
                "A {} in AYON has access to every project",
                user.level.as_str()
            ));
        }
        let trace: Reasons = trace.into();
        let flow = named(person);
        let losing: Vec<_> = lost
            .iter()
            .map(|user| (&user.name, user.stored.person()))
            .collect();
        let rests = json!([
            user.stored.person(),
            user.full_name,
            user.email,
            user.access,
            losing,
            person.login,
            person.mail(),
        ]);
        let wish = |lane, word, changes, needs, write| Wish {
            lane,
            word,
            besides: "",
            kind: Kind::Update,
            ticked: true,
            flow: flow.clone(),
            user: &user.name,
            level: user.level,
            changes,
            needs,
            because: trace.clone(),
            write,
            rests: json!([by, person.active, user.active, user.level, rests]),
        };
        let column = match (linked, changes.is_empty()) {
            (false, _) => Column::Link,
            (true, false) => Column::Update,
            (true, true) => Column::Matched,
        };
        let mut main = (!changes.is_empty()).then(|| {
            self.add(wish(
                Lane::Update,
                UPDATE,
                changes,
                Vec::new(),
                Write::UpdateUser(patch),
            ))
        });
        // Whoever does not link them does not want anything else of the user either.
        let link: Vec<OpId> = main.iter().filter(|_| !linked).cloned().collect();
        let mut offers = Vec::new();
        if let Some((mail, after)) = later {
            let needs = after.into_iter().chain(link.clone()).collect();
            let mailed = self.mail_after(&user.name, user.email.as_deref(), mail, needs, &wish);
            match main {
                None => main = Some(mailed),
                Some(_) => offers.push(mailed),
            }
        }
        if !user.active {
            let patch = UserPatch {
                active: Some(true),
                ..UserPatch::of(&user.name)
            };
            let change = Change::new(ACTIVE, json!(false), json!(true));
            let on = self.add(Wish {
                // Somebody who may do more than others was switched off for a reason.
                ticked: user.level == UserLevel::User,
                ..wish(
                    Lane::Activate,
                    "activate",
                    vec![change],
                    link.clone(),
                    Write::UpdateUser(patch),
                )
            });
            match main {
                None if user.level == UserLevel::User => main = Some(on),
                _ => offers.push(on),
            }
        }
        offers.extend(self.level(person, user, link, &wish));
        let column = match column {
            Column::Matched if main.is_some() || !offers.is_empty() => Column::Update,
            column => column,
        };
        let seat = Seat {
            user: Some(user.name.clone()),
            by: Some(by),
            by_hand: by == By::Hand,
            tasks: if linked { Vec::new() } else { self.tasks(person) },
            ..seat(column, person)
        };
        let verdict = if main.is_some() {
            Verdict::Update
        } else {
            Verdict::Unchanged
        };
        self.row(PersonRow {
            key: flow.key,
            title: person.title(),
            user: Some((&user.name, user.level)),
            verdict,
            operation: main,
            offers,
            trace,
            seat,
        });
    }

    /// What the configuration wants of a user's level, each for somebody to tick.
    pub(super) fn level<'w>(
        &mut self,
        person: &Individual,
        user: &'w Account,
        needs: Vec<OpId>,
        wish: &impl Fn(Lane, &'static str, Vec<Change>, Vec<OpId>, Write) -> Wish<'w>,
    ) -> Option<OpId> {
        let wanted = self
            .mapping
            .level(person)
            .filter(|wanted| *wanted != user.level)?;
        if wanted < user.level {
            // An inactive one has nothing to take away.
            if !user.active {
                return None;
            }
            if let Err(why) = self.guard.take(person.id, user) {
                self.protected(&named(person), user, "demoted", why.words());
                return None;
            }
        }
        let mut patch = UserPatch {
            level: Some((user.level, wanted)),
            ..UserPatch::of(&user.name)
        };
        let mut changes = vec![Change::new(LEVEL, json!(user.level), json!(wanted))];
        if wanted == UserLevel::User {
            // Who managed everything may have access to nothing.
            let groups = self.mapping.groups(person).groups;
            patch.access = self.access(person, user, &groups);
            changes.extend(access_changes(&patch.access, &user.access));
        }
        let wish = Wish {
            ticked: false,
            ..wish(Lane::Level, "level", changes, needs, Write::UpdateUser(patch))
        };
        Some(self.add(wish))
    }

    pub(super) fn protected(&mut self, flow: &FlowNamed, user: &Account, done: &str, why: &str) {
        self.problem(
            Severity::Info,
            Code::UserProtected,
            Some(flow.clone()),
            Some(of_ayon(&user.name, user.level)),
            format!(
                "The AYON user {} of {} is not {done}: it {why}.",
                user.name, flow.name
            ),
            "Where it has to be, an administrator does it in AYON.",
        );
    }
}

fn match_words(person: &Individual, user: &Account, by: By) -> String {
    match by {
        By::Hand => format!("Somebody said by hand that they are {}", user.name),
        By::StoredId => format!("{} stores their id {}", user.name, person.id),
        By::Email => format!("{} alone has their e-mail", user.name),
        By::Login => format!("{} has the name of their login", user.name),
    }
}
