//! A run as data, in the shape that interface.md ("A run as data") promises to other people's scripts.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{CallsOfBoth, Failure, Origin, OutcomeCounts, OutcomeRow, Run, State, Ticks, ViewId};
use crate::model::{Person, Selection};
use crate::plan::{Counts, Node, Operation, PlannedProject};
use crate::problem::Problem;

/// What somebody who reads a run may do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// They hold the capability: they see the seal and may press buttons.
    Acting,
    /// They look, through the address that may be shared.
    Viewing,
}

/// One run as JSON.
#[derive(Serialize)]
struct RunData<'a> {
    /// The capability; `null` for those who may only look.
    run: Option<&'a str>,
    view: &'a str,
    action: &'a str,
    state: State,
    origin: Origin,
    /// View address of the run this one replaces.
    parent: Option<&'a ViewId>,
    options: &'a BTreeMap<String, String>,
    /// `null` until a light post's entry was read, as is the selection.
    requested_by: Option<&'a Person>,
    site: &'a str,
    created_at: String,
    expires_at: String,
    finished_at: Option<String>,
    /// What the writing routes ask for now; `null` for those who may only look.
    seal: Option<String>,
    /// Whether the person who asked may apply the plan; `null` until it is known.
    may_apply: Option<bool>,
    /// The number that applying the default ticks wants typed (`confirm`); `null` where none is asked for.
    confirm: Option<usize>,
    selection: Option<&'a Selection>,
    projects: &'a [PlannedProject],
    plan: Option<PlanData<'a>>,
    report: Option<ReportData<'a>>,
    error: Option<&'a Failure>,
    calls: &'a CallsOfBoth,
}

#[derive(Serialize)]
struct PlanData<'a> {
    digest: &'a str,
    seal: Option<String>,
    counts: Counts,
    #[serde(skip_serializing_if = "Option::is_none")]
    operations: Option<&'a [Operation]>,
    problems: &'a [Problem],
    #[serde(skip_serializing_if = "Option::is_none")]
    nodes: Option<&'a [Node]>,
}

#[derive(Serialize)]
struct ReportData<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    operations: Option<&'a [OutcomeRow]>,
    counts: OutcomeCounts,
}

/// The run's data for one reader; a summary leaves out what grows with the selection.
///
/// It is written out as it stands: as a tree of JSON values, a run of thousands of rows would take many times its size.
pub fn document(run: &Run, reader: Reader, summary: bool) -> impl Serialize + '_ {
    let acting = reader == Reader::Acting;
    let seal = acting.then(|| run.seal());
    RunData {
        run: acting.then_some(run.id.0.as_str()),
        view: &run.view.0,
        action: &run.action,
        state: run.state,
        origin: run.origin,
        parent: run.parent.as_ref(),
        options: &run.options,
        requested_by: Some(&run.requested_by).filter(|person| !person.login.is_empty()),
        site: &run.site,
        created_at: iso(run.created_at),
        expires_at: iso(run.expires_at),
        finished_at: run.finished_at.map(iso),
        seal: seal.clone(),
        may_apply: run.plan.as_ref().map(|_| run.barred.is_none()),
        confirm: run.count_to_type(&Ticks::default()),
        selection: run.selection.as_ref(),
        projects: run
            .plan
            .as_ref()
            .map_or(run.projects.as_slice(), |plan| plan.projects.as_slice()),
        plan: run.plan.as_ref().map(|plan| PlanData {
            digest: &plan.digest,
            seal,
            counts: plan.counts,
            operations: (!summary).then_some(plan.operations.as_slice()),
            problems: &plan.problems,
            nodes: (!summary).then_some(plan.nodes.as_slice()),
        }),
        report: run.report.as_ref().map(|report| ReportData {
            operations: (!summary).then_some(report.operations.as_slice()),
            counts: report.counts,
        }),
        error: run.failure.as_ref(),
        calls: &run.calls,
    }
}

/// An instant as `2026-11-20T09:00:00Z`.
pub fn iso(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_string()
}
