//! The rows of a plan or a report, in tree order, with long stretches of unchanged ones folded.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use crate::model::FlowRef;
use crate::plan::{Change, Node, On, OpId, Operation, Plan, Verdict};
use crate::problem::Severity;
use crate::run::{Outcome, OutcomeRow, Ticks};

use super::Links;

/// The deepest indentation a page has a class for.
const MAX_DEPTH: usize = 8;
/// Values longer than this are cut: a page is no place for an essay.
const MAX_VALUE: usize = 120;

/// What stands at the beginning of a row.
pub enum Stage<'a> {
    /// Boxes to tick.
    Choosing,
    /// What would be applied, to look at.
    Looking,
    /// What became of it; `over` when nothing more will.
    Applied {
        ticks: &'a Ticks,
        outcomes: &'a [OutcomeRow],
        over: bool,
    },
}

/// A piece of the list, in order.
pub enum Piece {
    Row(Box<Row>),
    /// So many unchanged rows follow, folded.
    FoldStart(usize),
    FoldEnd,
}

/// One row.
pub struct Row {
    /// So that a problem can point here.
    pub anchor: Option<String>,
    pub depth: usize,
    /// Class of the verdict, and its word.
    pub verdict: &'static str,
    pub symbol: &'static str,
    pub name: String,
    /// The name in AYON, where it differs.
    pub ayon_name: Option<String>,
    pub kind: String,
    /// Text and address of the Flow row.
    pub flow: Option<(String, String)>,
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
}

/// The first cell of a row.
pub enum Lead {
    Nothing,
    /// A box, with what it needs ticked.
    Tick {
        id: String,
        ticked: bool,
        needs: String,
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

/// One value, as people read it.
pub struct ChangeLine {
    pub field: String,
    pub from: Option<String>,
    pub to: Option<String>,
}

/// A problem, said at its row.
pub struct Note {
    pub severity: &'static str,
    pub message: String,
}

/// Every node and every operation of a plan.
pub fn list(plan: &Plan, stage: &Stage<'_>, links: &Links) -> Vec<Piece> {
    let maker = Maker::of(plan, stage, links);
    let context = ancestors_of_changes(&plan.nodes);
    let mut pieces: Vec<Piece> = maker.without_node().map(boxed).collect();
    let mut folded: Vec<Row> = Vec::new();
    for (index, node) in plan.nodes.iter().enumerate() {
        let row = maker.row(node);
        if node.verdict == Verdict::Unchanged && row.notes.is_empty() && !context.contains(&index) {
            folded.push(row);
        } else {
            fold(&mut pieces, &mut folded);
            pieces.push(boxed(row));
        }
    }
    fold(&mut pieces, &mut folded);
    pieces
}

fn boxed(row: Row) -> Piece {
    Piece::Row(Box::new(row))
}

/// A single unchanged row takes no more room than its fold would.
fn fold(pieces: &mut Vec<Piece>, folded: &mut Vec<Row>) {
    let count = folded.len();
    let many = count > 1;
    if many {
        pieces.push(Piece::FoldStart(count));
    }
    pieces.extend(folded.drain(..).map(boxed));
    if many {
        pieces.push(Piece::FoldEnd);
    }
}

/// Indices of the rows above something that changes: without them nobody could tell where it is.
fn ancestors_of_changes(nodes: &[Node]) -> BTreeSet<usize> {
    let mut above: Vec<usize> = Vec::new();
    let mut context = BTreeSet::new();
    for (index, node) in nodes.iter().enumerate() {
        above.retain(|earlier| nodes[*earlier].depth < node.depth);
        if node.verdict != Verdict::Unchanged {
            context.extend(above.iter().copied());
        }
        above.push(index);
    }
    context
}

struct Maker<'a> {
    plan: &'a Plan,
    stage: &'a Stage<'a>,
    links: &'a Links,
    operations: HashMap<&'a OpId, &'a Operation>,
    outcomes: HashMap<&'a OpId, &'a OutcomeRow>,
    problems: BTreeMap<FlowRef, Vec<Note>>,
}

impl<'a> Maker<'a> {
    fn of(plan: &'a Plan, stage: &'a Stage<'a>, links: &'a Links) -> Self {
        let mut problems: BTreeMap<FlowRef, Vec<Note>> = BTreeMap::new();
        for problem in &plan.problems {
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
            Stage::Choosing | Stage::Looking => HashMap::new(),
        };
        Self {
            plan,
            stage,
            links,
            operations: plan
                .operations
                .iter()
                .map(|operation| (&operation.id, operation))
                .collect(),
            outcomes,
            problems,
        }
    }

    /// Operations that no node points at: what would be written is always shown.
    fn without_node(&self) -> impl Iterator<Item = Row> {
        let shown: BTreeSet<&OpId> = self
            .plan
            .nodes
            .iter()
            .filter_map(|node| node.operation.as_ref())
            .collect();
        self.plan
            .operations
            .iter()
            .filter(move |operation| !shown.contains(&operation.id))
            .map(|operation| {
                self.row(&Node {
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
                })
            })
    }

    fn row(&self, node: &Node) -> Row {
        let operation = node
            .operation
            .as_ref()
            .and_then(|id| self.operations.get(id).copied());
        let notes: Vec<Note> = node
            .flow
            .and_then(|key| self.problems.get(&key))
            .into_iter()
            .flatten()
            .map(|note| Note {
                severity: note.severity,
                message: note.message.clone(),
            })
            .collect();
        let lines: Vec<ChangeLine> = operation
            .map(|operation| operation.changes.iter().map(line).collect())
            .unwrap_or_default();
        let (changes, values) = match node.verdict {
            Verdict::Create => (Vec::new(), lines),
            _ => (lines, Vec::new()),
        };
        let why = match operation {
            Some(operation) if node.trace.is_empty() => operation.because.clone(),
            _ => node.trace.clone(),
        };
        Row {
            anchor: node.flow.filter(|_| !notes.is_empty()).map(anchor),
            depth: node.depth.min(MAX_DEPTH),
            verdict: node.verdict.as_str(),
            symbol: symbol_of(node.verdict),
            name: node.label.clone().unwrap_or_else(|| node.name.clone()),
            ayon_name: node.label.as_ref().map(|_| node.name.clone()),
            kind: match node.on {
                On::Task => format!("Task · {}", node.kind),
                _ => node.kind.clone(),
            },
            flow: node
                .flow
                .map(|key| (key.to_string(), self.links.flow_row(key.kind.as_str(), key.id.0))),
            selected: node.selected,
            lead: self.lead(operation),
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
        }
    }

    fn lead(&self, operation: Option<&Operation>) -> Lead {
        let Some(operation) = operation else {
            return Lead::Nothing;
        };
        match self.stage {
            Stage::Choosing => Lead::Tick {
                id: operation.id.0.clone(),
                ticked: operation.ticked,
                needs: operation
                    .needs
                    .iter()
                    .map(|id| id.0.as_str())
                    .collect::<Vec<_>>()
                    .join(" "),
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

/// Class, symbol and word of an outcome. `static/app.js` says the same words live.
fn outcome_words(outcome: Outcome) -> (&'static str, &'static str, &'static str) {
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
        (Some(flow), _) => flow.key.kind.as_str(),
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

fn line(change: &Change) -> ChangeLine {
    ChangeLine {
        field: change.field.clone(),
        from: words_of(&change.from),
        to: words_of(&change.to),
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
    use super::super::sample;
    use super::*;

    fn shape(pieces: &[Piece]) -> Vec<String> {
        pieces
            .iter()
            .map(|piece| match piece {
                Piece::Row(row) => row.name.clone(),
                Piece::FoldStart(count) => format!("[{count}"),
                Piece::FoldEnd => "]".to_owned(),
            })
            .collect()
    }

    #[test]
    fn unchanged_rows_fold_but_not_what_is_above_a_change() {
        let run = sample::planned();
        let plan = run.plan.unwrap();
        let shape = shape(&list(&plan, &Stage::Choosing, &Links::plain()));
        let position = |name: &str| shape.iter().position(|piece| piece == name).unwrap();
        let fold = shape.iter().position(|piece| piece.starts_with('[')).unwrap();
        // The sequence above the new Shot is unchanged and stays in sight.
        assert!(position("hl_020") < position("hl_020_0030"));
        assert!(position("hl_020") < fold);
        assert!(shape.iter().filter(|piece| piece.starts_with('[')).count() >= 1);
        assert_eq!(
            shape.iter().filter(|piece| piece.starts_with('[')).count(),
            shape.iter().filter(|piece| *piece == "]").count()
        );
    }

    #[test]
    fn every_operation_has_a_row_even_without_a_node() {
        let mut plan = sample::planned().plan.unwrap();
        for node in &mut plan.nodes {
            node.operation = None;
        }
        let ticks = list(&plan, &Stage::Choosing, &Links::plain())
            .iter()
            .filter(|piece| matches!(piece, Piece::Row(row) if matches!(row.lead, Lead::Tick { .. })))
            .count();
        assert_eq!(ticks, plan.operations.len());
    }

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
