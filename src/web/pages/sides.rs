//! The rows of a plan in the order of the page. Where a plan leads elsewhere, two trees stand side by side in one list:
//! what stays has one row in both, what moves has one in each.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use crate::plan::{Node, On, OpId, Placement, Plan, tree_order};

use super::rows::lone;

/// Which of the two trees a row stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Both,
    /// Only in the tree as it is.
    Before,
    /// Only in the tree as it would be.
    After,
}

/// One row's node, and where it stands.
#[derive(Clone, Debug)]
pub struct Shown<'a> {
    pub node: Cow<'a, Node>,
    pub depth: usize,
    pub side: Side,
}

impl Shown<'_> {
    fn of(node: Cow<'_, Node>, side: Side) -> Shown<'_> {
        Shown {
            depth: node.depth,
            node,
            side,
        }
    }
}

/// Every node of a plan, and a made-up one for each operation that none points at.
pub fn shown(plan: &Plan) -> Vec<Shown<'_>> {
    let pointed_at: BTreeSet<&OpId> = plan
        .nodes
        .iter()
        .flat_map(|node| node.operation.iter().chain(&node.offers))
        .collect();
    let others = plan
        .operations
        .iter()
        .filter(|operation| !pointed_at.contains(&operation.id))
        .map(|operation| Shown::of(Cow::Owned(lone(operation)), Side::Both));
    others.chain(projects(&plan.nodes).flat_map(trees)).collect()
}

/// The nodes of each project: paths tell folders apart within one only.
fn projects(nodes: &[Node]) -> impl Iterator<Item = &[Node]> {
    let mut rest = nodes;
    std::iter::from_fn(move || {
        let (first, more) = rest.split_first()?;
        let mut has_project = first.on == On::Project;
        let end = more.iter().position(|node| {
            let another = has_project && node.on == On::Project;
            has_project |= node.on == On::Project;
            another
        });
        let (project, others) = rest.split_at(end.map_or(rest.len(), |end| end + 1));
        rest = others;
        Some(project)
    })
}

fn from(node: &Node) -> Option<&str> {
    node.placement.as_ref()?.from.as_deref()
}

fn trees(nodes: &[Node]) -> Vec<Shown<'_>> {
    let rows = nodes.iter().map(|node| {
        let side = match from(node) {
            Some(_) => Side::After,
            None => Side::Both,
        };
        Shown::of(Cow::Borrowed(node), side)
    });
    let mut rows: Vec<Shown<'_>> = rows.collect();
    if rows.iter().all(|row| row.side == Side::Both) {
        return rows;
    }
    let mut above: Vec<Option<usize>> = Vec::with_capacity(rows.len());
    let mut open: Vec<usize> = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        while open.last().is_some_and(|last| rows[*last].depth >= row.depth) {
            open.pop();
        }
        above.push(open.last().copied());
        open.push(index);
    }
    // Where everything is now, by its path; what is not in AYON is nowhere.
    let mut now: HashMap<&str, usize> = HashMap::new();
    let there = |node: &Node| node.placement.as_ref().is_none_or(|placement| placement.exists);
    for (index, node) in nodes.iter().enumerate() {
        match from(node) {
            Some(path) => {
                now.insert(path, rows.len());
                rows.push(Shown::of(Cow::Owned(gone(node)), Side::Before));
            }
            None if there(node) && !node.path.is_empty() => {
                now.entry(&node.path).or_insert(index);
            }
            None => {}
        }
    }
    let root = nodes.iter().position(|node| node.path == "/");
    for node in nodes {
        if let Some((parent, _)) = from(node).and_then(|path| path.rsplit_once('/')) {
            above.push(now.get(parent).copied().filter(|_| !parent.is_empty()).or(root));
        }
    }
    in_order(rows, &above)
}

/// The row of a node at the place that it leaves.
fn gone(node: &Node) -> Node {
    Node {
        path: from(node).unwrap_or_default().to_owned(),
        operation: None,
        offers: Vec::new(),
        trace: [].into(),
        placement: Some(Box::new(Placement {
            from: Some(node.path.clone()),
            exists: true,
            rule: None,
        })),
        ..node.clone()
    }
}

/// Every row after the one above it, siblings by name; a name that is left stands before one that comes.
fn in_order<'a>(rows: Vec<Shown<'a>>, above: &[Option<usize>]) -> Vec<Shown<'a>> {
    let mut below: Vec<Vec<usize>> = vec![Vec::new(); rows.len()];
    let mut roots = Vec::new();
    for (index, above) in above.iter().enumerate() {
        match above {
            Some(above) => below[*above].push(index),
            None => roots.push(index),
        }
    }
    let came = |index: &usize| rows[*index].side != Side::Before;
    let order =
        |a: &usize, b: &usize| tree_order(&rows[*a].node, &rows[*b].node).then_with(|| came(a).cmp(&came(b)));
    // What stands at the root besides the project's tree keeps its place.
    for siblings in &mut below {
        siblings.sort_by(order);
    }
    let mut sequence = Vec::with_capacity(rows.len());
    let mut stack: Vec<(usize, usize)> = roots.into_iter().rev().map(|index| (index, 0)).collect();
    while let Some((index, depth)) = stack.pop() {
        sequence.push((index, depth));
        stack.extend(below[index].iter().rev().map(|index| (*index, depth + 1)));
    }
    let mut rows: Vec<Option<Shown<'a>>> = rows.into_iter().map(Some).collect();
    sequence
        .into_iter()
        .filter_map(|(index, depth)| rows[index].take().map(|row| Shown { depth, ..row }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn what_moves_stands_in_both_trees_and_everything_else_once() {
        let plan = sample::moves().plan.unwrap();
        let shown = shown(&plan);
        let lines: Vec<String> = shown
            .iter()
            .map(|row| {
                let sign = match row.side {
                    Side::Both => ' ',
                    Side::Before => '-',
                    Side::After => '+',
                };
                format!("{sign}{}{}", "  ".repeat(row.depth), row.node.name)
            })
            .collect();
        assert_eq!(
            lines,
            [
                " harbor_lights",
                "   ep01",
                "-    sq01",
                "-      sh010",
                "     sq02",
                "   sequences",
                "+    sq01",
                "+      sh010",
            ]
        );
        let after = shown.iter().filter(|row| row.side != Side::Before).count();
        assert_eq!(after, plan.nodes.len());
    }

    /// Two projects may have folders of the same paths.
    #[test]
    fn what_leaves_stands_in_its_own_project() {
        let mut plan = sample::moves().plan.unwrap();
        let twice = plan.nodes.clone();
        plan.nodes.extend(twice.clone());
        let one: Vec<(String, usize)> = self::trees(&twice)
            .iter()
            .map(|row| (row.node.name.clone(), row.depth))
            .collect();
        let both: Vec<(String, usize)> = shown(&plan)
            .iter()
            .map(|row| (row.node.name.clone(), row.depth))
            .collect();
        assert_eq!(both, [one.clone(), one].concat());
    }
}
