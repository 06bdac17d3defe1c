//! What is kept of a plan of users when its run has ended: counts and ids, and nothing that is about a person.

use std::collections::HashSet;

use serde_json::Value;

use crate::model::FlowRef;
use crate::plan::Plan;
use crate::plan::operation::{Kind, Node, OpId, Operation, Verdict};
use crate::problem::{FlowNamed, Problem};

use super::guard::{ACTIVE, LEVEL};
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
    let unmade = |operation: &&mut Operation| operation.kind == Kind::Create && !done.contains(&operation.id);
    for operation in plan.operations.iter_mut().filter(unmade) {
        if let (Some(ayon), Some(flow)) = (&mut operation.ayon, &operation.flow) {
            ayon.name.clone_from(&flow.name);
        }
    }
    for node in &mut plan.nodes {
        let unmade =
            node.verdict == Verdict::Create && node.operation.as_ref().is_none_or(|id| !done.contains(id));
        if let (true, Some(seat), Some(flow)) = (unmade, &mut node.seat, node.flow) {
            let levels = node.offers.clone();
            node.name = id_of(flow);
            seat.user = None;
            for operation in plan
                .operations
                .iter_mut()
                .filter(|operation| levels.contains(&operation.id))
            {
                if let Some(ayon) = &mut operation.ayon {
                    ayon.name = id_of(flow);
                }
            }
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
