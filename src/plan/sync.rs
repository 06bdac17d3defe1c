//! The plan of a sync: folders top-down, then tasks, each below what it hangs on.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::model::{AyonId, FlowRef, FlowType};
use crate::problem::{Code, FlowNamed, Severity};

use super::anatomy::Types;
use super::categories::Categories;
use super::draft::{Draft, row_key};
use super::operation::{Node, On, OpId, Verdict};
use super::partner::{Identity, Partner, Partners};
use super::placement::ParentField;
use super::places::{Obstacle, Place, Placed, places};
use super::preflight::{Fit, Preflight, preflight};
use super::snapshot::{AyonProject, FlowRow, ParentValue};
use super::{Input, Planned};

/// A folder that something can hang on: it exists, or an operation makes it.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// `None` is the project's root.
    pub id: Option<AyonId>,
    pub path: String,
    /// What makes it, or its project.
    pub operation: Option<OpId>,
    /// Its node.
    pub key: String,
}

/// A row that AYON does not have yet, before its name is known to be free.
pub(super) struct Candidate<'a> {
    pub row: &'a FlowRow,
    pub id: AyonId,
    pub name: String,
    pub label: Option<String>,
    pub parent: Target,
    /// The asset category that the parent is, by name.
    pub category: Option<String>,
    pub trace: Vec<String>,
}

pub(super) struct Planner<'a> {
    pub input: &'a Input<'a>,
    pub draft: Draft,
    pub folders: Partners<'a>,
    pub tasks: Partners<'a>,
    pub types: Types,
    pub root: Target,
    pub paths: BTreeMap<AyonId, String>,
    /// Nodes of AYON folders that no looked-at row stands for.
    surroundings: BTreeMap<AyonId, String>,
    categories: Categories,
    selected: BTreeSet<FlowRef>,
    /// Folders by row; `None` where the row is blocked.
    states: BTreeMap<FlowRef, Option<Target>>,
    /// How many rows hold the same stored id: a copied row carries its original's. Counted when it is asked for.
    holders: OnceCell<HashMap<AyonId, usize>>,
}

/// Plans a sync. Pure: the same input gives the same plan, whatever the order of rows was.
pub fn plan(input: &Input<'_>) -> Planned {
    let selected: BTreeSet<FlowRef> = if input.selection.is_project() {
        BTreeSet::new()
    } else {
        input.selection.rows().collect()
    };
    let Preflight {
        mut draft,
        planned,
        fit,
    } = preflight(input);
    let Some(Fit { creates_project }) = fit else {
        all_blocked(input, &mut draft, &selected);
        return draft.finish(vec![planned]);
    };
    let project = &input.flow.project;
    let nothing = AyonProject::default();
    let ayon = match &creates_project {
        None => input.ayon.project.as_ref().unwrap_or(&nothing),
        Some(_) => &nothing,
    };
    let anatomy = match &creates_project {
        None => Some(&ayon.anatomy),
        Some(_) => input.ayon.new_anatomy.as_ref(),
    };
    let project_key = row_key(FlowRef {
        kind: FlowType::Project,
        id: project.id,
    });
    let mut planner = Planner {
        input,
        draft,
        folders: Partners::new(ayon.folders.values().map(Partner::from)),
        tasks: Partners::new(ayon.tasks.values().map(Partner::from)),
        types: Types::new(anatomy.cloned().unwrap_or_default(), creates_project.clone()),
        root: Target {
            id: None,
            path: String::new(),
            operation: creates_project,
            key: project_key,
        },
        paths: paths(ayon),
        surroundings: BTreeMap::new(),
        categories: Categories::default(),
        selected,
        states: BTreeMap::new(),
        holders: OnceCell::new(),
    };
    planner.missing();
    let places = places(input, project);
    planner.rows(&places);
    planner.draft.finish(vec![planned])
}

/// Ids that several rows hold belong to none of them.
fn holders(input: &Input<'_>) -> HashMap<AyonId, usize> {
    let mut holders = HashMap::new();
    for id in input.flow.rows.values().filter_map(stored) {
        *holders.entry(id).or_insert(0) += 1;
    }
    holders
}

fn stored(row: &FlowRow) -> Option<AyonId> {
    row.ayon_id.as_deref().and_then(|text| text.parse().ok())
}

/// The path of every AYON folder, from the root down.
fn paths(project: &AyonProject) -> BTreeMap<AyonId, String> {
    let mut paths: BTreeMap<AyonId, String> = BTreeMap::new();
    for id in project.folders.keys() {
        let mut chain = Vec::new();
        let mut next = Some(*id);
        let mut above = String::new();
        while let Some(id) = next.filter(|_| chain.len() <= project.folders.len()) {
            if let Some(path) = paths.get(&id) {
                above.clone_from(path);
                break;
            }
            chain.push(id);
            next = project.folders.get(&id).and_then(|folder| folder.parent);
        }
        for id in chain.into_iter().rev() {
            if let Some(folder) = project.folders.get(&id) {
                above = format!("{above}/{}", folder.name);
                paths.insert(id, above.clone());
            }
        }
    }
    paths
}

/// Nothing of the project can be planned: every selected row says so.
fn all_blocked(input: &Input<'_>, draft: &mut Draft, selected: &BTreeSet<FlowRef>) {
    if input.selection.is_project() {
        let project = &input.flow.project;
        let key = FlowRef {
            kind: FlowType::Project,
            id: project.id,
        };
        let node = Node {
            on: On::Project,
            ..blocked_node(key, &project.name, "", true, Vec::new())
        };
        draft.node(row_key(key), None, node);
    }
    for key in selected {
        let row = input.flow.rows.get(key);
        let name = row
            .and_then(|row| row.name.clone())
            .unwrap_or_else(|| format!("#{}", key.id));
        draft.problem(
            Severity::Blocked,
            Code::ParentBlocked,
            Some(FlowNamed {
                key: *key,
                name: name.clone(),
            }),
            None,
            "Its project cannot be synced.".to_owned(),
            "Mend what is said of the project; this row follows.",
        );
        draft.node(
            row_key(*key),
            None,
            blocked_node(*key, &name, "", true, Vec::new()),
        );
    }
}

fn blocked_node(key: FlowRef, name: &str, above: &str, selected: bool, trace: Vec<String>) -> Node {
    Node {
        on: if key.kind == FlowType::Task {
            On::Task
        } else {
            On::Folder
        },
        depth: 0,
        kind: key.kind.as_str().to_owned(),
        name: name.to_owned(),
        label: None,
        path: format!("{above}/{name}"),
        flow: Some(key),
        verdict: Verdict::Blocked,
        selected,
        operation: None,
        offers: Vec::new(),
        trace,
    }
}

impl<'a> Planner<'a> {
    /// Selected rows that Flow did not show.
    fn missing(&mut self) {
        for key in self.selected.clone() {
            if !self.input.flow.rows.contains_key(&key) {
                let name = format!("#{}", key.id);
                self.draft.problem(
                    Severity::Blocked,
                    Code::NotInFlow,
                    Some(FlowNamed {
                        key,
                        name: name.clone(),
                    }),
                    None,
                    format!(
                        "Flow does not show {key} to amigo: it is in the trash, gone, or not for the script."
                    ),
                    "Restore the row from Flow's trash, or let the script see its project.",
                );
                let root = self.root.key.clone();
                self.draft.node(
                    row_key(key),
                    Some(root),
                    blocked_node(key, &name, "", true, Vec::new()),
                );
            }
        }
    }

    /// All rows, level by level: what hangs on something comes after it.
    fn rows(&mut self, places: &BTreeMap<FlowRef, Placed>) {
        let mut order: Vec<(bool, usize, FlowRef)> = places
            .iter()
            .map(|(key, placed)| (key.kind == FlowType::Task, placed.depth, *key))
            .collect();
        order.sort_unstable();
        for level in order.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let mut candidates = Vec::new();
            for (_, _, key) in level {
                if let (Some(row), Some(placed)) = (self.input.flow.rows.get(key), places.get(key)) {
                    candidates.extend(self.row(row, placed));
                }
            }
            self.settle(candidates);
        }
    }

    /// Decides one row; a row that has to be made is given back, because its name may still clash.
    fn row(&mut self, row: &'a FlowRow, placed: &Placed) -> Option<Candidate<'a>> {
        if let Place::Nowhere(obstacle) = &placed.place {
            let whose = matches!(
                obstacle.code,
                Code::OtherProject | Code::TypeNotEnabled | Code::TypeHidden
            );
            if whose {
                self.block(row, obstacle, None, &placed.trace);
                return None;
            }
        }
        let derived = || {
            AyonId::derived(&[
                &self.input.rules.site,
                &self.draft.project,
                row.key.kind.as_str(),
                &row.key.id.to_string(),
            ])
        };
        let id = stored(row);
        let task = row.key.kind == FlowType::Task;
        let (partners, others) = if task {
            (&self.tasks, &self.folders)
        } else {
            (&self.folders, &self.tasks)
        };
        let sole = |id: AyonId| {
            let holders = self.holders.get_or_init(|| holders(self.input));
            holders.get(&id) == Some(&1)
        };
        let free = |id: AyonId| others.get(id).is_none() && partners.get(id).is_none();
        match partners.of(row.key, id, sole, free, derived) {
            Identity::Linked(partner) => {
                let target = self.linked(row, partner, placed);
                self.states.insert(row.key, Some(target));
                None
            }
            Identity::Unclear { code, message } => {
                let remedy = match code {
                    Code::AyonInactive => "Switch it on again in AYON, or retire the row in Flow.",
                    Code::IdOfOther => "Clear sg_ayon_id of this row in Flow if it is a copy.",
                    _ => "Make sg_ayon_id in Flow and shotgridId in AYON name each other.",
                };
                self.block(
                    row,
                    &Obstacle {
                        code,
                        message,
                        remedy,
                    },
                    None,
                    &placed.trace,
                );
                None
            }
            Identity::New(id) => self.candidate(row, id, placed),
        }
    }

    fn candidate(&mut self, row: &'a FlowRow, id: AyonId, placed: &Placed) -> Option<Candidate<'a>> {
        let mut trace = placed.trace.clone();
        let parent = match &placed.place {
            Place::Nowhere(obstacle) => {
                self.block(row, obstacle, None, &trace);
                return None;
            }
            Place::Root => Some(self.root.clone()),
            // Looked for when everything else is right: a category without Assets is not made.
            Place::Category(_) => None,
            Place::Row(key) => match self.target_of(*key) {
                Some(target) => Some(target),
                None => {
                    let obstacle = Obstacle {
                        code: Code::ParentBlocked,
                        message: format!("The {} above it cannot be synced.", key.kind),
                        remedy: "Mend what is said of the row above; this one follows.",
                    };
                    self.block(row, &obstacle, Some(row_key(*key)), &trace);
                    return None;
                }
            },
        };
        let above = parent.as_ref().map(|target| target.key.clone());
        let (name, label) = match self.reparented(row).map_or_else(|| self.name(row), Err) {
            Ok(names) => names,
            Err(obstacle) => {
                self.block(row, &obstacle, above, &trace);
                return None;
            }
        };
        let mut category = None;
        let parent = match (parent, &placed.place) {
            (None, Place::Category(text)) => match self.category(text) {
                Ok((target, name)) => {
                    trace.push(format!("asset category {}", target.path));
                    category = Some(name);
                    target
                }
                Err(obstacle) => {
                    self.block(row, &obstacle, None, &trace);
                    return None;
                }
            },
            (parent, _) => parent.unwrap_or_else(|| self.root.clone()),
        };
        self.rootless(row, &placed.place);
        Some(Candidate {
            row,
            id,
            name,
            label,
            parent,
            category,
            trace,
        })
    }

    /// Tells of a row that goes to the project's root although tracking settings name a parent field.
    fn rootless(&mut self, row: &FlowRow, place: &Place) {
        let field = ParentField::of(row.key.kind, &self.input.flow.project.chains);
        let (Place::Root, Some(field)) = (place, field.name()) else {
            return;
        };
        let (code, message, remedy) = match row.parent {
            ParentValue::Empty => (
                Code::ParentEmpty,
                format!("Its field {field} is empty, so it goes to the project's root."),
                "Fill the field in Flow first if it belongs below something.",
            ),
            ParentValue::Many => (
                Code::ParentMany,
                format!("Its field {field} can hold several rows, so it goes to the project's root."),
                "Choose a field that holds one row in Flow's tracking settings.",
            ),
            ParentValue::Row { .. } | ParentValue::Text(_) => return,
        };
        let flow = Some(self.named(row));
        self.draft
            .problem(Severity::Info, code, flow, None, message, remedy);
    }

    /// Why rows of this type are left to the addon.
    fn reparented(&self, row: &FlowRow) -> Option<Obstacle> {
        self.input
            .rules
            .reparented
            .contains(&row.key.kind)
            .then(|| Obstacle {
                code: Code::ReparentRules,
                message: format!(
                    "The addon's settings re-parent {}, and this amigo does not place by those rules yet.",
                    row.key.kind.plural()
                ),
                remedy: "Let the addon create these rows, or switch the re-parenting rule off.",
            })
    }

    /// The folder of an asset category, existing or to be made.
    fn category(&mut self, text: &str) -> Result<(Target, String), Obstacle> {
        let mut categories = std::mem::take(&mut self.categories);
        let target = categories.target(self, text);
        self.categories = categories;
        target
    }

    /// Makes a category that an Asset is going into, once.
    fn make_category(&mut self, name: &str) {
        let mut categories = std::mem::take(&mut self.categories);
        categories.make(self, name);
        self.categories = categories;
    }

    /// Makes what has a name of its own, and blocks what has not.
    fn settle(&mut self, candidates: Vec<Candidate<'a>>) {
        let mut wanted: BTreeMap<(Option<AyonId>, String), usize> = BTreeMap::new();
        let spot = |candidate: &Candidate<'_>| (candidate.parent.id, candidate.name.to_lowercase());
        for candidate in &candidates {
            *wanted.entry(spot(candidate)).or_insert(0) += 1;
        }
        // Categories that an Asset with a name of its own goes into.
        let categories: BTreeSet<String> = candidates
            .iter()
            .filter(|candidate| wanted.get(&spot(candidate)) == Some(&1))
            .filter_map(|candidate| candidate.category.clone())
            .collect();
        for candidate in candidates {
            let task = candidate.row.key.kind == FlowType::Task;
            let partners = if task { &self.tasks } else { &self.folders };
            let spot = spot(&candidate);
            let category = !task
                && candidate.parent.id.is_none()
                && (categories.contains(&spot.1) || self.categories.plans(&spot.1));
            let path = format!("{}/{}", candidate.parent.path, candidate.name);
            let obstacle = if let Some(taken) = partners.named(candidate.parent.id, &candidate.name) {
                Some(Obstacle {
                    code: Code::NameTaken,
                    message: match taken.link {
                        Some((kind, id)) => format!("AYON has {path} already, linked with {kind} {id}."),
                        None => format!("AYON has {path} already, and it is not linked with Flow."),
                    },
                    remedy: "Rename one of the two, or write the AYON id into sg_ayon_id of the Flow row.",
                })
            } else if category || wanted.get(&spot).is_some_and(|count| *count > 1) {
                Some(Obstacle {
                    code: Code::NameClash,
                    message: format!("Several Flow rows would become {path} in AYON."),
                    remedy: "Give them names in Flow that differ in letters or digits.",
                })
            } else {
                None
            };
            match obstacle {
                Some(obstacle) => {
                    self.block(
                        candidate.row,
                        &obstacle,
                        Some(candidate.parent.key),
                        &candidate.trace,
                    );
                }
                None => {
                    let row = candidate.row.key;
                    if let Some(category) = &candidate.category {
                        self.make_category(category);
                    }
                    let target = self.create(candidate);
                    self.states.insert(row, Some(target));
                }
            }
        }
    }

    /// Leaves a row out. What hangs on it follows without a problem of its own unless it was selected.
    fn block(&mut self, row: &FlowRow, obstacle: &Obstacle, above: Option<String>, trace: &[String]) {
        let selected = self.selected.contains(&row.key);
        if obstacle.code != Code::ParentBlocked || selected {
            let named = self.named(row);
            self.draft.problem(
                Severity::Blocked,
                obstacle.code,
                Some(named),
                None,
                obstacle.message.clone(),
                obstacle.remedy,
            );
        }
        let above = above.unwrap_or_else(|| self.root.key.clone());
        let node = blocked_node(row.key, &self.named(row).name, "", selected, trace.to_vec());
        self.draft.node(
            row_key(row.key),
            Some(above),
            Node {
                path: String::new(),
                ..node
            },
        );
        self.states.insert(row.key, None);
    }

    pub fn named(&self, row: &FlowRow) -> FlowNamed {
        let name = row.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        FlowNamed {
            key: row.key,
            name: name.map_or_else(|| format!("#{}", row.key.id), str::to_owned),
        }
    }

    /// The node of an AYON folder that something sits in: the row's it is linked with, or one that only shows
    /// where that something is.
    pub fn above(&mut self, folder: Option<AyonId>) -> String {
        let mut chain = Vec::new();
        let mut next = folder;
        let mut above = self.root.key.clone();
        while let Some(partner) = next.and_then(|id| self.folders.get(id)) {
            let row = self.row_of(&partner).map(row_key);
            if let Some(key) = row.or_else(|| self.surroundings.get(&partner.id).cloned()) {
                above = key;
                break;
            }
            if chain.len() > self.paths.len() {
                break;
            }
            chain.push(partner);
            next = partner.parent;
        }
        for partner in chain.into_iter().rev() {
            let key = format!("ayon:{}", partner.id);
            let node = Node {
                on: On::Folder,
                depth: 0,
                kind: partner.kind.to_owned(),
                name: partner.name.to_owned(),
                label: partner.label.map(str::to_owned),
                path: self.paths.get(&partner.id).cloned().unwrap_or_default(),
                flow: None,
                verdict: Verdict::Unchanged,
                selected: false,
                operation: None,
                offers: Vec::new(),
                trace: vec!["in AYON already".to_owned()],
            };
            self.draft.node(key.clone(), Some(above), node);
            self.surroundings.insert(partner.id, key.clone());
            above = key;
        }
        above
    }

    /// The looked-at row that an AYON folder is linked with.
    fn row_of(&self, partner: &Partner<'_>) -> Option<FlowRef> {
        let (kind, id) = partner.link?;
        let key = FlowRef::new(kind.parse().ok()?, id.parse().ok()?);
        self.input.flow.rows.contains_key(&key).then_some(key)
    }

    /// Where a row is or would be; nothing when it is blocked.
    pub fn target_of(&self, row: FlowRef) -> Option<Target> {
        self.states.get(&row).cloned().flatten()
    }

    pub fn is_selected(&self, row: &FlowRow) -> bool {
        self.selected.contains(&row.key)
    }
}
