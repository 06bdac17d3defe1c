//! Configuration: defaults, a TOML file, the environment; with secrets hidden when shown.

mod error;
mod keys;
mod layer;
mod load;

pub use error::{ConfigError, Place};

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::model::SyncPolicy;

/// Everything amigo was told, checked.
#[derive(Clone)]
pub struct Settings {
    /// Address to serve on.
    pub listen: SocketAddr,
    /// Address people's browsers use, without a trailing slash; origin checks compare with its origin.
    pub public_url: String,
    /// `sqlite://…`.
    pub database_url: String,
    pub ayon: AyonSettings,
    pub flow: FlowSettings,
    pub ami: AmiSettings,
    /// What a studio decided about syncing.
    pub sync: SyncPolicy,
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
            .field("ayon", &self.ayon)
            .field("flow", &self.flow)
            .field("ami", &self.ami)
            .field("sync", &self.sync)
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
}

/// Overrides of what the addon's settings say of Flow; usually all absent.
#[derive(Clone, Debug, Default)]
pub struct FlowSettings {
    pub url: Option<String>,
    pub script_name: Option<String>,
    pub script_key: Option<SecretString>,
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

/// Secret tokens of the menu items.
#[derive(Clone, Debug, Default)]
pub struct AmiSecrets {
    /// For every action that has none of its own.
    pub any: Vec<SecretString>,
    pub by_action: BTreeMap<String, Vec<SecretString>>,
}

impl AmiSecrets {
    /// The secrets that sign posts for an action.
    pub fn of(&self, action: &str) -> impl Iterator<Item = &str> {
        self.by_action
            .get(action)
            .unwrap_or(&self.any)
            .iter()
            .map(ExposeSecret::expose_secret)
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
