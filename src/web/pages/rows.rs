//! One row of a plan or a report: what it is about, what would happen or happened to it, and why.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use crate::model::FlowRef;
use crate::plan::{Change, Column, Kind, Node, On, OpId, Operation, Plan, Verdict, words_of as offer_words};
use crate::problem::Severity;
use crate::run::{Counted, Outcome, OutcomeRow, Ticks};

use super::Links;
use super::board::{self, PersonLine};
use super::sides::{self, Shown, Side};

/// The deepest indentation a page has a class for.
pub const MAX_DEPTH: usize = 8;
/// Values longer than this are cut: a page is no place for an essay.
const MAX_VALUE: usize = 120;

/// What stands at the beginning of a row.
pub enum Stage<'a> {
    /// Boxes to tick.
    Choosing(Boxes),
    /// What would be applied, to look at.
    Looking,
    /// What became of it; `over` when nothing more will.
    Applied {
        ticks: &'a Ticks,
        outcomes: &'a [OutcomeRow],
        over: bool,
    },
}

/// How the boxes of a page tell what is wanted (`POST /runs/{run}/apply`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boxes {
    /// All boxes are on the page: the ticked ones are sent.
    Listed,
    /// Only some are: differences to the default ticks are sent.
    Changed,
}

/// One row.
pub struct Row {
    /// So that a problem can point here.
    pub anchor: Option<String>,
    pub depth: usize,
    /// Where it stands in two trees, in a plan that has two.
    pub stands: Option<Stands>,
    /// The rule that places it.
    pub rule: Option<String>,
    /// Codes of what is said of it.
    pub codes: String,
    /// Class of the verdict.
    pub verdict: &'static str,
    /// What is read of it.
    pub word: &'static str,
    pub symbol: &'static str,
    pub name: String,
    /// The name in AYON, where it differs.
    pub ayon_name: Option<String>,
    /// Where it hangs, when it stands alone.
    pub place: Option<String>,
    pub kind: String,
    /// Text and address of the Flow row.
    pub flow: Option<(String, String)>,
    /// Text and address of the AYON project.
    pub ayon: Option<(String, String)>,
    pub selected: bool,
    pub lead: Lead,
    /// What the outcome says.
    pub message: Option<String>,
    /// The operation, for what happens to it live.
    pub operation: Option<String>,
    pub moved: Option<(String, String)>,
    /// Values that an existing entity changes.
    pub changes: Vec<ChangeLine>,
    /// Values that a new entity begins with.
    pub values: Vec<ChangeLine>,
    pub notes: Vec<Note>,
    pub why: Vec<String>,
    /// What could be done besides.
    pub offers: Vec<Offer>,
    /// Who they are on both sides, in a plan of users.
    pub person: Option<PersonLine>,
}

impl Row {
    /// Whether it is only shown where it leaves.
    pub fn is_gone(&self) -> bool {
        self.stands.as_ref().is_some_and(|stands| stands.side == "leaves")
    }
}

/// Where a row stands in two trees.
pub struct Stands {
    /// Class of the side.
    pub side: &'static str,
    /// What becomes of it, where that is not plain: a sign and words.
    pub words: Option<(&'static str, &'static str)>,
    /// Its place on the other side.
    pub elsewhere: Option<String>,
}

/// One more thing that could be done to a row's entity.
pub struct Offer {
    /// The operation, for what happens to it live.
    pub operation: String,
    pub lead: Lead,
    pub verdict: &'static str,
    pub symbol: &'static str,
    /// What ticking it would do.
    pub words: String,
    /// Whose it is, for those who hear the page.
    pub of: String,
    pub why: String,
    /// What changes with a move.
    pub changes: Vec<ChangeLine>,
    pub message: Option<String>,
}

/// The first cell of a row.
pub enum Lead {
    Nothing,
    /// A box, with what it needs ticked.
    Tick {
        id: String,
        ticked: bool,
        /// The field it sends; without one the page's script speaks for it.
        field: Option<&'static str>,
        needs: String,
        /// Whether its number may have to be typed.
        counted: bool,
    },
    /// Whether it would be applied.
    Wanted(bool),
    /// What became of it.
    Mark {
        class: &'static str,
        symbol: &'static str,
        word: &'static str,
    },
}

/// Class, symbol and word of what became of an operation.
pub type Mark = (&'static str, &'static str, &'static str);

/// One value, as people read it.
pub struct ChangeLine {
    pub field: String,
    pub from: Option<String>,
    pub to: Option<String>,
    /// Whether only is told that it changed: the values were about a person, and are gone.
    pub bare: bool,
}

/// A problem, said at its row.
#[derive(Clone)]
pub struct Note {
    pub severity: &'static str,
    pub message: String,
}

/// Makes rows of a plan's nodes. Positions count over all of them, and over operations that no node points at: what
/// would be written is always shown.
pub struct Maker<'a> {
    stage: &'a Stage<'a>,
    links: &'a Links,
    rows: Vec<Shown<'a>>,
    /// Whether the plan is about places, now and then.
    two_trees: bool,
    operations: HashMap<&'a OpId, &'a Operation>,
    outcomes: HashMap<&'a OpId, &'a OutcomeRow>,
    problems: BTreeMap<FlowRef, Vec<Note>>,
    codes: BTreeMap<FlowRef, Vec<&'static str>>,
}

impl<'a> Maker<'a> {
    pub fn of(plan: &'a Plan, stage: &'a Stage<'a>, links: &'a Links) -> Self {
        let mut problems: BTreeMap<FlowRef, Vec<Note>> = BTreeMap::new();
        let mut codes: BTreeMap<FlowRef, Vec<&'static str>> = BTreeMap::new();
        for problem in &plan.problems {
            if let Some(flow) = &problem.flow {
                codes.entry(flow.key).or_default().push(problem.code.as_str());
            }
            // What is only good to know is said once, above the rows.
            if let Some(flow) = &problem.flow
                && problem.severity != Severity::Info
            {
                problems.entry(flow.key).or_default().push(Note {
                    severity: problem.severity.as_str(),
                    message: problem.message.clone(),
                });
            }
        }
        let outcomes = match stage {
            Stage::Applied { outcomes, .. } => outcomes.iter().map(|row| (&row.id, row)).collect(),
            Stage::Choosing(_) | Stage::Looking => HashMap::new(),
        };
        Self {
            stage,
            links,
            rows: sides::shown(plan),
            two_trees: has_two_trees(plan),
            operations: plan
                .operations
                .iter()
                .map(|operation| (&operation.id, operation))
                .collect(),
            outcomes,
            problems,
            codes,
        }
    }

    /// The codes of all that is said of a node.
    pub fn codes(&self, node: &Node) -> &[&'static str] {
        node.flow
            .and_then(|key| self.codes.get(&key))
            .map_or(&[], Vec::as_slice)
    }

    /// What is shown, in the order of positions.
    pub fn shown(&self) -> &[Shown<'a>] {
        &self.rows
    }

    /// What is to be said of a node beside what happens to it.
    pub fn notes(&self, node: &Node) -> &[Note] {
        node.flow
            .and_then(|key| self.problems.get(&key))
            .map_or(&[], Vec::as_slice)
    }

    /// Whether something that was wanted of a node is not done.
    pub fn failed(&self, node: &Node) -> bool {
        node.operation.iter().chain(&node.offers).any(|id| {
            self.outcomes
                .get(id)
                .is_some_and(|row| row.outcome == Outcome::Failed)
        })
    }

    /// What became of a node's own operation, once nothing more will.
    pub fn end_of(&self, node: &Node) -> Option<Mark> {
        match self.stage {
            Stage::Applied { over: true, .. } => {
                match self.lead(self.operations.get(node.operation.as_ref()?)?) {
                    Lead::Mark { class, symbol, word } => Some((class, symbol, word)),
                    Lead::Nothing | Lead::Tick { .. } | Lead::Wanted(_) => None,
                }
            }
            Stage::Applied { .. } | Stage::Choosing(_) | Stage::Looking => None,
        }
    }

    /// The row of a node.
    pub fn row(&self, shown: &Shown<'_>) -> Row {
        let node = &*shown.node;
        let operation = node
            .operation
            .as_ref()
            .and_then(|id| self.operations.get(id).copied());
        let notes = match shown.side {
            // They are said where it will be.
            Side::Before => Vec::new(),
            Side::Both | Side::After => self.notes(node).to_vec(),
        };
        let lines: Vec<ChangeLine> = operation.map(lines).unwrap_or_default();
        let (changes, values) = match node.verdict {
            // Many folders move at once: what else changes is told where somebody asks why.
            Verdict::Create | Verdict::Move => (Vec::new(), lines),
            _ => (lines, Vec::new()),
        };
        let why = match operation {
            Some(operation) if node.trace.is_empty() => operation.because.to_vec(),
            _ => node.trace.to_vec(),
        };
        Row {
            anchor: node.flow.filter(|_| !notes.is_empty()).map(anchor),
            depth: shown.depth.min(MAX_DEPTH),
            stands: self.two_trees.then(|| stands(shown)),
            rule: node
                .placement
                .as_ref()
                .and_then(|placement| placement.rule.as_deref().map(str::to_owned)),
            codes: match shown.side {
                Side::Before => String::new(),
                Side::Both | Side::After => self.codes(node).join(" "),
            },
            verdict: node.verdict.as_str(),
            word: match &node.seat {
                Some(seat) if seat.column == Column::Decide => "to decide",
                Some(seat) if seat.column == Column::Link => "link",
                _ => node.verdict.as_str(),
            },
            symbol: symbol_of(node.verdict),
            name: node.label.clone().unwrap_or_else(|| node.name.clone()),
            ayon_name: node.label.as_ref().map(|_| node.name.clone()),
            place: None,
            kind: match node.on {
                On::Task => format!("Task · {}", node.kind),
                // Without a user there is no kind of it.
                On::User if node.seat.as_ref().is_some_and(|seat| seat.user.is_none()) => String::new(),
                _ => node.kind.clone(),
            },
            flow: node.flow.map(|key| {
                let text = format!("{} {}", key.kind.singular(), key.id);
                (text, self.links.flow_row(key.kind.as_str(), key.id.0))
            }),
            ayon: self.in_ayon(node),
            // Everybody on a board was meant by the selection.
            selected: node.selected && node.seat.is_none(),
            lead: operation.map_or(Lead::Nothing, |operation| self.lead(operation)),
            message: operation
                .and_then(|operation| self.outcomes.get(&operation.id))
                .and_then(|row| row.message.clone()),
            operation: operation.map(|operation| operation.id.0.clone()),
            moved: operation.and_then(|operation| {
                let ayon = operation.ayon.as_ref()?;
                Some((ayon.from.clone()?, ayon.path.clone()))
            }),
            changes,
            values,
            notes,
            why,
            offers: node
                .offers
                .iter()
                .filter_map(|id| self.operations.get(id))
                .map(|operation| self.offer(node, operation))
                .collect(),
            person: board::person(node, matches!(self.stage, Stage::Choosing(_)), &self.done(node)),
        }
    }

    /// What was done of a node.
    fn done(&self, node: &Node) -> Vec<&'a Operation> {
        let is_done = |id: &&OpId| {
            self.outcomes
                .get(*id)
                .is_some_and(|row| row.outcome == Outcome::Done)
        };
        let all = node.operation.iter().chain(&node.offers).filter(is_done);
        all.filter_map(|id| self.operations.get(id).copied()).collect()
    }

    fn offer(&self, node: &Node, operation: &Operation) -> Offer {
        let verdict = Verdict::from(operation.kind);
        Offer {
            operation: operation.id.0.clone(),
            lead: self.lead(operation),
            verdict: verdict.as_str(),
            symbol: symbol_of(verdict),
            words: offer_words(operation),
            of: node.label.clone().unwrap_or_else(|| node.name.clone()),
            why: match &node.placement {
                // Its row tells why, step by step.
                Some(_) => String::new(),
                None => operation.because.join("; "),
            },
            changes: match operation.kind {
                Kind::Move => lines(operation),
                Kind::Create | Kind::Update | Kind::Retire => Vec::new(),
            },
            message: self
                .outcomes
                .get(&operation.id)
                .and_then(|row| row.message.clone()),
        }
    }

    /// A project or user that AYON has, or has by now, can be opened there.
    fn in_ayon(&self, node: &Node) -> Option<(String, String)> {
        let there = match node.verdict {
            Verdict::Create => match (self.stage, &node.operation) {
                (Stage::Applied { .. }, Some(id)) => self
                    .outcomes
                    .get(id)
                    .is_some_and(|row| row.outcome == Outcome::Done),
                _ => false,
            },
            Verdict::Blocked => false,
            Verdict::Update | Verdict::Move | Verdict::Retire | Verdict::Unchanged => true,
        };
        match node.on {
            _ if !there => None,
            On::Project => Some((node.name.clone(), self.links.ayon_project(&node.name)?)),
            On::User => {
                let user = node.seat.as_ref()?.user.as_ref()?;
                Some((user.clone(), self.links.ayon_user(user)?))
            }
            On::Field | On::Anatomy | On::Folder | On::Task => None,
        }
    }

    fn lead(&self, operation: &Operation) -> Lead {
        match self.stage {
            Stage::Choosing(boxes) => Lead::Tick {
                id: operation.id.0.clone(),
                ticked: operation.ticked,
                field: match boxes {
                    Boxes::Listed => Some("op"),
                    // A box that is off until somebody ticks it is a difference by itself.
                    Boxes::Changed => (!operation.ticked).then_some("tick"),
                },
                needs: match boxes {
                    Boxes::Listed => operation
                        .needs
                        .iter()
                        .map(|id| id.0.as_str())
                        .collect::<Vec<_>>()
                        .join(" "),
                    Boxes::Changed => String::new(),
                },
                counted: is_counted(operation),
            },
            Stage::Looking => Lead::Wanted(operation.ticked),
            Stage::Applied { ticks, over, .. } => {
                let (class, symbol, word) = match self.outcomes.get(&operation.id) {
                    Some(row) => outcome_words(row.outcome),
                    None if !ticks.wants(&operation.id, operation.ticked) => {
                        outcome_words(Outcome::Unchanged)
                    }
                    None if *over => ("skipped", "–", "not reached"),
                    None => ("waiting", "…", "waiting"),
                };
                Lead::Mark { class, symbol, word }
            }
        }
    }
}

/// A node for an operation that none points at: what would be written is always shown.
pub fn lone(operation: &Operation) -> Node {
    Node {
        on: operation.on,
        depth: 0,
        kind: kind_of(operation).to_owned(),
        name: short_name_of(operation),
        label: None,
        path: String::new(),
        flow: operation.flow.as_ref().map(|flow| flow.key),
        verdict: operation.kind.into(),
        selected: false,
        operation: Some(operation.id.clone()),
        offers: Vec::new(),
        trace: operation.because.clone(),
        placement: None,
        seat: None,
    }
}

/// Whether an operation is one of those whose number may have to be typed.
pub fn is_counted(operation: &Operation) -> bool {
    Counted::Moves.counts(operation) || Counted::Losses.counts(operation)
}

/// Whether a plan is about places: then its page shows the tree as it is and as it would be.
pub fn has_two_trees(plan: &Plan) -> bool {
    plan.nodes.iter().any(|node| node.placement.is_some())
}

/// Where a node stands in two trees.
fn stands(shown: &Shown<'_>) -> Stands {
    let Some(placement) = &shown.node.placement else {
        // What is made has no place in the tree as it is.
        let side = match shown.node.verdict {
            Verdict::Create => "comes",
            _ => "stays",
        };
        return Stands {
            side,
            words: None,
            elsewhere: None,
        };
    };
    let moves = shown.node.verdict == Verdict::Move;
    let (side, words) = match (shown.side, moves) {
        (Side::Before, true) => ("leaves", Some(("→", "moves away"))),
        (Side::Before, false) => ("leaves", Some(("⇢", "goes along"))),
        (Side::After, true) => ("comes", None),
        (Side::After, false) => ("comes", Some(("⇢", "comes along"))),
        (Side::Both, _) if !placement.exists => ("comes", Some(("+", "not in AYON yet"))),
        (Side::Both, _) => ("stays", None),
    };
    Stands {
        side,
        words,
        elsewhere: placement.from.clone(),
    }
}

/// Class, symbol and word of an outcome. `static/app.js` says the same words live.
fn outcome_words(outcome: Outcome) -> Mark {
    match outcome {
        Outcome::Done => ("done", "✓", "done"),
        Outcome::Failed => ("failed", "✗", "failed"),
        Outcome::Skipped => ("skipped", "–", "skipped"),
        Outcome::Unchanged => ("unchanged", "○", "left out"),
    }
}

/// A sign that says the verdict without its colour.
pub fn symbol_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Create => "+",
        Verdict::Update => "~",
        Verdict::Move => "→",
        Verdict::Retire => "−",
        Verdict::Unchanged => "=",
        Verdict::Blocked => "!",
    }
}

/// The id of a Flow row's line in the page.
pub fn anchor(key: FlowRef) -> String {
    format!("row-{}-{}", key.kind, key.id)
}

/// What an operation is about, such as `Shot hl_020_0030`.
pub fn target_of(operation: &Operation) -> String {
    format!("{} {}", kind_of(operation), short_name_of(operation))
}

fn kind_of(operation: &Operation) -> &str {
    match (&operation.flow, &operation.ayon) {
        (Some(flow), _) => flow.key.kind.singular(),
        (None, Some(ayon)) => &ayon.kind,
        (None, None) => operation.on.as_str(),
    }
}

fn short_name_of(operation: &Operation) -> String {
    match (&operation.flow, &operation.ayon) {
        (Some(flow), _) => flow.name.clone(),
        (None, Some(ayon)) => ayon.name.clone(),
        (None, None) => operation.project.clone(),
    }
}

/// What an operation changes; from where to where something moves has a line of its own.
fn lines(operation: &Operation) -> Vec<ChangeLine> {
    let told = |change: &&Change| operation.kind != Kind::Move || change.field != "path";
    operation.changes.iter().filter(told).map(line).collect()
}

fn line(change: &Change) -> ChangeLine {
    ChangeLine {
        field: change.field.clone(),
        from: words_of(&change.from),
        to: words_of(&change.to),
        bare: change.from.is_null() && change.to.is_null(),
    }
}

/// A value as people read it; nothing for what is empty.
fn words_of(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) if text.is_empty() => return None,
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Array(items) if items.is_empty() => return None,
        Value::Array(items) => items.iter().filter_map(words_of).collect::<Vec<_>>().join(", "),
        Value::Number(_) | Value::Object(_) => value.to_string(),
    };
    if text.chars().count() > MAX_VALUE {
        let cut: String = text.chars().take(MAX_VALUE).collect();
        return Some(format!("{cut}…"));
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_words() {
        assert_eq!(words_of(&Value::Null), None);
        assert_eq!(words_of(&serde_json::json!("")), None);
        assert_eq!(words_of(&serde_json::json!(true)).unwrap(), "yes");
        assert_eq!(words_of(&serde_json::json!(["a", "b"])).unwrap(), "a, b");
        assert_eq!(
            words_of(&serde_json::json!("x".repeat(500)))
                .unwrap()
                .chars()
                .count(),
            MAX_VALUE + 1
        );
    }
}
