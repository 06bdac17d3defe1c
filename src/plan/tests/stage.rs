//! A small production in memory, and a plan's writes played on it.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{AyonId, FlowField, FlowId, FlowRef, FlowType, Selection};
use crate::plan::{
    Anatomy, AyonFolder, AyonProject, AyonProjectLine, AyonSnapshot, AyonTask, FlowProject, FlowRow,
    FlowSchema, FlowSnapshot, Input, NewEntity, Node, Operation, ParentValue, Planned, Rules, Step, Write,
    plan,
};
use crate::problem::Code;

pub const PROJECT: FlowId = FlowId(188);

/// Both snapshots, the rules, and what is selected: the whole project unless said otherwise.
#[derive(Clone)]
pub struct Stage {
    pub flow: FlowSnapshot,
    pub ayon: AyonSnapshot,
    pub rules: Rules,
    pub selection: Selection,
}

impl Stage {
    /// The fixture F of the behaviour sheet §6.2 with tracking N, and an empty, linked AYON project.
    pub fn fixture() -> Self {
        let mut stage = Self::empty();
        stage.row(FlowType::Episode, 1, "ep01", ParentValue::Empty);
        stage.row(FlowType::Sequence, 2, "sq01", link(FlowType::Episode, 1, "ep01"));
        stage.row(FlowType::Shot, 3, "sh010", link(FlowType::Sequence, 2, "sq01"));
        stage.row(
            FlowType::Asset,
            4,
            "Bob",
            ParentValue::Text("Character".to_owned()),
        );
        stage
    }

    pub fn empty() -> Self {
        let chains = [
            (FlowType::Episode, "__flat__"),
            (FlowType::Sequence, "episode"),
            (FlowType::Shot, "sg_sequence"),
            (FlowType::Asset, "sg_asset_type"),
        ];
        let types = BTreeSet::from(FlowType::ALL);
        let anatomy = Anatomy {
            folder_types: ["Folder", "Asset", "Episode", "Sequence", "Shot"]
                .map(str::to_owned)
                .to_vec(),
            task_types: ["Generic", "Animation"].map(str::to_owned).to_vec(),
        };
        Self {
            flow: FlowSnapshot {
                project: FlowProject {
                    id: PROJECT,
                    name: "harbor_lights".to_owned(),
                    code: Some("hl".to_owned()),
                    chains: chains.map(|(kind, chain)| (kind, chain.to_owned())).into(),
                    ayon_id: Some("harbor_lights".to_owned()),
                    sync_status: Some("Synced".to_owned()),
                    ayon_code: None,
                    server_url: None,
                },
                rows: BTreeMap::new(),
                schema: FlowSchema {
                    visible: types.clone(),
                    fields: BTreeMap::new(),
                },
                missing_fields: BTreeSet::new(),
                script_role: None,
            },
            ayon: AyonSnapshot {
                projects: vec![line("harbor_lights", "hl", Some("188"))],
                project: Some(AyonProject {
                    name: "harbor_lights".to_owned(),
                    code: "hl".to_owned(),
                    anatomy: anatomy.clone(),
                    ..AyonProject::default()
                }),
                new_anatomy: Some(anatomy),
                attributes_live: true,
            },
            rules: Rules {
                site: "demo-studio.example".to_owned(),
                ayon_url: "https://ayon.example".to_owned(),
                enabled: types,
                default_task_type: "Generic".to_owned(),
                anatomy_preset: None,
                reparented: BTreeSet::new(),
            },
            selection: Selection {
                entity_type: FlowType::Project,
                ids: vec![PROJECT],
                project_id: Some(PROJECT),
            },
        }
    }

    pub fn row(&mut self, kind: FlowType, id: i64, name: &str, parent: ParentValue) -> &mut FlowRow {
        let key = FlowRef::new(kind, id);
        let row = FlowRow {
            key,
            name: Some(name.to_owned()).filter(|name| !name.is_empty()),
            project: Some(PROJECT),
            parent,
            step: (kind == FlowType::Task).then(|| Step {
                code: Some("Animation".to_owned()),
                short_name: Some("ANM".to_owned()),
            }),
            ayon_id: None,
            sync_status: None,
        };
        self.flow.rows.insert(key, row);
        self.flow.rows.get_mut(&key).unwrap()
    }

    pub fn chain(&mut self, kind: FlowType, chain: Option<&str>) {
        match chain {
            Some(chain) => self.flow.project.chains.insert(kind, chain.to_owned()),
            None => self.flow.project.chains.remove(&kind),
        };
    }

    pub fn content(&mut self) -> &mut AyonProject {
        self.ayon.project.as_mut().unwrap()
    }

    /// A folder that AYON has, linked or not.
    pub fn folder(
        &mut self,
        name: &str,
        kind: &str,
        parent: Option<AyonId>,
        link: Option<FlowRef>,
    ) -> AyonId {
        let id = AyonId::derived(&["test folder", name, kind]);
        let folder = AyonFolder {
            id,
            parent,
            name: name.to_owned(),
            label: None,
            folder_type: kind.to_owned(),
            active: true,
            shotgrid_id: link.map(|row| row.id.to_string()),
            shotgrid_type: link.map(|row| row.kind.to_string()),
        };
        self.content().folders.insert(id, folder);
        id
    }

    pub fn plan(&self) -> Planned {
        plan(&Input {
            selection: &self.selection,
            flow: &self.flow,
            ayon: &self.ayon,
            rules: &self.rules,
        })
    }

    /// Everything planned, done.
    pub fn applied(mut self) -> Self {
        let planned = self.plan();
        for intent in planned.intents {
            self.write(intent.write);
            for (field, value) in intent.back.iter().flat_map(|back| &back.values) {
                let row = intent.back.as_ref().unwrap().row;
                self.tell_flow(row, *field, value.clone());
            }
        }
        self
    }

    fn tell_flow(&mut self, row: FlowRef, field: FlowField, value: String) {
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

    fn write(&mut self, write: Write) {
        match write {
            Write::CreateField { kind, field } => {
                assert!(self.flow.missing_fields.remove(&(kind, field)));
            }
            Write::CreateProject { name, code, flow, .. } => {
                let own = flow.to_string();
                self.ayon.projects.push(line(&name, &code, Some(&own)));
                let anatomy = self.ayon.new_anatomy.clone().unwrap();
                self.ayon.project = Some(AyonProject {
                    name,
                    code,
                    anatomy,
                    ..AyonProject::default()
                });
            }
            Write::LinkProject { name, flow } => {
                let line = self
                    .ayon
                    .projects
                    .iter_mut()
                    .find(|line| line.name == name)
                    .unwrap();
                line.shotgrid_id = Some(flow.to_string());
            }
            Write::AddFolderType { name } => self.content().anatomy.folder_types.push(name),
            Write::AddTaskType { name, .. } => self.content().anatomy.task_types.push(name),
            Write::CreateFolder(entity) => self.create_folder(entity),
            Write::CreateTask(entity) => self.create_task(entity),
            Write::UpdateFolder(patch) => {
                let folder = self.content().folders.get_mut(&patch.id).unwrap();
                if let Some(label) = patch.label {
                    folder.label = label;
                }
                if let Some((id, kind)) = patch.link {
                    (folder.shotgrid_id, folder.shotgrid_type) = (Some(id), Some(kind));
                }
            }
            Write::UpdateTask(patch) => {
                let task = self.content().tasks.get_mut(&patch.id).unwrap();
                if let Some(label) = patch.label {
                    task.label = label;
                }
                if let Some((id, kind)) = patch.link {
                    (task.shotgrid_id, task.shotgrid_type) = (Some(id), Some(kind));
                }
            }
            Write::Nothing => {}
        }
    }

    /// Refuses what the server refuses: unknown parents and types, taken names and ids.
    fn create_folder(&mut self, entity: NewEntity) {
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
        let folder = AyonFolder {
            id: entity.id,
            parent: entity.parent,
            name: entity.name,
            label: entity.label,
            folder_type: entity.kind,
            active: true,
            shotgrid_id: Some(entity.shotgrid_id),
            shotgrid_type: Some(entity.shotgrid_type),
        };
        assert!(project.folders.insert(folder.id, folder).is_none());
    }

    fn create_task(&mut self, entity: NewEntity) {
        let project = self.content();
        assert!(project.anatomy.task_types.contains(&entity.kind), "{entity:?}");
        let folder = entity.parent.unwrap();
        assert!(project.folders.contains_key(&folder), "{entity:?}");
        let taken = project
            .tasks
            .values()
            .any(|other| other.folder == folder && other.name.eq_ignore_ascii_case(&entity.name));
        assert!(!taken, "{entity:?}");
        let task = AyonTask {
            id: entity.id,
            folder,
            name: entity.name,
            label: entity.label,
            task_type: entity.kind,
            active: true,
            shotgrid_id: Some(entity.shotgrid_id),
            shotgrid_type: Some(entity.shotgrid_type),
        };
        assert!(project.tasks.insert(task.id, task).is_none());
    }

    /// Paths of AYON's folders, sorted.
    pub fn paths(&self) -> Vec<String> {
        let folders = &self.ayon.project.as_ref().unwrap().folders;
        let mut paths: Vec<String> = folders
            .values()
            .map(|folder| {
                let mut path = format!("/{}", folder.name);
                let mut above = folder.parent;
                while let Some(parent) = above.map(|id| &folders[&id]) {
                    path = format!("/{}{path}", parent.name);
                    above = parent.parent;
                }
                path
            })
            .collect();
        paths.sort();
        paths
    }
}

pub fn line(name: &str, code: &str, shotgrid_id: Option<&str>) -> AyonProjectLine {
    AyonProjectLine {
        name: name.to_owned(),
        code: code.to_owned(),
        active: true,
        shotgrid_id: shotgrid_id.map(str::to_owned),
    }
}

pub fn link(kind: FlowType, id: i64, name: &str) -> ParentValue {
    ParentValue::Row {
        kind: kind.to_string(),
        id: FlowId(id),
        name: name.to_owned(),
    }
}

/// The codes of a plan's problems, in order; but for `parent-empty`, which every row at the root has.
pub fn codes(planned: &Planned) -> Vec<Code> {
    let codes = planned.plan.problems.iter().map(|problem| problem.code);
    codes.filter(|code| *code != Code::ParentEmpty).collect()
}

/// The paths that a plan would make, in the order of application.
pub fn created(planned: &Planned) -> Vec<String> {
    let path = |operation: &Operation| operation.ayon.as_ref().map(|ayon| ayon.path.clone());
    planned.plan.operations.iter().filter_map(path).collect()
}

pub fn node(planned: &Planned, kind: FlowType, id: i64) -> Node {
    let key = FlowRef::new(kind, id);
    planned
        .plan
        .nodes
        .iter()
        .find(|node| node.flow == Some(key))
        .unwrap()
        .clone()
}
