//! Making, changing and removing projects, with the refusals of `ayon-api.md §2.2`, §2.3.

use serde_json::{Value, json};

use super::anatomy::{self, name_of, without};
use super::attributes::{self, Scope};
use super::caller::{Caller, Level};
use super::fields::{Fields, Object, check_storable, merge_one_level};
use super::names;
use super::project::{Project, Store};
use super::refusal::Refusal;
use super::state::{State, now};

/// Keys of a project that hold the lists of an anatomy.
const LISTS: [&str; 4] = ["folderTypes", "taskTypes", "statuses", "tags"];

impl State {
    /// `POST /api/projects`.
    pub(super) fn create_project(&mut self, body: &Object, caller: &Caller) -> Result<usize, Refusal> {
        caller.check_level(Level::Manager, "You are not allowed to access create_projects")?;
        body.values().try_for_each(check_storable)?;
        let body = Fields(body);
        let name = body.required_text("name")?;
        let code = body.required_text("code")?;
        let label = body.text("label")?.value();
        if name.is_empty() || !names::is_project_word(&name) || !names::is_project_word(&code) {
            let detail =
                "1 validation error for ProjectEntity: string does not match regex \"^[a-zA-Z0-9_]*$\"";
            return Err(Refusal::crash("ValidationError", detail));
        }
        let taken = |project: &Project| {
            project.name.eq_ignore_ascii_case(&name) || project.code.eq_ignore_ascii_case(&code)
        };
        if self.projects.iter().any(taken) {
            let detail = format!("Project {name} ({code}) already exists");
            return Err(Refusal::domain(409, "conflict", detail));
        }
        self.check_label_is_free(label.as_deref(), None)?;
        let given = match body.object("anatomy")?.value() {
            Some(anatomy) => anatomy.clone(),
            None => self.preset(
                body.text("anatomyPreset")?
                    .value()
                    .as_deref()
                    .unwrap_or("__primary__"),
            )?,
        };
        let mut anatomy = anatomy::built_in(&self.live);
        anatomy.extend(given);
        let mut attrib = attributes::project_defaults(&self.live);
        if let Some(Value::Object(given)) = anatomy.get("attributes") {
            merge_one_level(
                &mut attrib,
                &attributes::accept(&self.live, Scope::Project, given)?,
            );
        }
        let moment = now();
        let project = Project {
            name: name.clone(),
            code,
            label,
            library: body.flag("library")?.value().unwrap_or(false),
            active: true,
            folder_types: anatomy::stored_list(&anatomy, "folder_types"),
            task_types: anatomy::stored_list(&anatomy, "task_types"),
            statuses: anatomy::stored_list(&anatomy, "statuses"),
            tags: anatomy::stored_list(&anatomy, "tags"),
            link_types: anatomy::stored_link_types(&anatomy),
            config: config_of(&anatomy),
            attrib,
            data: body.object("data")?.value().cloned().unwrap_or_default(),
            created_at: moment.clone(),
            updated_at: moment,
            store: Store::default(),
        };
        for list in [
            &project.folder_types,
            &project.task_types,
            &project.statuses,
            &project.tags,
        ] {
            check_no_twins(list)?;
        }
        self.projects.push(project);
        if body.flag("assignUsers")?.value().unwrap_or(true) {
            self.assign_users(&name);
        }
        self.announce_project(&name, "created", caller);
        Ok(self.projects.len() - 1)
    }

    /// `PATCH P`: lists are replaced whole, attributes and data merge one level. All or nothing.
    pub(super) fn patch_project(
        &mut self,
        name: &str,
        body: &Object,
        caller: &Caller,
    ) -> Result<(), Refusal> {
        let index = self.visible_project(name, caller)?;
        caller.check_level(Level::Manager, "You are not allowed to modify projects")?;
        body.values().try_for_each(check_storable)?;
        let body = Fields(body);
        let mut project = self.projects[index].clone();
        for list in LISTS {
            if let Some(elements) = body.list(list)?.value() {
                replace_list(&mut project, list, elements)?;
            }
        }
        if let Some(given) = body.object("attrib")?.value() {
            let accepted = attributes::accept(&self.live, Scope::Project, given)?;
            merge_one_level(&mut project.attrib, &accepted);
        }
        if let Some(data) = body.object("data")?.value() {
            merge_one_level(&mut project.data, data);
        }
        if let Some(config) = body.object("config")?.value() {
            merge_one_level(&mut project.config, config);
        }
        if let Some(label) = body.text("label")?.nullable() {
            self.check_label_is_free(label.as_deref(), Some(index))?;
            project.label = label;
        }
        if let Some(code) = body.text("code")?.not_null("code")? {
            let mut others = self.projects.iter().enumerate().filter(|(at, _)| *at != index);
            if others.any(|(_, other)| other.code.eq_ignore_ascii_case(&code)) {
                return Err(Refusal::aborted_transaction());
            }
            project.code = code;
        }
        if let Some(active) = body.flag("active")?.not_null("active")? {
            project.active = active;
        }
        if let Some(library) = body.flag("library")?.not_null("library")? {
            project.library = library;
        }
        project.updated_at = now();
        project.store.unlisted.clear();
        let name = project.name.clone();
        self.projects[index] = project;
        self.announce_project(&name, "changed", caller);
        Ok(())
    }

    /// `POST P/anatomy`: types, statuses, tags, roots, templates and all attributes come from the document (§2.4).
    pub(super) fn set_anatomy(&mut self, name: &str, given: &Object, caller: &Caller) -> Result<(), Refusal> {
        let index = self.visible_project(name, caller)?;
        caller.check_level(Level::Manager, "You are not allowed to modify projects")?;
        let mut anatomy = anatomy::built_in(&self.live);
        anatomy.extend(given.clone());
        let mut project = self.projects[index].clone();
        for (list, key) in LISTS
            .iter()
            .zip(["folder_types", "task_types", "statuses", "tags"])
        {
            let elements = anatomy
                .get(key)
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default();
            replace_list(&mut project, list, &elements)?;
        }
        project.link_types = anatomy::stored_link_types(&anatomy);
        project.config = config_of(&anatomy);
        if let Some(Value::Object(given)) = anatomy.get("attributes") {
            project.attrib = attributes::accept(&self.live, Scope::Project, given)?;
            project.attrib.retain(|_, value| !value.is_null());
        }
        project.updated_at = now();
        let name = project.name.clone();
        self.projects[index] = project;
        self.announce_project(&name, "changed", caller);
        Ok(())
    }

    /// `DELETE P`. The name is looked up like all names, wildcard included (§2.5).
    pub(super) fn delete_project(&mut self, name: &str, caller: &Caller) -> Result<(), Refusal> {
        let index = self.visible_project(name, caller)?;
        caller.check_level(Level::Manager, "You are not allowed to delete projects")?;
        let project = self.projects.remove(index);
        self.settings.forget_project(&project.name);
        self.announce_project(&project.name, "deleted", caller);
        Ok(())
    }

    /// An anatomy preset by name; `_` is the built-in one, `__primary__` the chosen one or else the built-in (§2.4).
    pub(super) fn preset(&self, name: &str) -> Result<Object, Refusal> {
        let name = match name {
            "__primary__" => self.primary_preset.as_deref().unwrap_or("_"),
            other => other,
        };
        if name == "_" {
            return Ok(anatomy::built_in(&self.live));
        }
        let preset = self.presets.get(name).cloned();
        preset.ok_or_else(|| Refusal::not_found(format!("Anatomy preset {name} not found")))
    }

    /// Labels are unique in any case; the clash aborts the server's transaction (§2.2).
    fn check_label_is_free(&self, label: Option<&str>, own: Option<usize>) -> Result<(), Refusal> {
        let Some(label) = label else { return Ok(()) };
        if !names::is_label(label) {
            return Err(Refusal::crash(
                "ValidationError",
                format!("string does not match regex \"{}\"", names::LABEL),
            ));
        }
        let lower = label.to_lowercase();
        let clash = self.projects.iter().enumerate().any(|(at, project)| {
            Some(at) != own
                && project
                    .label
                    .as_ref()
                    .is_some_and(|other| other.to_lowercase() == lower)
        });
        if clash {
            Err(Refusal::aborted_transaction())
        } else {
            Ok(())
        }
    }

    fn announce_project(&mut self, project: &str, deed: &str, caller: &Caller) {
        let topic = format!("entity.project.{deed}");
        self.events.announce(
            &topic,
            Some(project),
            json!({"projectName": project}),
            json!({}),
            caller,
        );
    }
}

fn config_of(anatomy: &Object) -> Object {
    let mut config = Object::new();
    for (key, from) in [
        ("roots", "roots"),
        ("templates", "templates"),
        ("entityNaming", "entity_naming"),
        ("productBaseTypes", "product_base_types"),
    ] {
        config.insert(key.into(), anatomy.get(from).cloned().unwrap_or_default());
    }
    // Roots and templates of a project are keyed by their names.
    if let Some(Value::Array(roots)) = config.get("roots") {
        let keyed = anatomy::keyed(roots);
        config.insert("roots".into(), Value::Object(keyed));
    }
    if let Some(Value::Object(templates)) = config.get("templates") {
        let keyed = anatomy::stored_templates(templates);
        config.insert("templates".into(), Value::Object(keyed));
    }
    config
}

/// Replaces one list; elements with `original_name` rename what has that name (§2.3).
fn replace_list(project: &mut Project, list: &str, elements: &[Value]) -> Result<(), Refusal> {
    let mut stored: Vec<Object> = Vec::with_capacity(elements.len());
    let mut renames: Vec<(String, String)> = Vec::new();
    for (at, element) in elements.iter().enumerate() {
        let place = at.to_string();
        let invalid = |field: &str, message: &str, kind| {
            Refusal::invalid(&[list, place.as_str(), field], message, kind)
        };
        let element = element
            .as_object()
            .ok_or_else(|| invalid("name", "value is not a valid dict", "type_error.dict"))?;
        let name = name_of(element);
        if name.is_empty() {
            return Err(invalid("name", "field required", "value_error.missing"));
        }
        let state = element.get("state").and_then(Value::as_str);
        if list == "statuses"
            && state.is_some_and(|state| !matches!(state, "not_started" | "in_progress" | "done" | "blocked"))
        {
            return Err(invalid(
                "state",
                "unexpected value; permitted: 'not_started', 'in_progress', 'done', 'blocked'",
                "value_error.const",
            ));
        }
        if let Some(original) = element.get("original_name").and_then(Value::as_str)
            && original != name
        {
            renames.push((original.to_owned(), name.to_owned()));
        }
        stored.push(without(element, "original_name"));
    }
    check_no_twins(&stored)?;
    if list != "tags" {
        follow_renames(project, list, &renames);
        check_none_is_missed(project, list, &stored)?;
    }
    match list {
        "folderTypes" => project.folder_types = stored,
        "taskTypes" => project.task_types = stored,
        "statuses" => project.statuses = stored,
        _ => project.tags = stored,
    }
    Ok(())
}

/// The database's index on `lower(name)` breaks the whole save (§2.3).
fn check_no_twins(list: &[Object]) -> Result<(), Refusal> {
    let mut seen = std::collections::HashSet::new();
    if list
        .iter()
        .all(|element| seen.insert(name_of(element).to_lowercase()))
    {
        return Ok(());
    }
    Err(Refusal::aborted_transaction())
}

/// Entities follow the new name of their type or status.
fn follow_renames(project: &mut Project, list: &str, renames: &[(String, String)]) {
    let new_name = |old: &str| {
        renames
            .iter()
            .find(|(from, _)| from == old)
            .map(|(_, to)| to.clone())
    };
    if renames.is_empty() {
        return;
    }
    let folders: Vec<_> = project
        .store
        .folders
        .values()
        .map(|folder| super::entities::Folder::clone(folder))
        .collect();
    for mut folder in folders {
        let field = match list {
            "folderTypes" => &mut folder.folder_type,
            "statuses" => &mut folder.record.status,
            _ => continue,
        };
        if let Some(name) = new_name(field) {
            *field = name;
            project.store.put_folder(folder);
        }
    }
    let tasks: Vec<_> = project
        .store
        .tasks
        .values()
        .map(|task| super::entities::Task::clone(task))
        .collect();
    for mut task in tasks {
        let field = match list {
            "taskTypes" => &mut task.task_type,
            "statuses" => &mut task.record.status,
            _ => continue,
        };
        if let Some(name) = new_name(field) {
            *field = name;
            project.store.put_task(task);
        }
    }
}

/// A type or status that is in use cannot be left out (§2.3).
fn check_none_is_missed(project: &Project, list: &str, stored: &[Object]) -> Result<(), Refusal> {
    let kept = |name: &str| anatomy::has_name(stored, name);
    let store = &project.store;
    let fine = match list {
        "folderTypes" => store.folders.values().all(|folder| kept(&folder.folder_type)),
        "taskTypes" => store.tasks.values().all(|task| kept(&task.task_type)),
        _ => {
            store.folders.values().all(|folder| kept(&folder.record.status))
                && store.tasks.values().all(|task| kept(&task.record.status))
                && store
                    .products
                    .values()
                    .all(|product| kept(&product.record.status))
                && store
                    .versions
                    .values()
                    .all(|version| kept(&version.record.status))
        }
    };
    if fine {
        Ok(())
    } else {
        Err(Refusal::aborted_transaction())
    }
}
