//! Which rows of a long list stand on a page, and which wait in closed branches until somebody opens them.
//!
//! A plan's rows never change, so their positions are addresses: a closed branch is the stretch of rows that it
//! stands for, and opening it asks for exactly that stretch.

use std::collections::BTreeMap;
use std::ops::Range;

/// What the choice depends on, of one row.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub depth: usize,
    /// Nothing happens to it, and nothing is to be said of it.
    pub quiet: bool,
    /// It is in sight wherever it stands.
    pub wanted: bool,
}

/// A piece of a list, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    Row(usize),
    /// Rows that are not in sight.
    Closed(Range<usize>),
}

/// The shape of a list of rows that stand in tree order.
pub struct Tree {
    depths: Vec<usize>,
    /// For each row the position after its last descendant.
    ends: Vec<usize>,
    /// Whether a row and all below it are quiet.
    quiet: Vec<bool>,
    /// Whether a row or something below it is wanted.
    wanted: Vec<bool>,
}

impl Tree {
    pub fn of(looks: &[Look]) -> Self {
        let mut tree = Self {
            depths: looks.iter().map(|look| look.depth).collect(),
            ends: vec![looks.len(); looks.len()],
            quiet: looks.iter().map(|look| look.quiet).collect(),
            wanted: looks.iter().map(|look| look.wanted).collect(),
        };
        let mut above: Vec<usize> = Vec::new();
        for (index, look) in looks.iter().enumerate() {
            while let Some(last) = above.last().copied()
                && looks[last].depth >= look.depth
            {
                tree.ends[last] = index;
                above.pop();
            }
            for ancestor in &above {
                tree.quiet[*ancestor] &= look.quiet;
                tree.wanted[*ancestor] |= look.wanted;
            }
            above.push(index);
        }
        tree
    }

    pub fn len(&self) -> usize {
        self.depths.len()
    }

    /// The rows of a stretch that have no row above them in it.
    pub fn tops(&self, stretch: Range<usize>) -> impl Iterator<Item = usize> + '_ {
        let mut next = stretch.start;
        std::iter::from_fn(move || {
            let top = next;
            (top < stretch.end).then(|| {
                next = self.ends[top];
                top
            })
        })
    }

    /// The stretch, with about `most` rows in sight: whole levels from the top while they fit, and what is wanted.
    pub fn part(&self, stretch: Range<usize>, most: usize) -> Vec<Item> {
        let stretch = stretch.start.min(self.len())..stretch.end.min(self.len());
        let all_quiet = stretch.clone().all(|index| self.quiet[index]);
        let mut levels: BTreeMap<usize, usize> = BTreeMap::new();
        for index in stretch.clone().filter(|index| all_quiet || !self.quiet[*index]) {
            *levels.entry(self.depths[index]).or_default() += 1;
        }
        let mut shown = 0;
        let mut floor = 0;
        for (nth, (depth, count)) in levels.into_iter().enumerate() {
            shown += count;
            if nth > 0 && shown > most {
                break;
            }
            floor = depth;
        }
        let mut walk = Walk {
            tree: self,
            floor,
            room: most,
            fold_quiet: !all_quiet,
            most,
            items: Vec::new(),
        };
        walk.level(stretch);
        walk.items
    }
}

struct Walk<'a> {
    tree: &'a Tree,
    /// The deepest level in sight.
    floor: usize,
    /// How many rows may still be shown.
    room: usize,
    fold_quiet: bool,
    most: usize,
    items: Vec<Item>,
}

impl Walk<'_> {
    /// Rows that are siblings, and what is below them.
    fn level(&mut self, stretch: Range<usize>) {
        let mut closed = stretch.start;
        let mut index = stretch.start;
        while index < stretch.end {
            let end = self.tree.ends[index].min(stretch.end);
            let quiet = self.fold_quiet && self.tree.quiet[index];
            let in_sight = self.tree.depths[index] <= self.floor && self.room > 0 && !quiet;
            if in_sight || self.tree.wanted[index] {
                self.close(closed..index);
                self.items.push(Item::Row(index));
                self.room = self.room.saturating_sub(1);
                self.level(index + 1..end);
                closed = end;
            }
            index = end;
        }
        self.close(closed..stretch.end);
    }

    /// A single row takes no more room than its closed branch would; a long level is closed in handy pieces.
    fn close(&mut self, stretch: Range<usize>) {
        if stretch.len() == 1 {
            self.items.push(Item::Row(stretch.start));
            return;
        }
        let quiet = self.fold_quiet && stretch.clone().all(|index| self.tree.quiet[index]);
        let tops = self.tree.tops(stretch.clone()).count();
        let piece = if quiet {
            tops
        } else {
            (self.most / 2).max(tops / 50).max(1)
        };
        let starts: Vec<usize> = self.tree.tops(stretch.clone()).step_by(piece.max(1)).collect();
        for (nth, start) in starts.iter().enumerate() {
            let end = starts.get(nth + 1).copied().unwrap_or(stretch.end);
            self.items.push(if end - start == 1 {
                Item::Row(*start)
            } else {
                Item::Closed(*start..end)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn look(depth: usize, quiet: bool, wanted: bool) -> Look {
        Look { depth, quiet, wanted }
    }

    fn tree(looks: &[(usize, bool, bool)]) -> Tree {
        let looks: Vec<Look> = looks.iter().map(|(d, q, w)| look(*d, *q, *w)).collect();
        Tree::of(&looks)
    }

    #[test]
    fn quiet_stretches_fold_and_what_is_above_a_change_does_not() {
        let tree = tree(&[
            (0, true, false),
            (1, true, false),
            (2, false, false),
            (2, true, false),
            (2, true, false),
            (1, true, false),
        ]);
        let all = tree.part(0..6, usize::MAX);
        assert_eq!(
            all,
            [
                Item::Row(0),
                Item::Row(1),
                Item::Row(2),
                Item::Closed(3..5),
                Item::Row(5)
            ]
        );
    }

    #[test]
    fn only_whole_levels_are_in_sight_and_what_is_wanted() {
        let tree = tree(&[
            (0, false, false),
            (1, false, false),
            (2, false, false),
            (2, false, true),
            (2, false, false),
            (2, false, false),
            (1, false, false),
            (2, false, false),
            (2, false, false),
        ]);
        assert_eq!(
            tree.part(0..9, 4),
            [
                Item::Row(0),
                Item::Row(1),
                Item::Row(2),
                Item::Row(3),
                Item::Closed(4..6),
                Item::Row(6),
                Item::Closed(7..9)
            ]
        );
    }

    /// Opens every closed branch until none is left.
    fn rows_of(tree: &Tree, stretch: Range<usize>, most: usize, rows: &mut Vec<usize>) {
        for item in tree.part(stretch.clone(), most) {
            match item {
                Item::Row(row) => rows.push(row),
                Item::Closed(inner) => {
                    assert!(inner.len() < stretch.len(), "{inner:?} never ends");
                    rows_of(tree, inner, most, rows);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn opening_everything_shows_every_row_once_and_in_order(
            looks in prop::collection::vec((0_usize..5, any::<bool>(), prop::bool::weighted(0.05)), 0..300),
            most in 1_usize..40,
        ) {
            let tree = tree(&looks);
            let mut rows = Vec::new();
            let whole = tree.part(0..tree.len(), most);
            for item in whole {
                match item {
                    Item::Row(row) => rows.push(row),
                    Item::Closed(inner) => rows_of(&tree, inner, most, &mut rows),
                }
            }
            prop_assert_eq!(rows, (0..looks.len()).collect::<Vec<_>>());
        }
    }
}
