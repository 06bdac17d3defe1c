//! Why a post was not heard, in words for the person whose browser sent it.

/// A refusal at the door. Each variant has an HTTP status, a stable code, a sentence and a remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("The post is not a form that amigo can read: {0}.")]
    Malformed(String),
    #[error("The field {field} is missing.")]
    Missing { field: &'static str },
    /// What it holds is not repeated: it may be anything, somebody's address included.
    #[error("The field {field} holds something that is not {expected}.")]
    Wrong {
        field: &'static str,
        expected: &'static str,
    },
    #[error("{0}")]
    Option(String),
    #[error("The post carries no signature.")]
    Unsigned,
    #[error("The signature does not match.")]
    Signature,
    #[error("The post is signed with the secret {label:?}, which has ended.")]
    SecretEnded { label: String },
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
    #[error("The post has {count} fields; at most {limit} are accepted.")]
    TooManyFields { count: usize, limit: usize },
    #[error("Nothing is selected.")]
    NothingSelected {
        /// How many rows the page has.
        on_page: usize,
    },
    #[error("{0} cannot be synced.")]
    Type(String),
    #[error("{action:?} is for {types}, not for {kind}.")]
    OtherType {
        kind: &'static str,
        action: &'static str,
        types: String,
    },
    #[error("amigo is not ready: {0}")]
    NotReady(String),
    #[error("Too many large posts arrive at this moment.")]
    TooMuchAtOnce,
    #[error("Too many plans are under way: {0}.")]
    TooManyPlans(&'static str),
    #[error("The page that sent this is too old.")]
    HeardTooLongAgo,
    #[error("This entry of Flow's event log has begun a run already.")]
    EntryUsed,
}

impl Refusal {
    /// The HTTP status that interface.md gives this kind of refusal.
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed(_) | Self::Missing { .. } | Self::Wrong { .. } | Self::Option(_) => 400,
            Self::Unsigned
            | Self::Signature
            | Self::SecretEnded { .. }
            | Self::NoSecret
            | Self::Stale { .. }
            | Self::Future { .. }
            | Self::HeardTooLongAgo
            | Self::EntryUsed => 401,
            Self::Site { .. } => 403,
            Self::UnknownAction(_) => 404,
            Self::TooLarge | Self::TooMany { .. } | Self::TooManyFields { .. } => 413,
            Self::NothingSelected { .. } | Self::Type(_) | Self::OtherType { .. } => 422,
            Self::TooMuchAtOnce | Self::TooManyPlans(_) => 429,
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
            Self::SecretEnded { .. } => "secret-ended",
            Self::NoSecret => "no-secret",
            Self::Stale { .. } => "post-stale",
            Self::Future { .. } => "post-in-the-future",
            Self::Site { .. } => "site-unknown",
            Self::UnknownAction(_) => "action-unknown",
            Self::TooLarge => "post-too-large",
            Self::TooMany { .. } => "too-many-rows",
            Self::TooManyFields { .. } => "too-many-fields",
            Self::NothingSelected { .. } => "nothing-selected",
            Self::Type(_) => "type-not-synced",
            Self::OtherType { .. } => "type-not-for-action",
            Self::TooMuchAtOnce => "too-much-at-once",
            Self::TooManyPlans(_) => "too-many-plans",
            Self::HeardTooLongAgo => "page-too-old",
            Self::EntryUsed => "entry-used",
            Self::NotReady(_) => "not-ready",
        }
    }

    /// The sentence without anything that was sent.
    pub fn discreet(&self) -> String {
        match self {
            Self::Wrong { field, expected, .. } => {
                format!("The field {field} holds something that is not {expected}.")
            }
            Self::Site { .. } => "The post comes from a Flow site that this amigo does not serve.".to_owned(),
            Self::UnknownAction(_) => "There is no such action.".to_owned(),
            Self::Type(_) => "Rows of this type cannot be synced.".to_owned(),
            // Options are the address's, and so is what is said of them.
            Self::Option(_) => "The options cannot be read.".to_owned(),
            other => other.to_string(),
        }
    }

    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Malformed(_) | Self::Missing { .. } | Self::Wrong { .. } | Self::TooManyFields { .. } => {
                "Open amigo from its menu item in Flow. If that is what you did, tell whoever looks after amigo."
            }
            Self::Option(_) => "Correct the address of the menu item in Flow.",
            Self::Unsigned => {
                "Give the menu item a secret token in Flow, and the same one to amigo as AMIGO_AMI_SECRET."
            }
            Self::Signature => {
                "The secret token of the menu item and amigo's AMIGO_AMI_SECRET must be the same."
            }
            Self::SecretEnded { .. } => {
                "Give the menu item the newer secret token in Flow, which takes making it anew, or move the end of the old one in amigo's ami.secrets."
            }
            Self::NoSecret => {
                "Set AMIGO_AMI_SECRET to the secret token of the menu item and start amigo again."
            }
            Self::Stale { .. } => {
                "Choose the menu item in Flow once more. If it happens again, the clock of the amigo server is ahead: set it by a time server."
            }
            Self::Future { .. } => "The clock of the amigo server is behind: set it by a time server.",
            Self::Site { .. } => {
                "Use the amigo of that site, correct the Flow address in the addon's settings, or name the host in amigo's flow.aliases."
            }
            Self::UnknownAction(_) => "Correct the address of the menu item in Flow: it ends in /ami/sync.",
            Self::TooLarge | Self::TooMany { .. } => {
                "Select fewer rows, or right-click the Project to sync all of it."
            }
            Self::NothingSelected { .. } => "Select the rows in Flow, then right-click one of them.",
            Self::Type(_) => {
                "Select Episodes, Sequences, Scenes, Shots, Assets, Tasks, Versions or a Project."
            }
            Self::OtherType { .. } => "Select rows of one of these types in Flow.",
            Self::NotReady(_) => {
                "This page tries again by itself; leave it open. If it stays, tell whoever looks after amigo."
            }
            Self::TooMuchAtOnce => "Choose the menu item in Flow once more in a moment.",
            Self::TooManyPlans(_) => "This page tries again by itself; leave it open.",
            Self::HeardTooLongAgo | Self::EntryUsed => "Choose the menu item in Flow once more.",
        }
    }
}
