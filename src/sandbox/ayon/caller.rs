//! Who sends a request: credentials, impersonation, levels and the sender headers (`ayon-api.md §1.1`–§1.3).

use actix_web::http::header::HeaderMap;

use super::names;
use super::refusal::Refusal;
use super::state::State;
use super::users::User;

/// How much a user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    User,
    Manager,
    Admin,
    Service,
}

/// The user a request runs as, and what its events will say about the sender.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) user: String,
    pub(super) level: Level,
    /// Names of projects and the access groups there; only asked for plain users.
    pub(super) groups: Vec<(String, Vec<String>)>,
    pub(super) sender: Option<String>,
    pub(super) sender_type: String,
    /// Whether any credential was given; pages and `/api/info` are open to all.
    pub(super) known: bool,
}

impl Caller {
    /// Somebody without a credential.
    pub(super) fn stranger() -> Self {
        Self {
            user: String::new(),
            level: Level::User,
            groups: Vec::new(),
            sender: None,
            sender_type: "api".into(),
            known: false,
        }
    }

    /// The user whose credential the headers or the query carry.
    pub(super) fn identify(
        state: &State,
        headers: &HeaderMap,
        query_token: Option<&str>,
    ) -> Result<Self, Refusal> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let key = text("x-api-key").or_else(|| text("authorization")?.strip_prefix("ApiKey "));
        let bearer = text("authorization")
            .and_then(|value| value.strip_prefix("Bearer "))
            .or(query_token);
        let user = match (key, bearer) {
            (Some(key), _) => {
                let holder = state
                    .users
                    .values()
                    .find(|user| user.api_key.as_deref() == Some(key));
                holder.ok_or_else(|| Refusal::unauthorized("Invalid API key"))?
            }
            (None, Some(token)) if is_token(token) => {
                let holder = state.sessions.get(token).and_then(|name| state.users.get(name));
                holder.ok_or_else(|| Refusal::unauthorized("Invalid access token"))?
            }
            _ => return Err(Refusal::unauthorized("Access token is missing")),
        };
        if !user.active {
            return Err(Refusal::unauthorized("User is not active"));
        }
        let mut caller = Self::of(user);
        if let Some(other) = text("x-as-user")
            && caller.level == Level::Service
        {
            caller = Self::of(state.users.get(other).ok_or(Refusal::Silent)?);
        }
        // What does not look like a name is dropped without a word (§1.2).
        let name_in = |header: &str| {
            text(header)
                .filter(|name| names::is_entity_name(name))
                .map(str::to_owned)
        };
        caller.sender = name_in("x-sender");
        if let Some(sender_type) = name_in("x-sender-type") {
            caller.sender_type = sender_type;
        }
        Ok(caller)
    }

    /// The user itself, with no word about senders.
    pub(super) fn of(user: &User) -> Self {
        Self {
            user: user.name.clone(),
            level: user.level(),
            groups: user.groups(),
            known: true,
            ..Self::stranger()
        }
    }

    /// The same request on behalf of another user (`asUser` of an operation, §1.2).
    pub(super) fn as_user(&self, user: &User) -> Self {
        Self {
            sender: self.sender.clone(),
            sender_type: self.sender_type.clone(),
            ..Self::of(user)
        }
    }

    pub(super) fn may_enter(&self, project: &str) -> bool {
        self.level >= Level::Manager
            || self
                .groups
                .iter()
                .any(|(name, groups)| name == project && !groups.is_empty())
    }

    /// Artists may read and change, but neither create nor delete (§1.3, the default group as measured).
    pub(super) fn check_structure(&self, deed: &str, project: &str) -> Result<(), Refusal> {
        if self.level >= Level::Manager {
            return Ok(());
        }
        Err(Refusal::forbidden(format!(
            "{deed} access denied for {} in project {project}",
            self.user
        )))
    }

    /// Refuses everybody below `level` with the text given.
    pub(super) fn check_level(&self, level: Level, refusal: &str) -> Result<(), Refusal> {
        if self.level >= level {
            Ok(())
        } else {
            Err(Refusal::forbidden(refusal))
        }
    }
}

/// Login tokens are 64 hex digits; anything else counts as no token at all.
fn is_token(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
