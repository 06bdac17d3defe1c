//! What is kept of a plan of users when its run has ended: counts and ids, and nothing that is about a person.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::model::FlowRef;
use crate::plan::Plan;
use crate::plan::operation::{Node, OpId, Operation, Verdict};
use crate::problem::{FlowNamed, Problem};

use super::changes::{ACTIVE, LEVEL};
use super::seat::Seat;

/// The same plan without names, logins, e-mails and what they were compared with. AYON knows a user by its name alone,
/// so that stays, as the id that it is.
pub fn pruned(plan: &Plan) -> Plan {
    Plan {
        projects: plan.projects.clone(),
        operations: plan.operations.iter().map(operation).collect(),
        problems: plan.problems.iter().map(problem).collect(),
        nodes: plan.nodes.iter().map(node).collect(),
        counts: plan.counts,
        digest: plan.digest.clone(),
    }
}

/// The same when it is known which of its operations were done: a user who was not made has no name that AYON knows.
pub fn without_unmade(mut plan: Plan, done: &HashSet<OpId>) -> Plan {
    let mut unmade: HashMap<OpId, String> = HashMap::new();
    for node in &mut plan.nodes {
        let made = node.operation.as_ref().is_some_and(|id| done.contains(id));
        if let (Verdict::Create, false, Some(flow)) = (node.verdict, made, node.flow) {
            node.name = id_of(flow);
            if let Some(seat) = &mut node.seat {
                seat.user = None;
            }
            let operations = node.operation.iter().chain(&node.offers);
            unmade.extend(operations.map(|id| (id.clone(), id_of(flow))));
        }
    }
    for operation in &mut plan.operations {
        if let (Some(ayon), Some(name)) = (&mut operation.ayon, unmade.remove(&operation.id)) {
            ayon.name = name;
        }
    }
    plan
}

fn bare(flow: &FlowNamed) -> FlowNamed {
    FlowNamed {
        key: flow.key,
        name: id_of(flow.key),
    }
}

fn id_of(key: FlowRef) -> String {
    format!("#{}", key.id)
}

fn operation(operation: &Operation) -> Operation {
    let mut kept = operation.clone();
    kept.flow = operation.flow.as_ref().map(bare);
    kept.because = [].into();
    kept.facts.clear();
    // Which fields changed may be told, not from what to what.
    for change in &mut kept.changes {
        // Rising, falling, on and off say nothing of a person.
        if change.field != LEVEL && change.field != ACTIVE {
            (change.from, change.to) = (Value::Null, Value::Null);
        }
    }
    kept
}

fn problem(problem: &Problem) -> Problem {
    Problem {
        flow: problem.flow.as_ref().map(bare),
        ayon: None,
        message: format!(
            "{}: of whom, only the id is kept when a run has ended.",
            problem.code.as_str()
        ),
        remedy: "Plan again to see how things are now.".to_owned(),
        ..problem.clone()
    }
}

fn node(node: &Node) -> Node {
    let seat = node.seat.as_deref();
    let user = seat.and_then(|seat| seat.user.clone());
    Node {
        name: user.clone().or_else(|| node.flow.map(id_of)).unwrap_or_default(),
        label: None,
        trace: [].into(),
        seat: seat.map(|seat| {
            Box::new(Seat {
                user,
                by: seat.by,
                by_hand: seat.by_hand,
                tasks: seat.tasks.clone(),
                ..Seat::at(seat.column)
            })
        }),
        ..node.clone()
    }
}
