//! What the pages of a run that writes, has written, or ended early show.

use std::collections::HashMap;

use crate::plan::{Kind, On, OpId, Operation, Plan};
use crate::run::{Outcome, OutcomeCounts, OutcomeRow, Report, Run, State};

use super::list::{self, List};
use super::problems::{self, Group};
use super::rows::{self, Stage};
use super::switches::{self, Switches};
use super::{Links, Press, Reader, summary};

/// Reasons shown above the rows; every row says its own as well.
const MAX_TROUBLES: usize = 50;

/// A run that is being applied.
pub struct ProgressPart {
    /// Operations with an outcome, of those that were wanted.
    pub settled: usize,
    pub total: usize,
    pub done: usize,
    pub failed: usize,
    pub skipped: usize,
    pub list: List,
    pub cancel: Option<Press>,
}

/// A run that is done.
pub struct ReportPart {
    pub sentence: String,
    /// Whether every wanted operation is done.
    pub clean: bool,
    pub troubles: Vec<Trouble>,
    /// How many reasons are left to the rows themselves.
    pub more_troubles: usize,
    /// What the plan had left out, or warned of.
    pub problems: Vec<Group>,
    pub list: List,
    /// Names and addresses of what was written to.
    pub places: Vec<(String, String)>,
    pub again: Option<Switches>,
    /// What can be synced now.
    pub follow: Option<Follow>,
    /// What new users still need.
    pub needs: Option<String>,
}

/// The sync that users made possible.
pub struct Follow {
    pub press: Press,
    pub words: String,
    pub button: String,
}

/// A run that ended without being done.
pub struct EndedPart {
    pub class: &'static str,
    pub heading: &'static str,
    pub message: String,
    pub remedy: String,
    pub code: Option<String>,
    /// Whom to ask, where there is something to ask.
    pub contact: Option<String>,
    /// What had been written until then.
    pub written: Option<String>,
    pub list: Option<List>,
    pub again: Option<Switches>,
}

/// Operations that were wanted and are not done, all for one reason.
pub struct Trouble {
    pub class: &'static str,
    pub word: &'static str,
    pub message: String,
    /// What it happened to; never empty.
    pub names: Vec<String>,
}

/// The progress so far.
pub fn progress(
    run: &Run,
    plan: &Plan,
    outcomes: &[OutcomeRow],
    access: Reader,
    links: &Links,
) -> ProgressPart {
    let counts = Report::of(outcomes.to_vec()).counts;
    let stage = Stage::Applied {
        ticks: &run.ticks,
        outcomes,
        over: false,
    };
    ProgressPart {
        settled: counts.done + counts.failed + counts.skipped,
        total: plan
            .operations
            .iter()
            .filter(|operation| run.ticks.wants(&operation.id, operation.ticked))
            .count(),
        done: counts.done,
        failed: counts.failed,
        skipped: counts.skipped,
        list: list::whole(plan, &stage, links, &links.here(run, access)),
        cancel: links.press(run, access, "cancel"),
    }
}

/// The report of a run that is done.
pub fn report(run: &Run, plan: &Plan, report: &Report, access: Reader, links: &Links) -> ReportPart {
    let mut troubles = troubles(plan, report);
    let more_troubles = troubles.len().saturating_sub(MAX_TROUBLES);
    troubles.truncate(MAX_TROUBLES);
    let list = written_rows(run, plan, report, access, links);
    let mut places = Vec::new();
    for project in &plan.projects {
        places.push((
            format!("{} in Flow", project.name),
            links.flow_row("Project", project.flow_id),
        ));
        if let Some((name, address)) = project
            .ayon
            .as_ref()
            .and_then(|name| Some((name, links.ayon_project(name)?)))
        {
            places.push((format!("{name} in AYON"), address));
        }
    }
    ReportPart {
        sentence: summary::of_report(&report.counts, plan.counts.blocked),
        clean: is_clean(&report.counts),
        troubles,
        more_troubles,
        problems: problems::groups(plan, &list, links)
            .into_iter()
            .filter(|group| !group.is_info())
            .collect(),
        list,
        places,
        again: switches::of(run, access, links, !is_clean(&report.counts)),
        follow: follow(run, access, links),
        needs: needs(plan, report),
    }
}

fn follow(run: &Run, access: Reader, links: &Links) -> Option<Follow> {
    let rows = run.follow_up()?;
    let what = summary::of_selection(&rows);
    Some(Follow {
        press: links.press(run, access, "follow")?,
        words: format!("AYON knows people of {what} now, so they can be assigned there."),
        button: format!("Sync {what} to AYON"),
    })
}

/// What people need before they can log in.
fn needs(plan: &Plan, report: &Report) -> Option<String> {
    let done = report.done();
    let made = plan.operations.iter().filter(|operation| {
        operation.on == On::User && operation.kind == Kind::Create && done.contains(&operation.id)
    });
    let who = match made.count() {
        0 => return None,
        1 => "The new user has".to_owned(),
        count => format!("The {count} new users have"),
    };
    Some(format!(
        "{who} no password. They log in through SSO, or by an invitation or a password reset that AYON sends to their e-mail; each active user takes a licence."
    ))
}

fn is_clean(counts: &OutcomeCounts) -> bool {
    counts.failed == 0 && counts.skipped == 0
}

/// Failed ones first: a skipped one is mostly the consequence of a failed one.
fn troubles(plan: &Plan, report: &Report) -> Vec<Trouble> {
    let operations: HashMap<&OpId, &Operation> = plan
        .operations
        .iter()
        .map(|operation| (&operation.id, operation))
        .collect();
    let mut troubles: Vec<Trouble> = Vec::new();
    for (outcome, class, word) in [
        (Outcome::Failed, "blocked", "✗ failed"),
        (Outcome::Skipped, "warning", "– skipped"),
    ] {
        let mut by_message: HashMap<&str, usize> = HashMap::new();
        for row in report.operations.iter().filter(|row| row.outcome == outcome) {
            let message = row.message.as_deref().unwrap_or_default();
            let index = *by_message.entry(message).or_insert_with(|| {
                troubles.push(Trouble {
                    class,
                    word,
                    message: message.to_owned(),
                    names: Vec::new(),
                });
                troubles.len() - 1
            });
            let name = operations
                .get(&row.id)
                .map_or_else(|| row.id.0.clone(), |operation| rows::target_of(operation));
            troubles[index].names.push(name);
        }
    }
    troubles
}

fn written_rows(run: &Run, plan: &Plan, report: &Report, access: Reader, links: &Links) -> List {
    let stage = Stage::Applied {
        ticks: &run.ticks,
        outcomes: &report.operations,
        over: true,
    };
    list::whole(plan, &stage, links, &links.here(run, access))
}

/// How a run ended early. The runner's own words win; where it left none, the state speaks.
pub fn ended(run: &Run, access: Reader, links: &Links) -> EndedPart {
    let (class, heading, message, remedy) = match run.state {
        State::Stale => (
            "warning",
            "Out of date",
            "Something changed in Flow or AYON since this plan; nothing was written.",
            "Plan again to see how things are now.",
        ),
        State::Expired => (
            "info",
            "Expired",
            "Nobody applied this plan in time; nothing was written.",
            "Plan again to see how things are now.",
        ),
        State::Cancelled => (
            "info",
            "Cancelled",
            "This run was cancelled.",
            "Plan again when you want to go on.",
        ),
        State::Refused => (
            "blocked",
            "Not possible",
            "Flow or AYON does not allow this.",
            "Ask whoever looks after amigo.",
        ),
        State::Failed | State::Queued | State::Planning | State::Planned | State::Applying | State::Done => (
            "blocked",
            "Stopped",
            "amigo could not go on.",
            "Plan again. If it happens again, tell whoever looks after amigo.",
        ),
    };
    let written = run.report.as_ref().zip(run.plan.as_ref());
    EndedPart {
        class,
        heading,
        message: run
            .failure
            .as_ref()
            .map_or_else(|| message.to_owned(), |failure| failure.message.clone()),
        remedy: run
            .failure
            .as_ref()
            .map_or_else(|| remedy.to_owned(), |failure| failure.remedy.clone()),
        code: run.failure.as_ref().map(|failure| failure.code.clone()),
        contact: (links.contact.clone()).filter(|_| matches!(run.state, State::Refused | State::Failed)),
        written: written.map(|(report, plan)| {
            let wanted = plan
                .operations
                .iter()
                .filter(|operation| run.ticks.wants(&operation.id, operation.ticked))
                .count();
            format!(
                "{} of {wanted} changes had been written by then.",
                report.counts.done
            )
        }),
        list: written.map(|(report, plan)| written_rows(run, plan, report, access, links)),
        again: switches::of(run, access, links, true),
    }
}
