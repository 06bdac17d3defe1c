//! The board: a row for each person, with what their user would get.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::model::{FlowId, FlowRef, FlowType, System, UserLevel};
use crate::plan::intent::{Intent, UserPatch, Write};
use crate::plan::operation::{Change, Kind, Node, On, OpId, Operation, Plan, Reasons, Verdict, hash_of};
use crate::plan::tree::natural;
use crate::plan::{Planned, naming::plain};
use crate::problem::{AyonNamed, Code, FlowNamed, Problem, Severity};

use super::changes::{EMAIL, Mail, MailWish, Mails, Mapped, Mapping, email};
use super::guard::Guard;
use super::matching::{By, Found};
use super::seat::{Column, Seat};
use super::snapshot::{Account, Individual, UsersInput, Whom};

/// The word of the operation that changes what a user holds, and of the one that gives them an e-mail which somebody else
/// has to give up first.
pub(super) const UPDATE: &str = "update";
const MAIL: &str = "mail";

/// The lanes of a plan of users, in the order in which they are written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lane {
    Update,
    Create,
    Mail,
    Activate,
    Level,
    Leave,
}

pub(super) struct Board<'a> {
    pub input: &'a UsersInput<'a>,
    pub mapping: Mapping<'a>,
    mails: Mails,
    pub guard: Guard,
    /// Which users get another e-mail.
    letters: BTreeMap<FlowId, Mail>,
    /// Users that store the id of a person who is somebody else by hand.
    pub lost: BTreeMap<FlowId, Vec<&'a Account>>,
    unknown_groups: BTreeSet<String>,
    unmapped: BTreeMap<String, usize>,
    rows: Vec<(Lane, Operation, Intent)>,
    pub problems: Vec<Problem>,
    nodes: Vec<Node>,
    paper: Vec<u8>,
}

/// An e-mail that a user gets.
pub(super) enum Letter {
    Now(String),
    /// Once these operations are done: AYON lets nobody have the e-mail of somebody else.
    After(String, Vec<OpId>),
}

/// What an operation is about, before it has an id.
pub(super) struct Wish<'w> {
    pub lane: Lane,
    pub word: &'static str,
    /// Besides the person, where one person has several of them.
    pub besides: &'w str,
    pub kind: Kind,
    pub ticked: bool,
    pub flow: FlowNamed,
    pub user: &'w str,
    pub level: UserLevel,
    pub changes: Vec<Change>,
    pub needs: Vec<OpId>,
    pub because: Reasons,
    pub write: Write,
    /// What it rests on besides what it changes.
    pub rests: Value,
}

/// One row of the board.
pub(super) struct PersonRow<'r> {
    pub key: FlowRef,
    /// The name people know them by.
    pub title: String,
    /// The AYON user that they are or would be.
    pub user: Option<(&'r str, UserLevel)>,
    pub verdict: Verdict,
    pub operation: Option<OpId>,
    pub offers: Vec<OpId>,
    pub trace: Reasons,
    pub seat: Seat,
}

impl<'a> Board<'a> {
    pub fn new(
        input: &'a UsersInput<'a>,
        found: &BTreeMap<FlowId, Found>,
        wanted: &BTreeSet<FlowId>,
    ) -> Self {
        let people = &input.flow.people;
        let mut lost: BTreeMap<FlowId, Vec<&'a Account>> = BTreeMap::new();
        for user in input.ayon.users.values().filter(|user| !user.service) {
            let Some(person) = user.stored.person() else {
                continue;
            };
            // Only by hand somebody becomes another user than the one that stores their id.
            let elsewhere = match found.get(&person) {
                Some(Found::Same {
                    user: other,
                    by: By::Hand,
                }) => *other != user.name,
                Some(Found::New { by_hand }) => *by_hand,
                _ => false,
            };
            if elsewhere {
                lost.entry(person).or_default().push(user);
            }
        }
        let mut mails = Mails::of(input.ayon);
        let wishes = found.iter().filter_map(|(id, found)| {
            let Found::Same { user, .. } = found else {
                return None;
            };
            let (person, user) = (people.get(id)?, input.ayon.users.get(user)?);
            let to = email(person, Some(user)).filter(|_| person.active && wanted.contains(id))?;
            Some(MailWish {
                person: *id,
                user,
                to,
            })
        });
        let letters = mails.settle(wishes.collect());
        let active = |id: FlowId| people.get(&id).is_some_and(|person| person.active);
        Self {
            input,
            mapping: Mapping::new(input.policy, input.ayon),
            mails,
            letters,
            guard: Guard::new(input.ayon, input.asked_by, found, active),
            lost,
            unknown_groups: BTreeSet::new(),
            unmapped: BTreeMap::new(),
            rows: Vec::new(),
            problems: Vec::new(),
            nodes: Vec::new(),
            paper: Vec::new(),
        }
    }

    pub fn problem(
        &mut self,
        severity: Severity,
        code: Code,
        person: Option<FlowNamed>,
        user: Option<AyonNamed>,
        message: String,
        remedy: &str,
    ) {
        self.problems.push(Problem {
            severity,
            code,
            project: None,
            flow: person,
            ayon: user,
            message,
            remedy: remedy.to_owned(),
        });
    }

    /// The access groups of a person; what the configuration says wrongly is told once for all.
    pub(super) fn mapped(&mut self, person: &Individual, trace: &mut Vec<String>) -> Mapped {
        let mapped = self.mapping.groups(person);
        let group = person.permission.as_ref();
        let group = group.map_or("no permission group".to_owned(), |group| group.name.clone());
        self.unknown_groups.extend(mapped.unknown.iter().cloned());
        trace.push(match (mapped.unmapped, mapped.groups.as_slice()) {
            (true, _) => {
                *self.unmapped.entry(group.clone()).or_default() += 1;
                format!("users.roles says nothing of {group}, so no access is given")
            }
            (false, []) => format!("users.roles gives {group} no access"),
            (false, groups) => format!(
                "users.roles gives {group} the access groups {}",
                groups.join(", ")
            ),
        });
        mapped
    }

    /// The e-mail that a known person's user gets.
    pub(super) fn known_mail(&mut self, person: &Individual, user: &str) -> Option<Letter> {
        match self.letters.get(&person.id).cloned()? {
            Mail::Gets(mail, after) => Some(self.letter(mail, &after)),
            Mail::Taken(other) => {
                self.say_mail_taken(person, user, &other);
                None
            }
        }
    }

    /// The same for a new user.
    pub(super) fn new_mail(&mut self, person: &Individual, user: &str) -> Option<Letter> {
        let mail = email(person, None)?;
        match self.mails.take(&mail, user) {
            Ok(after) => Some(self.letter(mail, &after)),
            Err(other) => {
                self.say_mail_taken(person, user, &other);
                None
            }
        }
    }

    fn letter(&self, mail: String, after: &[FlowId]) -> Letter {
        let gives_up = |person: &FlowId| {
            let word = match self.letters.get(person) {
                Some(Mail::Gets(_, after)) if !after.is_empty() => MAIL,
                _ => UPDATE,
            };
            OpId::derived(&["user", word, self.input.site, &person.to_string(), ""])
        };
        match after {
            [] => Letter::Now(mail),
            after => Letter::After(mail, after.iter().map(gives_up).collect()),
        }
    }

    /// Gives an e-mail by a row of its own: whoever does not give it up costs nobody the rest.
    pub(super) fn mail_after<'w>(
        &mut self,
        user: &str,
        from: Option<&str>,
        mail: String,
        needs: Vec<OpId>,
        wish: &impl Fn(Lane, &'static str, Vec<Change>, Vec<OpId>, Write) -> Wish<'w>,
    ) -> OpId {
        let change = Change::new(EMAIL, from.map_or(Value::Null, Value::from), json!(mail));
        let patch = UserPatch {
            email: Some(mail),
            ..UserPatch::of(user)
        };
        self.add(wish(
            Lane::Mail,
            MAIL,
            vec![change],
            needs,
            Write::UpdateUser(patch),
        ))
    }

    /// What a person's user lacks of access; nothing where nobody can read what it has.
    pub(super) fn access(
        &mut self,
        person: &Individual,
        user: &Account,
        groups: &[String],
    ) -> BTreeMap<String, Vec<String>> {
        if !user.access_unread {
            return self.mapping.access(person, groups, &user.access);
        }
        self.problem(
            Severity::Warning,
            Code::UserAccessUnread,
            Some(named(person)),
            Some(of_ayon(&user.name, user.level)),
            format!(
                "AYON tells the access of {} in a way that amigo cannot read, so it stays as it is.",
                user.name
            ),
            "Set the access of the user to projects in AYON.",
        );
        BTreeMap::new()
    }

    fn say_mail_taken(&mut self, person: &Individual, user: &str, other: &str) {
        self.problem(
            Severity::Warning,
            Code::UserEmailTaken,
            Some(named(person)),
            Some(of_ayon(user, UserLevel::User)),
            format!(
                "The AYON user {user} does not get the e-mail of {}: {other} has it.",
                person.title()
            ),
            "Correct the e-mail in Flow, or that of the other user in AYON, and plan again.",
        );
    }

    pub(super) fn tasks(&self, person: &Individual) -> Vec<FlowId> {
        self.input.flow.tasks.get(&person.id).cloned().unwrap_or_default()
    }

    pub(super) fn add(&mut self, wish: Wish<'_>) -> OpId {
        let person = wish.flow.key.id.to_string();
        let id = OpId::derived(&["user", wish.word, self.input.site, &person, wish.besides]);
        let ayon = of_ayon(wish.user, wish.level);
        let facts = hash_of(
            &(
                &wish.write,
                &wish.changes,
                &ayon,
                &wish.flow,
                &wish.needs,
                &wish.rests,
            ),
            &mut self.paper,
        );
        let operation = Operation {
            id: id.clone(),
            kind: wish.kind,
            on: On::User,
            system: System::Ayon,
            project: String::new(),
            ticked: wish.ticked,
            flow: Some(wish.flow),
            ayon: Some(ayon),
            changes: wish.changes,
            needs: wish.needs,
            because: wish.because,
            facts,
        };
        let intent = Intent {
            operation: id.clone(),
            write: wish.write,
            back: None,
        };
        self.rows.push((wish.lane, operation, intent));
        id
    }

    /// Puts somebody on the board who is no AYON user by this plan.
    pub(super) fn without_user(
        &mut self,
        key: FlowRef,
        title: String,
        verdict: Verdict,
        trace: Reasons,
        seat: Seat,
    ) {
        self.row(PersonRow {
            key,
            title,
            user: None,
            verdict,
            operation: None,
            offers: Vec::new(),
            trace,
            seat,
        });
    }

    /// Puts a person on the board.
    pub(super) fn row(&mut self, row: PersonRow<'_>) {
        let level = row.user.map_or(UserLevel::User, |(_, level)| level);
        let user = row.user.map(|(user, _)| user.to_owned());
        self.nodes.push(Node {
            on: On::User,
            depth: 0,
            kind: kind_of(level).to_owned(),
            label: Some(row.title.clone()).filter(|title| user.as_ref().is_some_and(|user| user != title)),
            name: user.unwrap_or(row.title),
            path: String::new(),
            flow: Some(row.key),
            verdict: row.verdict,
            selected: matches!(self.input.wanted, Whom::These(_)),
            operation: row.operation,
            offers: row.offers,
            trace: row.trace,
            placement: None,
            seat: Some(Box::new(row.seat)),
        });
    }

    pub fn finish(mut self) -> Planned {
        for group in std::mem::take(&mut self.unknown_groups) {
            self.problem(
                Severity::Warning,
                Code::AccessGroupUnknown,
                None,
                None,
                format!("AYON has no access group {group}, so nobody gets it."),
                "Make the access group in AYON, or correct users.roles in amigo's configuration.",
            );
        }
        for (group, count) in std::mem::take(&mut self.unmapped) {
            let nobody = match count {
                1 => "1 person gets".to_owned(),
                count => format!("{count} people get"),
            };
            self.problem(
                Severity::Info,
                Code::RoleUnmapped,
                None,
                None,
                format!("users.roles says nothing of {group}, so {nobody} no access to projects."),
                "Name the permission group in users.roles of amigo's configuration; others stands for all that are not named.",
            );
        }
        self.rows.sort_by_key(|(lane, ..)| *lane);
        let column = |node: &Node| node.seat.as_ref().map(|seat| seat.column);
        let title = |node: &Node| node.label.clone().unwrap_or_else(|| node.name.clone());
        self.nodes.sort_by(|a, b| {
            column(a)
                .cmp(&column(b))
                .then_with(|| natural(&title(a), &title(b)))
                .then_with(|| a.flow.cmp(&b.flow))
                .then_with(|| a.name.cmp(&b.name))
        });
        let (operations, intents) = self
            .rows
            .into_iter()
            .map(|(_, operation, intent)| (operation, intent))
            .unzip();
        Planned {
            plan: Plan::finish(Vec::new(), operations, self.problems, self.nodes),
            intents,
        }
    }
}

/// A person as people read them.
pub(super) fn named(person: &Individual) -> FlowNamed {
    FlowNamed {
        key: FlowRef {
            kind: FlowType::HumanUser,
            id: person.id,
        },
        name: person.title(),
    }
}

/// A user as people read it.
pub(super) fn of_ayon(user: &str, level: UserLevel) -> AyonNamed {
    AyonNamed {
        id: None,
        kind: kind_of(level).to_owned(),
        name: user.to_owned(),
        path: String::new(),
        from: None,
    }
}

fn kind_of(level: UserLevel) -> &'static str {
    match level {
        UserLevel::User => "User",
        UserLevel::Manager => "Manager",
        UserLevel::Admin => "Administrator",
    }
}

/// The seat of a person whom Flow shows.
pub(super) fn seat(column: Column, person: &Individual) -> Seat {
    Seat {
        login: Some(plain(&person.login)),
        email: person.email.as_deref().map(plain),
        ..Seat::at(column)
    }
}

/// What Flow says of a person, in one line.
pub(super) fn of_flow(person: &Individual) -> String {
    let state = if person.active { "active" } else { "disabled" };
    let group = person.permission.as_ref();
    let group = group.map_or("no permission group".to_owned(), |group| {
        format!("permission group {}", group.name)
    });
    let mail = person.email.as_deref().map_or("no e-mail".to_owned(), plain);
    format!("Flow: login {}, {mail}, {state}, {group}", plain(&person.login))
}
