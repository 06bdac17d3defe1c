//! Users: creation, patching and the clashes that surface in odd ways (`ayon-api.md §7`).

use serde_json::{Value, json};

use super::attributes::{self, Scope};
use super::caller::{Caller, Level};
use super::fields::{Fields, Object, merge_one_level};
use super::names;
use super::refusal::Refusal;
use super::state::{State, now};

/// Groups a server has after its setup (§7.3).
pub(super) const ACCESS_GROUPS: [&str; 3] = ["artist", "freelancer", "supervisor"];

#[derive(Clone, Debug)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) attrib: Object,
    /// `isService`, `isAdmin`, `accessGroups`, `sg_user_id`, …
    pub(super) data: Object,
    pub(super) active: bool,
    pub(super) created_at: String,
    pub(super) updated_at: String,
    /// Key of a service user.
    pub(super) api_key: Option<String>,
    pub(super) password: Option<String>,
}

impl User {
    pub(super) fn service(name: &str, api_key: &str) -> Self {
        let mut data = Object::new();
        data.insert("isService".into(), json!(true));
        Self {
            name: name.to_owned(),
            attrib: Object::new(),
            data,
            active: true,
            created_at: now(),
            updated_at: now(),
            api_key: Some(api_key.to_owned()),
            password: None,
        }
    }

    pub(super) fn is(&self, flag: &str) -> bool {
        self.data.get(flag).and_then(Value::as_bool).unwrap_or(false)
    }

    pub(super) fn level(&self) -> Level {
        if self.is("isService") {
            Level::Service
        } else if self.is("isAdmin") {
            Level::Admin
        } else if self.is("isManager") {
            Level::Manager
        } else {
            Level::User
        }
    }

    /// Access groups by project.
    pub(super) fn groups(&self) -> Vec<(String, Vec<String>)> {
        let map = self.data.get("accessGroups").and_then(Value::as_object);
        let words = |value: &Value| {
            let words = value.as_array().into_iter().flatten().filter_map(Value::as_str);
            words.map(str::to_owned).collect()
        };
        map.into_iter()
            .flatten()
            .map(|(project, groups)| (project.clone(), words(groups)))
            .collect()
    }

    pub(super) fn default_groups(&self) -> Value {
        self.data
            .get("defaultAccessGroups")
            .cloned()
            .unwrap_or_else(|| json!([]))
    }

    fn email(&self) -> Option<String> {
        self.attrib
            .get("email")
            .and_then(Value::as_str)
            .map(str::to_lowercase)
    }

    /// `GET /api/users/{name}`; plain users see only the name of others (§7.1).
    pub(super) fn to_json(&self, caller: &Caller) -> Value {
        if caller.level < Level::Manager && caller.user != self.name {
            return json!({"name": self.name, "attrib": {"fullName": self.attrib.get("fullName")}});
        }
        json!({
            "name": self.name,
            "attrib": self.attrib,
            "data": self.data,
            "active": self.active,
            "ownAttrib": self.attrib.keys().collect::<Vec<_>>(),
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
        })
    }
}

impl State {
    /// `PUT /api/users/{name}`.
    pub(super) fn create_user(&mut self, name: &str, body: &Object, caller: &Caller) -> Result<(), Refusal> {
        caller.check_level(Level::Manager, "Only managers can create new users")?;
        if !names::is_user_name(name) {
            return Err(Refusal::pattern("user_name", names::USER_NAME));
        }
        if self.users.contains_key(name) {
            return Err(Refusal::domain(409, "conflict", "User already exists"));
        }
        let lower = name.to_lowercase();
        if self.users.keys().any(|other| other.to_lowercase() == lower) {
            let detail = format!("User with lower(name::text) '{lower}' already exists.");
            return Err(Refusal::Constraint { detail });
        }
        let body = Fields(body);
        let mut attrib = match body.object("attrib")?.value() {
            Some(given) => attributes::accept(&self.live, Scope::User, given)?,
            None => Object::new(),
        };
        attrib.retain(|_, value| !value.is_null());
        let mut data = body.object("data")?.value().cloned().unwrap_or_default();
        self.keep_known_groups(&mut data);
        data.insert("createdBy".into(), json!(caller.user));
        let api_key = body.text("apiKey")?.value();
        if api_key.is_some() && data.get("isService") != Some(&json!(true)) {
            return Err(Refusal::bad_request("Only service users can have API keys"));
        }
        let password = body.text("password")?.value();
        let active = body.flag("active")?.value().unwrap_or(true);
        let moment = now();
        self.users.insert(
            name.to_owned(),
            User {
                name: name.to_owned(),
                attrib,
                data,
                active,
                created_at: moment.clone(),
                updated_at: moment,
                api_key,
                password,
            },
        );
        Ok(())
    }

    /// `PATCH /api/users/{name}`: data merges one level, so access groups are replaced whole (§7.3).
    pub(super) fn patch_user(&mut self, name: &str, body: &Object, caller: &Caller) -> Result<(), Refusal> {
        caller.check_level(Level::Manager, "Only managers can modify other users")?;
        let body = Fields(body);
        let Some(mut user) = self.users.get(name).cloned() else {
            return Err(Refusal::not_found(format!("User {name} not found")));
        };
        if user.level() >= Level::Admin && caller.level < Level::Admin {
            return Err(Refusal::forbidden("Only admins can modify other admins"));
        }
        let before = user.attrib.get("email").cloned();
        if let Some(given) = body.object("attrib")?.value() {
            let accepted = attributes::accept(&self.live, Scope::User, given)?;
            merge_one_level(&mut user.attrib, &accepted);
        }
        let email = user.email();
        // Two users that have one e-mail already are left alone until one of them changes.
        let clash = email.is_some()
            && before.as_ref() != user.attrib.get("email")
            && self.users.values().any(|u| u.name != name && u.email() == email);
        if clash {
            return Err(Refusal::domain(
                409,
                "conflict",
                "This email is already used by another user",
            ));
        }
        if let Some(given) = body.object("data")?.value() {
            merge_one_level(&mut user.data, given);
            self.keep_known_groups(&mut user.data);
        }
        if let Some(active) = body.flag("active")?.not_null("active")? {
            user.active = active;
        }
        user.data.insert("updatedBy".into(), json!(caller.user));
        user.updated_at = now();
        self.users.insert(name.to_owned(), user);
        Ok(())
    }

    /// `PATCH /api/users/{name}/accessGroups`: merges per project, an empty list removes (§7.3).
    pub(super) fn patch_access_groups(
        &mut self,
        name: &str,
        body: &Object,
        caller: &Caller,
    ) -> Result<(), Refusal> {
        let list = Fields(body)
            .list("accessGroups")?
            .value()
            .ok_or_else(|| Refusal::missing("accessGroups"))?;
        let Some(user) = self.users.get(name) else {
            return Err(Refusal::not_found(format!("User {name} not found")));
        };
        let mut groups = user
            .data
            .get("accessGroups")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        for item in list.iter().filter_map(Value::as_object) {
            let item = Fields(item);
            let project = item.required_text("project")?;
            match item.texts("accessGroups")?.value() {
                Some(words) if !words.is_empty() => groups.insert(project, json!(words)),
                _ => groups.remove(&project),
            };
        }
        let mut patch = Object::new();
        patch.insert("data".into(), json!({"accessGroups": groups}));
        self.patch_user(name, &patch, caller)
    }

    /// `DELETE /api/users/{name}`: the name disappears from all assignees too (§7.3).
    pub(super) fn delete_user(&mut self, name: &str, caller: &Caller) -> Result<(), Refusal> {
        caller.check_level(Level::Manager, "You are not allowed to delete users")?;
        if self.users.remove(name).is_none() {
            return Err(Refusal::not_found(format!("User {name} not found")));
        }
        self.sessions.retain(|_, user| user != name);
        for project in &mut self.projects {
            let assigned = project
                .store
                .tasks
                .values()
                .filter(|task| task.assignees.iter().any(|a| a == name));
            let mut assigned: Vec<_> = assigned.map(|task| super::entities::Task::clone(task)).collect();
            for mut task in assigned.drain(..) {
                task.assignees.retain(|assignee| assignee != name);
                project.store.put_task(task);
            }
        }
        Ok(())
    }

    /// Gives every active plain user with default groups access to a new project (§2.2).
    pub(super) fn assign_users(&mut self, project: &str) {
        for user in self.users.values_mut() {
            let groups = user.default_groups();
            let wanted = user.active && user.level() == Level::User;
            if !wanted || groups.as_array().is_none_or(Vec::is_empty) {
                continue;
            }
            let all = user.data.entry("accessGroups").or_insert_with(|| json!({}));
            if let Some(all) = all.as_object_mut() {
                all.insert(project.to_owned(), groups);
            }
        }
    }

    /// The user whose `data.sg_user_id` is this Flow id (the addon's own endpoint, §7.2).
    pub(super) fn user_by_flow_id(&self, flow_id: &str) -> Option<&str> {
        let is_it = |user: &&User| match user.data.get("sg_user_id") {
            Some(Value::Number(number)) => number.to_string() == flow_id,
            Some(Value::String(text)) => text == flow_id,
            _ => false,
        };
        self.users.values().find(is_it).map(|user| user.name.as_str())
    }

    /// Drops groups and projects that do not exist, without a word (§7.2).
    fn keep_known_groups(&self, data: &mut Object) {
        let Some(map) = data.get_mut("accessGroups").and_then(Value::as_object_mut) else {
            return;
        };
        map.retain(|project, _| self.projects.iter().any(|known| known.name == *project));
        for groups in map.values_mut() {
            if let Some(groups) = groups.as_array_mut() {
                groups.retain(|group| group.as_str().is_some_and(|word| ACCESS_GROUPS.contains(&word)));
            }
        }
    }
}
