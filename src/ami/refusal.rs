//! Why a post was not heard, in words for the person whose browser sent it.

/// A refusal at the door. Each variant has an HTTP status, a stable code, a sentence and a remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("The post is not a form that amigo can read: {0}.")]
    Malformed(String),
    #[error("The field {field} is missing.")]
    Missing { field: &'static str },
    #[error("The field {field} holds {value:?}, which is not {expected}.")]
    Wrong {
        field: &'static str,
        value: String,
        expected: &'static str,
    },
    #[error("{0}")]
    Option(String),
    #[error("The post carries no signature.")]
    Unsigned,
    #[error("The signature does not match.")]
    Signature,
    #[error("No secret is configured, so no post can be trusted.")]
    NoSecret,
    #[error("The post is {seconds} seconds old; at most {limit} are accepted.")]
    Stale { seconds: i64, limit: i64 },
    #[error("The post is {seconds} seconds in the future; at most {limit} are accepted.")]
    Future { seconds: i64, limit: i64 },
    #[error("The post comes from {host}, which is not the Flow site this amigo serves.")]
    Site { host: String },
    #[error("There is no action {0:?}.")]
    UnknownAction(String),
    #[error("The post is larger than amigo accepts.")]
    TooLarge,
    #[error("{count} rows are selected; at most {limit} are accepted.")]
    TooMany { count: usize, limit: usize },
    #[error("Nothing is selected.")]
    NothingSelected,
    #[error("{0} cannot be synced.")]
    Type(String),
    #[error("amigo is not ready: {0}")]
    NotReady(String),
    #[error("Too many plans are under way.")]
    TooManyPlans,
}

impl Refusal {
    /// The HTTP status that interface.md gives this kind of refusal.
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed(_) | Self::Missing { .. } | Self::Wrong { .. } | Self::Option(_) => 400,
            Self::Unsigned | Self::Signature | Self::NoSecret | Self::Stale { .. } | Self::Future { .. } => {
                401
            }
            Self::Site { .. } => 403,
            Self::UnknownAction(_) => 404,
            Self::TooLarge | Self::TooMany { .. } => 413,
            Self::NothingSelected | Self::Type(_) => 422,
            Self::TooManyPlans => 429,
            Self::NotReady(_) => 503,
        }
    }

    /// The stable word of the refusal.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed-post",
            Self::Missing { .. } => "field-missing",
            Self::Wrong { .. } => "field-wrong",
            Self::Option(_) => "option-wrong",
            Self::Unsigned => "unsigned",
            Self::Signature => "signature-wrong",
            Self::NoSecret => "no-secret",
            Self::Stale { .. } => "post-stale",
            Self::Future { .. } => "post-in-the-future",
            Self::Site { .. } => "site-unknown",
            Self::UnknownAction(_) => "action-unknown",
            Self::TooLarge => "post-too-large",
            Self::TooMany { .. } => "too-many-rows",
            Self::NothingSelected => "nothing-selected",
            Self::Type(_) => "type-not-synced",
            Self::TooManyPlans => "too-many-plans",
            Self::NotReady(_) => "not-ready",
        }
    }

    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Malformed(_) | Self::Missing { .. } | Self::Wrong { .. } => {
                "Open amigo from its menu item in Flow. If that is what you did, tell whoever looks after amigo."
            }
            Self::Option(_) => "Correct the address of the menu item in Flow.",
            Self::Unsigned => {
                "Give the menu item a secret token in Flow, and the same one to amigo as AMIGO_AMI_SECRET."
            }
            Self::Signature => {
                "The secret token of the menu item and amigo's AMIGO_AMI_SECRET must be the same."
            }
            Self::NoSecret => {
                "Set AMIGO_AMI_SECRET to the secret token of the menu item and start amigo again."
            }
            Self::Stale { .. } => {
                "Choose the menu item in Flow once more. If it happens again, the clock of the amigo server is wrong."
            }
            Self::Future { .. } => "The clock of the amigo server is behind: set it by a time server.",
            Self::Site { .. } => {
                "Use the amigo of that site, or correct the Flow address in the addon's settings."
            }
            Self::UnknownAction(_) => "Correct the address of the menu item in Flow: it ends in /ami/sync.",
            Self::TooLarge | Self::TooMany { .. } => {
                "Select fewer rows, or right-click the Project to sync all of it."
            }
            Self::NothingSelected => "Select the rows in Flow, then right-click one of them.",
            Self::Type(_) => {
                "Select Episodes, Sequences, Scenes, Shots, Assets, Tasks, Versions or a Project."
            }
            Self::NotReady(_) => "Try again in a minute. If it stays, tell whoever looks after amigo.",
            Self::TooManyPlans => "Try again in a moment.",
        }
    }
}
