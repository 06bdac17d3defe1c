//! A plan while it is made: operations in their lanes, problems, nodes.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::model::{FlowRef, FlowType, System};
use crate::problem::{AyonNamed, Code, FlowNamed, Problem, Severity};

use super::Planned;
use super::grouping::Spot;
use super::intent::{Intent, Write, WriteBack};
use super::operation::{
    Change, Kind, Node, On, OpId, Operation, Plan, PlannedProject, Reasons, Verdict, hash_of,
};
use super::tree::{NodeKey, Placed, in_tree_order};

/// Whether an operation is applied unless somebody says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tick {
    Wanted,
    /// When something that is ticked needs it.
    AsNeeded,
    /// Somebody has to tick it. It is applied after everything else of its kind: AYON takes one change of an
    /// entity a request (`ayon-api.md §5.2`).
    Offered,
}

/// What a new operation is about.
pub(super) struct Wish {
    pub kind: Kind,
    pub on: On,
    /// What it is done to, unique within kind and on.
    pub target: String,
    pub flow: Option<FlowNamed>,
    pub ayon: Option<AyonNamed>,
    pub changes: Vec<Change>,
    pub needs: Vec<OpId>,
    pub because: Reasons,
    pub tick: Tick,
    pub write: Write,
    pub back: Option<WriteBack>,
}

/// An operation and what it would send: large, so that a lane which grows moves only where it is.
type Decided = Box<(Operation, Intent)>;

/// Collects what planning finds. Lanes keep the order of application whatever the order of discovery.
pub(super) struct Draft {
    site: String,
    /// AYON project name; empty while none could be decided.
    pub project: String,
    lanes: BTreeMap<(On, bool), Vec<Decided>>,
    as_needed: HashSet<OpId>,
    /// Scratch paper for hashes.
    paper: Vec<u8>,
    problems: Vec<Problem>,
    placed: Vec<Placed>,
    /// Field operations by the type they are needed on.
    pub fields: BTreeMap<FlowType, Vec<OpId>>,
}

impl Draft {
    pub fn new(site: &str, project: &str) -> Self {
        Self {
            site: site.to_owned(),
            project: project.to_owned(),
            lanes: BTreeMap::new(),
            as_needed: HashSet::new(),
            paper: Vec::new(),
            problems: Vec::new(),
            placed: Vec::new(),
            fields: BTreeMap::new(),
        }
    }

    /// The id that an operation has, or would have.
    pub fn id_of(&self, kind: Kind, on: On, target: &str) -> OpId {
        OpId::derived(&[&self.site, &self.project, kind.as_str(), on.as_str(), target])
    }

    /// Adds an operation at the end of its lane.
    pub fn operation(&mut self, wish: Wish) -> OpId {
        self.operation_on(wish, None)
    }

    /// The same of one that also rests on a count which it does not write: another count makes the plan stale.
    pub fn operation_on(&mut self, wish: Wish, count: Option<usize>) -> OpId {
        let Wish {
            kind,
            on,
            target,
            flow,
            ayon,
            changes,
            mut needs,
            because,
            tick,
            write,
            back,
        } = wish;
        let id = self.id_of(kind, on, &target);
        if let Some(back) = &back {
            needs.extend(self.fields.get(&back.row.kind).into_iter().flatten().cloned());
        }
        needs.sort();
        needs.dedup();
        let system = match write {
            Write::CreateField { .. } | Write::Nothing => System::Flow,
            _ => System::Ayon,
        };
        let facts = hash_of(&(&write, &back, &changes, &ayon, &flow, &needs), &mut self.paper);
        let facts = match count {
            Some(count) => hash_of(&(facts, count), &mut self.paper),
            None => facts,
        };
        let operation = Operation {
            id: id.clone(),
            kind,
            on,
            system,
            project: self.project.clone(),
            ticked: tick == Tick::Wanted,
            flow,
            ayon,
            changes,
            needs,
            because,
            facts,
        };
        let intent = Intent {
            operation: id.clone(),
            write,
            back,
        };
        if tick == Tick::AsNeeded {
            self.as_needed.insert(id.clone());
        }
        let lane = self.lanes.entry((on, tick == Tick::Offered)).or_default();
        lane.push(Box::new((operation, intent)));
        id
    }

    pub fn problem(
        &mut self,
        severity: Severity,
        code: Code,
        flow: Option<FlowNamed>,
        ayon: Option<AyonNamed>,
        message: String,
        remedy: &str,
    ) {
        let project = Some(self.project.clone()).filter(|name| !name.is_empty());
        self.problems.push(Problem {
            severity,
            code,
            project,
            flow,
            ayon,
            message,
            remedy: remedy.to_owned(),
        });
    }

    /// Adds a node below another one, or at the root.
    ///
    /// Its number is given back, for what may be found out of it later.
    pub fn node(&mut self, key: NodeKey, above: Option<NodeKey>, node: Node) -> usize {
        self.placed.push(Placed { key, above, node });
        self.placed.len() - 1
    }

    /// Adds offers to a node that has none yet; without an operation of its own it counts as what they would make of it.
    pub fn offer(&mut self, node: usize, offers: Vec<OpId>, verdict: Verdict) {
        if let Some(Placed { node, .. }) = self.placed.get_mut(node).filter(|_| !offers.is_empty()) {
            if node.operation.is_none() {
                node.verdict = verdict;
            }
            node.offers = offers;
        }
    }

    /// The spots of the folders and tasks that will be made.
    pub fn spots_of_new(&self) -> HashSet<(On, Spot)> {
        let lanes = self.lanes.iter().filter(|((_, offered), _)| !offered);
        let spot = |intent: &Intent| match &intent.write {
            Write::CreateFolder(new) => Some((On::Folder, (new.parent, new.name.to_lowercase()))),
            Write::CreateTask(new) => Some((On::Task, (new.parent, new.name.to_lowercase()))),
            _ => None,
        };
        lanes
            .flat_map(|(_, lane)| lane)
            .filter_map(|both| spot(&both.1))
            .collect()
    }

    pub fn finish(self, projects: Vec<PlannedProject>) -> Planned {
        // Operations are large: room for all at once spares moving each several times.
        let count = self.lanes.values().map(Vec::len).sum();
        let (mut operations, mut intents) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for both in self.lanes.into_values().flatten() {
            let (operation, intent) = *both;
            operations.push(operation);
            intents.push(intent);
        }
        tick_what_is_needed(&mut operations, &self.as_needed);
        let mut nodes = in_tree_order(self.placed);
        offer_what_is_not_ticked(&mut nodes, &operations);
        let plan = Plan::finish(projects, operations, self.problems, nodes);
        Planned { plan, intents }
    }
}

/// Ticks what something ticked rests on.
fn tick_what_is_needed(operations: &mut [Operation], as_needed: &HashSet<OpId>) {
    if as_needed.is_empty() {
        return;
    }
    let places: HashMap<OpId, usize> = operations
        .iter()
        .enumerate()
        .filter(|(_, operation)| as_needed.contains(&operation.id))
        .map(|(index, operation)| (operation.id.clone(), index))
        .collect();
    let needed = |operation: &Operation| -> Vec<usize> {
        let places = operation.needs.iter().filter_map(|need| places.get(need));
        places.copied().collect()
    };
    let ticked = operations.iter().filter(|operation| operation.ticked);
    let mut stack: Vec<usize> = ticked.flat_map(needed).collect();
    while let Some(index) = stack.pop() {
        let operation = &mut operations[index];
        if !operation.ticked {
            operation.ticked = true;
            stack.extend(needed(operation));
        }
    }
}

/// A node's own operation is one that is applied by default; everything else is an offer.
fn offer_what_is_not_ticked(nodes: &mut [Node], operations: &[Operation]) {
    let unticked: HashSet<&OpId> = operations
        .iter()
        .filter(|operation| !operation.ticked)
        .map(|operation| &operation.id)
        .collect();
    if unticked.is_empty() {
        return;
    }
    for node in nodes {
        if let Some(operation) = node.operation.take_if(|id| unticked.contains(id)) {
            node.offers.insert(0, operation);
        }
    }
}

/// What an operation on a Flow row is done to.
pub(super) fn row_key(row: FlowRef) -> String {
    format!("{}:{}", row.kind, row.id)
}

/// A node of set-up: a Flow field or an anatomy entry that must be made first.
pub(super) fn setup_node(on: On, kind: &str, name: &str, operation: OpId, why: &str) -> Node {
    Node {
        on,
        depth: 0,
        kind: kind.to_owned(),
        name: name.to_owned(),
        label: None,
        path: String::new(),
        flow: None,
        verdict: Verdict::Create,
        selected: false,
        operation: Some(operation),
        offers: Vec::new(),
        trace: [why.to_owned()].into(),
        placement: None,
        seat: None,
    }
}
