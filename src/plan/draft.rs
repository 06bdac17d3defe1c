//! A plan while it is made: operations in their lanes, problems, nodes.

use std::collections::BTreeMap;

use crate::model::{FlowRef, FlowType, System};
use crate::problem::{AyonNamed, Code, FlowNamed, Problem, Severity};

use super::Planned;
use super::intent::{Intent, Write, WriteBack};
use super::operation::{Change, Kind, Node, On, OpId, Operation, Plan, PlannedProject, Verdict, hash_of};
use super::tree::{Placed, in_tree_order};

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
    pub because: Vec<String>,
    pub write: Write,
    pub back: Option<WriteBack>,
}

/// Collects what planning finds. Lanes keep the order of application whatever the order of discovery.
pub(super) struct Draft {
    site: String,
    /// AYON project name; empty while none could be decided.
    pub project: String,
    lanes: BTreeMap<On, Vec<(Operation, Intent)>>,
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
        let Wish {
            kind,
            on,
            target,
            flow,
            ayon,
            changes,
            mut needs,
            because,
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
        let facts = hash_of(&(&write, &back, &changes, &ayon, &flow, &needs));
        let operation = Operation {
            id: id.clone(),
            kind,
            on,
            system,
            project: self.project.clone(),
            ticked: true,
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
        self.lanes.entry(on).or_default().push((operation, intent));
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
    pub fn node(&mut self, key: String, above: Option<String>, node: Node) {
        self.placed.push(Placed { key, above, node });
    }

    pub fn finish(self, projects: Vec<PlannedProject>) -> Planned {
        let (operations, intents): (Vec<_>, Vec<_>) = self.lanes.into_values().flatten().unzip();
        let plan = Plan::finish(projects, operations, self.problems, in_tree_order(self.placed));
        Planned { plan, intents }
    }
}

/// Key of a Flow row's node.
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
        trace: vec![why.to_owned()],
    }
}
