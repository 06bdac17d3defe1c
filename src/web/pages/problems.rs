//! Problems, worst first, equal ones together.

use std::collections::HashSet;

use crate::model::FlowRef;
use crate::plan::Plan;
use crate::problem::{Problem, Severity};

use super::{Links, rows};

/// More of one kind than this are folded.
const FOLD_ABOVE: usize = 3;

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
    /// The row of this page that it is about.
    pub anchor: Option<String>,
}

/// The plan's problems as a page shows them; they stand worst first in the plan.
pub fn groups(plan: &Plan, links: &Links) -> Vec<Group> {
    let shown: HashSet<FlowRef> = plan.nodes.iter().filter_map(|node| node.flow).collect();
    plan.problems
        .chunk_by(|a, b| (a.severity, a.code) == (b.severity, b.code))
        .map(|same| group(same, &shown, links))
        .collect()
}

fn group(same: &[Problem], shown: &HashSet<FlowRef>, links: &Links) -> Group {
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
        title: format!("{} And {} more like this.", first.message, same.len() - 1),
        remedy: common.then(|| first.remedy.clone()),
        folded: same.len() > FOLD_ABOVE,
        items: same
            .iter()
            .map(|problem| Item {
                message: problem.message.clone(),
                remedy: (!common).then(|| problem.remedy.clone()),
                flow: problem.flow.as_ref().map(|flow| {
                    (
                        format!("{} {}", flow.key.kind, flow.name),
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
                anchor: problem
                    .flow
                    .as_ref()
                    .map(|flow| flow.key)
                    .filter(|key| shown.contains(key))
                    .map(rows::anchor),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn many_equal_problems_fold_into_one() {
        let mut plan = sample::planned().plan.unwrap();
        let one = plan.problems[0].clone();
        plan.problems = vec![one; 7];
        let groups = groups(&plan, &Links::plain());
        assert_eq!(groups.len(), 1);
        assert!(groups[0].folded);
        assert!(groups[0].title.ends_with("And 6 more like this."));
        assert!(groups[0].items.iter().all(|item| item.remedy.is_none()));
    }
}
