//! Configuration: defaults, a TOML file, the environment; with secrets hidden when shown.

mod error;
mod keys;
mod layer;
mod load;

pub use error::{ConfigError, Place};

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use crate::ami::Token;
use crate::model::{PlacementPolicy, SyncPolicy, UserPolicy};
use crate::permission::Permissions;

/// Everything amigo was told, checked.
#[derive(Clone)]
pub struct Settings {
    /// Address to serve on.
    pub listen: SocketAddr,
    /// Address people's browsers use, without a trailing slash; origin checks compare with its origin.
    pub public_url: String,
    /// `sqlite://…`.
    pub database_url: String,
    /// Whom people should ask, in words; told with every refusal.
    pub contact: Option<String>,
    pub ayon: AyonSettings,
    pub flow: FlowSettings,
    pub ami: AmiSettings,
    /// Who may do what.
    pub permissions: Permissions,
    pub limits: Limits,
    pub network: NetworkSettings,
    /// What a studio decided about syncing.
    pub sync: SyncPolicy,
    /// What a studio decided about where rows go.
    pub placement: PlacementPolicy,
    /// What a studio decided about users.
    pub users: UserPolicy,
    /// A tracing filter.
    pub log: String,
    pub log_format: LogFormat,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address of a database server carries a password before its `@`.
        let database_url = match self.database_url.split_once("://") {
            Some((scheme, rest)) if rest.contains('@') => format!("{scheme}://(hidden)"),
            _ => self.database_url.clone(),
        };
        f.debug_struct("Settings")
            .field("listen", &self.listen)
            .field("public_url", &self.public_url)
            .field("database_url", &database_url)
            .field("contact", &self.contact)
            .field("ayon", &self.ayon)
            .field("flow", &self.flow)
            .field("ami", &self.ami)
            .field("permissions", &self.permissions)
            .field("limits", &self.limits)
            .field("network", &self.network)
            .field("sync", &self.sync)
            .field("placement", &self.placement)
            .field("users", &self.users)
            .field("log", &self.log)
            .field("log_format", &self.log_format)
            .finish()
    }
}

/// Where AYON is. Both are needed by everything but `demo` and `sandbox`.
#[derive(Clone, Debug, Default)]
pub struct AyonSettings {
    /// Without a trailing slash.
    pub url: Option<String>,
    pub api_key: Option<SecretString>,
    /// Whether folders and tasks are written in the name of the person who asked, where that is possible.
    pub act_as_person: bool,
}

/// Overrides of what the addon's settings say of Flow; usually all absent.
#[derive(Clone, Debug, Default)]
pub struct FlowSettings {
    pub url: Option<String>,
    pub script_name: Option<String>,
    pub script_key: Option<SecretString>,
    /// Other host names of the same site, lower case, without port.
    pub aliases: BTreeSet<String>,
}

impl FlowSettings {
    /// Whether a host is the site's, whose own name is `site`: that one, or an alias.
    pub fn is_site(&self, site: &str, host: &str) -> bool {
        host == site || self.aliases.contains(host)
    }
}

/// The front door.
#[derive(Clone, Debug, Default)]
pub struct AmiSettings {
    pub secrets: AmiSecrets,
    /// For trying out only.
    pub allow_unsigned: bool,
    /// Accepted clock distance, both sides.
    pub max_age: Duration,
}

/// What amigo takes upon itself at once.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Plans that are made at the same time.
    pub planners: usize,
    /// Plans that wait or are being made.
    pub plans: usize,
    /// The same for one person, and for one project.
    pub plans_per_person: usize,
    pub plans_per_project: usize,
    /// Connections that browsers hold open.
    pub connections: usize,
    /// How long a form may take to arrive.
    pub body_time: Duration,
    /// Bytes that large forms may take together while they arrive.
    pub body_memory: usize,
}

/// The way to Flow and AYON.
#[derive(Clone, Debug, Default)]
pub struct NetworkSettings {
    /// PEM file with certificate authorities that are trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// It may carry a password.
    pub proxy: Option<SecretString>,
    /// Hosts that are reached without the proxy.
    pub no_proxy: BTreeSet<String>,
}

/// Secret tokens of the menu items.
#[derive(Clone, Debug, Default)]
pub struct AmiSecrets {
    /// For every action that has none of its own.
    pub any: Vec<Token>,
    pub by_action: BTreeMap<String, Vec<Token>>,
}

impl AmiSecrets {
    /// The tokens that sign posts for an action.
    pub fn of(&self, action: &str) -> &[Token] {
        self.by_action.get(action).unwrap_or(&self.any)
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}
