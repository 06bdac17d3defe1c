//! The plans of several projects as one.

use super::naming::looked_up_as;
use super::operation::{Plan, PlannedProject};
use super::{Planned, operation::Operation};

impl Planned {
    /// The AYON project that this plan of one project would write to and that `others` would write to as well, or
    /// one that AYON cannot tell from it. Neither plan knows of the other: both would be right alone.
    pub fn rival_of(&self, others: &[Self]) -> Option<&str> {
        let ours = self.written()?;
        let meets = |theirs: &str| looked_up_as(ours, theirs) || looked_up_as(theirs, ours);
        others
            .iter()
            .filter(|other| !std::ptr::eq(*other, self))
            .filter_map(Self::written)
            .any(meets)
            .then_some(ours)
    }

    fn written(&self) -> Option<&str> {
        let project = self.plan.projects.first()?;
        project
            .ayon
            .as_deref()
            .filter(|_| !self.plan.operations.is_empty())
    }

    /// One plan of several projects, in the order given: each is applied whole before the next.
    pub fn together(mut parts: Vec<Self>) -> Self {
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
