//! Rows of a big plan or report that are not on its page: a branch that somebody opens, or what a search finds.
//!
//! The page's script asks for the bare list. Without scripts the same address is a page of its own, to look at.

use std::ops::Range;

use actix_web::HttpResponse;
use askama::Template;

use crate::plan::Plan;
use crate::run::{OutcomeRow, Report, Run, State};

use super::list::{self, Piece, Sought};
use super::rows::{Lead, Stage, has_two_trees};
use super::{Links, Reader, Refused, Shell, count_of, html};
use crate::actions::title_of;

/// Which rows are asked for.
pub enum Wanted {
    Stretch(Range<usize>),
    Found(Sought),
}

#[derive(Template)]
#[template(path = "run/pieces.html", whitespace = "minimize")]
struct Bare<'a> {
    pieces: &'a [Piece],
}

#[derive(Template)]
#[template(path = "rows.html", whitespace = "minimize")]
struct RowsPage<'a> {
    shell: Shell,
    heading: &'a str,
    said: String,
    more: usize,
    pieces: &'a [Piece],
    /// The run's own page.
    back: String,
    /// Whether the run's page has boxes that this one lacks.
    ticking: bool,
    two_trees: bool,
}

/// The rows as a page, or `bare` for the page's script.
pub fn rows(
    shell: Shell,
    links: &Links,
    run: &Run,
    access: Reader,
    outcomes: &[OutcomeRow],
    wanted: &Wanted,
    bare: bool,
) -> Result<HttpResponse, Refused> {
    let plan = run.plan.as_ref().ok_or_else(Refused::no_rows)?;
    let ticking = access == Reader::Acting && run.state == State::Planned && run.barred.is_none();
    let nothing = Report::default();
    let stage = match run.state {
        State::Planned if ticking && bare => Stage::Choosing(list::boxes_of(plan)),
        State::Queued | State::Planning | State::Planned => Stage::Looking,
        State::Applying => Stage::Applied {
            ticks: &run.ticks,
            outcomes,
            over: false,
        },
        State::Done | State::Failed | State::Refused | State::Cancelled | State::Stale | State::Expired => {
            Stage::Applied {
                ticks: &run.ticks,
                outcomes: &run.report.as_ref().unwrap_or(&nothing).operations,
                over: true,
            }
        }
    };
    let here = links.here(run, access);
    let said = match wanted {
        Wanted::Stretch(stretch) => {
            let total = list::total(plan);
            let (from, to) = (stretch.start.min(total), stretch.end.min(total));
            let rows = count_of(to.saturating_sub(from), "row", "rows");
            format!("{rows} of {total} of this run")
        }
        Wanted::Found(sought) => {
            let mut said = vec![match sought.text.trim() {
                "" => "Rows".to_owned(),
                text => format!("Rows with “{text}”"),
            }];
            said.extend(
                Some(&sought.rule)
                    .filter(|rule| !rule.is_empty())
                    .map(|rule| format!("by {rule}")),
            );
            let problem = Some(&sought.problem).filter(|problem| !problem.is_empty());
            said.extend(problem.map(|problem| format!("of which {problem} is said")));
            said.join(" ")
        }
    };
    let (pieces, more) = pieces(plan, &stage, links, &here, wanted);
    if bare {
        return html(&Bare { pieces: &pieces });
    }
    html(&RowsPage {
        shell,
        heading: title_of(&run.action).unwrap_or(&run.action),
        said,
        more,
        pieces: &pieces,
        back: here,
        ticking,
        two_trees: has_two_trees(plan) && matches!(wanted, Wanted::Stretch(_)),
    })
}

fn pieces(plan: &Plan, stage: &Stage<'_>, links: &Links, here: &str, wanted: &Wanted) -> (Vec<Piece>, usize) {
    match wanted {
        Wanted::Stretch(stretch) => (list::stretch(plan, stage, links, here, stretch.clone()), 0),
        Wanted::Found(sought) => list::found(plan, stage, links, here, sought),
    }
}
