//! People and users of a small studio, and what AYON would make of a plan.

use std::collections::BTreeSet;

use crate::model::{FlowId, UserLevel, UserPolicy};
use crate::permission::Group;
use crate::plan::{
    Account, Accounts, FlowPeople, Individual, Intent, OpId, Operation, Planned, Seat, StoredId, UsersInput,
    Whom, Write, users,
};

#[derive(Clone, Debug)]
pub struct Desk {
    pub wanted: Whom,
    pub flow: FlowPeople,
    pub ayon: Accounts,
    pub policy: UserPolicy,
    pub pairs: crate::model::Pairs,
    pub asked_by: Option<FlowId>,
}

impl Default for Desk {
    fn default() -> Self {
        let groups = ["artist", "freelancer", "supervisor"].map(str::to_owned);
        Self {
            wanted: Whom::Everyone,
            flow: FlowPeople::default(),
            ayon: Accounts {
                access_groups: Some(groups.into()),
                ..Accounts::default()
            },
            policy: UserPolicy::default(),
            pairs: crate::model::Pairs::default(),
            asked_by: None,
        }
    }
}

/// An active artist of Flow; an empty e-mail is none.
pub fn person(id: i64, login: &str, email: &str) -> Individual {
    Individual {
        id: FlowId(id),
        login: login.to_owned(),
        name: format!("Person {id}"),
        email: Some(email.to_owned()).filter(|email| !email.is_empty()),
        active: true,
        permission: Some(Group {
            code: "artist".to_owned(),
            name: "Artist".to_owned(),
        }),
        groups: [].into(),
        projects: [].into(),
    }
}

/// An active user of AYON; the id 0 is none.
pub fn user(name: &str, email: Option<&str>, id: i64) -> Account {
    Account {
        name: name.to_owned(),
        full_name: Some(format!("Person {id}")).filter(|_| id != 0),
        email: email.map(str::to_owned).filter(|email| !email.is_empty()),
        active: true,
        stored: match id {
            0 => StoredId::Nothing,
            id => StoredId::Person(FlowId(id)),
        },
        ..Account::default()
    }
}

impl Desk {
    pub fn of(people: &[(i64, &str, &str)], users: &[(&str, &str, i64)]) -> Self {
        let mut desk = Self::default();
        for (id, login, email) in people {
            desk.person(person(*id, login, email));
        }
        for (name, email, id) in users {
            desk.user(user(name, Some(email), *id));
        }
        desk
    }

    pub fn person(&mut self, person: Individual) {
        self.flow.people.insert(person.id, person);
    }

    pub fn user(&mut self, user: Account) {
        self.ayon.users.insert(user.name.clone(), user);
    }

    pub fn paired(self, pairs: &str) -> Self {
        Self {
            pairs: pairs.parse().unwrap(),
            ..self
        }
    }

    pub fn plan(&self) -> Planned {
        users(&UsersInput {
            site: "studio.example",
            wanted: &self.wanted,
            flow: &self.flow,
            ayon: &self.ayon,
            policy: &self.policy,
            pairs: &self.pairs,
            asked_by: self.asked_by,
        })
    }

    /// Where a person stands in a plan.
    pub fn seat(&self, planned: &Planned, id: i64) -> Seat {
        let nodes = planned.plan.nodes.iter();
        let mut seats = nodes.filter(|node| node.flow.is_some_and(|flow| flow.id == FlowId(id)));
        let node = seats.next().expect("the person has a row");
        (**node.seat.as_ref().unwrap()).clone()
    }

    /// The same after the ticked rows were written; what was decided by hand stays decided.
    pub fn applied(&self) -> Self {
        self.applied_if(|operation| operation.ticked)
    }

    /// The same after those were written that somebody wants, and whose needs were: each after what it needs.
    pub fn applied_if(&self, wanted: impl Fn(&Operation) -> bool) -> Self {
        let planned = self.plan();
        let mut after = self.clone();
        let mut done: BTreeSet<&OpId> = BTreeSet::new();
        let rows: Vec<(&Operation, &Intent)> = planned.plan.operations.iter().zip(&planned.intents).collect();
        loop {
            let before = done.len();
            for (operation, intent) in &rows {
                let ready = operation.needs.iter().all(|need| done.contains(need));
                if ready && wanted(operation) && done.insert(&operation.id) {
                    after.write(intent);
                }
            }
            if done.len() == before {
                return after;
            }
        }
    }

    fn unlink(&mut self, takes_from: &[(String, FlowId)]) {
        for (name, person) in takes_from {
            let user = self
                .ayon
                .users
                .get_mut(name)
                .expect("only users that are there lose a link");
            if user.stored.person() == Some(*person) {
                user.stored = StoredId::Nothing;
            }
        }
    }

    /// AYON's rules: no name twice in any case, no e-mail of another user on a change.
    fn write(&mut self, intent: &Intent) {
        match &intent.write {
            Write::CreateUser(new) => {
                self.unlink(&new.takes_from);
                let taken = |name: &String| name.eq_ignore_ascii_case(&new.name);
                assert!(!self.ayon.users.keys().any(taken), "{} is taken", new.name);
                assert!(crate::model::user_name_allowed(&new.name), "{}", new.name);
                self.user(Account {
                    name: new.name.clone(),
                    full_name: new.full_name.clone(),
                    email: new.email.clone(),
                    active: true,
                    level: UserLevel::User,
                    service: false,
                    access: new.access.clone(),
                    access_unread: false,
                    stored: StoredId::Person(new.flow),
                });
            }
            Write::UpdateUser(patch) => {
                self.unlink(&patch.takes_from);
                if let Some(email) = &patch.email {
                    let others = self.ayon.users.values().filter(|user| user.name != patch.name);
                    let mut mails = others.filter_map(|user| user.email.as_ref());
                    assert!(
                        !mails.any(|mail| mail.eq_ignore_ascii_case(email)),
                        "{email} is taken"
                    );
                }
                let user = self
                    .ayon
                    .users
                    .get_mut(&patch.name)
                    .expect("only users that are there change");
                user.full_name = patch.full_name.clone().or(user.full_name.take());
                user.email = patch.email.clone().or(user.email.take());
                user.active = patch.active.unwrap_or(user.active);
                user.level = patch.level.map_or(user.level, |(_, level)| level);
                match patch.link {
                    Some(Some(id)) => user.stored = StoredId::Person(id),
                    Some(None) => user.stored = StoredId::Nothing,
                    None => {}
                }
                for (project, added) in &patch.access {
                    let groups = user.access.entry(project.clone()).or_default();
                    groups.extend(added.clone());
                    groups.sort();
                    groups.dedup();
                }
            }
            other => panic!("a plan of users writes {other:?}"),
        }
    }
}
