//! What can be synced once users are: Tasks whose people AYON knows by now.

use std::collections::BTreeSet;

use crate::model::{FlowId, FlowType, Job, Selection};
use crate::plan::Column;

use super::{Run, State};

impl Run {
    /// The rows of this run's selection whose assignees AYON knows since its users were written: the Tasks of those who
    /// were linked or made just now, or the Project whose members they are.
    pub fn follow_up(&self) -> Option<Selection> {
        let of_users = self.action == Job::Users.word() && self.state == State::Done;
        let (plan, report, selection) = match (&self.plan, &self.report, &self.selection) {
            (Some(plan), Some(report), Some(selection)) if of_users => (plan, report, selection),
            _ => return None,
        };
        let done = report.done();
        let known_now = plan.nodes.iter().filter_map(|node| {
            let seat = node.seat.as_ref()?;
            let written = node.operation.as_ref().is_some_and(|id| done.contains(id));
            (written && matches!(seat.column, Column::Create | Column::Link)).then_some(seat)
        });
        let known_now: Vec<_> = known_now.collect();
        if known_now.is_empty() {
            return None;
        }
        if selection.is_project() {
            return Some(selection.clone());
        }
        let tasks: BTreeSet<FlowId> = known_now
            .iter()
            .flat_map(|seat| seat.tasks.iter().copied())
            .collect();
        (!tasks.is_empty()).then(|| Selection {
            entity_type: FlowType::Task,
            ids: tasks.into_iter().collect(),
            project_id: selection.project_id,
        })
    }
}
