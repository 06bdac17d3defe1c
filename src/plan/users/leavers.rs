//! People who left Flow: their users can be switched off, where nobody is locked out by it.

use serde_json::json;

use crate::model::{FlowId, FlowRef, FlowType};
use crate::plan::intent::{UserPatch, Write};
use crate::plan::operation::{Change, Kind, OpId, Reasons, Verdict};
use crate::problem::{Code, FlowNamed, Problem, Severity};

use super::board::{Board, Lane, PersonRow, Wish, named, of_ayon, seat};
use super::matching::By;
use super::seat::{Column, Seat};
use super::snapshot::{Account, Individual};

impl<'a> Board<'a> {
    /// Somebody who left Flow.
    pub(super) fn leaver(&mut self, person: &Individual, user: &'a Account, by: By, mut trace: Vec<String>) {
        trace.push("They are disabled in Flow".to_owned());
        let seat = Seat {
            user: Some(user.name.clone()),
            by: Some(by),
            by_hand: by == By::Hand,
            ..seat(Column::Leavers, person)
        };
        let allowed = match user.active {
            true => self.guard.take(person.id, user),
            false => Ok(()),
        };
        if let Err(why) = allowed {
            self.protected(person, user, "switched off", why.words());
            trace.push(format!("It {}", why.words()));
        }
        let trace: Reasons = trace.into();
        let off =
            (user.active && allowed.is_ok()).then(|| self.switch_off(named(person), user, trace.clone()));
        let verdict = if off.is_some() {
            Verdict::Retire
        } else {
            Verdict::Unchanged
        };
        let key = named(person).key;
        self.row(PersonRow {
            key,
            title: person.title(),
            user: Some((&user.name, user.level)),
            verdict,
            operation: off,
            offers: Vec::new(),
            trace,
            seat,
        });
    }

    /// Somebody in Flow's trash, whose id these users store.
    pub fn retired(&mut self, id: FlowId, name: &str, holders: &[&'a Account]) {
        let key = FlowRef {
            kind: FlowType::HumanUser,
            id,
        };
        let flow = FlowNamed {
            key,
            name: name.to_owned(),
        };
        let trace: Reasons = ["They are in Flow's trash".to_owned()].into();
        if holders.is_empty() {
            let seat = Seat::at(Column::LeftOut);
            self.problems.push(Problem {
                severity: Severity::Info,
                code: Code::RetiredInFlow,
                project: None,
                flow: Some(flow.clone()),
                ayon: None,
                message: format!("{name} is in Flow's trash, and no AYON user is linked with them."),
                remedy: "Nothing has to be done.".to_owned(),
            });
            self.without_user(key, name.to_owned(), Verdict::Unchanged, trace, seat);
            return;
        }
        for user in holders {
            let allowed = match user.active {
                true => self.guard.take(id, user),
                false => Ok(()),
            };
            if let Err(why) = allowed {
                self.problems.push(Problem {
                    severity: Severity::Info,
                    code: Code::UserProtected,
                    project: None,
                    flow: Some(flow.clone()),
                    ayon: Some(of_ayon(&user.name, user.level)),
                    message: format!(
                        "The AYON user {} of {name} is not switched off: it {}.",
                        user.name,
                        why.words()
                    ),
                    remedy: "Where it has to be, an administrator does it in AYON.".to_owned(),
                });
            }
            let off =
                (user.active && allowed.is_ok()).then(|| self.switch_off(flow.clone(), user, trace.clone()));
            let seat = Seat {
                user: Some(user.name.clone()),
                by: Some(By::StoredId),
                ..Seat::at(Column::Leavers)
            };
            let verdict = if off.is_some() {
                Verdict::Retire
            } else {
                Verdict::Unchanged
            };
            self.row(PersonRow {
                key,
                title: name.to_owned(),
                user: Some((&user.name, user.level)),
                verdict,
                operation: off,
                offers: Vec::new(),
                trace: trace.clone(),
                seat,
            });
        }
    }

    pub(super) fn switch_off(&mut self, flow: FlowNamed, user: &'a Account, because: Reasons) -> OpId {
        let patch = UserPatch {
            active: Some(false),
            ..UserPatch::of(&user.name)
        };
        self.add(Wish {
            lane: Lane::Leave,
            word: "leave",
            besides: &user.name,
            kind: Kind::Retire,
            ticked: false,
            flow,
            user: &user.name,
            level: user.level,
            changes: vec![Change::new("active", json!(true), json!(false))],
            needs: Vec::new(),
            because,
            write: Write::UpdateUser(patch),
            rests: json!([user.stored.person(), user.email, user.level]),
        })
    }
}
