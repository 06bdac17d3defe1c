//! A run as data, in the shape that interface.md ("A run as data") promises to other people's scripts.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::{Person, Selection};
use crate::plan::{Counts, Node, Operation, PlannedProject};
use crate::problem::Problem;
use crate::run::{CallsOfBoth, Failure, Origin, OutcomeCounts, OutcomeRow, Run, State, ViewId};

use super::access::Access;

/// One run as JSON.
#[derive(Serialize)]
pub struct RunData<'a> {
    /// The capability; `null` for those who may only look.
    run: Option<&'a str>,
    view: &'a str,
    action: &'a str,
    state: State,
    origin: Origin,
    /// View address of the run this one replaces.
    parent: Option<&'a ViewId>,
    options: &'a BTreeMap<String, String>,
    requested_by: &'a Person,
    site: &'a str,
    created_at: String,
    expires_at: String,
    finished_at: Option<String>,
    /// What the writing routes ask for now; `null` for those who may only look.
    seal: Option<&'a str>,
    selection: &'a Selection,
    projects: &'a [PlannedProject],
    plan: Option<PlanData<'a>>,
    report: Option<ReportData<'a>>,
    error: Option<&'a Failure>,
    calls: &'a CallsOfBoth,
}

#[derive(Serialize)]
struct PlanData<'a> {
    digest: &'a str,
    seal: Option<&'a str>,
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
pub fn data(run: &Run, access: Access, summary: bool) -> serde_json::Value {
    let seal = run.seal();
    let acting = access == Access::Acting;
    let seal = acting.then_some(seal.as_str());
    let data = RunData {
        run: acting.then_some(run.id.0.as_str()),
        view: &run.view.0,
        action: &run.action,
        state: run.state,
        origin: run.origin,
        parent: run.parent.as_ref(),
        options: &run.options,
        requested_by: &run.requested_by,
        site: &run.site,
        created_at: iso(run.created_at),
        expires_at: iso(run.expires_at),
        finished_at: run.finished_at.map(iso),
        seal,
        selection: &run.selection,
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
    };
    // Plain data with string keys serialises without failure.
    serde_json::to_value(data).unwrap_or_default()
}

/// An instant as `2026-11-20T09:00:00Z`.
pub fn iso(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::super::pages::sample;
    use super::*;

    fn keys(value: &serde_json::Value) -> Vec<&str> {
        value.as_object().unwrap().keys().map(String::as_str).collect()
    }

    #[test]
    fn a_planned_run_has_the_promised_shape() {
        let run = sample::planned();
        let json = data(&run, Access::Acting, false);
        for key in [
            "run",
            "view",
            "action",
            "state",
            "origin",
            "parent",
            "options",
            "requested_by",
            "site",
            "created_at",
            "expires_at",
            "selection",
            "projects",
            "plan",
            "report",
            "calls",
            "error",
        ] {
            assert!(json.get(key).is_some(), "{key} is missing in {:?}", keys(&json));
        }
        assert_eq!(json["state"], "planned");
        assert_eq!(json["created_at"], "2026-11-20T09:00:00Z");
        assert_eq!(json["selection"]["entity_type"], "Shot");
        assert_eq!(json["plan"]["seal"], run.seal());
        assert_eq!(json["plan"]["counts"]["move"], 1);
        let operation = &json["plan"]["operations"][0];
        for key in [
            "id", "kind", "on", "system", "project", "ticked", "flow", "ayon", "changes", "needs", "because",
        ] {
            assert!(
                operation.get(key).is_some(),
                "{key} is missing in {:?}",
                keys(operation)
            );
        }
        assert_eq!(json["report"], serde_json::Value::Null);
    }

    #[test]
    fn a_viewer_gets_neither_capability_nor_seal() {
        let run = sample::planned();
        let json = data(&run, Access::Viewing, false);
        assert!(json["run"].is_null());
        assert!(json["seal"].is_null());
        assert!(json["plan"]["seal"].is_null());
        let text = json.to_string();
        assert!(!text.contains(&run.id.0));
        assert!(!text.contains(&run.seal()));
    }

    #[test]
    fn a_summary_leaves_the_rows_out() {
        let json = data(&sample::done(), Access::Acting, true);
        assert!(json["plan"].get("operations").is_none());
        assert!(json["plan"].get("nodes").is_none());
        assert_eq!(
            json["plan"]["counts"]["create"],
            sample::done().plan.unwrap().counts.create
        );
        assert!(json["report"]["counts"]["done"].as_u64().unwrap() > 0);
    }
}
