//! Rows in Flow's trash that AYON still has.

use serde_json::json;

use crate::model::FlowRef;
use crate::problem::{Code, FlowNamed, Severity};

use super::draft::{Tick, Wish, row_key};
use super::entities::{in_ayon, on};
use super::intent::EntityPatch;
use super::offers::update;
use super::operation::{Change, Kind, Node, Reasons, Verdict};
use super::partner::Partner;
use super::sync::Planner;
use super::tree::NodeKey;

impl<'a> Planner<'a> {
    /// Rows in Flow's trash whose folder or task AYON still has: offered to be switched off, never deleted.
    pub(super) fn retired(&mut self) {
        for (key, name) in &self.input.flow.retired {
            let linked: Vec<Partner<'a>> = self.partners(key.kind).linked_with(*key).collect();
            let on: Vec<Partner<'a>> = linked.iter().copied().filter(|partner| partner.active).collect();
            match on.first() {
                Some(partner) => self.retire(*key, name, partner),
                None if self.selected.contains(key) => {
                    let message = if linked.is_empty() {
                        "It is in Flow's trash, and AYON does not have it."
                    } else {
                        "It is in Flow's trash, and AYON has it switched off already."
                    };
                    let remedy = "Restore the row in Flow if it is still worked on.";
                    self.lost(
                        *key,
                        name.clone(),
                        Code::RetiredInFlow,
                        message.to_owned(),
                        remedy,
                    );
                }
                None => {}
            }
        }
    }

    fn retire(&mut self, key: FlowRef, name: &str, partner: &Partner<'_>) {
        let above = self.path_of_parent(partner.parent);
        let path = format!("{above}/{}", partner.name);
        let flow = FlowNamed {
            key,
            name: name.to_owned(),
        };
        self.draft.problem(
            Severity::Info,
            Code::RetiredInFlow,
            Some(flow.clone()),
            Some(in_ayon(partner, &path)),
            format!("{name} is in Flow's trash, and AYON has it as {path}. Switching it off is offered, and not ticked; nothing is ever deleted."),
            "Tick it to switch it off in AYON, or restore the row in Flow.",
        );
        let patch = EntityPatch {
            active: Some(false),
            ..EntityPatch::of(partner.id)
        };
        let because: Reasons = [format!("{key} is in Flow's trash")].into();
        let operation = self.draft.operation(Wish {
            kind: Kind::Retire,
            on: on(key),
            target: row_key(key),
            flow: Some(flow),
            ayon: Some(in_ayon(partner, &path)),
            changes: vec![Change::new("active", json!(true), json!(false))],
            needs: Vec::new(),
            because: because.clone(),
            tick: Tick::Offered,
            write: update(key, patch),
            back: None,
        });
        let node = Node {
            on: on(key),
            depth: 0,
            kind: partner.kind.to_owned(),
            name: partner.name.to_owned(),
            label: Some(name.to_owned()).filter(|name| *name != partner.name),
            path,
            flow: Some(key),
            verdict: Verdict::Retire,
            selected: self.selected.contains(&key),
            operation: None,
            offers: vec![operation],
            trace: because,
            placement: None,
            seat: None,
        };
        let above = self.above(partner.parent);
        self.draft.node(NodeKey::Row(key), Some(above), node);
    }
}
