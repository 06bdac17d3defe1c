//! Which moves can be made, and in which order: no sibling of the same name, no folder inside itself, at any moment.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::model::AyonId;
use crate::plan::grouping::Spot;
use crate::plan::snapshot::AyonFolder;

/// A folder that should be somewhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Move {
    pub folder: AyonId,
    /// `None` is the project's root.
    pub to: Option<AyonId>,
}

/// Why a move cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stuck {
    /// Another folder has the name there, or gets it.
    Taken(AyonId),
    /// The place, or this folder above it, is switched off.
    Off(AyonId),
    /// The place is inside the folder itself.
    Inside,
    /// It would need a temporary step, because the folder that is in its way waits for it.
    Swap,
}

/// A move that can be made, and the moves that must be made before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ordered {
    /// Its place among the wished moves.
    pub index: usize,
    pub needs: BTreeSet<usize>,
}

/// A place and a name in lower case.
type Place<'n> = (Option<AyonId>, Cow<'n, str>);

/// What becomes of the wished moves.
#[derive(Debug, Default)]
pub(super) struct Settled {
    pub moves: Vec<Ordered>,
    pub stuck: BTreeMap<usize, Stuck>,
}

/// The folders of a project, those that would be made, and the moves that are wished for.
pub(super) struct Scene<'a> {
    pub folders: &'a BTreeMap<AyonId, AyonFolder>,
    /// Folders that would be made: where, and their names in lower case.
    pub made: &'a BTreeMap<AyonId, Spot>,
    pub wishes: &'a [Move],
    /// Names of the wished folders in lower case.
    names: Vec<String>,
}

impl<'a> Scene<'a> {
    pub fn new(
        folders: &'a BTreeMap<AyonId, AyonFolder>,
        made: &'a BTreeMap<AyonId, Spot>,
        wishes: &'a [Move],
    ) -> Self {
        let name = |wish: &Move| folders.get(&wish.folder).map(|folder| folder.name.to_lowercase());
        Self {
            folders,
            made,
            wishes,
            names: wishes.iter().map(|wish| name(wish).unwrap_or_default()).collect(),
        }
    }

    /// Finds the moves that can be made together. What is stuck stays, which may stand in the way of others.
    pub fn settle(&self) -> Settled {
        let mut settled = Settled::default();
        let mut left: BTreeSet<usize> = (0..self.wishes.len()).collect();
        loop {
            let after = After::of(self, &left);
            let mut stuck = self.taken(&left, &after);
            self.wait_in_vain(&left, &mut stuck);
            stuck.extend(self.misplaced(&left, &after, &stuck));
            if stuck.is_empty() {
                match self.ordered(&left, &after) {
                    Ok(moves) => {
                        settled.moves = moves;
                        return settled;
                    }
                    Err(swaps) => stuck.extend(swaps.into_iter().map(|index| (index, Stuck::Swap))),
                }
            }
            left.retain(|index| !stuck.contains_key(index));
            settled.stuck.extend(stuck);
        }
    }

    /// Where a wished folder goes, and under which name.
    fn spot(&self, index: usize) -> (Option<AyonId>, &str) {
        (self.wishes[index].to, &self.names[index])
    }

    /// Moves to a place where another folder has the name afterwards.
    fn taken(&self, left: &BTreeSet<usize>, after: &After<'_>) -> BTreeMap<usize, Stuck> {
        let places: HashSet<Option<AyonId>> = left.iter().map(|index| self.wishes[*index].to).collect();
        // Of each spot those that are in it: two are enough to know of another one.
        let mut occupants: HashMap<Place<'_>, (AyonId, Option<AyonId>)> = HashMap::new();
        let mut occupy = |place, name, id| {
            occupants
                .entry((place, name))
                .and_modify(|(_, second)| *second = second.or(Some(id)))
                .or_insert((id, None));
        };
        for folder in self.folders.values() {
            // A name is free as soon as its folder is switched off (`ayon-api.md §4.1`).
            let stays = folder.active && !after.moves.contains_key(&folder.id);
            if stays && places.contains(&folder.parent) {
                occupy(folder.parent, Cow::Owned(folder.name.to_lowercase()), folder.id);
            }
        }
        for (id, (place, name)) in self.made {
            occupy(*place, Cow::Borrowed(name.as_str()), *id);
        }
        for index in left {
            let (place, name) = self.spot(*index);
            occupy(place, Cow::Borrowed(name), self.wishes[*index].folder);
        }
        let other = |index: &usize| {
            let (place, name) = self.spot(*index);
            let (first, second) = occupants.get(&(place, Cow::Borrowed(name)))?;
            let other = if *first == self.wishes[*index].folder {
                *second
            } else {
                Some(*first)
            };
            Some((*index, Stuck::Taken(other?)))
        };
        left.iter().filter_map(other).collect()
    }

    /// What is stuck keeps its name where it is, so whoever wants that is stuck as well, and so on.
    fn wait_in_vain(&self, left: &BTreeSet<usize>, stuck: &mut BTreeMap<usize, Stuck>) {
        let mut waiting: HashMap<(Option<AyonId>, &str), Vec<usize>> = HashMap::new();
        for index in left.iter().filter(|index| !stuck.contains_key(index)) {
            waiting.entry(self.spot(*index)).or_default().push(*index);
        }
        let mut next: Vec<usize> = stuck.keys().copied().collect();
        while let Some(index) = next.pop() {
            let Some(folder) = self.folders.get(&self.wishes[index].folder) else {
                continue;
            };
            let kept = (folder.parent, self.names[index].as_str());
            for other in waiting.remove(&kept).unwrap_or_default() {
                if stuck.insert(other, Stuck::Taken(folder.id)).is_none() {
                    next.push(other);
                }
            }
        }
    }

    /// Moves to a place that is inside the folder itself afterwards, or below something that is switched off.
    fn misplaced(
        &self,
        left: &BTreeSet<usize>,
        after: &After<'_>,
        already: &BTreeMap<usize, Stuck>,
    ) -> Vec<(usize, Stuck)> {
        let off = |id: AyonId| self.folders.get(&id).is_some_and(|folder| !folder.active);
        let found = |index: &usize| {
            let wish = self.wishes[*index];
            let mut above = after.above(wish.to);
            above.find_map(|id| match id == wish.folder {
                true => Some((*index, Stuck::Inside)),
                false => off(id).then_some((*index, Stuck::Off(id))),
            })
        };
        let open = left.iter().filter(|index| !already.contains_key(index));
        open.filter_map(found).collect()
    }

    /// The moves in an order in which each can be made; or those that wait for each other.
    ///
    /// A folder moves when everything above its new place is where it will be: then nothing above it can be itself. Where
    /// that goes round in a circle, it waits only for what it must wait for: a folder in the spot of a chain may leave for
    /// something that goes into that chain.
    fn ordered(&self, left: &BTreeSet<usize>, after: &After<'_>) -> Result<Vec<Ordered>, Vec<usize>> {
        let index_of: HashMap<AyonId, usize> = left
            .iter()
            .map(|index| (self.wishes[*index].folder, *index))
            .collect();
        let leaving: HashMap<(Option<AyonId>, &str), usize> = left
            .iter()
            .filter_map(|index| {
                let folder = self.folders.get(&self.wishes[*index].folder)?;
                Some(((folder.parent, self.names[*index].as_str()), *index))
            })
            .collect();
        let mut before: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        let mut needs: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for index in left {
            let wish = self.wishes[*index];
            let frees = leaving.get(&self.spot(*index)).filter(|other| *other != index);
            let mut movers = after.above(wish.to).filter_map(|id| index_of.get(&id));
            let mut needed: BTreeSet<usize> = frees.into_iter().copied().collect();
            // A folder of a chain may be made where another one leaves.
            let made = after.above(wish.to).map_while(|id| self.made.get(&id));
            needed.extend(made.filter_map(|(place, name)| leaving.get(&(*place, name.as_str()))));
            let mut first = needed.clone();
            if let Some(nearest) = movers.next() {
                first.insert(*nearest);
                let inside = |mover: &&usize| self.would_be_inside(self.wishes[**mover].folder, wish, after);
                needed.extend([nearest].into_iter().chain(movers).filter(inside));
            }
            before.insert(*index, first);
            needs.insert(*index, needed);
        }
        let order = match sorted(&before) {
            (order, rest) if rest.is_empty() => order,
            _ => match sorted(&needs) {
                (order, rest) if rest.is_empty() => order,
                (_, rest) => return Err(rest),
            },
        };
        Ok(order
            .into_iter()
            .map(|index| Ordered {
                index,
                needs: needs.remove(&index).unwrap_or_default(),
            })
            .collect())
    }

    /// Whether a folder that something above `wish` will be may be inside the wished folder as long as it stays,
    /// whichever of the other moves are made.
    fn would_be_inside(&self, mover: AyonId, wish: Move, after: &After<'_>) -> bool {
        let now = |id: AyonId| self.folders.get(&id).and_then(|folder| folder.parent);
        let mut seen: HashSet<AyonId> = HashSet::new();
        let mut next: Vec<AyonId> = now(mover).into_iter().collect();
        while let Some(id) = next.pop() {
            if id == wish.folder {
                return true;
            }
            if seen.insert(id) {
                next.extend(now(id));
                next.extend(after.parent(id));
            }
        }
        false
    }
}

/// Everything above a place as it is now, the place first.
pub(super) fn now_above(
    folders: &BTreeMap<AyonId, AyonFolder>,
    place: Option<AyonId>,
) -> impl Iterator<Item = AyonId> + '_ {
    std::iter::successors(place, |id| folders.get(id)?.parent).take(folders.len() + 1)
}

/// The tree once the moves are made.
struct After<'a> {
    scene: &'a Scene<'a>,
    moves: HashMap<AyonId, Option<AyonId>>,
}

impl<'a> After<'a> {
    fn of(scene: &'a Scene<'a>, left: &BTreeSet<usize>) -> Self {
        let moves = left.iter().map(|index| scene.wishes[*index]);
        Self {
            scene,
            moves: moves.map(|wish| (wish.folder, wish.to)).collect(),
        }
    }

    fn parent(&self, id: AyonId) -> Option<AyonId> {
        if let Some(to) = self.moves.get(&id) {
            return *to;
        }
        match self.scene.folders.get(&id) {
            Some(folder) => folder.parent,
            None => self.scene.made.get(&id).and_then(|(parent, _)| *parent),
        }
    }

    /// Everything above a place, the place first; a circle ends as well.
    fn above(&self, place: Option<AyonId>) -> impl Iterator<Item = AyonId> + '_ {
        let most = self.scene.folders.len() + self.scene.made.len() + 1;
        std::iter::successors(place, |id| self.parent(*id)).take(most)
    }
}

/// Sorts so that each comes after those before it; and those that come before each other, when there are any.
fn sorted(before: &BTreeMap<usize, BTreeSet<usize>>) -> (Vec<usize>, Vec<usize>) {
    let mut after: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, first) in before {
        for other in first {
            after.entry(*other).or_default().push(*index);
        }
    }
    let mut waits: BTreeMap<usize, usize> = before
        .iter()
        .map(|(index, first)| (*index, first.len()))
        .collect();
    let mut ready: BTreeSet<usize> = waits
        .iter()
        .filter(|(_, count)| **count == 0)
        .map(|(index, _)| *index)
        .collect();
    let mut order = Vec::with_capacity(before.len());
    while let Some(index) = ready.pop_first() {
        order.push(index);
        waits.remove(&index);
        for next in after.get(&index).into_iter().flatten() {
            if let Some(count) = waits.get_mut(next) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(*next);
                }
            }
        }
    }
    // Of the rest, those that only wait for a circle are not part of it.
    let rest: BTreeSet<usize> = waits.into_keys().collect();
    let waiting = |index: &usize| {
        let others = after.get(index).into_iter().flatten();
        others.filter(|other| rest.contains(other)).count()
    };
    let mut waited_for: BTreeMap<usize, usize> = rest.iter().map(|index| (*index, waiting(index))).collect();
    let mut idle: Vec<usize> = waited_for
        .iter()
        .filter(|(_, count)| **count == 0)
        .map(|(index, _)| *index)
        .collect();
    while let Some(index) = idle.pop() {
        waited_for.remove(&index);
        for first in before.get(&index).into_iter().flatten() {
            if let Some(count) = waited_for.get_mut(first) {
                *count -= 1;
                if *count == 0 {
                    idle.push(*first);
                }
            }
        }
    }
    (order, waited_for.into_keys().collect())
}
