//! A small production in memory, and a plan's writes played on it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::model::{AyonId, FlowId, FlowRef, FlowType, Parenting, PlacementPolicy, SyncOptions, SyncPolicy};
use crate::plan::{
    Anatomy, Attributes, AyonFolder, AyonProject, AyonProjectLine, AyonSnapshot, AyonStatus, AyonTask,
    FlowProject, FlowRow, FlowSchema, FlowSnapshot, Held, Input, MappedAttribute, Node, Operation,
    ParentValue, Planned, Rules, Step, Wanted, plan, reparent,
};
use crate::problem::Code;

pub const PROJECT: FlowId = FlowId(188);

/// Both snapshots, the rules, and what is selected: the whole project unless said otherwise.
#[derive(Clone)]
pub struct Stage {
    pub flow: FlowSnapshot,
    pub ayon: AyonSnapshot,
    pub rules: Rules,
    pub wanted: Wanted,
}

/// Only what a random production varies: the whole would fill screens.
impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:?} {:?}", self.rules.parenting, self.rules.policy)?;
        for row in self.flow.rows.values() {
            writeln!(
                f,
                "{} {:?} on {:?}: {:?} {:?} {:?} {:?}",
                row.key, row.name, row.parent, row.status, row.tags, row.assignees, row.values
            )?;
        }
        Ok(())
    }
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
        let types = BTreeSet::from(FlowType::SYNCED);
        let anatomy = Anatomy {
            folder_types: ["Folder", "Asset", "Episode", "Sequence", "Shot"]
                .map(str::to_owned)
                .to_vec(),
            task_types: ["Generic", "Animation"].map(str::to_owned).to_vec(),
            statuses: [
                ("Not ready", "NRD"),
                ("In progress", "PRG"),
                ("On hold", "HLD"),
                ("Final", "fin"),
            ]
            .map(|(name, short)| AyonStatus {
                name: name.to_owned(),
                short_name: short.to_owned(),
                scope: Vec::new(),
            })
            .to_vec(),
            tags: vec!["important".to_owned()],
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
                    tags: Vec::new(),
                    instead_of_work: None,
                    values: Vec::new(),
                },
                rows: BTreeMap::new(),
                passages: BTreeMap::new(),
                retired: BTreeMap::new(),
                empty_versions: BTreeMap::new(),
                page_project: Some(PROJECT),
                schema: FlowSchema {
                    visible: types.clone(),
                    fields: BTreeMap::new(),
                    statuses: BTreeMap::new(),
                },
                missing_fields: BTreeSet::new(),
                script_role: None,
                people: Some(Arc::default()),
                groups: BTreeMap::new(),
                known_tags: BTreeSet::new(),
                other_holders: BTreeSet::new(),
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
                version: (1, 16, 0),
                ..AyonSnapshot::default()
            },
            rules: Rules {
                site: "demo-studio.example".to_owned(),
                ayon_url: "https://ayon.example".to_owned(),
                enabled: types,
                default_task_type: "Generic".to_owned(),
                anatomy_preset: None,
                parenting: Parenting::default(),
                placement: PlacementPolicy::default(),
                attributes: Vec::new(),
                options: SyncOptions::default(),
                policy: SyncPolicy::default(),
                foreign_script: None,
            },
            wanted: Wanted::WholeProject,
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
            status: None,
            tags: Vec::new(),
            assignees: Vec::new(),
            values: Vec::new(),
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
            status: "Not ready".into(),
            tags: Vec::new(),
            has_versions: false,
            attributes: Vec::new(),
        };
        self.content().folders.insert(id, folder);
        self.inherit();
        id
    }

    /// A row of the addon's attribute map.
    pub fn map(&mut self, attribute: MappedAttribute) {
        self.rules.attributes.push(attribute);
        self.inherit();
    }

    /// The folder or task that a row is linked with.
    pub fn folder_of(&mut self, row: FlowRef) -> &mut AyonFolder {
        let (kind, id) = (row.kind.to_string(), row.id.to_string());
        let linked = |folder: &&mut AyonFolder| {
            folder.shotgrid_id.as_ref() == Some(&id) && folder.shotgrid_type.as_ref() == Some(&kind)
        };
        self.content().folders.values_mut().find(linked).unwrap()
    }

    pub fn task_of(&mut self, id: i64) -> &mut AyonTask {
        let id = id.to_string();
        let linked = |task: &&mut AyonTask| task.shotgrid_id.as_ref() == Some(&id);
        self.content().tasks.values_mut().find(linked).unwrap()
    }

    /// Lets values flow down as the server does.
    pub fn inherit(&mut self) {
        let mapped = self.rules.attributes.clone();
        let Some(project) = self.ayon.project.as_mut() else {
            return;
        };
        project.attributes.resize(mapped.len(), Held::default());
        let own = |held: &mut Vec<Held>| held.resize(mapped.len(), Held::default());
        project
            .folders
            .values_mut()
            .for_each(|folder| own(&mut folder.attributes));
        project
            .tasks
            .values_mut()
            .for_each(|task| own(&mut task.attributes));
        let value_of = |folder: Option<AyonId>, index: usize| -> Value {
            let mut next = folder;
            while let Some(folder) = next.and_then(|id| project.folders.get(&id)) {
                if folder.attributes[index].own {
                    return folder.attributes[index].value.clone();
                }
                next = folder.parent;
            }
            project.attributes[index].value.clone()
        };
        let mut shown: Vec<(AyonId, usize, Value)> = Vec::new();
        for (index, attribute) in mapped.iter().enumerate() {
            let above = |parent| {
                if attribute.inherits {
                    value_of(parent, index)
                } else {
                    Value::Null
                }
            };
            for folder in project
                .folders
                .values()
                .filter(|folder| !folder.attributes[index].own)
            {
                shown.push((folder.id, index, above(folder.parent)));
            }
            for task in project.tasks.values().filter(|task| !task.attributes[index].own) {
                shown.push((task.id, index, above(Some(task.folder))));
            }
        }
        for (id, index, value) in shown {
            let folder = project.folders.get_mut(&id).map(|folder| &mut folder.attributes);
            let held = folder.or_else(|| project.tasks.get_mut(&id).map(|task| &mut task.attributes));
            held.unwrap()[index].value = value;
        }
    }

    pub(super) fn hold(mapped: &[MappedAttribute], held: &mut Vec<Held>, values: &Attributes) {
        held.resize(mapped.len(), Held::default());
        for (name, value) in values {
            let index = mapped
                .iter()
                .position(|attribute| attribute.ayon == *name)
                .unwrap();
            held[index] = Held {
                value: value.clone(),
                own: !value.is_null(),
            };
        }
    }

    pub fn plan(&self) -> Planned {
        plan(&Input {
            wanted: &self.wanted,
            flow: &self.flow,
            ayon: &self.ayon,
            rules: &self.rules,
        })
    }

    /// A plan that moves what AYON has.
    pub fn reparent(&self) -> Planned {
        reparent(&Input {
            wanted: &self.wanted,
            flow: &self.flow,
            ayon: &self.ayon,
            rules: &self.rules,
        })
    }

    /// Everything that re-parenting ticks, done; AYON has to accept every single step.
    pub fn reparented(self) -> Self {
        let planned = self.reparent();
        self.moved(planned, |operation| operation.ticked)
    }

    /// The moves of a plan that somebody wants, done; AYON has to accept every single step.
    pub fn moved(mut self, planned: Planned, wants: impl Fn(&Operation) -> bool) -> Self {
        for (operation, intent) in planned.plan.operations.iter().zip(planned.intents) {
            if wants(operation) {
                assert_eq!(intent.back, None, "Flow hears nothing of a move");
                self.write(intent.write);
                self.accepted(operation);
            }
        }
        self
    }

    /// What AYON never has: two active folders of a name in one place, or a folder inside itself.
    fn accepted(&self, operation: &Operation) {
        let folders = &self.ayon.project.as_ref().unwrap().folders;
        let mut spots = BTreeSet::new();
        for folder in folders.values().filter(|folder| folder.active) {
            let spot = (folder.parent, folder.name.to_lowercase());
            assert!(
                spots.insert(spot),
                "{} is there twice after {operation:?}",
                folder.name
            );
        }
        for folder in folders.keys() {
            let above = std::iter::successors(Some(*folder), |id| folders[id].parent);
            assert!(
                above.take(folders.len() + 1).count() <= folders.len(),
                "a circle after {operation:?}"
            );
        }
    }

    /// Everything that is ticked, done.
    pub fn applied(self) -> Self {
        self.applied_with(|operation| operation.ticked)
    }

    /// The operations that somebody wants, done.
    pub fn applied_with(self, wants: impl Fn(&Operation) -> bool) -> Self {
        let planned = self.plan();
        self.played(planned, wants)
    }

    /// The operations of a plan that somebody wants, done.
    pub fn played(mut self, planned: Planned, wants: impl Fn(&Operation) -> bool) -> Self {
        for (operation, intent) in planned.plan.operations.iter().zip(planned.intents) {
            if !wants(operation) {
                continue;
            }
            self.write(intent.write);
            self.inherit();
            for (field, value) in intent.back.iter().flat_map(|back| &back.values) {
                let row = intent.back.as_ref().unwrap().row;
                self.tell_flow(row, *field, value.clone());
            }
        }
        self
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

/// Everything that is ticked: the changes of a plan that are applied by default.
pub fn ticked(planned: &Planned) -> Vec<&Operation> {
    planned
        .plan
        .operations
        .iter()
        .filter(|operation| operation.ticked)
        .collect()
}

/// The codes of a plan's problems, in order; but for `parent-empty`, which every row at the root has.
pub fn codes(planned: &Planned) -> Vec<Code> {
    let codes = planned.plan.problems.iter().map(|problem| problem.code);
    codes.filter(|code| *code != Code::ParentEmpty).collect()
}

/// The paths that a plan would make, in the order of application.
pub fn created(planned: &Planned) -> Vec<String> {
    let path = |operation: &Operation| operation.ayon.as_ref().map(|ayon| ayon.path.clone());
    ticked(planned).into_iter().filter_map(path).collect()
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
