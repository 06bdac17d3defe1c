//! The plan of a re-parenting: the folders that AYON has, moved to where the rules put their rows. Nothing else changes.

mod emptied;
mod moves;
mod shown;
mod targets;
mod trace;
mod work_directory;
mod written;

pub use written::WORK_DIRECTORY;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::json;

use crate::model::{AyonId, FlowRef, FlowType, Parenting};
use crate::problem::{AyonNamed, Code, Severity};

use self::moves::{Move, Ordered, Scene, Settled, Stuck};
use self::trace::Tracer;
use self::work_directory::Folder;
use super::anatomy::same_type;
use super::attributes::Effective;
use super::draft::{Tick, Wish, row_key};
use super::entities::in_ayon;
use super::grouping::{Helper, Spot};
use super::guards::guard;
use super::intent::{EntityPatch, Write};
use super::offers::FORCE;
use super::operation::{Change, Kind, On, OpId, Reasons, Verdict};
use super::partner::{Identity, Partner};
use super::places::{Obstacle, Place, Placed, TypeRule, places, type_rules};
use super::preflight::{Identified, identify, named, project_node};
use super::project::ProjectMatch;
use super::snapshot::{AyonProject, FlowRow, Inside, Wanted};
use super::sync::{Planner, Target, all_blocked, is_not_ours};
use super::{Input, Planned};

/// Plans a re-parenting of one project. Pure, as a sync's plan is.
pub fn reparent(input: &Input<'_>) -> Planned {
    planned(input).0
}

/// The folders whose own published versions keep something in its place: the plan says how many they are.
pub fn publishers(input: &Input<'_>) -> BTreeSet<AyonId> {
    planned(input).1
}

fn planned(input: &Input<'_>) -> (Planned, BTreeSet<AyonId>) {
    // What stands in a chain's way may move away itself: then the chain is made after that. Nobody knows before the
    // plan is made, so it is made again with what was found out.
    let mut leaving: BTreeSet<AyonId> = BTreeSet::new();
    let mut staying: BTreeSet<AyonId> = BTreeSet::new();
    loop {
        let round = round(input, &leaving);
        let stays: Vec<AyonId> = leaving.difference(&round.moving).copied().collect();
        if !stays.is_empty() {
            leaving.retain(|id| !stays.contains(id));
            staying.extend(stays);
            continue;
        }
        let in_the_way = round.in_the_way.intersection(&round.moving);
        let more: Vec<AyonId> = in_the_way.filter(|id| !staying.contains(id)).copied().collect();
        if more.is_empty() {
            return (round.planned, round.publishers);
        }
        leaving.extend(more);
    }
}

/// A plan, and what was found out while it was made.
struct Round {
    planned: Planned,
    publishers: BTreeSet<AyonId>,
    /// Folders in the spots of chains.
    in_the_way: BTreeSet<AyonId>,
    /// Folders whose moves are ticked.
    moving: BTreeSet<AyonId>,
}

/// Plans with the assumption that some folders move away from where they are.
fn round(input: &Input<'_>, leaving: &BTreeSet<AyonId>) -> Round {
    let Identified {
        mut draft,
        mut planned,
        found,
    } = identify(input);
    planned.parenting = Some(input.rules.parenting.clone());
    let project = &input.flow.project;
    let flow = named(project);
    let content = input.ayon.project.as_ref();
    let fit = match (&found, content) {
        (Some(ProjectMatch::Found { .. }), Some(content)) => {
            let types = content.anatomy.folder_types.as_slice();
            guard(input, &mut draft, project, false, types)
        }
        (Some(ProjectMatch::New { name }), _) => {
            planned.ayon = None;
            draft.problem(
                Severity::Blocked,
                Code::ProjectNotInAyon,
                Some(flow.clone()),
                None,
                format!("AYON has no project {name} yet, so there is nothing to move."),
                "Sync the Project to AYON first: that puts everything where the rules want it.",
            );
            false
        }
        _ => false,
    };
    let (true, Some(ProjectMatch::Found { name, how, .. }), Some(content)) = (fit, &found, content) else {
        let name = |row| {
            let row: Option<&FlowRow> = input.flow.rows.get(&row);
            row.and_then(|row| row.name.clone())
        };
        all_blocked(&mut draft, &flow, input.wanted, name);
        return Round {
            planned: draft.finish(vec![planned]),
            publishers: BTreeSet::new(),
            in_the_way: BTreeSet::new(),
            moving: leaving.clone(),
        };
    };
    let trace: Reasons = [format!("{} → {name}, found by {how}", project.name)].into();
    project_node(input, &mut draft, project, name, Verdict::Unchanged, None, trace);

    let rules = type_rules(input, project);
    let places = places(input, project);
    let nothing = Inside::default();
    let anatomy = (content.anatomy.clone(), Effective::default());
    let mut work = Reparenting {
        planner: Planner::new(input, draft, content, None, anatomy),
        content,
        inside: content.inside.as_ref().unwrap_or(&nothing),
        tracer: Tracer::new(input, &rules),
        places: &places,
        stands: HashMap::new(),
        unclear: HashMap::new(),
        rows_of: HashMap::new(),
        fates: BTreeMap::new(),
        wishes: Vec::new(),
        targets: HashMap::new(),
        after: HashMap::new(),
        paths_after: HashMap::new(),
        carried: HashSet::new(),
        made: BTreeMap::new(),
        chains: HashSet::new(),
        chain_folders: HashSet::new(),
        in_the_way: BTreeSet::new(),
        publishers: BTreeSet::new(),
    };
    work.planner.missing();
    work.planner.away_from_home();
    work.told_of_presets();
    work.recognise();
    work.make_room(leaving);
    work.walk_chains(&rules);
    work.wish();
    let settled = work.settle();
    work.moves(&settled);
    let emptied = work.emptied();
    work.show(&emptied);
    Round {
        planned: work.planner.draft.finish(vec![planned]),
        publishers: work.publishers,
        in_the_way: work.in_the_way,
        moving: work.after.into_keys().collect(),
    }
}

/// Where a row is in AYON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    /// AYON has it as this folder.
    There(AyonId),
    /// AYON does not have it.
    Absent,
    /// The stored ids contradict each other, or it is not for this plan.
    Unclear,
}

/// What becomes of a row.
#[derive(Clone, Debug)]
enum Fate {
    Stays,
    /// Left where it is, with a problem.
    Blocked,
    /// It moves; the operation, and whether it is ticked.
    Moves {
        operation: OpId,
        ticked: bool,
    },
    /// AYON does not have it; whether a sync could make it.
    Absent {
        placed: bool,
    },
}

/// A move that is wished for.
struct Wished<'a, 'p> {
    row: &'a FlowRow,
    partner: Partner<'a>,
    to: Target,
    helpers: &'p [Helper],
}

struct Reparenting<'a, 'p> {
    planner: Planner<'a>,
    content: &'a AyonProject,
    inside: &'p Inside,
    tracer: Tracer<'p>,
    places: &'p BTreeMap<FlowRef, Placed>,
    stands: HashMap<FlowRef, Stand>,
    /// Why a row's stored ids say nothing.
    unclear: HashMap<FlowRef, Obstacle>,
    /// The row of each folder that one stands for.
    rows_of: HashMap<AyonId, (&'a FlowRow, &'p Placed)>,
    /// Of the rows that are looked at: the wanted ones and what is below them.
    fates: BTreeMap<FlowRef, Fate>,
    wishes: Vec<Wished<'a, 'p>>,
    /// The ends of chains, by where the places keep them.
    targets: HashMap<*const Helper, Result<Target, Obstacle>>,
    /// Where folders go by what is ticked.
    after: HashMap<AyonId, Option<AyonId>>,
    paths_after: HashMap<AyonId, String>,
    /// Folders that the ticked moves take along; all others keep their paths.
    carried: HashSet<AyonId>,
    /// Helper folders that are made: where, and their names in lower case.
    made: BTreeMap<AyonId, (Spot, String)>,
    /// The ends of chains that were walked.
    chains: HashSet<Option<AyonId>>,
    /// Folders that presets and categories name, which are needed though they may be empty.
    chain_folders: HashSet<AyonId>,
    /// Folders in the spots of chains.
    in_the_way: BTreeSet<AyonId>,
    publishers: BTreeSet<AyonId>,
}
