//! Rows that AYON does not have: which of them get the names they want.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::model::{AyonId, FlowType};
use crate::problem::Code;

use super::anatomy::same_type;
use super::grouping::{Helper, Spot};
use super::partner::Partner;
use super::places::{Obstacle, Place, Placed};
use super::snapshot::FlowRow;
use super::sync::{Planner, Target};
use super::tree::NodeKey;

/// A row that AYON does not have yet, before its name is known to be free.
pub(super) struct Candidate<'a> {
    pub row: &'a FlowRow,
    pub id: AyonId,
    pub name: String,
    pub label: Option<String>,
    pub parent: Target,
    /// The helper folders on the way to it.
    pub helpers: Rc<[Helper]>,
    pub placed: Placed,
}

impl<'a> Planner<'a> {
    /// Looks for the place and the name of a new row.
    pub(super) fn candidate(
        &mut self,
        row: &'a FlowRow,
        id: AyonId,
        placed: &Placed,
    ) -> Option<Candidate<'a>> {
        let mut placed = placed.clone();
        let parent = match &placed.place {
            Place::Nowhere(obstacle) => {
                let obstacle = obstacle.clone();
                self.block(row, &obstacle, None, &placed.trace);
                return None;
            }
            Place::Root => Some(self.root.clone()),
            // Looked for when everything else is right: a helper folder that nothing goes into is not made.
            Place::Helpers(_) => None,
            Place::Row(key) => match self.target_of(*key) {
                Some(target) => Some(target),
                None => {
                    let obstacle = Obstacle {
                        code: Code::ParentBlocked,
                        message: format!("The {} above it cannot be synced.", key.kind),
                        remedy: "Mend what is said of the row above; this one follows.",
                    };
                    self.block(row, &obstacle, Some(NodeKey::Row(*key)), &placed.trace);
                    return None;
                }
            },
        };
        let above = parent.as_ref().map(|target| target.key.clone());
        let (name, label) = match self.name(row) {
            Ok(names) => names,
            Err(obstacle) => {
                self.block(row, &obstacle, above, &placed.trace);
                return None;
            }
        };
        let helpers = match &placed.place {
            Place::Helpers(helpers) => helpers.clone(),
            _ => Rc::default(),
        };
        let parent = match parent {
            Some(parent) => parent,
            None => match self.helper_target(&helpers) {
                Ok(target) => {
                    placed.trace.push(format!("folder {}", target.path));
                    target
                }
                Err(obstacle) => {
                    self.block(row, &obstacle, None, &placed.trace);
                    return None;
                }
            },
        };
        self.rootless(row, &placed.place);
        Some(Candidate {
            row,
            id,
            name,
            label,
            parent,
            helpers,
            placed,
        })
    }

    /// Makes what has a name of its own, adopts what AYON has under that name, and blocks the rest.
    pub(super) fn settle(&mut self, candidates: Vec<Candidate<'a>>) {
        let spot =
            |candidate: &Candidate<'_>| -> Spot { (candidate.parent.id, candidate.name.to_lowercase()) };
        let mut wanted: HashMap<Spot, usize> = HashMap::new();
        for candidate in &candidates {
            *wanted.entry(spot(candidate)).or_insert(0) += 1;
        }
        // Where an asset category will be made for an Asset with a name of its own, no row can go.
        let categories: HashSet<Spot> = candidates
            .iter()
            .filter(|candidate| wanted.get(&spot(candidate)) == Some(&1))
            .flat_map(|candidate| self.helpers.unmade(&candidate.helpers))
            .filter_map(|(spot, category)| category.then_some(spot))
            .collect();
        for candidate in candidates {
            let spot = spot(&candidate);
            let task = candidate.row.key.kind == FlowType::Task;
            let taken = self
                .partners(candidate.row.key.kind)
                .named(candidate.parent.id, &candidate.name);
            let alone = wanted.get(&spot) == Some(&1);
            let path = || format!("{}/{}", candidate.parent.path, candidate.name);
            let obstacle = if let Some(twin) = taken.filter(|taken| alone && self.is_twin(&candidate, taken))
            {
                self.adopt(candidate, twin);
                continue;
            } else if let Some(taken) = taken {
                Some(Obstacle {
                    code: Code::NameTaken,
                    message: match taken.link {
                        Some((kind, id)) => format!("AYON has {} already, linked with {kind} {id}.", path()),
                        None => format!(
                            "AYON has {} already, as a {} that is not linked with Flow.",
                            path(),
                            taken.kind
                        ),
                    },
                    remedy: "Rename one of the two, or write the AYON id into sg_ayon_id of the Flow row.",
                })
            } else if !alone || !task && (categories.contains(&spot) || self.helpers.plans(&spot)) {
                Some(Obstacle {
                    code: Code::NameClash,
                    message: format!("Several Flow rows would become {} in AYON.", path()),
                    remedy: "Give them names in Flow that differ in letters or digits.",
                })
            } else {
                let mut unmade = self.helpers.unmade(&candidate.helpers).into_iter();
                let row_in_the_way = unmade.find(|(spot, category)| !category && wanted.contains_key(spot));
                row_in_the_way.map(|((_, name), _)| Obstacle {
                    code: Code::ChainTaken,
                    message: format!(
                        "The re-parenting preset wants a folder {name}, and a Flow row becomes a folder of that name in the same place."
                    ),
                    remedy: "Give the preset another folder name in the addon's settings.",
                })
            };
            match obstacle {
                Some(obstacle) => {
                    let above = Some(candidate.parent.key);
                    self.block(candidate.row, &obstacle, above, &candidate.placed.trace);
                }
                None => {
                    let row = candidate.row.key;
                    self.make_helpers(&candidate.helpers);
                    let target = self.create(candidate);
                    self.states.insert(row, Some(target));
                }
            }
        }
    }

    /// Whether what AYON has under the name is the same thing, only not linked with anything.
    fn is_twin(&self, candidate: &Candidate<'_>, taken: &Partner<'_>) -> bool {
        let kind = match candidate.row.key.kind {
            FlowType::Task => self.task_type(candidate.row).0,
            kind => kind.as_str().to_owned(),
        };
        let claimed = self.partners(candidate.row.key.kind).is_claimed(taken.id);
        taken.link.is_none() && !claimed && same_type(taken.kind, &kind)
    }

    fn adopt(&mut self, candidate: Candidate<'a>, twin: Partner<'a>) {
        let mut placed = candidate.placed;
        placed.trace.push(format!(
            "AYON has a {} of this name here that is not linked with Flow: it is taken over",
            twin.kind
        ));
        self.known(candidate.row, twin, &placed);
    }
}
