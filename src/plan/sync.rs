//! The plan of a sync: folders top-down, then tasks, each below what it hangs on.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use crate::model::{AyonId, FlowRef, FlowType};
use crate::problem::{Code, FlowNamed, Severity};

use super::anatomy::Types;
use super::attributes::Effective;
use super::carried::Unassigned;
use super::draft::Draft;
use super::entities::on;
use super::grouping::Helpers;
use super::offers::{Differing, Offered};
use super::operation::{Node, On, OpId, Verdict};
use super::partner::{Identity, Partner, Partners};
use super::parts::{self, Parts};
use super::people::People;
use super::places::{Obstacle, Place, Placed, places};
use super::preflight::{Fit, Preflight, preflight};
use super::settle::Candidate;
use super::snapshot::{Anatomy, AyonProject, FlowRow, Wanted};
use super::statuses::Statuses;
use super::tree::NodeKey;
use super::{Input, Planned};

/// A folder that something can hang on: it exists, or an operation makes it.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// `None` is the project's root.
    pub id: Option<AyonId>,
    pub path: Rc<str>,
    /// What makes it, or its project.
    pub operation: Option<OpId>,
    /// Its node.
    pub key: NodeKey,
    /// The attributes that it shows once the plan is applied.
    pub shows: Effective,
}

pub(super) struct Planner<'a> {
    pub input: &'a Input<'a>,
    pub draft: Draft,
    pub folders: Partners<'a>,
    pub tasks: Partners<'a>,
    pub types: Types,
    pub statuses: Statuses,
    /// `None` when Flow's people could not be read.
    pub people: Option<People<'a>>,
    pub unassigned: Unassigned,
    pub root: Target,
    pub paths: BTreeMap<AyonId, String>,
    /// What looked-at folders show once the plan is applied, where attributes are mapped at all.
    pub shows: HashMap<AyonId, Effective>,
    /// The parents of folders that will be made.
    pub planned_parents: HashMap<AyonId, Option<AyonId>>,
    /// Nodes of AYON folders that no looked-at row stands for.
    pub(super) surroundings: BTreeSet<AyonId>,
    pub(super) helpers: Helpers,
    pub(super) selected: BTreeSet<FlowRef>,
    /// Folders by row; `None` where the row is blocked.
    pub(super) states: HashMap<FlowRef, Option<Target>>,
    /// Rows of which more than what is planned so far may have to be said.
    pub(super) differing: Vec<Differing<'a>>,
    pub(super) offered: Offered,
    /// How many rows, folders and Tasks, hold the same stored id: a copied row carries its original's. Counted when
    /// it is asked for.
    holders: OnceCell<HashMap<AyonId, (usize, usize)>>,
    /// Which row amigo would make an entity of this id for; also made when it is asked for.
    owners: OnceCell<HashMap<AyonId, FlowRef>>,
}

/// Plans a sync of one project. Pure: the same input gives the same plan, whatever the order of rows was.
pub fn plan(input: &Input<'_>) -> Planned {
    planned(input).0
}

/// What a plan of this input would rest on that was not read; nothing where the whole project was.
pub fn unread(input: &Input<'_>) -> Parts {
    planned(input).1
}

fn planned(input: &Input<'_>) -> (Planned, Parts) {
    let Preflight {
        mut draft,
        planned,
        fit,
    } = preflight(input);
    let Some(Fit {
        creates_project,
        shows,
    }) = fit
    else {
        let name = |row| {
            let row: Option<&FlowRow> = input.flow.rows.get(&row);
            row.and_then(|row| row.name.clone())
        };
        let project = super::preflight::named(&input.flow.project);
        all_blocked(&mut draft, &project, input.wanted, name);
        return (draft.finish(vec![planned]), Parts::default());
    };
    let nothing = AyonProject::default();
    let ayon = match &creates_project {
        None => input.ayon.project.as_ref().unwrap_or(&nothing),
        Some(_) => &nothing,
    };
    let anatomy = match &creates_project {
        None => ayon.anatomy.clone(),
        Some(_) => input.ayon.new_anatomy.clone().unwrap_or_default(),
    };
    let mut planner = Planner::new(input, draft, ayon, creates_project, (anatomy, shows));
    planner.missing();
    planner.away_from_home();
    planner.project_tags();
    let places = places(input, &input.flow.project);
    planner.rows(&places);
    planner.offers(&places);
    planner.retired();
    planner.tell_unassigned();
    let unread = planner.unread(ayon);
    (planner.draft.finish(vec![planned]), unread)
}

/// Ids that several rows hold belong to none of them.
fn holders(input: &Input<'_>) -> HashMap<AyonId, (usize, usize)> {
    let mut holders: HashMap<AyonId, (usize, usize)> = HashMap::new();
    let looked_at = input.flow.rows.values();
    let looked_at = looked_at.filter_map(|row| Some((stored(row)?, row.key)));
    for (id, row) in looked_at.chain(input.flow.other_holders.iter().copied()) {
        let (folders, tasks) = holders.entry(id).or_default();
        match row.kind {
            FlowType::Task => *tasks += 1,
            _ => *folders += 1,
        }
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
pub(super) fn all_blocked(
    draft: &mut Draft,
    project: &FlowNamed,
    wanted: &Wanted,
    name_of: impl Fn(FlowRef) -> Option<String>,
) {
    let selected = match wanted {
        Wanted::WholeProject => {
            let node = Node {
                on: On::Project,
                ..blocked_node(project.key, &project.name, true, &[])
            };
            draft.node(NodeKey::Row(project.key), None, node);
            return;
        }
        Wanted::Rows(rows) => rows,
    };
    for key in selected {
        let name = name_of(*key).unwrap_or_else(|| format!("#{}", key.id));
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
        draft.node(NodeKey::Row(*key), None, blocked_node(*key, &name, true, &[]));
    }
}

/// Rows of another project or of a type that is not synced are left alone, whatever AYON has.
pub(super) fn is_not_ours(placed: &Placed) -> bool {
    matches!(&placed.place, Place::Nowhere(obstacle)
        if matches!(obstacle.code, Code::OtherProject | Code::TypeNotEnabled | Code::TypeHidden))
}

/// A row that is left out; it has no place.
fn blocked_node(key: FlowRef, name: &str, selected: bool, trace: &[String]) -> Node {
    Node {
        on: on(key),
        depth: 0,
        kind: key.kind.as_str().to_owned(),
        name: name.to_owned(),
        label: None,
        path: String::new(),
        flow: Some(key),
        verdict: Verdict::Blocked,
        selected,
        operation: None,
        offers: Vec::new(),
        trace: trace.into(),
        placement: None,
        seat: None,
    }
}

impl<'a> Planner<'a> {
    /// Begins a plan in an AYON project: with what it holds, what makes it where that is planned, the anatomy that it
    /// has or begins with, and what it shows.
    pub(super) fn new(
        input: &'a Input<'a>,
        draft: Draft,
        ayon: &'a AyonProject,
        creates_project: Option<OpId>,
        (anatomy, shows): (Anatomy, Effective),
    ) -> Self {
        Self {
            input,
            draft,
            folders: Partners::new(ayon.folders.values().map(Partner::from), ayon.read.is_some()),
            tasks: Partners::new(ayon.tasks.values().map(Partner::from), ayon.read.is_some()),
            statuses: Statuses::new(anatomy.statuses.clone(), creates_project.clone()),
            types: Types::new(anatomy, creates_project.clone()),
            people: People::of(input.flow, input.ayon),
            unassigned: Unassigned::default(),
            root: Target {
                id: None,
                path: "".into(),
                operation: creates_project,
                key: NodeKey::Row(FlowRef {
                    kind: FlowType::Project,
                    id: input.flow.project.id,
                }),
                shows,
            },
            paths: paths(ayon),
            shows: HashMap::new(),
            planned_parents: HashMap::new(),
            surroundings: BTreeSet::new(),
            helpers: Helpers::default(),
            selected: match input.wanted {
                Wanted::WholeProject => BTreeSet::new(),
                Wanted::Rows(rows) => rows.clone(),
            },
            states: HashMap::new(),
            differing: Vec::new(),
            offered: Offered::default(),
            holders: OnceCell::new(),
            owners: OnceCell::new(),
        }
    }

    /// What was looked for beyond what was read of the project.
    fn unread(&self, ayon: &AyonProject) -> Parts {
        let exists = |id: AyonId| ayon.folders.contains_key(&id);
        let unread = |known| {
            let (folders, tasks) = (self.folders.looked_for(), self.tasks.looked_for());
            parts::unread(known, folders, tasks, exists)
        };
        ayon.read.as_ref().map(unread).unwrap_or_default()
    }

    /// Selected rows that Flow did not show. What is in its trash is looked at when everything else is planned.
    pub(super) fn missing(&mut self) {
        for key in self.selected.clone() {
            let flow = self.input.flow;
            if let Some(name) = flow.empty_versions.get(&key) {
                self.lost(
                    key,
                    name.clone(),
                    Code::VersionWithoutEntity,
                    "The Version belongs to no Shot, Asset, Task or other row that is synced.".to_owned(),
                    "Link the Version to what it is a version of in Flow.",
                );
            } else if !flow.rows.contains_key(&key) && !flow.retired.contains_key(&key) {
                let message = format!(
                    "Flow does not show {key} to amigo: it is gone for good, or not for the script to see."
                );
                self.lost(
                    key,
                    format!("#{}", key.id),
                    Code::NotInFlow,
                    message,
                    "Let the script see the row's project in Flow, or leave the row out.",
                );
            }
        }
    }

    /// Rows are planned in their own project, whatever page they were selected on: a shared Asset shows in others.
    pub(super) fn away_from_home(&mut self) {
        let flow = self.input.flow;
        let elsewhere = flow.page_project.is_some_and(|page| page != flow.project.id);
        let count = self
            .selected
            .iter()
            .filter(|key| flow.rows.contains_key(key))
            .count();
        if elsewhere && count > 0 {
            let rows = if count == 1 {
                "1 selected row is".to_owned()
            } else {
                format!("{count} selected rows are")
            };
            self.draft.problem(
                Severity::Info,
                Code::HomeProject,
                None,
                None,
                format!("{rows} at home in {}, and planned there.", flow.project.name),
                "Nothing; a shared Asset belongs to its home project.",
            );
        }
    }

    /// A selected row that there is nothing to plan for.
    pub(super) fn lost(&mut self, key: FlowRef, name: String, code: Code, message: String, remedy: &str) {
        let node = blocked_node(key, &name, true, &[]);
        let flow = Some(FlowNamed { key, name });
        self.draft
            .problem(Severity::Blocked, code, flow, None, message, remedy);
        let root = self.root.key.clone();
        self.draft.node(NodeKey::Row(key), Some(root), node);
    }

    /// Tags of the Flow Project are tags that people can choose in AYON.
    fn project_tags(&mut self) {
        if self.input.rules.options.tags && *self.input.wanted == Wanted::WholeProject {
            for tag in &self.input.flow.project.tags {
                let name = super::naming::clean(tag);
                if !name.is_empty() {
                    self.types.tag(&mut self.draft, &name);
                }
            }
        }
    }

    /// All rows, level by level: what hangs on something comes after it.
    fn rows(&mut self, places: &BTreeMap<FlowRef, Placed>) {
        self.claims(places);
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

    /// Who is who, before names are given away: what is switched on again takes its name back, and what a row
    /// holds by its id is no other row's twin.
    fn claims(&mut self, places: &BTreeMap<FlowRef, Placed>) {
        if !self.folders.may_be_claimed() && !self.tasks.may_be_claimed() {
            return;
        }
        for (key, row) in &self.input.flow.rows {
            if places.get(key).is_none_or(is_not_ours) {
                continue;
            }
            if let Identity::Linked(partner) = self.identity(row) {
                match key.kind {
                    FlowType::Task => self.tasks.claim(partner),
                    _ => self.folders.claim(partner),
                }
            }
        }
    }

    /// Decides one row; a row that has to be made is given back, because its name may still clash.
    fn row(&mut self, row: &'a FlowRow, placed: &Placed) -> Option<Candidate<'a>> {
        if let Place::Nowhere(obstacle) = &placed.place
            && is_not_ours(placed)
        {
            self.block(row, obstacle, None, &placed.trace);
            return None;
        }
        match self.identity(row) {
            Identity::Linked(partner) => {
                self.known(row, partner, placed);
                None
            }
            Identity::Copied { id, of, whose } => {
                let flow = Some(self.named(row));
                let message = format!(
                    "Its sg_ayon_id is that of {} in AYON, which {whose}: the row looks like a copy, so it gets an AYON id of its own.",
                    of.name
                );
                self.draft.problem(
                    Severity::Warning,
                    Code::IdOfOther,
                    flow,
                    None,
                    message,
                    "Nothing if it is a copy. Otherwise correct shotgridId in AYON first.",
                );
                self.candidate(row, id, placed)
            }
            Identity::Unclear { code, message } => {
                let remedy = match code {
                    Code::IdOfOther => "Clear sg_ayon_id of this row in Flow if it is a copy.",
                    _ => "Make sg_ayon_id in Flow and shotgridId in AYON name each other.",
                };
                let obstacle = Obstacle {
                    code,
                    message,
                    remedy,
                };
                self.block(row, &obstacle, None, &placed.trace);
                None
            }
            Identity::New(id) => self.candidate(row, id, placed),
        }
    }

    pub(super) fn identity(&self, row: &FlowRow) -> Identity<'a> {
        let task = row.key.kind == FlowType::Task;
        let (partners, others) = if task {
            (&self.tasks, &self.folders)
        } else {
            (&self.folders, &self.tasks)
        };
        // What AYON has is wanted by rows of its own kind only: a Task cannot be a folder.
        let sole = |id: AyonId| {
            let holders = self.holders.get_or_init(|| holders(self.input));
            let (folders, tasks) = holders.get(&id).copied().unwrap_or_default();
            match (partners.get(id), task) {
                (None, _) => folders + tasks == 1,
                (Some(_), true) => tasks == 1,
                (Some(_), false) => folders == 1,
            }
        };
        let free = |id: AyonId| others.get(id).is_none() && partners.get(id).is_none();
        let owner = |id: AyonId| {
            let owners = self.owners.get_or_init(|| {
                let rows = self.input.flow.rows.keys();
                rows.map(|row| (self.derived(*row), *row)).collect()
            });
            owners.get(&id).copied()
        };
        partners.of(row.key, stored(row), sole, owner, free, || self.derived(row.key))
    }

    /// The id that amigo gives to what it makes for a row.
    fn derived(&self, row: FlowRef) -> AyonId {
        AyonId::derived(&[
            &self.input.rules.site,
            &self.draft.project,
            row.kind.as_str(),
            &row.id.to_string(),
        ])
    }

    /// Plans a row that AYON has; switched off there, it is switched on again if its name is still free.
    pub(super) fn known(&mut self, row: &'a FlowRow, partner: Partner<'a>, placed: &Placed) {
        let taken = match partner.active {
            true => None,
            false => self
                .partners(row.key.kind)
                .named(partner.parent, partner.name)
                .filter(|other| other.id != partner.id),
        };
        if let Some(taken) = taken {
            let obstacle = Obstacle {
                code: Code::AyonInactive,
                message: format!(
                    "It is linked with {}, which is switched off in AYON, and another {} has its name there now.",
                    partner.name, taken.kind
                ),
                remedy: "Rename one of the two in AYON, or retire the row in Flow.",
            };
            self.block(row, &obstacle, None, &placed.trace);
            return;
        }
        let target = self.linked(row, partner, placed);
        self.states.insert(row.key, Some(target));
    }

    /// Tells of a row that goes to the project's root although tracking settings name a parent field.
    pub(super) fn rootless(&mut self, row: &FlowRow, place: &Place) {
        let field = super::placement::ParentField::of(row.key.kind, &self.input.flow.project.chains);
        let (Place::Root, Some(field)) = (place, field.name()) else {
            return;
        };
        let (code, message, remedy) = match row.parent {
            super::snapshot::ParentValue::Empty => (
                Code::ParentEmpty,
                format!("Its field {field} is empty, so it goes to the project's root."),
                "Fill the field in Flow first if it belongs below something.",
            ),
            super::snapshot::ParentValue::Many => (
                Code::ParentMany,
                format!("Its field {field} can hold several rows, so it goes to the project's root."),
                "Choose a field that holds one row in Flow's tracking settings.",
            ),
            super::snapshot::ParentValue::Row { .. } | super::snapshot::ParentValue::Text(_) => return,
        };
        let flow = Some(self.named(row));
        self.draft
            .problem(Severity::Info, code, flow, None, message, remedy);
    }

    /// Leaves a row out. What hangs on it follows without a problem of its own unless it was selected.
    pub(super) fn block(
        &mut self,
        row: &FlowRow,
        obstacle: &Obstacle,
        above: Option<NodeKey>,
        trace: &[String],
    ) {
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
        let node = blocked_node(row.key, &self.named(row).name, selected, trace);
        self.draft.node(NodeKey::Row(row.key), Some(above), node);
        self.states.insert(row.key, None);
    }

    pub fn named(&self, row: &FlowRow) -> FlowNamed {
        let name = row.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        FlowNamed {
            key: row.key,
            name: name.map_or_else(|| format!("#{}", row.key.id), str::to_owned),
        }
    }

    /// The AYON entities that a row of this type may be.
    pub fn partners(&self, kind: FlowType) -> &Partners<'a> {
        match kind {
            FlowType::Task => &self.tasks,
            _ => &self.folders,
        }
    }

    /// Where a row is or would be; nothing when it is blocked.
    pub fn target_of(&self, row: FlowRef) -> Option<Target> {
        self.states.get(&row).cloned().flatten()
    }

    pub fn is_selected(&self, row: &FlowRow) -> bool {
        self.selected.contains(&row.key)
    }
}
