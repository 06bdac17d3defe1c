//! Creating, changing and deleting tasks (`ayon-api.md §4`). Tasks are never protected, assignees never checked.

use serde_json::json;

use super::anatomy;
use super::attributes::Scope;
use super::entities::{Id, Kind, Task, Version, note};
use super::fields::{Fields, Object};
use super::names::dashed_id;
use super::refusal::Refusal;
use super::shapes;
use super::writing::{Deed, Effect, Writer, checked_name, id_to_create, label, reference};

impl Writer<'_> {
    pub(super) fn create_task(&mut self, body: &Object) -> Result<Effect, Refusal> {
        let body = Fields(body);
        let common = self.common(body, Scope::Task)?;
        let name = checked_name(body.required_text("name")?)?;
        let task_type = body.required_text("taskType")?;
        let label = label(body)?.flatten();
        let assignees = body
            .texts("assignees")?
            .not_null("assignees")?
            .unwrap_or_default();
        let folder = reference(body, "folderId")?.value();
        let id = id_to_create(body)?;

        let folder = folder.ok_or_else(|| Refusal::not_null("folder_id"))?;
        if self.project.store.tasks.contains_key(&id) {
            return Err(Refusal::unique("Task", "id", &dashed_id(&id)));
        }
        if common.active().unwrap_or(true) {
            self.check_task_name(None, &folder, &name)?;
        }
        self.check_task_type(&task_type)?;
        self.check_status(&common)?;
        self.check_folder(&folder)?;

        let record = self.new_record(id.clone(), Kind::Task, common);
        let parent = Some(folder.clone());
        self.project.store.put_task(Task {
            record,
            name,
            label,
            task_type,
            folder,
            assignees,
        });
        Ok(Effect {
            kind: Kind::Task,
            id,
            parent,
            deed: Deed::Created,
        })
    }

    pub(super) fn update_task(&mut self, id: &Id, body: &Object) -> Result<Effect, Refusal> {
        let body = Fields(body);
        let common = self.common(body, Scope::Task)?;
        let name = body
            .text("name")?
            .not_null("name")?
            .map(checked_name)
            .transpose()?;
        let label = label(body)?;
        let task_type = body.text("taskType")?.not_null("task_type")?;
        let folder = reference(body, "folderId")?.not_null("folder_id")?;
        let assignees = body.texts("assignees")?.not_null("assignees")?;

        let mut task = self.stored_task(id)?;
        let new_name = name.unwrap_or_else(|| task.name.clone());
        let new_folder = folder.unwrap_or_else(|| task.folder.clone());
        let new_type = task_type.unwrap_or_else(|| task.task_type.clone());
        if common.active().unwrap_or(task.record.active) {
            self.check_task_name(Some(id), &new_folder, &new_name)?;
        }
        self.check_task_type(&new_type)?;
        self.check_status(&common)?;
        self.check_folder(&new_folder)?;

        let mut changes = Vec::new();
        note(&mut changes, "renamed", json!(task.name), json!(new_name));
        if let Some(label) = label {
            note(&mut changes, "label_changed", json!(task.label), json!(label));
            task.label = label;
        }
        note(
            &mut changes,
            "type_changed",
            json!(task.task_type),
            json!(new_type),
        );
        note(
            &mut changes,
            "folder_changed",
            json!(task.folder),
            json!(new_folder),
        );
        if let Some(assignees) = assignees {
            note(
                &mut changes,
                "assignees_changed",
                json!(task.assignees),
                json!(assignees),
            );
            task.assignees = assignees;
        }
        task.name = new_name;
        task.task_type = new_type;
        task.folder = new_folder;
        self.patch_record(&mut task.record, common, &mut changes);
        let parent = Some(task.folder.clone());
        self.project.store.put_task(task);
        Ok(Effect {
            kind: Kind::Task,
            id: id.clone(),
            parent,
            deed: Deed::Updated(changes),
        })
    }

    /// Deletes the task with its workfiles; versions that were made in it lose the reference and stay (§4.3).
    pub(super) fn delete_task(&mut self, id: &Id) -> Result<Effect, Refusal> {
        let task = self.stored_task(id)?;
        let shown = shapes::task(self.project, self.live, &task);
        let orphans: Vec<Version> = self
            .project
            .store
            .versions
            .values()
            .filter(|version| version.task.as_ref() == Some(id))
            .map(|version| Version {
                task: None,
                ..Version::clone(version)
            })
            .collect();
        orphans
            .into_iter()
            .for_each(|version| self.project.store.put_version(version));
        self.drop_task(id);
        let parent = Some(task.folder);
        Ok(Effect {
            kind: Kind::Task,
            id: id.clone(),
            parent,
            deed: Deed::Deleted(shown),
        })
    }

    fn stored_task(&self, id: &Id) -> Result<Task, Refusal> {
        match self.project.store.tasks.get(id) {
            None => Err(Refusal::not_found(format!("Entity {id} not found"))),
            // The server looks the folder up in tables that a half-committed batch never rebuilt (§5.3).
            Some(task) if self.project.store.unlisted.contains(&task.folder) => {
                Err(Refusal::crash("KeyError", "'parent_id'"))
            }
            Some(task) => Ok(Task::clone(task)),
        }
    }

    fn check_task_name(&self, own: Option<&Id>, folder: &Id, name: &str) -> Result<(), Refusal> {
        let holder = self.project.store.task_named(folder, name);
        if holder.is_none_or(|holder| Some(holder) == own) {
            return Ok(());
        }
        let value = format!("{}, {}", dashed_id(folder), name.to_lowercase());
        Err(Refusal::unique("Task", "folder_id, lower(name::text)", &value))
    }

    fn check_task_type(&self, task_type: &str) -> Result<(), Refusal> {
        if anatomy::has_name(&self.project.task_types, task_type) {
            return Ok(());
        }
        Err(Refusal::absent("task_type", task_type, "task_types"))
    }

    pub(super) fn check_folder(&self, folder: &Id) -> Result<(), Refusal> {
        if self.project.store.folders.contains_key(folder) {
            return Ok(());
        }
        Err(Refusal::absent("folder_id", &dashed_id(folder), "folders"))
    }

    pub(super) fn check_task(&self, task: &Id) -> Result<(), Refusal> {
        if self.project.store.tasks.contains_key(task) {
            return Ok(());
        }
        Err(Refusal::absent("task_id", &dashed_id(task), "tasks"))
    }

    /// Removes a task with its workfiles.
    pub(super) fn drop_task(&mut self, id: &Id) {
        let store = &mut self.project.store;
        let workfiles: Vec<Id> = store
            .workfiles_of(id)
            .map(|workfile| workfile.record.id.clone())
            .collect();
        workfiles
            .iter()
            .for_each(|workfile| drop(store.take_workfile(workfile)));
        store.take_task(id);
    }
}
