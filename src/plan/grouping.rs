//! Helper folders: AYON folders that no row stands for. Asset categories group Assets by `sg_asset_type`
//! (`ayon-shotgrid-behaviour.md §3.5`), the chain of a re-parenting preset holds rows of one type (§6.1).

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::model::AyonId;
use crate::problem::{AyonNamed, Code};

use super::anatomy::same_type;
use super::draft::{Tick, Wish};
use super::intent::{NewEntity, Write};
use super::naming::{entity_name_allowed, label_allowed};
use super::operation::{Kind, Node, On, OpId, Verdict};
use super::places::Obstacle;
use super::sync::{Planner, Target};
use super::tree::NodeKey;

/// One folder on the way from the project's root down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Helper {
    pub kind: String,
    pub name: String,
    pub role: Role,
}

/// What a helper folder is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Part of a preset's chain, matched by its literal type and name.
    Chain,
    /// An asset category, by Flow's own text; matched by its name in any case.
    Category(String),
}

/// The helper folders that planning met so far, by path.
#[derive(Default)]
pub(super) struct Helpers {
    known: HashMap<String, Result<Target, Obstacle>>,
    /// What would be made in each spot, by type and name: one folder for all that ask for the same.
    spots: HashMap<Spot, (String, String)>,
    /// Those that would be made, until something goes into them.
    wanted: BTreeMap<String, Wanted>,
    /// Where folders will be made: parent, and name in lower case.
    planned: HashSet<Spot>,
    /// Moves that leave these spots: what is made there needs them.
    after: HashMap<Spot, OpId>,
}

struct Wanted {
    helper: Helper,
    id: AyonId,
    parent: Target,
    label: Option<String>,
}

/// A spot that one folder of a name can have.
pub(super) type Spot = (Option<AyonId>, String);

impl Helpers {
    /// Whether a helper folder will be made here.
    pub fn plans(&self, spot: &Spot) -> bool {
        self.planned.contains(spot)
    }

    /// The spots of helper folders on this way that are not made yet, with what each is for.
    pub fn unmade(&self, chain: &[Helper]) -> Vec<(Spot, bool)> {
        let mut path = String::new();
        let mut spots = Vec::new();
        for helper in chain {
            path = path_of(&path, helper);
            if let Some(wanted) = self.wanted.get(&path) {
                let category = matches!(helper.role, Role::Category(_));
                spots.push(((wanted.parent.id, helper.name.to_lowercase()), category));
            }
        }
        spots
    }
}

impl Helpers {
    /// Whether another folder than this one would be made in a spot.
    fn is_wanted_otherwise(&self, spot: &Spot, helper: &Helper) -> bool {
        let other = |(kind, name): &(String, String)| !same_type(kind, &helper.kind) || *name != helper.name;
        self.spots.get(spot).is_some_and(other)
    }

    /// Says that a move leaves a spot, where a helper folder may be made then.
    pub fn after(&mut self, spot: Spot, leaves: OpId) {
        self.after.insert(spot, leaves);
    }

    /// The helper folders on this way that are not made yet: their ids, spots and paths.
    pub fn making(&self, chain: &[Helper]) -> Vec<(AyonId, (Spot, String))> {
        let mut path = String::new();
        let mut making = Vec::new();
        for helper in chain {
            path = path_of(&path, helper);
            if let Some(wanted) = self.wanted.get(&path) {
                let spot = (wanted.parent.id, helper.name.to_lowercase());
                making.push((wanted.id, (spot, path.clone())));
            }
        }
        making
    }
}

impl Planner<'_> {
    /// The last folder on the way, existing or to be made.
    pub(super) fn helper_target(&mut self, chain: &[Helper]) -> Result<Target, Obstacle> {
        let (mut path, mut way) = (String::new(), String::new());
        let mut target = self.root.clone();
        for helper in chain {
            path = path_of(&path, helper);
            // Types count, and a name may hold what parts a path.
            way = format!("{way}\0{}\0{}", helper.kind, helper.name);
            // Judged by each text: another spelling of the same category may be fine.
            if let Role::Category(text) = &helper.role
                && !label_allowed(&self.label_text(text))
                && self.folders.named(target.id, &helper.name).is_none()
                && !self.helpers.known.get(&way).is_some_and(Result::is_ok)
            {
                let message = format!("AYON does not accept ' or ; in the label {text:?}.");
                return Err(unusable(
                    Code::LabelNotAllowed,
                    message,
                    "Choose another asset type in Flow, or set sync.label_replacement.",
                ));
            }
            let found = match self.helpers.known.get(&way) {
                Some(known) => known.clone(),
                None => {
                    let found = self.helper_at(&target, helper, &path);
                    self.helpers.known.insert(way.clone(), found.clone());
                    found
                }
            };
            target = found?;
        }
        Ok(target)
    }

    fn helper_at(&mut self, parent: &Target, helper: &Helper, path: &str) -> Result<Target, Obstacle> {
        let site = &self.input.rules.site;
        let id = AyonId::derived(&[site, &self.draft.project, "folder", path]);
        let place = format!("{}/{}", parent.path, helper.name);
        let existing = self.folders.named(parent.id, &helper.name);
        let spot: Spot = (parent.id, helper.name.to_lowercase());
        match (existing, &helper.role) {
            (Some(folder), Role::Category(_)) if same_type(folder.kind, &helper.kind) => {}
            (Some(folder), Role::Chain)
                if folder.name == helper.name && folder.kind == self.types.spelling(&helper.kind) => {}
            (Some(folder), Role::Category(_)) => {
                return Err(unusable(
                    Code::CategoryTaken,
                    format!(
                        "The asset category {} cannot be made: AYON has a {} {place} there.",
                        helper.name, folder.kind
                    ),
                    "Choose another asset type in Flow, or rename the AYON folder.",
                ));
            }
            (Some(folder), Role::Chain) => {
                return Err(unusable(
                    Code::ChainTaken,
                    format!(
                        "The re-parenting preset wants a {} {place}, and AYON has the {} {}/{} there.",
                        helper.kind, folder.kind, parent.path, folder.name
                    ),
                    "Rename the AYON folder, or give the preset another folder name or type.",
                ));
            }
            (None, Role::Chain) if !entity_name_allowed(&helper.name) => {
                return Err(unusable(
                    Code::ChainTaken,
                    format!(
                        "The re-parenting preset names a folder {:?}, which AYON does not accept.",
                        helper.name
                    ),
                    "Correct the folder name in the addon's re-parenting settings: letters, digits, _ . and -.",
                ));
            }
            (None, Role::Chain) if helper.kind.trim().is_empty() => {
                return Err(unusable(
                    Code::ChainTaken,
                    format!("The re-parenting preset names no folder type for {place}."),
                    "Choose a folder type in the addon's re-parenting settings.",
                ));
            }
            (None, _) if self.helpers.is_wanted_otherwise(&spot, helper) => {
                return Err(unusable(
                    Code::ChainTaken,
                    format!(
                        "The {} {place} and another folder are wanted in one place by the re-parenting presets.",
                        helper.kind
                    ),
                    "Let the presets agree on the folder's name and type in the addon's settings.",
                ));
            }
            (None, role) if self.folders.get(id).is_some() => {
                let code = match role {
                    Role::Chain => Code::ChainTaken,
                    Role::Category(_) => Code::CategoryTaken,
                };
                return Err(unusable(
                    code,
                    format!("The folder {place} was moved, renamed or switched off in AYON."),
                    "Put the folder back in AYON, or choose another name.",
                ));
            }
            (None, role) => {
                let label = match role {
                    Role::Chain => None,
                    Role::Category(text) => Some(self.label_text(text)).filter(|label| *label != helper.name),
                };
                let made = (helper.kind.clone(), helper.name.clone());
                self.helpers.spots.insert(spot, made);
                self.helpers.wanted.insert(
                    path.to_owned(),
                    Wanted {
                        helper: helper.clone(),
                        id,
                        parent: parent.clone(),
                        label,
                    },
                );
                return Ok(Target {
                    id: Some(id),
                    path: place.into(),
                    operation: Some(self.draft.id_of(Kind::Create, On::Folder, path)),
                    key: key_of(path),
                    shows: parent.shows.clone(),
                });
            }
        }
        // Only what fits comes here.
        let folder = existing
            .ok_or_else(|| unusable(Code::CategoryTaken, format!("{place} is gone."), "Plan again."))?;
        let path = self.paths.get(&folder.id).cloned().unwrap_or(place).into();
        Ok(Target {
            id: Some(folder.id),
            path,
            operation: None,
            key: self.above(Some(folder.id)),
            shows: self.shown_by(Some(folder.id)),
        })
    }

    /// Plans the helper folders on this way that something goes into; nothing for what exists or is planned.
    pub(super) fn make_helpers(&mut self, chain: &[Helper]) {
        let mut path = String::new();
        for helper in chain {
            path = path_of(&path, helper);
            if let Some(wanted) = self.helpers.wanted.remove(&path) {
                self.helpers
                    .planned
                    .insert((wanted.parent.id, helper.name.to_lowercase()));
                self.plan_helper(wanted, &path);
            }
        }
    }

    fn plan_helper(&mut self, wanted: Wanted, path: &str) {
        let Wanted {
            helper,
            id,
            parent,
            label,
        } = wanted;
        let kind = self.types.folder(&mut self.draft, &helper.kind);
        let (why, trace, shotgrid_id, shotgrid_type) = match &helper.role {
            Role::Chain => (
                "The re-parenting preset wants this folder".to_owned(),
                "re-parenting preset".to_owned(),
                None,
                kind.name.clone(),
            ),
            Role::Category(text) => (
                format!("Assets of type {text} have no category folder yet"),
                format!("sg_asset_type {text}"),
                Some(helper.name.clone()),
                helper.kind.clone(),
            ),
        };
        let place = format!("{}/{}", parent.path, helper.name);
        let leaves = self.helpers.after.get(&(parent.id, helper.name.to_lowercase()));
        let leaves = leaves.cloned();
        let operation = self.draft.operation(Wish {
            kind: Kind::Create,
            on: On::Folder,
            target: path.to_owned(),
            flow: None,
            ayon: Some(AyonNamed {
                id: Some(id),
                kind: kind.name.clone(),
                name: helper.name.clone(),
                path: place.clone(),
                from: None,
            }),
            changes: super::entities::label_change(label.as_deref()),
            needs: kind
                .needs
                .into_iter()
                .chain(parent.operation)
                .chain(leaves)
                .collect(),
            because: [why].into(),
            tick: Tick::AsNeeded,
            write: Write::CreateFolder(NewEntity {
                id,
                parent: parent.id,
                name: helper.name.clone(),
                label: label.clone(),
                kind: kind.name.clone(),
                shotgrid_id,
                shotgrid_type,
                ..NewEntity::default()
            }),
            back: None,
        });
        let node = Node {
            on: On::Folder,
            depth: 0,
            kind: kind.name,
            name: helper.name,
            label,
            path: place,
            flow: None,
            verdict: Verdict::Create,
            selected: false,
            operation: Some(operation),
            offers: Vec::new(),
            trace: [trace].into(),
            placement: None,
            seat: None,
        };
        self.draft.node(key_of(path), Some(parent.key), node);
    }
}

/// The way so far and one folder more.
fn path_of(above: &str, helper: &Helper) -> String {
    format!("{above}/{}", helper.name)
}

fn key_of(path: &str) -> NodeKey {
    NodeKey::Helper(path.into())
}

fn unusable(code: Code, message: String, remedy: &'static str) -> Obstacle {
    Obstacle {
        code,
        message,
        remedy,
    }
}
