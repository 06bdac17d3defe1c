//! Workfiles: the files that artists work in, each of one task and with a path of its own.

use serde_json::json;

use super::attributes::Scope;
use super::entities::{Id, Kind, Workfile, note};
use super::fields::{Fields, Object};
use super::names::dashed_id;
use super::refusal::Refusal;
use super::shapes;
use super::writing::{Deed, Effect, Writer, id_to_create, reference};

impl Writer<'_> {
    pub(super) fn create_workfile(&mut self, body: &Object) -> Result<Effect, Refusal> {
        let body = Fields(body);
        let common = self.common(body, Scope::Workfile)?;
        let path = body.required_text("path")?;
        let task = reference(body, "taskId")?
            .value()
            .ok_or_else(|| Refusal::missing("taskId"))?;
        let id = id_to_create(body)?;
        if self.project.store.workfiles.contains_key(&id) {
            return Err(Refusal::unique("Workfile", "id", &dashed_id(&id)));
        }
        self.check_workfile_path(None, &path)?;
        self.check_status(&common)?;
        self.check_task(&task)?;
        let record = self.new_record(id.clone(), Kind::Workfile, common);
        let parent = Some(task.clone());
        self.project.store.put_workfile(Workfile { record, path, task });
        Ok(Effect {
            kind: Kind::Workfile,
            id,
            parent,
            deed: Deed::Created,
        })
    }

    /// A changed path is told to nobody.
    pub(super) fn update_workfile(&mut self, id: &Id, body: &Object) -> Result<Effect, Refusal> {
        let body = Fields(body);
        let common = self.common(body, Scope::Workfile)?;
        let path = body.text("path")?.not_null("path")?;
        let task = reference(body, "taskId")?.not_null("task_id")?;
        let mut workfile = match self.project.store.workfiles.get(id) {
            Some(workfile) => Workfile::clone(workfile),
            None => return Err(Refusal::not_found(format!("Entity {id} not found"))),
        };
        let path = path.unwrap_or_else(|| workfile.path.clone());
        let task = task.unwrap_or_else(|| workfile.task.clone());
        self.check_workfile_path(Some(id), &path)?;
        self.check_status(&common)?;
        self.check_task(&task)?;
        let mut changes = Vec::new();
        note(&mut changes, "task_changed", json!(workfile.task), json!(task));
        workfile.path = path;
        workfile.task = task;
        self.patch_record(&mut workfile.record, common, &mut changes);
        let parent = Some(workfile.task.clone());
        self.project.store.put_workfile(workfile);
        Ok(Effect {
            kind: Kind::Workfile,
            id: id.clone(),
            parent,
            deed: Deed::Updated(changes),
        })
    }

    pub(super) fn delete_workfile(&mut self, id: &Id) -> Result<Effect, Refusal> {
        let Some(workfile) = self.project.store.take_workfile(id) else {
            return Err(Refusal::not_found(format!("Entity {id} not found")));
        };
        let shown = shapes::workfile(&workfile);
        let parent = Some(workfile.task.clone());
        Ok(Effect {
            kind: Kind::Workfile,
            id: id.clone(),
            parent,
            deed: Deed::Deleted(shown),
        })
    }

    /// A path is taken whether or not its workfile is active.
    fn check_workfile_path(&self, own: Option<&Id>, path: &str) -> Result<(), Refusal> {
        let holder = self.project.store.workfile_at(path);
        if holder.is_none_or(|holder| Some(holder) == own) {
            return Ok(());
        }
        Err(Refusal::unique("Workfile", "path", path))
    }
}
