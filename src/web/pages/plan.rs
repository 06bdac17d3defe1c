//! What the page of a planned run shows.

use crate::plan::{Change, Counts, Verdict, WORK_DIRECTORY, about, estimate};
use crate::run::{Counted, Run, Ticks};

use super::board::{self, PairsForm};
use super::list::{self, List};
use super::problems::{self, Group};
use super::rows::{self, Stage};
use super::rules::{self, Rules};
use super::switches::{self, Switches};
use super::{Links, Moment, Press, Reader, summary};

/// A plan, ready to be looked at and ticked.
pub struct PlanPart {
    pub sentence: String,
    pub counts: Vec<Count>,
    pub problems: Vec<Group>,
    pub list: List,
    /// How many rows are ticked at first.
    pub ticked: usize,
    /// How many are there to be ticked besides.
    pub offered: usize,
    /// About how long the ticked rows take.
    pub takes: Option<String>,
    /// Why the person who asked may not apply it, and what can be done about that.
    pub barred: Option<(String, String)>,
    /// Whom to ask about that, where it is configured.
    pub contact: Option<String>,
    /// Absent when there is nothing to tick, or for those who may only look.
    pub apply: Option<Press>,
    pub cancel: Option<Press>,
    pub switches: Option<Switches>,
    /// The re-parenting rules of the plan.
    pub rules: Option<Rules>,
    /// The number that has to be typed before applying: of what is ticked at first.
    pub to_type: Option<usize>,
    /// What that number counts.
    pub typed: &'static str,
    /// Choices of who is whom, in a plan of users.
    pub pairs: Option<PairsForm>,
    /// Whether work directories change with what moves.
    pub directories: bool,
    pub expires: Moment,
}

/// How many entities have a verdict.
pub struct Count {
    pub verdict: &'static str,
    pub symbol: &'static str,
    pub count: usize,
}

impl Count {
    pub fn of(verdict: Verdict, count: usize) -> Self {
        Self {
            verdict: verdict.as_str(),
            symbol: rows::symbol_of(verdict),
            count,
        }
    }
}

/// The plan of a run, for one reader.
pub fn part(run: &Run, plan: &crate::plan::Plan, access: Reader, links: &Links) -> PlanPart {
    let stage = match (access, &run.barred) {
        (Reader::Acting, None) => Stage::Choosing(list::boxes_of(plan)),
        _ => Stage::Looking,
    };
    let list = list::whole(plan, &stage, links, &links.here(run, access));
    let ticked = plan.default_ticks().count();
    let barred = run.barred.as_ref().filter(|_| access == Reader::Acting);
    PlanPart {
        sentence: summary::of_plan(plan),
        counts: counts(&plan.counts),
        problems: problems::groups(plan, &list, links),
        list,
        ticked,
        offered: plan.operations.len() - ticked,
        takes: estimate(plan).map(about),
        barred: barred.map(|why| (why.message.clone(), why.remedy.clone())),
        contact: barred.and(links.contact.clone()),
        apply: links
            .press(run, access, "apply")
            .filter(|_| run.barred.is_none() && !plan.operations.is_empty()),
        cancel: links.press(run, access, "cancel"),
        switches: switches::of(run, access, links, false),
        rules: rules::of(run, plan, access, links),
        directories: plan.operations.iter().any(|operation| {
            let directory = |change: &Change| change.field == WORK_DIRECTORY;
            operation.changes.iter().any(directory)
        }),
        to_type: run.count_of(&Ticks::default()),
        typed: run.counted().map_or("", Counted::ticked),
        pairs: board::form(run, access, links),
        expires: Moment::of(run.expires_at),
    }
}

/// The counts that are not zero.
fn counts(counts: &Counts) -> Vec<Count> {
    [
        (Verdict::Create, counts.create),
        (Verdict::Update, counts.update),
        (Verdict::Move, counts.moved),
        (Verdict::Retire, counts.retire),
        (Verdict::Blocked, counts.blocked),
        (Verdict::Unchanged, counts.unchanged),
    ]
    .into_iter()
    .filter(|(_, count)| *count > 0)
    .map(|(verdict, count)| Count::of(verdict, count))
    .collect()
}
