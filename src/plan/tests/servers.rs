//! What the servers do with a plan's writes, refusals included.

use std::sync::Arc;

use super::stage::{Stage, line};
use crate::model::{FlowField, FlowRef, FlowType};
use crate::plan::{AyonFolder, AyonProject, AyonStatus, AyonTask, EntityPatch, NewEntity, Write};

impl Stage {
    pub(super) fn tell_flow(&mut self, row: FlowRef, field: FlowField, value: String) {
        if row.kind == FlowType::Project {
            let project = &mut self.flow.project;
            *match field {
                FlowField::AyonId => &mut project.ayon_id,
                FlowField::SyncStatus => &mut project.sync_status,
                FlowField::ProjectCode => &mut project.ayon_code,
                FlowField::ServerUrl => &mut project.server_url,
            } = Some(value);
        } else {
            let row = self.flow.rows.get_mut(&row).unwrap();
            *match field {
                FlowField::AyonId => &mut row.ayon_id,
                _ => &mut row.sync_status,
            } = Some(value);
        }
    }

    pub(super) fn write(&mut self, write: Write) {
        match write {
            Write::CreateField { kind, field } => {
                assert!(self.flow.missing_fields.remove(&(kind, field)));
            }
            Write::CreateProject {
                name,
                code,
                flow,
                attributes,
                ..
            } => {
                let own = flow.to_string();
                self.ayon.projects.push(line(&name, &code, Some(&own)));
                let anatomy = self.ayon.new_anatomy.clone().unwrap();
                let mut project = AyonProject {
                    name,
                    code,
                    anatomy,
                    ..AyonProject::default()
                };
                Self::hold(&self.rules.attributes, &mut project.attributes, &attributes);
                self.ayon.project = Some(project);
            }
            Write::UpdateProject {
                name,
                link,
                attributes,
            } => {
                let mut lines = self.ayon.projects.iter_mut();
                let line = lines.find(|line| line.name == name).unwrap();
                if let Some(flow) = link {
                    line.shotgrid_id = Some(flow.to_string());
                }
                let mapped = self.rules.attributes.clone();
                Self::hold(&mapped, &mut self.content().attributes, &attributes);
            }
            Write::AddFolderType { name } => self.content().anatomy.folder_types.push(name),
            Write::AddTaskType { name, .. } => self.content().anatomy.task_types.push(name),
            Write::AddStatus { name, short_name, .. } => {
                let statuses = &mut self.content().anatomy.statuses;
                assert!(
                    statuses
                        .iter()
                        .all(|other| !other.name.eq_ignore_ascii_case(&name))
                );
                statuses.push(AyonStatus {
                    name,
                    short_name,
                    scope: Vec::new(),
                });
            }
            Write::AddTag { name } => self.content().anatomy.tags.push(name),
            Write::CreateFolder(entity) => self.create_folder(entity),
            Write::CreateTask(entity) => self.create_task(entity),
            Write::UpdateFolder(patch) => self.update_folder(patch),
            Write::UpdateTask(patch) => self.update_task(patch),
            Write::CreateUser(_) | Write::UpdateUser(_) => panic!("a project holds no users"),
            Write::Nothing => {}
        }
    }

    /// Refuses what the server refuses: a new name, place or type of what is published, a taken name, a circle.
    fn update_folder(&mut self, patch: EntityPatch) {
        let mapped = self.rules.attributes.clone();
        let statuses = self.statuses();
        let project = self.content();
        let old = project.folders[&patch.id].clone();
        let moves = patch.parent.is_some() || patch.name.is_some() || patch.kind.is_some();
        assert!(!moves || !old.has_versions, "{patch:?} changes what is published");
        let (parent, name) = (patch.parent.unwrap_or(old.parent), patch.name.unwrap_or(old.name));
        let mut above = parent;
        while let Some(id) = above {
            assert_ne!(id, patch.id, "a circle");
            above = project.folders[&id].parent;
        }
        let active = patch.active.unwrap_or(old.active);
        let taken = project.folders.values().any(|other| {
            other.id != patch.id
                && other.active
                && other.parent == parent
                && other.name.eq_ignore_ascii_case(&name)
        });
        assert!(!(active && taken), "{name} is taken");
        let folder = project.folders.get_mut(&patch.id).unwrap();
        (folder.parent, folder.name, folder.active) = (parent, name, active);
        folder.folder_type = patch.kind.unwrap_or(old.folder_type);
        if let Some(label) = patch.label {
            folder.label = label;
        }
        if let Some((id, kind)) = patch.link {
            (folder.shotgrid_id, folder.shotgrid_type) = (Some(id), Some(kind));
        }
        if let Some(status) = patch.status {
            assert!(statuses.contains(&status), "{status}");
            folder.status = status.into();
        }
        if let Some(tags) = patch.tags {
            folder.tags = tags.into_iter().map(Arc::from).collect();
        }
        assert_eq!(patch.assignees, None);
        Self::hold(&mapped, &mut folder.attributes, &patch.attributes);
        may_be_called(&folder.name, folder.label.as_deref());
    }

    fn update_task(&mut self, patch: EntityPatch) {
        let mapped = self.rules.attributes.clone();
        let statuses = self.statuses();
        let task = self.content().tasks.get_mut(&patch.id).unwrap();
        if let Some(label) = patch.label {
            task.label = label;
        }
        if let Some((id, kind)) = patch.link {
            (task.shotgrid_id, task.shotgrid_type) = (Some(id), Some(kind));
        }
        if let Some(status) = patch.status {
            assert!(statuses.contains(&status), "{status}");
            task.status = status.into();
        }
        if let Some(tags) = patch.tags {
            task.tags = tags.into_iter().map(Arc::from).collect();
        }
        if let Some(users) = patch.assignees {
            task.assignees = users.into_iter().map(Arc::from).collect();
        }
        task.active = patch.active.unwrap_or(task.active);
        if let Some(name) = patch.name {
            task.name = name;
        }
        if let Some(kind) = patch.kind {
            task.task_type = kind;
        }
        if let Some(folder) = patch.parent {
            task.folder = folder.unwrap();
        }
        Self::hold(&mapped, &mut task.attributes, &patch.attributes);
        let task = task.clone();
        may_be_called(&task.name, task.label.as_deref());
        let project = self.content();
        assert!(project.folders.contains_key(&task.folder), "{task:?}");
        assert!(project.anatomy.task_types.contains(&task.task_type), "{task:?}");
        let taken = project.tasks.values().any(|other| {
            other.id != task.id
                && other.active
                && other.folder == task.folder
                && other.name.eq_ignore_ascii_case(&task.name)
        });
        assert!(!(task.active && taken), "{task:?}");
    }

    fn statuses(&self) -> Vec<String> {
        let project = self.ayon.project.as_ref().unwrap();
        project
            .anatomy
            .statuses
            .iter()
            .map(|status| status.name.clone())
            .collect()
    }

    /// Refuses what the server refuses: unknown parents and types, taken names and ids.
    fn create_folder(&mut self, entity: NewEntity) {
        let (mapped, statuses) = (self.rules.attributes.clone(), self.statuses());
        assert!(
            entity
                .status
                .as_ref()
                .is_none_or(|status| statuses.contains(status))
        );
        may_be_called(&entity.name, entity.label.as_deref());
        let project = self.content();
        assert!(project.anatomy.folder_types.contains(&entity.kind), "{entity:?}");
        assert!(
            entity
                .parent
                .is_none_or(|parent| project.folders.contains_key(&parent)),
            "{entity:?}"
        );
        let taken = project.folders.values().any(|other| {
            other.active && other.parent == entity.parent && other.name.eq_ignore_ascii_case(&entity.name)
        });
        assert!(!taken, "{entity:?}");
        let mut folder = AyonFolder {
            id: entity.id,
            parent: entity.parent,
            name: entity.name,
            label: entity.label,
            folder_type: entity.kind,
            active: true,
            shotgrid_id: entity.shotgrid_id,
            shotgrid_type: Some(entity.shotgrid_type),
            status: entity.status.as_deref().unwrap_or("Not ready").into(),
            tags: entity.tags.into_iter().map(Arc::from).collect(),
            has_versions: false,
            attributes: Vec::new(),
        };
        Self::hold(&mapped, &mut folder.attributes, &entity.attributes);
        assert!(project.folders.insert(folder.id, folder).is_none());
    }

    fn create_task(&mut self, entity: NewEntity) {
        let (mapped, statuses) = (self.rules.attributes.clone(), self.statuses());
        assert!(
            entity
                .status
                .as_ref()
                .is_none_or(|status| statuses.contains(status))
        );
        let project = self.content();
        assert!(project.anatomy.task_types.contains(&entity.kind), "{entity:?}");
        let folder = entity.parent.unwrap();
        assert!(project.folders.contains_key(&folder), "{entity:?}");
        may_be_called(&entity.name, entity.label.as_deref());
        let taken = project
            .tasks
            .values()
            .any(|other| other.folder == folder && other.name.eq_ignore_ascii_case(&entity.name));
        assert!(!taken, "{entity:?}");
        let mut task = AyonTask {
            id: entity.id,
            folder,
            name: entity.name,
            label: entity.label,
            task_type: entity.kind,
            active: true,
            shotgrid_id: entity.shotgrid_id,
            shotgrid_type: Some(entity.shotgrid_type),
            status: entity.status.as_deref().unwrap_or("Not ready").into(),
            tags: entity.tags.into_iter().map(Arc::from).collect(),
            assignees: entity.assignees.into_iter().map(Arc::from).collect(),
            attributes: Vec::new(),
        };
        Self::hold(&mapped, &mut task.attributes, &entity.attributes);
        assert!(project.tasks.insert(task.id, task).is_none());
    }
}

/// What the server refuses as a name or a label (`ayon-api.md §4.1`).
fn may_be_called(name: &str, label: Option<&str>) {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "_.-".contains(letter);
    assert!(!name.is_empty() && name.chars().all(fits), "{name:?}");
    assert!(
        label.is_none_or(|label| !label.contains(['\'', ';'])),
        "{label:?}"
    );
}
