//! Creating, changing and deleting folders, with the refusals of `ayon-api.md §4`.

use serde_json::json;

use super::anatomy;
use super::attributes::Scope;
use super::entities::{Change, Folder, Id, Kind, note};
use super::fields::{Fields, Object};
use super::names::dashed_id;
use super::refusal::Refusal;
use super::shapes;
use super::writing::{Deed, Effect, Writer, checked_name, id_to_create, label, reference};

impl Writer<'_> {
    pub(super) fn create_folder(&mut self, body: &Object) -> Result<Effect, Refusal> {
        let body = Fields(body);
        let common = self.common(body, Scope::Folder)?;
        let name = checked_name(body.required_text("name")?)?;
        let label = label(body)?.flatten();
        let parent = reference(body, "parentId")?.value();
        let folder_type = body.text("folderType")?.value();
        let id = id_to_create(body)?;

        let first_type = || {
            self.project
                .folder_types
                .first()
                .map(|t| anatomy::name_of(t).to_owned())
        };
        let folder_type = folder_type.or_else(first_type).unwrap_or_default();
        if self.project.store.folders.contains_key(&id) {
            return Err(Refusal::unique("Folder", "id", &dashed_id(&id)));
        }
        if common.active().unwrap_or(true) {
            self.check_folder_name(None, parent.as_ref(), &name)?;
        }
        self.check_folder_type(&folder_type)?;
        self.check_status(&common)?;
        self.check_parent(parent.as_ref())?;

        let record = self.new_record(id.clone(), Kind::Folder, common);
        let folder = Folder {
            record,
            name,
            label,
            folder_type,
            parent: parent.clone(),
        };
        self.project.store.put_folder(folder);
        Ok(Effect {
            kind: Kind::Folder,
            id,
            parent,
            deed: Deed::Created,
        })
    }

    /// A PATCH or an update operation. `force` lifts the protection of published folders (§4.3).
    pub(super) fn update_folder(&mut self, id: &Id, body: &Object, force: bool) -> Result<Effect, Refusal> {
        let body = Fields(body);
        let common = self.common(body, Scope::Folder)?;
        let name = body
            .text("name")?
            .not_null("name")?
            .map(checked_name)
            .transpose()?;
        let label = label(body)?;
        let folder_type = body.text("folderType")?.not_null("folder_type")?;
        let parent = reference(body, "parentId")?.nullable();

        let mut folder = match self.project.store.folders.get(id) {
            Some(folder) => Folder::clone(folder),
            None => return Err(Refusal::not_found(format!("Entity {id} not found"))),
        };
        let renamed = name.as_ref().is_some_and(|name| *name != folder.name);
        let moved = parent.as_ref().is_some_and(|parent| *parent != folder.parent);
        let retyped = folder_type
            .as_ref()
            .is_some_and(|kind| *kind != folder.folder_type);
        if (renamed || moved || retyped) && !force && self.project.store.has_versions(id) {
            let field = match (renamed, moved) {
                (true, _) => "name",
                (_, true) => "parent_id",
                _ => "folder_type",
            };
            let text = format!("Cannot change {field} of a folder with published versions");
            return Err(Refusal::forbidden(text));
        }
        if let Some(Some(parent)) = &parent {
            if parent == id {
                return Err(Refusal::bad_request("Folder cannot be its own parent"));
            }
            if moved && self.project.store.subtree(id).contains(parent) {
                return Err(Refusal::bad_request(
                    "Folder cannot be moved to one of its descendants",
                ));
            }
        }
        let new_name = name.unwrap_or_else(|| folder.name.clone());
        let new_parent = parent.unwrap_or_else(|| folder.parent.clone());
        let new_type = folder_type.unwrap_or_else(|| folder.folder_type.clone());
        if common.active().unwrap_or(folder.record.active) {
            self.check_folder_name(Some(id), new_parent.as_ref(), &new_name)?;
        }
        self.check_folder_type(&new_type)?;
        self.check_status(&common)?;
        self.check_parent(new_parent.as_ref())?;

        let mut changes: Vec<Change> = Vec::new();
        note(&mut changes, "renamed", json!(folder.name), json!(new_name));
        if let Some(label) = label {
            note(&mut changes, "label_changed", json!(folder.label), json!(label));
            folder.label = label;
        }
        note(
            &mut changes,
            "type_changed",
            json!(folder.folder_type),
            json!(new_type),
        );
        note(
            &mut changes,
            "parent_changed",
            json!(folder.parent),
            json!(new_parent),
        );
        folder.name = new_name;
        folder.folder_type = new_type;
        folder.parent = new_parent;
        self.patch_record(&mut folder.record, common, &mut changes);
        let parent = folder.parent.clone();
        self.project.store.put_folder(folder);
        Ok(Effect {
            kind: Kind::Folder,
            id: id.clone(),
            parent,
            deed: Deed::Updated(changes),
        })
    }

    /// Deletes the folder with its subtree, tasks and workfiles; products stop it unless `force` (§4.3).
    pub(super) fn delete_folder(&mut self, id: &Id, force: bool) -> Result<Effect, Refusal> {
        let Some(folder) = self.project.store.folders.get(id).cloned() else {
            return Err(Refusal::not_found(format!("Entity {id} not found")));
        };
        if !force && self.project.store.has_products(id) {
            return Err(Refusal::database(
                "delete-folder-with-children",
                "Unable to delete a folder with products or tasks.",
            ));
        }
        let shown = shapes::folder(self.project, self.live, &folder);
        for below in self.project.store.subtree(id) {
            let store = &self.project.store;
            let tasks: Vec<Id> = store
                .tasks_of(&below)
                .map(|task| task.record.id.clone())
                .collect();
            let products: Vec<Id> = store.products_of(&below).map(|p| p.record.id.clone()).collect();
            tasks.iter().for_each(|task| self.drop_task(task));
            products.iter().for_each(|product| self.drop_product(product));
            self.project.store.take_folder(&below);
        }
        let parent = folder.parent.clone();
        Ok(Effect {
            kind: Kind::Folder,
            id: id.clone(),
            parent,
            deed: Deed::Deleted(shown),
        })
    }

    fn check_folder_name(&self, own: Option<&Id>, parent: Option<&Id>, name: &str) -> Result<(), Refusal> {
        let holder = self.project.store.folder_named(parent, name);
        if holder.is_none_or(|holder| Some(holder) == own) {
            return Ok(());
        }
        let name = name.to_lowercase();
        Err(match parent {
            None => Refusal::unique("Folder", "lower(name::text)", &name),
            Some(parent) => Refusal::unique(
                "Folder",
                "parent_id, lower(name::text)",
                &format!("{}, {name}", dashed_id(parent)),
            ),
        })
    }

    fn check_folder_type(&self, folder_type: &str) -> Result<(), Refusal> {
        if anatomy::has_name(&self.project.folder_types, folder_type) {
            return Ok(());
        }
        Err(Refusal::absent("folder_type", folder_type, "folder_types"))
    }

    fn check_parent(&self, parent: Option<&Id>) -> Result<(), Refusal> {
        match parent {
            Some(parent) if !self.project.store.folders.contains_key(parent) => {
                Err(Refusal::absent("parent_id", &dashed_id(parent), "folders"))
            }
            _ => Ok(()),
        }
    }
}
