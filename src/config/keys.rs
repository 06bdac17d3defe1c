//! The table of interface.md, "Configuration": which key of the file and which variable mean the same.

/// What kind of value a key holds in the file. A variable always holds one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    /// A text that is never repeated in errors.
    Secret,
    Switch,
    /// A list of texts; an empty one counts.
    Texts,
    /// A list of secrets, or one list per action.
    Secrets,
    /// A whole number.
    Number,
    /// The tables of who may do what.
    Policy,
    /// A table of lists of texts, or of texts, by a name that is free.
    Table,
}

/// One row of the table.
#[derive(Debug)]
pub(super) struct Key {
    /// Where it stands in the file: table and name, joined by a dot.
    pub path: &'static str,
    /// Absent for what is too large for a variable.
    pub variable: Option<&'static str>,
    /// A variable of AYON's own tools, read when `variable` is absent.
    pub instead: Option<&'static str>,
    pub shape: Shape,
}

impl Key {
    const fn new(path: &'static str, variable: &'static str, shape: Shape) -> Self {
        Self {
            path,
            variable: Some(variable),
            instead: None,
            shape,
        }
    }

    const fn table(path: &'static str) -> Self {
        Self {
            path,
            variable: None,
            instead: None,
            shape: Shape::Table,
        }
    }

    const fn or(mut self, variable: &'static str) -> Self {
        self.instead = Some(variable);
        self
    }

    /// The table and the name in it; the table is empty for a key outside all tables.
    pub fn parts(&self) -> (&'static str, &'static str) {
        self.path.split_once('.').unwrap_or(("", self.path))
    }
}

pub(super) const CONTACT: Key = Key::new("contact", "AMIGO_CONTACT", Shape::Text);
pub(super) const LISTEN: Key = Key::new("listen", "AMIGO_LISTEN", Shape::Text);
pub(super) const PUBLIC_URL: Key = Key::new("public_url", "AMIGO_PUBLIC_URL", Shape::Text);
pub(super) const DATABASE_URL: Key = Key::new("database_url", "AMIGO_DATABASE_URL", Shape::Text);
pub(super) const LOG: Key = Key::new("log", "AMIGO_LOG", Shape::Text);
pub(super) const LOG_FORMAT: Key = Key::new("log_format", "AMIGO_LOG_FORMAT", Shape::Text);
pub(super) const AYON_URL: Key = Key::new("ayon.url", "AMIGO_AYON_URL", Shape::Text).or("AYON_SERVER_URL");
pub(super) const AYON_API_KEY: Key =
    Key::new("ayon.api_key", "AMIGO_AYON_API_KEY", Shape::Secret).or("AYON_API_KEY");
pub(super) const AYON_ACT_AS_PERSON: Key =
    Key::new("ayon.act_as_person", "AMIGO_AYON_ACT_AS_PERSON", Shape::Switch);
pub(super) const FLOW_URL: Key = Key::new("flow.url", "AMIGO_FLOW_URL", Shape::Text);
pub(super) const FLOW_SCRIPT_NAME: Key = Key::new("flow.script_name", "AMIGO_FLOW_SCRIPT_NAME", Shape::Text);
pub(super) const FLOW_SCRIPT_KEY: Key = Key::new("flow.script_key", "AMIGO_FLOW_SCRIPT_KEY", Shape::Secret);
pub(super) const FLOW_ALIASES: Key = Key::new("flow.aliases", "AMIGO_FLOW_ALIASES", Shape::Texts);
pub(super) const NETWORK_CA_FILE: Key = Key::new("network.ca_file", "AMIGO_NETWORK_CA_FILE", Shape::Text);
pub(super) const NETWORK_PROXY: Key = Key::new("network.proxy", "AMIGO_NETWORK_PROXY", Shape::Secret);
pub(super) const NETWORK_NO_PROXY: Key = Key::new("network.no_proxy", "AMIGO_NETWORK_NO_PROXY", Shape::Texts);
pub(super) const LIMITS_PLANNERS: Key = Key::new("limits.planners", "AMIGO_LIMITS_PLANNERS", Shape::Number);
pub(super) const LIMITS_PLANS: Key = Key::new("limits.plans", "AMIGO_LIMITS_PLANS", Shape::Number);
pub(super) const LIMITS_PLANS_PER_PERSON: Key = Key::new(
    "limits.plans_per_person",
    "AMIGO_LIMITS_PLANS_PER_PERSON",
    Shape::Number,
);
pub(super) const LIMITS_PLANS_PER_PROJECT: Key = Key::new(
    "limits.plans_per_project",
    "AMIGO_LIMITS_PLANS_PER_PROJECT",
    Shape::Number,
);
pub(super) const LIMITS_CONNECTIONS: Key =
    Key::new("limits.connections", "AMIGO_LIMITS_CONNECTIONS", Shape::Number);
pub(super) const LIMITS_BODY_TIME: Key = Key::new("limits.body_time", "AMIGO_LIMITS_BODY_TIME", Shape::Text);
pub(super) const LIMITS_BODY_MEMORY: Key =
    Key::new("limits.body_memory", "AMIGO_LIMITS_BODY_MEMORY", Shape::Number);
pub(super) const POLICY: Key = Key {
    path: "policy",
    variable: None,
    instead: None,
    shape: Shape::Policy,
};
pub(super) const USERS_NAMES: Key = Key::new("users.names", "AMIGO_USERS_NAMES", Shape::Text);
pub(super) const USERS_LEFT_OUT: Key = Key::new("users.left_out", "AMIGO_USERS_LEFT_OUT", Shape::Texts);
pub(super) const USERS_AT_ONCE: Key = Key::new("users.at_once", "AMIGO_USERS_AT_ONCE", Shape::Number);
pub(super) const USERS_ROLES: Key = Key::table("users.roles");
pub(super) const USERS_LEVELS: Key = Key::table("users.levels");
pub(super) const AMI_SECRETS: Key = Key::new("ami.secrets", "AMIGO_AMI_SECRET", Shape::Secrets);
pub(super) const AMI_ALLOW_UNSIGNED: Key =
    Key::new("ami.allow_unsigned", "AMIGO_AMI_ALLOW_UNSIGNED", Shape::Switch);
pub(super) const AMI_MAX_AGE: Key = Key::new("ami.max_age", "AMIGO_AMI_MAX_AGE", Shape::Text);
pub(super) const SYNC_UNKNOWN_STATUSES: Key = Key::new(
    "sync.unknown_statuses",
    "AMIGO_SYNC_UNKNOWN_STATUSES",
    Shape::Text,
);
pub(super) const SYNC_NEVER_CREATE_STATUSES: Key = Key::new(
    "sync.never_create_statuses",
    "AMIGO_SYNC_NEVER_CREATE_STATUSES",
    Shape::Texts,
);
pub(super) const SYNC_EXPAND_GROUPS: Key =
    Key::new("sync.expand_groups", "AMIGO_SYNC_EXPAND_GROUPS", Shape::Switch);
pub(super) const SYNC_CLEAR_EMPTY: Key =
    Key::new("sync.clear_empty", "AMIGO_SYNC_CLEAR_EMPTY", Shape::Switch);
pub(super) const SYNC_REPEAT_INHERITED: Key = Key::new(
    "sync.repeat_inherited",
    "AMIGO_SYNC_REPEAT_INHERITED",
    Shape::Switch,
);
pub(super) const SYNC_LABEL_REPLACEMENT: Key = Key::new(
    "sync.label_replacement",
    "AMIGO_SYNC_LABEL_REPLACEMENT",
    Shape::Text,
);
pub(super) const PLACEMENT_DISABLED_PARENTS: Key = Key::new(
    "placement.disabled_parents",
    "AMIGO_PLACEMENT_DISABLED_PARENTS",
    Shape::Text,
);
pub(super) const PLACEMENT_ROOT_RELOCATE: Key = Key::new(
    "placement.root_relocate",
    "AMIGO_PLACEMENT_ROOT_RELOCATE",
    Shape::Text,
);

/// All rows, in the order of the table.
pub(super) const ALL: [&Key; 40] = [
    &LISTEN,
    &PUBLIC_URL,
    &DATABASE_URL,
    &CONTACT,
    &AYON_URL,
    &AYON_API_KEY,
    &AYON_ACT_AS_PERSON,
    &FLOW_URL,
    &FLOW_SCRIPT_NAME,
    &FLOW_SCRIPT_KEY,
    &FLOW_ALIASES,
    &AMI_SECRETS,
    &AMI_ALLOW_UNSIGNED,
    &AMI_MAX_AGE,
    &POLICY,
    &LIMITS_PLANNERS,
    &LIMITS_PLANS,
    &LIMITS_PLANS_PER_PERSON,
    &LIMITS_PLANS_PER_PROJECT,
    &LIMITS_CONNECTIONS,
    &LIMITS_BODY_TIME,
    &LIMITS_BODY_MEMORY,
    &NETWORK_CA_FILE,
    &NETWORK_PROXY,
    &NETWORK_NO_PROXY,
    &SYNC_UNKNOWN_STATUSES,
    &SYNC_NEVER_CREATE_STATUSES,
    &SYNC_EXPAND_GROUPS,
    &SYNC_CLEAR_EMPTY,
    &SYNC_REPEAT_INHERITED,
    &SYNC_LABEL_REPLACEMENT,
    &PLACEMENT_DISABLED_PARENTS,
    &PLACEMENT_ROOT_RELOCATE,
    &USERS_NAMES,
    &USERS_LEFT_OUT,
    &USERS_AT_ONCE,
    &USERS_ROLES,
    &USERS_LEVELS,
    &LOG,
    &LOG_FORMAT,
];

/// Every variable of amigo begins like this; one that the table does not know is a mistake.
pub(super) const PREFIX: &str = "AMIGO_";

/// Variables of the test suite, which the server leaves alone: live servers, and where the browser is.
pub(super) const OF_TESTS: [&str; 2] = ["AMIGO_CONTRACT_", "AMIGO_TEST_"];
