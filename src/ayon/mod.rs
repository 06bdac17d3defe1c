//! AYON over REST and GraphQL (`ayon-api.md`): a reader that cannot write, and a writer that only apply gets.

mod accounts;
mod content;
mod operations;
mod reader;
mod session;
mod settings;
mod tree;
mod wire;
mod witness;
mod writer;

pub use operations::{RowResult, create_folder, create_task, update_folder, update_task};
pub use reader::{AyonReader, LiveAttributes, ProjectSize, Projects, Server};
pub use session::{AyonAccess, AyonSession};
pub use settings::{AddonSettings, AttributeRow};
pub use witness::{ProjectStanding, Standing, Witness};
pub use writer::{Additions, AyonWriter, Sender};

use crate::net::NetError;

/// Why AYON did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AyonError {
    #[error(transparent)]
    Net(#[from] NetError),
    #[error("AYON does not accept the API key: {0}")]
    Credentials(String),
    #[error("AYON has no production bundle")]
    NoBundle,
    #[error("the production bundle of AYON does not hold the shotgrid addon")]
    NoAddon,
    #[error("AYON has no secret {0:?}, which the settings of the shotgrid addon name")]
    NoSecret(String),
    #[error("AYON refused: {detail}")]
    Refused { status: u16, detail: String },
}

impl AyonError {
    /// Whether a write may have been carried out all the same: after a 500 too (`ayon-api.md §12`).
    pub fn is_unclear(&self) -> bool {
        match self {
            Self::Net(error) => error.is_unclear(),
            Self::Refused { status, .. } => *status >= 500,
            Self::Credentials(_) | Self::NoBundle | Self::NoAddon | Self::NoSecret(_) => false,
        }
    }
}
