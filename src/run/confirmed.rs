//! What has to be typed before a run is applied: whoever moves the folders of a whole project, or takes something away
//! from users, says how many they are.

use crate::model::{Job, Selection};
use crate::plan::{Kind, Operation, takes_away};

use super::{Run, Ticks};

/// A count that was asked for, and is not what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} {}, and that number was not typed", what.counted(*count), what.would())]
pub struct NotConfirmed {
    pub what: Counted,
    pub count: usize,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Folders of a whole project that move.
    Moves,
    /// Users that are switched off or demoted.
    Losses,
}

impl Counted {
    /// Whether an operation counts.
    pub fn counts(self, operation: &Operation) -> bool {
        match self {
            Self::Moves => operation.kind == Kind::Move,
            Self::Losses => takes_away(operation),
        }
    }

    /// The number with what it counts.
    pub fn counted(self, count: usize) -> String {
        match (self, count) {
            (Self::Moves, 1) => "1 folder of the whole project".to_owned(),
            (Self::Moves, count) => format!("{count} folders of the whole project"),
            (Self::Losses, 1) => "1 user".to_owned(),
            (Self::Losses, count) => format!("{count} users"),
        }
    }

    /// What whoever types the number is asked for.
    pub fn ticked(self) -> &'static str {
        match self {
            Self::Moves => "ticked folders move",
            Self::Losses => "ticked users are switched off or demoted",
        }
    }

    /// What would happen to them.
    pub fn would(self) -> &'static str {
        match self {
            Self::Moves => "would move",
            Self::Losses => "would be switched off or demoted",
        }
    }
}

impl Run {
    /// What applying this run asks to be counted; nothing where pressing the button is enough.
    pub fn counted(&self) -> Option<Counted> {
        let whole = self.selection.as_ref().is_some_and(Selection::is_project);
        if self.action == Job::Users.word() {
            Some(Counted::Losses)
        } else if self.action == Job::Reparent.word() && whole {
            Some(Counted::Moves)
        } else {
            None
        }
    }

    /// The number that has to be typed to apply these ticks; nothing where pressing the button is enough.
    pub fn count_to_type(&self, ticks: &Ticks) -> Option<usize> {
        self.count_of(ticks).filter(|count| *count > 0)
    }

    /// How many count by these ticks, where whoever ticks any has to type that; nothing where none can be ticked, or no
    /// number is asked for.
    pub fn count_of(&self, ticks: &Ticks) -> Option<usize> {
        let counted = self.counted()?;
        let plan = self.plan.as_ref()?;
        let operations = plan.operations.iter();
        let all: Vec<&Operation> = operations.filter(|operation| counted.counts(operation)).collect();
        let wanted = all
            .iter()
            .filter(|operation| ticks.wants(&operation.id, operation.ticked));
        (!all.is_empty()).then(|| wanted.count())
    }

    /// Whether what was typed is the number that is asked for.
    pub fn is_confirmed(&self, ticks: &Ticks, typed: Option<&str>) -> Result<(), NotConfirmed> {
        match (self.counted(), self.count_to_type(ticks)) {
            (Some(what), Some(count)) if typed.and_then(|text| text.trim().parse().ok()) != Some(count) => {
                Err(NotConfirmed { what, count })
            }
            _ => Ok(()),
        }
    }
}
