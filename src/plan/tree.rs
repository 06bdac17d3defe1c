//! Tree order: nodes as people read them, every branch below its parent, siblings by name.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::rc::Rc;

use crate::model::{AyonId, FlowRef};

use super::operation::{Node, On};

/// What a node stands for, while the tree is made.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum NodeKey {
    Row(FlowRef),
    /// An AYON folder that no looked-at row stands for.
    Folder(AyonId),
    /// A helper folder that will be made, by its path.
    Helper(Rc<str>),
    /// A Flow field or an entry of the anatomy.
    Setup(String),
}

/// A node before it has its place: its own key, and the key of what is above it.
pub(super) struct Placed {
    pub key: NodeKey,
    pub above: Option<NodeKey>,
    pub node: Node,
}

/// Sorts nodes into tree order and gives each its depth. Set-up comes first, then the project, then its tree.
///
/// What is above a node but not among them counts as the root.
pub(super) fn in_tree_order(placed: Vec<Placed>) -> Vec<Node> {
    let known: HashMap<&NodeKey, usize> = placed
        .iter()
        .enumerate()
        .map(|(index, entry)| (&entry.key, index))
        .collect();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); placed.len()];
    let mut roots = Vec::new();
    for (index, entry) in placed.iter().enumerate() {
        match entry.above.as_ref().and_then(|above| known.get(above)) {
            Some(parent) if *parent != index => children[*parent].push(index),
            _ => roots.push(index),
        }
    }
    let order = |a: &usize, b: &usize| tree_order(&placed[*a].node, &placed[*b].node);
    roots.sort_by(order);
    for siblings in &mut children {
        siblings.sort_by(order);
    }
    let mut sequence = Vec::with_capacity(placed.len());
    let mut stack: Vec<(usize, usize)> = roots.iter().rev().map(|root| (*root, 0)).collect();
    let mut unreached: Vec<bool> = vec![true; placed.len()];
    // Rows that stand above each other in a circle have no root among them; each is shown all the same.
    let mut circles = 0..placed.len();
    while let Some((index, depth)) = stack
        .pop()
        .or_else(|| circles.find(|index| unreached[*index]).map(|index| (index, 0)))
    {
        if std::mem::take(&mut unreached[index]) {
            sequence.push((index, depth));
            stack.extend(children[index].iter().rev().map(|child| (*child, depth + 1)));
        }
    }
    let mut nodes: Vec<Option<Node>> = placed.into_iter().map(|entry| Some(entry.node)).collect();
    sequence
        .into_iter()
        .filter_map(|(index, depth)| nodes[index].take().map(|node| Node { depth, ..node }))
        .collect()
}

/// The order of siblings: tasks before folders, by name.
pub fn tree_order(a: &Node, b: &Node) -> Ordering {
    // Tasks of a folder stand before its folders, so that they are seen with what they belong to.
    let rank = |node: &Node| match node.on {
        On::Field => 0,
        On::Project => 1,
        On::Anatomy => 2,
        On::Task => 3,
        On::Folder => 4,
        On::User => 5,
    };
    rank(a)
        .cmp(&rank(b))
        .then_with(|| natural(&a.name, &b.name))
        .then_with(|| a.flow.cmp(&b.flow))
        .then_with(|| a.name.cmp(&b.name))
}

/// Compares with numbers by value and without case: `sh9` before `SH10`.
pub(super) fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    loop {
        match (a.first(), b.first()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let (first, second) = (number(&mut a), number(&mut b));
                // More significant digits are a larger number, whatever they are.
                let order = first.len().cmp(&second.len()).then_with(|| first.cmp(second));
                if order.is_ne() {
                    return order;
                }
            }
            (Some(x), Some(y)) => {
                let order = x.to_ascii_lowercase().cmp(&y.to_ascii_lowercase());
                if order.is_ne() {
                    return order;
                }
                (a, b) = (&a[1..], &b[1..]);
            }
        }
    }
}

/// Takes a run of digits off the front: those that count.
fn number<'t>(text: &mut &'t [u8]) -> &'t [u8] {
    let end = text
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    *text = rest;
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    &digits[zeros..]
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::{NodeKey, Placed, in_tree_order, natural};
    use crate::model::{FlowRef, FlowType};
    use crate::plan::{Node, On, Verdict};

    /// AYON never makes one, but a row may be told to move below what is below it.
    #[test]
    fn what_stands_above_each_other_is_shown_all_the_same() {
        let key = |id| NodeKey::Row(FlowRef::new(FlowType::Shot, id));
        let placed = |id, above| Placed {
            key: key(id),
            above: Some(key(above)),
            node: Node {
                on: On::Folder,
                depth: 0,
                kind: "Shot".to_owned(),
                name: id.to_string(),
                label: None,
                path: String::new(),
                flow: None,
                verdict: Verdict::Unchanged,
                selected: false,
                operation: None,
                offers: Vec::new(),
                trace: [].into(),
                placement: None,
                seat: None,
            },
        };
        let nodes = in_tree_order(vec![placed(1, 2), placed(2, 1), placed(3, 1)]);
        let shown: Vec<(&str, usize)> = nodes
            .iter()
            .map(|node| (node.name.as_str(), node.depth))
            .collect();
        assert_eq!(shown, [("1", 0), ("2", 1), ("3", 1)]);
    }

    #[test]
    fn numbers_sort_by_value() {
        assert_eq!(natural("sh9", "SH10"), Ordering::Less);
        assert_eq!(natural("sh_0010", "sh_10"), Ordering::Equal);
        assert_eq!(natural("sh2_b", "sh2_a"), Ordering::Greater);
        assert_eq!(
            natural("99999999999999999999999", "100000000000000000000000"),
            Ordering::Less
        );
    }
}
