//! People whose user AYON has: what it lacks.

use serde_json::{Value, json};

use crate::model::UserLevel;
use crate::plan::intent::{UserPatch, Write};
use crate::plan::operation::{Change, Kind, OpId, Reasons, Verdict};
use crate::problem::{Code, Severity};

use super::board::{Board, Lane, PersonRow, Wish, named, of_flow, seat};
use super::changes::{access_changes, email, full_name, link_change};
use super::guard::LEVEL;
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
        let (unlinked, needs) = self.unlink(person);
        let (mut patch, mut changes) = (UserPatch::of(&user.name), Vec::new());
        if !linked {
            patch.link = Some(Some(person.id));
            changes.push(link_change(&user.stored, Some(person.id.0)));
        }
        if let Some(name) = full_name(person, Some(user)) {
            let from = user.full_name.clone().map_or(Value::Null, Value::from);
            changes.push(Change::new("full name", from, json!(name)));
            patch.full_name = Some(name);
        }
        if let Some(mail) = email(person, Some(user)).and_then(|mail| self.mail(person, &user.name, mail)) {
            let from = user.email.clone().map_or(Value::Null, Value::from);
            changes.push(Change::new("e-mail", from, json!(mail)));
            patch.email = Some(mail);
        }
        if user.level == UserLevel::User {
            let mapped = self.mapped(person, &mut trace);
            patch.access = self.mapping.access(person, &mapped.groups, &user.access);
            changes.extend(access_changes(&patch.access, &user.access));
        } else {
            trace.push(format!(
                "A {} in AYON has access to every project",
                user.level.as_str()
            ));
        }
        let trace: Reasons = trace.into();
        let flow = named(person);
        let rests = json!([user.stored.person(), user.full_name, user.email, user.access]);
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
            rests: json!([person.active, user.active, user.level, rests]),
        };
        let column = match (linked, changes.is_empty()) {
            (false, _) => Column::Link,
            (true, false) => Column::Update,
            (true, true) => Column::Matched,
        };
        let mut main = (!changes.is_empty()).then(|| {
            self.add(wish(
                Lane::Update,
                "update",
                changes,
                needs,
                Write::UpdateUser(patch),
            ))
        });
        let mut offers = unlinked;
        if !user.active {
            let patch = UserPatch {
                active: Some(true),
                ..UserPatch::of(&user.name)
            };
            let change = Change::new("active", json!(false), json!(true));
            let on = self.add(wish(
                Lane::Activate,
                "activate",
                vec![change],
                Vec::new(),
                Write::UpdateUser(patch),
            ));
            match main {
                Some(_) => offers.push(on),
                None => main = Some(on),
            }
        }
        offers.extend(self.level(person, user, &wish));
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
                self.protected(person, user, "demoted", why.words());
                return None;
            }
        }
        let patch = UserPatch {
            level: Some((user.level, wanted)),
            ..UserPatch::of(&user.name)
        };
        let change = Change::new(LEVEL, json!(user.level), json!(wanted));
        let wish = Wish {
            ticked: false,
            ..wish(
                Lane::Level,
                "level",
                vec![change],
                Vec::new(),
                Write::UpdateUser(patch),
            )
        };
        Some(self.add(wish))
    }

    pub(super) fn protected(&mut self, person: &Individual, user: &Account, done: &str, why: &str) {
        self.problem(
            Severity::Info,
            Code::UserProtected,
            Some(person),
            Some(&user.name),
            format!(
                "The AYON user {} of {} is not {done}: it {why}.",
                user.name,
                person.title()
            ),
            "Where it has to be, an administrator does it in AYON.",
        );
    }

    /// Takes the person's id from users that are not theirs, so that only one user has it.
    pub(super) fn unlink(&mut self, person: &Individual) -> (Vec<OpId>, Vec<OpId>) {
        let users = self.unlinks.get(&person.id).cloned().unwrap_or_default();
        let ids: Vec<OpId> = users
            .into_iter()
            .map(|user| {
                let patch = UserPatch {
                    link: Some(None),
                    ..UserPatch::of(&user.name)
                };
                self.add(Wish {
                    lane: Lane::Unlink,
                    word: "unlink",
                    besides: &user.name,
                    kind: Kind::Update,
                    ticked: true,
                    flow: named(person),
                    user: &user.name,
                    level: user.level,
                    changes: vec![link_change(&user.stored, None)],
                    needs: Vec::new(),
                    because: ["Somebody said by hand who they are".to_owned()].into(),
                    write: Write::UpdateUser(patch),
                    rests: Value::Null,
                })
            })
            .collect();
        (ids.clone(), ids)
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
