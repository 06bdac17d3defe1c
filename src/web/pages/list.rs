//! The rows of a plan or a report as a list: all at once while they are few, in branches when they are many.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use crate::plan::{Node, OpId, Operation, Plan, Verdict};

use super::Links;
use super::board::{self, Section};
use super::rows::{self, Boxes, MAX_DEPTH, Maker, Mark, Note, Row, Stage};
use super::sides::{self, Shown, Side};
use super::tree::{Item, Look, Tree};

/// A list with more rows than this comes in branches. Its page stays far below a megabyte.
const SMALL: usize = 300;
/// About so many rows come at once then.
const MOST: usize = 200;
/// Rows with something to be said of them that are in sight wherever they hang; the others wait in their branches.
const MOST_WANTED: usize = 50;
/// About so many rows of one column of the board come at once then.
const MOST_OF_COLUMN: usize = 60;
/// Rows that a search shows.
const MOST_FOUND: usize = 200;

/// The rows of one page.
pub struct List {
    pub pieces: Vec<Piece>,
    /// How to come to the rows that are not on the page, when it does not hold them all.
    pub big: Option<Big>,
    /// How to narrow down a list that shows two trees.
    pub narrow: Option<Narrow>,
    /// The columns of a plan of users, which hold the pieces then.
    pub board: Vec<Section>,
}

impl List {
    /// Whether nothing is on the page.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty() && self.board.is_empty()
    }

    /// All pieces of the page.
    pub fn all_pieces(&self) -> impl Iterator<Item = &Piece> {
        self.pieces
            .iter()
            .chain(self.board.iter().flat_map(|section| &section.pieces))
    }
}

/// What rows of two trees can be narrowed down to, each with the number of its rows.
pub struct Narrow {
    /// What stands above the two trees.
    pub heads: (&'static str, &'static str),
    /// Address of the rows that are found.
    pub rows: String,
    /// Codes of problems.
    pub problems: Vec<(&'static str, usize)>,
    pub rules: Vec<(String, usize)>,
}

/// Where a big list's other rows are.
pub struct Big {
    pub total: usize,
    /// Address of its rows.
    pub rows: String,
    /// Address of all its ticks, for the page's script.
    pub ticks: String,
}

/// A piece of the list, in order.
pub enum Piece {
    Row(Box<Row>),
    /// So many rows follow, folded, and what they are.
    FoldStart(usize, &'static str),
    FoldEnd,
    /// Rows that are fetched when somebody opens them.
    Closed(Box<Closed>),
}

/// A branch that is not on the page.
pub struct Closed {
    pub from: usize,
    pub to: usize,
    pub depth: usize,
    pub rows: usize,
    /// The first and the last of its topmost rows.
    pub names: String,
    pub counts: Vec<Chip>,
    pub address: String,
}

/// How many of one kind a branch holds.
pub struct Chip {
    pub class: String,
    pub symbol: &'static str,
    pub word: &'static str,
    pub count: usize,
}

/// How many rows a plan has.
pub fn total(plan: &Plan) -> usize {
    sides::shown(plan).len()
}

/// How the boxes of a plan's page speak.
pub fn boxes_of(plan: &Plan) -> Boxes {
    if total(plan) > SMALL {
        Boxes::Changed
    } else {
        Boxes::Listed
    }
}

/// The rows of a page. `here` is the run's own address.
pub fn whole(plan: &Plan, stage: &Stage<'_>, links: &Links, here: &str) -> List {
    let lister = Lister::of(plan, stage, links, here);
    let total = lister.tree.len();
    let narrow = rows::has_two_trees(plan).then(|| lister.narrow(stage, here));
    let big = (total > SMALL).then(|| Big {
        total,
        rows: format!("{here}/rows"),
        ticks: format!("{here}/ticks"),
    });
    let pieces = |range: Range<usize>, most| match big.is_some() {
        true => lister.branches(range, most),
        false => lister.all(range),
    };
    let board = board::columns(lister.maker.shown(), stage, |range| pieces(range, MOST_OF_COLUMN));
    List {
        pieces: match board.is_empty() {
            true => pieces(0..total, MOST),
            false => Vec::new(),
        },
        board,
        big,
        narrow,
    }
}

/// A stretch of the rows.
pub fn stretch(
    plan: &Plan,
    stage: &Stage<'_>,
    links: &Links,
    here: &str,
    stretch: Range<usize>,
) -> Vec<Piece> {
    Lister::of(plan, stage, links, here).branches(stretch, MOST)
}

/// What somebody looks for; what is empty is not asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sought {
    pub text: String,
    /// Code of a problem.
    pub problem: String,
    /// The rule that places a row.
    pub rule: String,
}

/// The rows in which a text occurs and that a rule and a problem speak of, and how many more there are.
pub fn found(
    plan: &Plan,
    stage: &Stage<'_>,
    links: &Links,
    here: &str,
    sought: &Sought,
) -> (Vec<Piece>, usize) {
    let lister = Lister::of(plan, stage, links, here);
    let wanted = sought.text.trim().to_lowercase();
    let mut pieces = Vec::new();
    let mut more = 0;
    let there = lister.maker.shown().iter().filter(|row| row.side != Side::Before);
    for shown in there {
        let node = &*shown.node;
        let noted = |note: &Note| holds(&note.message, &wanted);
        let told = says(node, &wanted) || lister.maker.notes(node).iter().any(noted);
        let rule = node
            .placement
            .as_ref()
            .and_then(|placement| placement.rule.as_deref());
        let by_rule = sought.rule.is_empty() || rule == Some(sought.rule.as_str());
        let codes = lister.maker.codes(node);
        let has_problem = sought.problem.is_empty() || codes.contains(&sought.problem.as_str());
        if !(told && by_rule && has_problem) {
            continue;
        }
        if pieces.len() == MOST_FOUND {
            more += 1;
            continue;
        }
        let mut row = lister.maker.row(shown);
        row.depth = 0;
        row.stands = None;
        // It may stand in the tree as well.
        row.anchor = None;
        row.place = node
            .path
            .rsplit_once('/')
            .map(|(place, _)| place.to_owned())
            .filter(|place| !place.is_empty());
        pieces.push(boxed(row));
    }
    (pieces, more)
}

fn says(node: &Node, wanted: &str) -> bool {
    holds(&node.name, wanted)
        || node.label.as_ref().is_some_and(|label| holds(label, wanted))
        || holds(&node.kind, wanted)
        || node.seat.as_ref().is_some_and(|seat| {
            let texts = [&seat.login, &seat.email, &seat.user];
            texts.into_iter().flatten().any(|text| holds(text, wanted))
        })
        || node
            .flow
            .is_some_and(|key| key.to_string().to_lowercase() == wanted)
        || (wanted.contains('/') && holds(&node.path, wanted))
}

fn holds(text: &str, wanted: &str) -> bool {
    text.to_lowercase().contains(wanted)
}

/// All boxes of a plan, in the order of its rows: id, position of the row, whether it is ticked at first, which others
/// it needs, by their place in this list, and whether its number may have to be typed.
pub fn ticks(plan: &Plan) -> Vec<(&str, usize, bool, Vec<usize>, bool)> {
    let operations: HashMap<&OpId, &Operation> = plan
        .operations
        .iter()
        .map(|operation| (&operation.id, operation))
        .collect();
    let shown = sides::shown(plan);
    let boxes: Vec<(usize, &Operation)> = shown
        .iter()
        .enumerate()
        .flat_map(|(position, row)| {
            let ids = row.node.operation.iter().chain(&row.node.offers);
            ids.filter_map(|id| operations.get(id).map(|operation| (position, *operation)))
                .collect::<Vec<_>>()
        })
        .collect();
    let places: HashMap<&OpId, usize> = boxes
        .iter()
        .enumerate()
        .map(|(place, (_, operation))| (&operation.id, place))
        .collect();
    boxes
        .into_iter()
        .map(|(position, operation)| {
            let needs = operation.needs.iter().filter_map(|id| places.get(id).copied());
            (
                operation.id.0.as_str(),
                position,
                operation.ticked,
                needs.collect(),
                rows::is_counted(operation),
            )
        })
        .collect()
}

struct Lister<'a> {
    maker: Maker<'a>,
    tree: Tree,
    here: &'a str,
}

impl<'a> Lister<'a> {
    fn of(plan: &'a Plan, stage: &'a Stage<'a>, links: &'a Links, here: &'a str) -> Self {
        let maker = Maker::of(plan, stage, links);
        let mut room = MOST_WANTED;
        let looks: Vec<Look> = maker
            .shown()
            .iter()
            .map(|shown| {
                let node = &*shown.node;
                let noted = shown.side != Side::Before && !maker.notes(node).is_empty();
                let wanted = room > 0 && (noted || maker.failed(node));
                room -= usize::from(wanted);
                Look {
                    depth: shown.depth,
                    quiet: node.verdict == Verdict::Unchanged
                        && node.operation.is_none()
                        && node.offers.is_empty()
                        && !noted,
                    wanted,
                }
            })
            .collect();
        Self {
            tree: Tree::of(&looks),
            maker,
            here,
        }
    }

    /// Every row, unchanged ones folded.
    fn all(&self, stretch: Range<usize>) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for item in self.tree.part(stretch, usize::MAX) {
            match item {
                Item::Row(position) => pieces.push(self.row(position)),
                Item::Closed(stretch) => {
                    pieces.push(Piece::FoldStart(stretch.len(), self.quietly(stretch.clone())));
                    pieces.extend(stretch.map(|position| self.row(position)));
                    pieces.push(Piece::FoldEnd);
                }
            }
        }
        pieces
    }

    /// The rows of a stretch that are in sight, and closed branches.
    fn branches(&self, stretch: Range<usize>, most: usize) -> Vec<Piece> {
        self.tree
            .part(stretch, most)
            .into_iter()
            .map(|item| match item {
                Item::Row(position) => self.row(position),
                Item::Closed(stretch) => self.closed(stretch),
            })
            .collect()
    }

    fn row(&self, position: usize) -> Piece {
        boxed(self.maker.row(&self.maker.shown()[position]))
    }

    fn closed(&self, stretch: Range<usize>) -> Piece {
        let shown = &self.maker.shown()[stretch.clone()];
        let name = |position: usize| {
            let node = &self.maker.shown()[position].node;
            node.label.as_ref().unwrap_or(&node.name).clone()
        };
        let first = name(stretch.start);
        let names = match self.tree.tops(stretch.clone()).last().map(name) {
            Some(last) if last != first => format!("{first} … {last}"),
            _ => first,
        };
        let (from, to) = (stretch.start, stretch.end);
        Piece::Closed(Box::new(Closed {
            from,
            to,
            depth: shown.first().map_or(0, |row| row.depth.min(MAX_DEPTH)),
            rows: shown.len(),
            names,
            counts: self.counts(shown),
            address: format!("{}/rows?from={from}&to={to}", self.here),
        }))
    }
}

impl Lister<'_> {
    /// What became of a branch's rows, when nothing more will; else what would.
    fn counts(&self, shown: &[Shown<'_>]) -> Vec<Chip> {
        let away = shown.iter().filter(|row| row.side == Side::Before).count();
        let nodes = shown.iter().filter(|row| row.side != Side::Before);
        let nodes = nodes.map(|row| &*row.node);
        let mut ends: Vec<(Mark, usize)> = Vec::new();
        let mut verdicts: BTreeMap<Verdict, usize> = BTreeMap::new();
        for node in nodes {
            match self.maker.end_of(node) {
                Some(mark) => match ends.iter_mut().find(|(known, _)| *known == mark) {
                    Some((_, count)) => *count += 1,
                    None => ends.push((mark, 1)),
                },
                None => *verdicts.entry(node.verdict).or_default() += 1,
            }
        }
        let ends = ends.into_iter().map(|((class, symbol, word), count)| Chip {
            class: format!("mark-of {class}"),
            symbol,
            word,
            count,
        });
        let verdicts = verdicts.into_iter().map(|(verdict, count)| Chip {
            class: format!("verdict {}", verdict.as_str()),
            symbol: rows::symbol_of(verdict),
            word: verdict.as_str(),
            count,
        });
        let away = (away > 0).then_some(Chip {
            class: "verdict away".to_owned(),
            symbol: "⇢",
            word: "away",
            count: away,
        });
        ends.chain(verdicts).chain(away).collect()
    }

    /// The rules and problems that rows can be found by.
    fn narrow(&self, stage: &Stage<'_>, here: &str) -> Narrow {
        let (mut problems, mut rules): (BTreeMap<&'static str, usize>, BTreeMap<&str, usize>) =
            Default::default();
        for shown in self.maker.shown().iter().filter(|row| row.side != Side::Before) {
            let codes: BTreeSet<&'static str> = self.maker.codes(&shown.node).iter().copied().collect();
            for code in codes {
                *problems.entry(code).or_default() += 1;
            }
            if let Some(rule) = shown
                .node
                .placement
                .as_ref()
                .and_then(|placement| placement.rule.as_deref())
            {
                *rules.entry(rule).or_default() += 1;
            }
        }
        Narrow {
            heads: match stage {
                Stage::Choosing(_) | Stage::Looking => ("As it is", "As it would be"),
                Stage::Applied { .. } => ("As it was", "As it was planned"),
            },
            rows: format!("{here}/rows"),
            problems: problems.into_iter().collect(),
            rules: rules
                .into_iter()
                .map(|(rule, count)| (rule.to_owned(), count))
                .collect(),
        }
    }

    /// What rows are that nothing happens to.
    fn quietly(&self, stretch: Range<usize>) -> &'static str {
        let rows = &self.maker.shown()[stretch];
        match rows.first().map(|row| row.side) {
            Some(side) if rows.iter().any(|row| row.side != side) => "without a change of their own",
            Some(Side::Before) => "go along",
            Some(Side::After) => "come along",
            Some(Side::Both) | None => "unchanged",
        }
    }
}

fn boxed(row: Row) -> Piece {
    Piece::Row(Box::new(row))
}

#[cfg(test)]
mod tests {
    use crate::run::{Outcome, OutcomeRow, Ticks};

    use super::super::rows::Lead;
    use super::super::sample;
    use super::*;

    const CHOOSING: Stage<'static> = Stage::Choosing(Boxes::Listed);

    fn shape(pieces: &[Piece]) -> Vec<String> {
        pieces
            .iter()
            .map(|piece| match piece {
                Piece::Row(row) => row.name.clone(),
                Piece::FoldStart(count, _) => format!("[{count}"),
                Piece::FoldEnd => "]".to_owned(),
                Piece::Closed(closed) => format!("<{}", closed.rows),
            })
            .collect()
    }

    #[test]
    fn unchanged_rows_fold_but_not_what_is_above_a_change() {
        let run = sample::planned();
        let plan = run.plan.unwrap();
        let shape = shape(&whole(&plan, &CHOOSING, &Links::plain(), "/runs/x").pieces);
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
            node.offers.clear();
        }
        let ticks = whole(&plan, &CHOOSING, &Links::plain(), "/runs/x")
            .pieces
            .iter()
            .filter(|piece| matches!(piece, Piece::Row(row) if matches!(row.lead, Lead::Tick { .. })))
            .count();
        assert_eq!(ticks, plan.operations.len());
    }

    #[test]
    fn every_box_is_told_once_with_what_it_needs() {
        let plan = sample::planned().plan.unwrap();
        let told = ticks(&plan);
        assert_eq!(told.len(), plan.operations.len());
        let place = |id: &str| told.iter().position(|(told, ..)| *told == id).unwrap();
        let compositing = &told[place("op-compositing")];
        assert_eq!(compositing.3, [place("op-hl_020_0030")]);
        let offered = &told[place("op-hl_020_0040")];
        assert!(!offered.2);
    }

    #[test]
    fn a_search_finds_names_kinds_rows_and_reasons() {
        let plan = sample::planned().plan.unwrap();
        let names = |text: &str| {
            let sought = Sought {
                text: text.to_owned(),
                ..Sought::default()
            };
            shape(&found(&plan, &CHOOSING, &Links::plain(), "", &sought).0)
        };
        assert_eq!(names("HL_020_0030"), ["hl_020_0030"]);
        assert_eq!(names("Shot 1051"), ["it's"]);
        assert_eq!(names("does not accept '"), ["it's"]);
        assert_eq!(names("nobody"), [""; 0]);
    }

    #[test]
    fn a_big_plan_shows_its_top_and_every_problem() {
        let plan = sample::big().plan.unwrap();
        let list = whole(&plan, &Stage::Looking, &Links::plain(), "/runs/x");
        let big = list.big.unwrap();
        assert_eq!(big.total, plan.nodes.len());
        assert!(list.pieces.len() < SMALL);
        let shape = shape(&list.pieces);
        assert!(shape.contains(&"sh_0777".to_owned()), "{shape:?}");
        let in_sight = list
            .pieces
            .iter()
            .map(|piece| match piece {
                Piece::Closed(closed) => {
                    assert_eq!(
                        closed.counts.iter().map(|count| count.count).sum::<usize>(),
                        closed.rows
                    );
                    closed.rows
                }
                _ => 1,
            })
            .sum::<usize>();
        assert_eq!(in_sight, big.total, "what is closed is counted");
    }

    #[test]
    fn what_failed_is_in_sight_wherever_it_hangs() {
        let plan = sample::big().plan.unwrap();
        let outcomes: Vec<OutcomeRow> = plan
            .operations
            .iter()
            .map(|operation| OutcomeRow {
                id: operation.id.clone(),
                outcome: match operation.id.0.as_str() {
                    "op-sh_0333" => Outcome::Failed,
                    _ => Outcome::Done,
                },
                message: None,
            })
            .collect();
        let ticks = Ticks::default();
        let stage = Stage::Applied {
            ticks: &ticks,
            outcomes: &outcomes,
            over: true,
        };
        let list = whole(&plan, &stage, &Links::plain(), "/runs/x");
        let shape = shape(&list.pieces);
        assert!(shape.contains(&"sh_0333".to_owned()), "{shape:?}");
        assert!(!shape.contains(&"sh_0334".to_owned()), "{shape:?}");
        let marks: usize = list
            .pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Closed(closed) => Some(&closed.counts),
                _ => None,
            })
            .flatten()
            .filter(|chip| chip.word == "done")
            .map(|chip| chip.count)
            .sum();
        assert_eq!(marks, 1198, "all that is closed is done; sh_0777 is in sight");
    }
}
