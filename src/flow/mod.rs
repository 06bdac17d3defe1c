//! Flow over its REST API (`flow-api.md §4`): a reader that cannot write, and a writer that only apply gets.

mod reader;
mod record;
mod session;
mod tokens;
mod wire;
mod writer;

pub use reader::{FlowReader, STATUS_FIELD, TypeFields};
pub use record::{Link, Record};
pub use session::{FlowAccess, FlowSession};
pub use tokens::Tokens;
pub use writer::{BATCH, FlowWriter};

use crate::net::NetError;

/// Why Flow did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FlowError {
    #[error(transparent)]
    Net(#[from] NetError),
    #[error("Flow does not accept the script name and key: {0}")]
    Credentials(String),
    #[error("Flow refused: {detail}")]
    Refused { status: u16, detail: String },
}

impl FlowError {
    /// Whether a batch was refused for a row in it, and would not be without that row.
    pub fn refuses_rows(&self) -> bool {
        matches!(
            self,
            Self::Refused {
                status: 400 | 404 | 413 | 422,
                ..
            }
        )
    }

    /// Whether a write may have been carried out all the same.
    pub fn is_unclear(&self) -> bool {
        match self {
            Self::Net(error) => error.is_unclear(),
            Self::Refused { status, .. } => *status >= 500,
            Self::Credentials(_) => false,
        }
    }
}

/// What Flow answered; nothing where it keeps the type or the rows from the script (400, 403 or 404,
/// `flow-api.md §8` row 23).
pub fn if_shown<T>(answer: Result<T, FlowError>) -> Result<Option<T>, FlowError> {
    match answer {
        Err(FlowError::Refused {
            status: 400 | 403 | 404,
            ..
        }) => Ok(None),
        answer => answer.map(Some),
    }
}
