//! `queued → planning → planned → applying → done`, and the ways a run can end early.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Queued,
    Planning,
    Planned,
    Applying,
    Done,
    /// It could not go on.
    Failed,
    /// Flow or AYON said something that forbids it: no access, an archived project.
    Refused,
    Cancelled,
    /// Something changed between plan and apply; nothing was written.
    Stale,
    /// Nobody applied the plan in time.
    Expired,
}

impl State {
    pub const ALL: [Self; 10] = [
        Self::Queued,
        Self::Planning,
        Self::Planned,
        Self::Applying,
        Self::Done,
        Self::Failed,
        Self::Refused,
        Self::Cancelled,
        Self::Stale,
        Self::Expired,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Planning => "planning",
            Self::Planned => "planned",
            Self::Applying => "applying",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
            Self::Stale => "stale",
            Self::Expired => "expired",
        }
    }

    /// Whether nothing will change any more.
    pub fn is_final(self) -> bool {
        match self {
            Self::Queued | Self::Planning | Self::Planned | Self::Applying => false,
            Self::Done | Self::Failed | Self::Refused | Self::Cancelled | Self::Stale | Self::Expired => true,
        }
    }

    /// Whether the machine allows the step.
    pub fn may_become(self, next: Self) -> bool {
        use State::{Applying, Cancelled, Done, Expired, Failed, Planned, Planning, Queued, Refused, Stale};
        matches!(
            (self, next),
            (Queued, Planning | Cancelled | Failed)
                | (Planning, Queued | Planned | Refused | Failed | Cancelled)
                | (Planned, Applying | Cancelled | Expired)
                | (Applying, Done | Failed | Stale | Refused | Cancelled)
        )
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no state.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a state of a run")]
pub struct UnknownState(pub String);

impl FromStr for State {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, UnknownState> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| UnknownState(text.to_owned()))
    }
}
