//! The plans of several projects as one.

use super::operation::{Plan, PlannedProject};
use super::{Planned, operation::Operation};

impl Planned {
    /// One plan of several projects, in the order given: each is applied whole before the next.
    pub fn together(parts: Vec<Self>) -> Self {
        let mut parts = parts;
        if parts.len() == 1
            && let Some(only) = parts.pop()
        {
            return only;
        }
        let mut projects: Vec<PlannedProject> = Vec::new();
        let mut operations: Vec<Operation> = Vec::new();
        let (mut intents, mut problems, mut nodes) = (Vec::new(), Vec::new(), Vec::new());
        for part in parts {
            projects.extend(part.plan.projects);
            operations.extend(part.plan.operations);
            problems.extend(part.plan.problems);
            nodes.extend(part.plan.nodes);
            intents.extend(part.intents);
        }
        Self {
            plan: Plan::finish(projects, operations, problems, nodes),
            intents,
        }
    }
}
