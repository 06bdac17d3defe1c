//! The page of a run, whatever it is now.

use actix_web::HttpResponse;
use askama::Template;

use crate::model::Job;
use crate::run::{OutcomeRow, Report, Run, State};

use super::board;
use super::list::Piece;
use super::plan::{self, PlanPart};
use super::report::{self, EndedPart, ProgressPart, ReportPart};
use super::rows::Lead;
use super::{Links, Moment, Press, Reader, Refused, Shell, html, summary};
use crate::actions::title_of;

/// Seconds between two looks of a browser without scripts.
const REFRESH_SECONDS: u32 = 2;

#[derive(Template)]
#[template(path = "run.html", whitespace = "minimize")]
struct RunPage<'a> {
    shell: Shell,
    /// For the browser's tab.
    title: String,
    heading: &'a str,
    projects: String,
    who: Option<&'a str>,
    selected: Option<String>,
    options: Vec<String>,
    asked: Moment,
    view: String,
    viewing: bool,
    state: &'static str,
    /// Where to listen; nothing when nothing more will happen.
    events: Option<String>,
    refresh: Option<u32>,
    part: Part,
}

enum Part {
    Waiting { cancel: Option<Press> },
    Plan(Box<PlanPart>),
    Progress(ProgressPart),
    Report(ReportPart),
    Ended(EndedPart),
}

/// The page of a run; `outcomes` are those so far while it is applied.
pub fn run(
    shell: Shell,
    links: &Links,
    run: &Run,
    access: Reader,
    outcomes: &[OutcomeRow],
) -> Result<HttpResponse, Refused> {
    html(&page(shell, links, run, access, outcomes))
}

fn page<'a>(
    shell: Shell,
    links: &Links,
    run: &'a Run,
    access: Reader,
    outcomes: &[OutcomeRow],
) -> RunPage<'a> {
    let heading = title_of(&run.action).unwrap_or(&run.action);
    let projects = match &run.plan {
        Some(plan) => &plan.projects,
        None => &run.projects,
    };
    let projects = projects
        .iter()
        .map(|project| project.name.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    let part = part(links, run, access, outcomes);
    let moving = matches!(run.state, State::Queued | State::Planning | State::Applying);
    RunPage {
        shell,
        title: format!("{} · {heading}", said_shortly(run.state)),
        heading,
        projects,
        who: Some(run.requested_by.name.as_str()).filter(|name| !name.is_empty()),
        selected: run.selection.as_ref().map(summary::of_selection),
        options: match run.action == Job::Users.word() {
            true => board::said(run),
            false => run
                .options
                .iter()
                .map(|(name, value)| format!("{name}: {value}"))
                .collect(),
        },
        asked: Moment::of(run.created_at),
        view: links.view(run),
        viewing: access == Reader::Viewing,
        state: run.state.as_str(),
        events: (!run.state.is_final()).then(|| format!("{}/events", links.here(run, access))),
        refresh: moving.then_some(REFRESH_SECONDS),
        part,
    }
}

fn part(links: &Links, run: &Run, access: Reader, outcomes: &[OutcomeRow]) -> Part {
    match (run.state, &run.plan) {
        (State::Queued | State::Planning, _) => Part::Waiting {
            cancel: links.press(run, access, "cancel"),
        },
        (State::Planned, Some(plan)) => Part::Plan(Box::new(plan::part(run, plan, access, links))),
        (State::Applying, Some(plan)) => Part::Progress(report::progress(run, plan, outcomes, access, links)),
        (State::Done, Some(plan)) => {
            let nothing = Report::default();
            let outcome = run.report.as_ref().unwrap_or(&nothing);
            Part::Report(report::report(run, plan, outcome, access, links))
        }
        _ => Part::Ended(report::ended(run, access, links)),
    }
}

fn said_shortly(state: State) -> &'static str {
    match state {
        State::Queued | State::Planning => "Planning",
        State::Planned => "Plan",
        State::Applying => "Applying",
        State::Done => "Report",
        State::Failed => "Stopped",
        State::Refused => "Not possible",
        State::Cancelled => "Cancelled",
        State::Stale => "Out of date",
        State::Expired => "Expired",
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use scraper::{Html, Selector};

    use crate::run::Failure;

    use super::super::sample;
    use super::*;

    fn html_of(run: &Run, access: Reader) -> String {
        let outcomes = sample::outcomes();
        page(Shell::plain(), &Links::plain(), run, access, &outcomes)
            .render()
            .unwrap()
    }

    fn count(html: &str, selector: &str) -> usize {
        Html::parse_document(html)
            .select(&Selector::parse(selector).unwrap())
            .count()
    }

    fn text(html: &str, selector: &str) -> String {
        Html::parse_document(html)
            .select(&Selector::parse(selector).unwrap())
            .flat_map(|element| element.text().map(str::to_owned).collect::<Vec<_>>())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn a_plan_can_be_ticked_and_applied_without_scripts() {
        let run = sample::planned();
        let html = html_of(&run, Reader::Acting);
        let plan = run.plan.as_ref().unwrap();
        let form = format!("form[action='/runs/{}/apply'][method=post]", run.id.0);
        assert_eq!(count(&html, &form), 1);
        assert_eq!(
            count(&html, &format!("{form} input[name=seal][value='{}']", run.seal())),
            1
        );
        assert_eq!(
            count(&html, &format!("{form} input[name=ticks][value=listed]")),
            1
        );
        assert_eq!(
            count(&html, &format!("{form} input[name=op]")),
            plan.operations.len()
        );
        assert_eq!(
            count(&html, "input[name=op][checked]"),
            plan.default_ticks().count()
        );
        assert_eq!(count(&html, "input[name=op][data-needs='op-hl_020_0030']"), 1);
        assert!(text(&html, "h1").contains("will be created in harbor_lights"));
        assert!(text(&html, ".problem").contains("Rename the Shot in Flow"));
        assert_eq!(count(&html, ".problem.warning details li"), 5);
        assert!(text(&html, ".fold summary").contains("8 unchanged"));
        assert_eq!(count(&html, "#row-Shot-1051"), 1);
        assert_eq!(count(&html, "a[href='#row-Shot-1051']"), 1);
    }

    #[test]
    fn what_is_offered_has_boxes_of_its_own_that_nobody_ticked() {
        let html = html_of(&sample::planned(), Reader::Acting);
        let offers = "li.row.move .offer";
        assert_eq!(count(&html, offers), 2);
        assert_eq!(count(&html, &format!("{offers} input[name=op]")), 2);
        assert_eq!(count(&html, &format!("{offers} input[checked]")), 0);
        assert_eq!(count(&html, "li.row.move > .line input"), 0, "the row has no box");
        let said = text(&html, &format!("{offers} .words"));
        assert!(
            said.contains("move from /ep01/hl_010/hl_020_0040 to /ep01/hl_020/hl_020_0040"),
            "{said}"
        );
        assert!(
            said.contains("rename in AYON hl_020_0040 → hl_020_0041"),
            "{said}"
        );
        assert!(text(&html, ".offer .quiet").contains("Shot.sg_sequence → hl_020"));
    }

    #[test]
    fn a_report_says_what_became_of_offers() {
        let mut run = sample::done();
        let mut outcomes = sample::outcomes();
        for row in &mut outcomes {
            if row.id.0 == "op-rename" {
                row.outcome = crate::run::Outcome::Failed;
                row.message = Some("AYON: the folder has versions.".to_owned());
            }
        }
        run.report = Some(Report::of(outcomes));
        let html = html_of(&run, Reader::Acting);
        let offer = ".offer[data-op='op-rename']";
        assert!(text(&html, &format!("{offer} .mark-of.failed")).contains("failed"));
        assert!(text(&html, offer).contains("the folder has versions"));
        assert!(text(&html, ".offer[data-op='op-hl_020_0040'] .mark-of").contains("left out"));
    }

    #[test]
    fn what_is_synced_can_be_changed_and_planned_again() {
        let mut run = sample::planned();
        run.options.insert("tasks".to_owned(), "no".to_owned());
        let html = html_of(&run, Reader::Acting);
        let form = format!("form[action='/runs/{}/replan']", run.id.0);
        assert_eq!(
            count(&html, &format!("{form} input[name=options][value=listed]")),
            1
        );
        assert_eq!(
            count(
                &html,
                &format!("{form} input[name=on][value=descendants][checked]")
            ),
            1
        );
        assert_eq!(count(&html, &format!("{form} input[name=on][value=tasks]")), 1);
        assert_eq!(
            count(&html, &format!("{form} input[name=on][value=tasks][checked]")),
            0
        );
    }

    #[test]
    fn how_long_it_takes_is_said_before_apply() {
        let html = html_of(&sample::planned(), Reader::Acting);
        assert!(
            text(&html, ".bar").contains("take about "),
            "{}",
            text(&html, ".bar")
        );
    }

    /// What is not on the page keeps its default: only differences may be sent.
    #[test]
    fn a_big_plan_sends_differences_and_is_small() {
        let run = sample::big();
        let html = html_of(&run, Reader::Acting);
        assert_eq!(count(&html, "#plan input[name=ticks][value=changed]"), 1);
        assert_eq!(count(&html, "#plan [name=op]"), 0);
        assert_eq!(
            count(&html, "input.op[checked][name]"),
            0,
            "a ticked box would be sent as if it were a difference"
        );
        assert!(count(&html, ".closed a") >= 12);
        assert!(count(&html, "noscript") == 1);
        assert_eq!(count(&html, "a[href='#row-Shot-10777']"), 1);
        assert_eq!(count(&html, "#row-Shot-10777"), 1);
        let looked_at = html_of(&run, Reader::Viewing);
        assert_eq!(count(&looked_at, "input[type=checkbox]"), 0);
        assert!(!looked_at.contains(&run.id.0));
    }

    #[test]
    fn names_from_flow_stay_text() {
        for run in [sample::planned(), sample::done()] {
            let html = html_of(&run, Reader::Acting);
            assert!(!html.contains(sample::NASTY));
            assert_eq!(count(&html, "script"), 1, "only our own file");
            assert!(text(&html, ".name").contains(sample::NASTY));
        }
    }

    #[test]
    fn those_who_look_get_no_button_no_seal_and_no_capability() {
        for state in State::ALL {
            let mut run = sample::done();
            run.state = state;
            let html = html_of(&run, Reader::Viewing);
            assert_eq!(
                count(&html, "form, input[type=checkbox], main button"),
                0,
                "{state}"
            );
            assert!(!html.contains(&run.id.0), "{state}");
            assert!(!html.contains(&run.seal()), "{state}");
        }
    }

    #[test]
    fn nothing_inline_that_the_policy_forbids() {
        for state in State::ALL {
            let mut run = sample::done();
            run.state = state;
            let html = html_of(&run, Reader::Acting);
            assert_eq!(
                count(&html, "[style], style, [onclick], script:not([src])"),
                0,
                "{state}"
            );
        }
    }

    #[test]
    fn nothing_to_do_has_no_apply() {
        let html = html_of(&sample::nothing_to_do(), Reader::Acting);
        assert!(text(&html, "h1").starts_with("Nothing to do"));
        assert_eq!(count(&html, "#apply"), 0);
    }

    #[rstest]
    #[case(State::Queued, true, true)]
    #[case(State::Planning, true, true)]
    #[case(State::Planned, true, false)]
    #[case(State::Applying, true, true)]
    #[case(State::Done, false, false)]
    #[case(State::Stale, false, false)]
    fn pages_live_while_the_run_does(#[case] state: State, #[case] listens: bool, #[case] refreshes: bool) {
        let mut run = sample::done();
        run.state = state;
        let html = html_of(&run, Reader::Acting);
        assert_eq!(count(&html, "main[data-events]") == 1, listens);
        assert_eq!(html.contains("http-equiv"), refreshes);
    }

    #[test]
    fn progress_shows_what_is_settled() {
        let mut run = sample::done();
        run.state = State::Applying;
        let html = html_of(&run, Reader::Acting);
        assert_eq!(count(&html, "progress[value='5'][max='5']"), 1);
        assert!(text(&html, ".mark-of.failed").contains("failed"));
        assert_eq!(count(&html, "form[action$='/cancel']"), 1);
    }

    #[test]
    fn a_report_begins_with_what_failed() {
        let html = html_of(&sample::done(), Reader::Acting);
        assert_eq!(
            text(&html, "h1"),
            "3 of 5 changes done, 1 failed, 1 skipped; 1 row was left out."
        );
        let troubles = text(&html, ".problems .message");
        assert!(troubles.find("hl_020_0030").unwrap() < troubles.find("compositing").unwrap());
        assert!(troubles.contains("a folder of that name exists"));
        assert_eq!(
            count(
                &html,
                ".places a[href='https://ayon.example/projects/harbor_lights']"
            ),
            1
        );
        assert_eq!(
            count(
                &html,
                "a[href='https://demo-studio.shotgrid.example/detail/Shot/1043']"
            ),
            1
        );
        assert_eq!(count(&html, "form[action$='/replan'] input[name=seal]"), 1);
    }

    #[test]
    fn one_reason_is_told_once_however_many_rows_it_costs() {
        let mut run = sample::done();
        let plan = run.plan.as_ref().unwrap();
        let rows = plan.operations.iter().map(|operation| OutcomeRow {
            id: operation.id.clone(),
            outcome: crate::run::Outcome::Failed,
            message: Some("AYON did not answer.".to_owned()),
        });
        run.report = Some(Report::of(rows.collect()));
        let html = html_of(&run, Reader::Acting);
        assert_eq!(
            text(&html, ".problem.blocked .message")
                .matches("AYON did not answer.")
                .count(),
            1
        );
        assert!(text(&html, ".problem summary").contains("and 6 more"));
    }

    #[rstest]
    #[case(State::Stale, "nothing was written")]
    #[case(State::Expired, "in time")]
    #[case(State::Cancelled, "cancelled")]
    #[case(State::Refused, "does not allow")]
    #[case(State::Failed, "could not go on")]
    fn an_early_end_says_so_and_offers_another_plan(#[case] state: State, #[case] said: &str) {
        let html = html_of(&sample::bare(state), Reader::Acting);
        assert!(text(&html, "h1").contains(said));
        assert_eq!(count(&html, "form[action$='/replan'] button"), 1);
    }

    #[test]
    fn an_interrupted_run_shows_what_it_had_written() {
        let mut run = sample::done();
        run.state = State::Failed;
        run.failure = Some(Failure {
            code: "interrupted".to_owned(),
            message: "The server stopped while it wrote.".to_owned(),
            remedy: "Plan again: what is done is found and left alone.".to_owned(),
        });
        let html = html_of(&run, Reader::Acting);
        assert!(text(&html, "main").contains("3 of 5 changes had been written"));
        assert!(count(&html, ".mark-of.done") >= 3);
    }
}
