//! Problems, worst first, equal ones together.

use std::collections::HashSet;

use crate::model::FlowRef;
use crate::plan::Plan;
use crate::problem::{Problem, Severity};

use super::list::{List, Piece};
use super::{Links, rows};

/// More of one kind than this are folded.
const FOLD_ABOVE: usize = 3;
/// More of one kind than this are left to their rows.
const MOST_ITEMS: usize = 50;

/// All problems of one severity and code.
pub struct Group {
    /// Class of the severity.
    pub severity: &'static str,
    pub symbol: &'static str,
    pub word: &'static str,
    pub code: &'static str,
    /// Said above a fold: the first, and how many more.
    pub title: String,
    /// What to do, when it is the same for all.
    pub remedy: Option<String>,
    pub folded: bool,
    pub items: Vec<Item>,
    /// How many are left to their rows.
    pub more: usize,
}

impl Group {
    /// Whether nobody needs to do anything about it.
    pub fn is_info(&self) -> bool {
        self.severity == Severity::Info.as_str()
    }
}

/// One problem.
pub struct Item {
    pub message: String,
    /// What to do, when it differs from the others'.
    pub remedy: Option<String>,
    /// Whose it is, with the address of the Flow row.
    pub flow: Option<(String, String)>,
    /// Whose it is in AYON.
    pub ayon: Option<String>,
    /// Address of the row that it is about.
    pub row: Option<String>,
}

/// The plan's problems as a page shows them; they stand worst first in the plan.
pub fn groups(plan: &Plan, list: &List, links: &Links) -> Vec<Group> {
    let places = Places::of(plan, list);
    plan.problems
        .chunk_by(|a, b| (a.severity, a.code) == (b.severity, b.code))
        .map(|same| group(same, &places, links))
        .collect()
}

/// Where the rows are that problems are about.
struct Places<'a> {
    known: HashSet<FlowRef>,
    on_page: HashSet<&'a str>,
    /// Where a big list is searched.
    rows: Option<&'a str>,
}

impl<'a> Places<'a> {
    fn of(plan: &Plan, list: &'a List) -> Self {
        let on_page = list.all_pieces().filter_map(|piece| match piece {
            Piece::Row(row) => row.anchor.as_deref(),
            Piece::FoldStart(..) | Piece::FoldEnd | Piece::Closed(_) => None,
        });
        Self {
            known: plan.nodes.iter().filter_map(|node| node.flow).collect(),
            on_page: on_page.collect(),
            rows: list.big.as_ref().map(|big| big.rows.as_str()),
        }
    }

    fn address(&self, key: FlowRef) -> Option<String> {
        let anchor = rows::anchor(key);
        if self.on_page.contains(anchor.as_str()) {
            return Some(format!("#{anchor}"));
        }
        let rows = self.rows.filter(|_| self.known.contains(&key))?;
        Some(format!("{rows}?find={}+{}", key.kind, key.id))
    }
}

fn group(same: &[Problem], places: &Places<'_>, links: &Links) -> Group {
    let first = &same[0];
    let common = same.iter().all(|problem| problem.remedy == first.remedy);
    let (symbol, word) = match first.severity {
        Severity::Blocked => ("!", "left out"),
        Severity::Warning => ("▲", "look at this"),
        Severity::Info => ("i", "good to know"),
    };
    Group {
        severity: first.severity.as_str(),
        symbol,
        word,
        code: first.code.as_str(),
        title: match same.len() {
            1 => first.message.clone(),
            several => format!("{} And {} more like this.", first.message, several - 1),
        },
        remedy: common.then(|| first.remedy.clone()),
        // What is only good to know must not push the rows out of sight.
        folded: same.len() > FOLD_ABOVE || first.severity == Severity::Info,
        more: same.len().saturating_sub(MOST_ITEMS),
        items: same
            .iter()
            .take(MOST_ITEMS)
            .map(|problem| Item {
                message: problem.message.clone(),
                remedy: (!common).then(|| problem.remedy.clone()),
                flow: problem.flow.as_ref().map(|flow| {
                    (
                        format!("{} {}", flow.key.kind.singular(), flow.name),
                        links.flow_row(flow.key.kind.as_str(), flow.key.id.0),
                    )
                }),
                ayon: problem.ayon.as_ref().map(|ayon| {
                    let place = if ayon.path.is_empty() {
                        &ayon.name
                    } else {
                        &ayon.path
                    };
                    format!("{} {place}", ayon.kind)
                }),
                row: problem.flow.as_ref().and_then(|flow| places.address(flow.key)),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::Stage;
    use super::super::{list, sample};
    use super::*;

    #[test]
    fn many_equal_problems_fold_into_one() {
        let mut plan = sample::planned().plan.unwrap();
        let one = plan.problems[0].clone();
        plan.problems = vec![one; 7];
        let list = list::whole(&plan, &Stage::Looking, &Links::plain(), "");
        let groups = groups(&plan, &list, &Links::plain());
        assert_eq!(groups.len(), 1);
        assert!(groups[0].folded);
        assert!(groups[0].title.ends_with("And 6 more like this."));
        assert!(groups[0].items.iter().all(|item| item.remedy.is_none()));
    }
}
