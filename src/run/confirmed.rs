//! What has to be typed before a run is applied: whoever moves the folders of a whole project says how many they are.

use crate::model::Job;
use crate::plan::{Kind, Operation};

use super::{Run, Ticks};

/// A count that was asked for, and is not what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{count} folders of the whole project would move, and that number was not typed")]
pub struct NotConfirmed {
    pub count: usize,
}

impl Run {
    /// The number that has to be typed to apply these ticks; nothing where pressing the button is enough.
    pub fn count_to_type(&self, ticks: &Ticks) -> Option<usize> {
        self.count_of_moves(ticks).filter(|count| *count > 0)
    }

    /// How many folders move by these ticks, where whoever moves any has to type that; nothing where nothing can move,
    /// or no number is asked for.
    pub fn count_of_moves(&self, ticks: &Ticks) -> Option<usize> {
        let whole = self
            .selection
            .as_ref()
            .is_some_and(crate::model::Selection::is_project);
        let plan = self
            .plan
            .as_ref()
            .filter(|_| whole && self.action == Job::Reparent.word())?;
        let moves = |operation: &Operation| operation.kind == Kind::Move;
        plan.operations.iter().any(moves).then(|| {
            let wanted = plan.operations.iter().filter(|operation| moves(operation));
            wanted
                .filter(|operation| ticks.wants(&operation.id, operation.ticked))
                .count()
        })
    }

    /// Whether what was typed is the number that is asked for.
    pub fn is_confirmed(&self, ticks: &Ticks, typed: Option<&str>) -> Result<(), NotConfirmed> {
        match self.count_to_type(ticks) {
            Some(count) if typed.and_then(|text| text.trim().parse().ok()) != Some(count) => {
                Err(NotConfirmed { count })
            }
            _ => Ok(()),
        }
    }
}
