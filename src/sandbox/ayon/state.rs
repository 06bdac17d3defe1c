//! Everything the server holds, and the questions all endpoints ask it.

use std::collections::BTreeMap;
use std::time::Instant;

use super::AyonOptions;
use super::attribute_table;
use super::attributes::Attribute;
use super::caller::Caller;
use super::events::EventLog;
use super::fields::Object;
use super::names;
use super::pace::Pace;
use super::project::Project;
use super::refusal::Refusal;
use super::settings::AddonSettings;
use super::users::User;
use super::writing::{Effect, Writer};

/// The state of one stand-in.
#[derive(Debug)]
pub(super) struct State {
    /// In the order of creation.
    pub(super) projects: Vec<Project>,
    pub(super) users: BTreeMap<String, User>,
    /// Login tokens and the users they stand for.
    pub(super) sessions: BTreeMap<String, String>,
    /// The attribute table, as `GET /api/attributes` shows it.
    pub(super) table: Vec<Attribute>,
    /// The table as it was at the last restart: only this counts for values (§3.2).
    pub(super) live: Vec<Attribute>,
    pub(super) secrets: BTreeMap<String, String>,
    pub(super) bundles: Vec<Object>,
    pub(super) presets: BTreeMap<String, Object>,
    pub(super) primary_preset: Option<String>,
    /// The release of the server.
    pub(super) version: String,
    pub(super) addon_version: String,
    pub(super) settings: AddonSettings,
    pub(super) events: EventLog,
    /// Answers of background batches by id (§5.8).
    pub(super) background: BTreeMap<String, serde_json::Value>,
    pub(super) started: Instant,
    pub(super) wildcard_names: bool,
    pub(super) pace: Pace,
}

impl State {
    pub(super) fn new(options: &AyonOptions) -> Self {
        let table = attribute_table::table();
        Self {
            projects: Vec::new(),
            users: BTreeMap::new(),
            sessions: BTreeMap::new(),
            live: table.clone(),
            table,
            secrets: BTreeMap::new(),
            bundles: Vec::new(),
            presets: BTreeMap::new(),
            primary_preset: None,
            version: options.version.clone(),
            addon_version: options.addon_version.clone(),
            settings: AddonSettings::default(),
            events: EventLog::default(),
            background: BTreeMap::new(),
            started: Instant::now(),
            wildcard_names: options.wildcard_names,
            pace: Pace::new(options.slow),
        }
    }

    /// Makes the attribute table live, as a restart of the server does.
    pub(super) fn restart(&mut self) {
        self.live = self.table.clone();
        self.started = Instant::now();
    }

    /// Finds a project as the server's `ILIKE` does: in any case, and `_` is a wildcard unless that is switched off.
    /// Of several that match, the newest is answered; the real server's choice depends on its caches (§2.5).
    pub(super) fn project_index(&self, name: &str) -> Option<usize> {
        let matches = |project: &Project| {
            if self.wildcard_names {
                names::is_like(name, &project.name)
            } else {
                name.eq_ignore_ascii_case(&project.name)
            }
        };
        self.projects.iter().rposition(matches)
    }

    /// The project's place, if it exists and the caller may see it.
    pub(super) fn visible_project(&self, name: &str, caller: &Caller) -> Result<usize, Refusal> {
        if !names::is_project_word(name) {
            return Err(Refusal::pattern("project_name", "^[a-zA-Z0-9_]*$"));
        }
        let Some(index) = self.project_index(name) else {
            return Err(Refusal::not_found(format!("Project {name} not found")));
        };
        if !caller.may_enter(&self.projects[index].name) {
            return Err(Refusal::forbidden("No access group assigned on this project"));
        }
        Ok(index)
    }

    pub(super) fn project(&self, name: &str, caller: &Caller) -> Result<&Project, Refusal> {
        Ok(&self.projects[self.visible_project(name, caller)?])
    }

    /// Runs a single write on a project; when it succeeds the server's tables are rebuilt and events are sent.
    pub(super) fn write(
        &mut self,
        project: &str,
        caller: &Caller,
        write: impl FnOnce(&mut Writer<'_>) -> Result<Effect, Refusal>,
    ) -> Result<Effect, Refusal> {
        let index = self.visible_project(project, caller)?;
        let now = now();
        let mut writer = Writer {
            project: &mut self.projects[index],
            live: &self.live,
            user: &caller.user,
            now: &now,
        };
        let effect = write(&mut writer)?;
        self.commit(index, &[(caller, effect.clone())]);
        Ok(effect)
    }

    /// What follows successful writes: the tables are rebuilt, and the events go out in the name of who wrote.
    pub(super) fn commit(&mut self, index: usize, effects: &[(&Caller, Effect)]) {
        let project = &mut self.projects[index];
        project.store.unlisted.clear();
        let folders = project.store.folders.len();
        for (caller, effect) in effects {
            self.pace.work(&project.name, folders, effect);
            self.events.tell(&project.name, effect, caller);
        }
    }
}

/// The present moment in the server's notation.
pub(super) fn now() -> String {
    jiff::Timestamp::now()
        .strftime("%Y-%m-%dT%H:%M:%S.%6f+00:00")
        .to_string()
}
