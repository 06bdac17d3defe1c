//! People who left Flow: their users can be switched off, where nobody is locked out by it.

use serde_json::json;

use crate::model::{FlowId, FlowRef, FlowType};
use crate::plan::intent::{UserPatch, Write};
use crate::plan::operation::{Change, Kind, OpId, Reasons, Verdict};
use crate::problem::{Code, FlowNamed, Severity};

use super::board::{Board, Lane, PersonRow, Wish, named, seat};
use super::changes::ACTIVE;
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
        self.leaving(named(person), user, trace, seat);
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
        let trace = vec!["They are in Flow's trash".to_owned()];
        if holders.is_empty() {
            self.problem(
                Severity::Info,
                Code::RetiredInFlow,
                Some(flow),
                None,
                format!("{name} is in Flow's trash, and no AYON user is linked with them."),
                "Nothing has to be done.",
            );
            let seat = Seat::at(Column::LeftOut);
            self.without_user(key, name.to_owned(), Verdict::Unchanged, trace.into(), seat);
            return;
        }
        for user in holders {
            let seat = Seat {
                user: Some(user.name.clone()),
                by: Some(By::StoredId),
                ..Seat::at(Column::Leavers)
            };
            self.leaving(flow.clone(), user, trace.clone(), seat);
        }
    }

    /// The row of somebody who left, and the offer to switch the user off, where that locks nobody out.
    fn leaving(&mut self, flow: FlowNamed, user: &'a Account, mut trace: Vec<String>, seat: Seat) {
        let allowed = match user.active {
            true => self.guard.take(flow.key.id, user),
            false => Ok(()),
        };
        if let Err(why) = allowed {
            self.protected(&flow, user, "switched off", why.words());
            trace.push(format!("It {}", why.words()));
        }
        let trace: Reasons = trace.into();
        let off =
            (user.active && allowed.is_ok()).then(|| self.switch_off(flow.clone(), user, trace.clone()));
        self.row(PersonRow {
            key: flow.key,
            title: flow.name,
            user: Some((&user.name, user.level)),
            verdict: match off {
                Some(_) => Verdict::Retire,
                None => Verdict::Unchanged,
            },
            operation: off,
            offers: Vec::new(),
            trace,
            seat,
        });
    }

    fn switch_off(&mut self, flow: FlowNamed, user: &'a Account, because: Reasons) -> OpId {
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
            changes: vec![Change::new(ACTIVE, json!(true), json!(false))],
            needs: Vec::new(),
            because,
            write: Write::UpdateUser(patch),
            rests: json!([user.stored.person(), user.email, user.level]),
        })
    }
}
