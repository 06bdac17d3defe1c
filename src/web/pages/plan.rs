//! What the page of a planned run shows.

use crate::plan::{Counts, Verdict};
use crate::run::Run;

use super::problems::{self, Group};
use super::rows::{self, Piece, Stage};
use super::{Links, Moment, Press, Reader, summary};

/// A plan, ready to be looked at and ticked.
pub struct PlanPart {
    pub sentence: String,
    pub counts: Vec<Count>,
    pub problems: Vec<Group>,
    pub pieces: Vec<Piece>,
    /// How many rows are ticked at first.
    pub ticked: usize,
    /// Absent when there is nothing to tick, or for those who may only look.
    pub apply: Option<Press>,
    pub cancel: Option<Press>,
    pub expires: Moment,
    pub anything: bool,
}

/// How many entities have a verdict.
pub struct Count {
    pub verdict: &'static str,
    pub symbol: &'static str,
    pub count: usize,
}

/// The plan of a run, for one reader.
pub fn part(run: &Run, plan: &crate::plan::Plan, access: Reader, links: &Links) -> PlanPart {
    let anything = !plan.operations.is_empty();
    let stage = match access {
        Reader::Acting => Stage::Choosing,
        Reader::Viewing => Stage::Looking,
    };
    PlanPart {
        sentence: summary::of_plan(plan),
        counts: counts(&plan.counts),
        problems: problems::groups(plan, links),
        pieces: rows::list(plan, &stage, links),
        ticked: plan.default_ticks().count(),
        apply: links.press(run, access, "apply").filter(|_| anything),
        cancel: links.press(run, access, "cancel"),
        expires: Moment::of(run.expires_at),
        anything,
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
    .map(|(verdict, count)| Count {
        verdict: verdict.as_str(),
        symbol: rows::symbol_of(verdict),
        count,
    })
    .collect()
}
