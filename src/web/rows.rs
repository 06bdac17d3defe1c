//! The rows of a big run that its page leaves out: read-only, for whoever may see the run.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use serde::Deserialize;

use crate::run::{Reader, Run};

use super::App;
use super::pages::{self, Links, Shell, Sought, Wanted};
use super::refused::Refused;
use super::runs;

/// Which rows are asked for, and in which form.
#[derive(Deserialize)]
pub struct Ask {
    /// Positions of the first row and of the one after the last.
    from: Option<String>,
    to: Option<String>,
    /// A text to look for; it wins over positions.
    find: Option<String>,
    /// Code of a problem, and a rule, to narrow down what is found.
    problem: Option<String>,
    rule: Option<String>,
    /// `list`: only the rows, for the page's script.
    part: Option<String>,
}

/// `GET /runs/{run}/rows`.
pub async fn of_run(app: Data<App>, id: Path<String>, ask: Query<Ask>) -> Result<HttpResponse, Refused> {
    rows(&app, runs::acting(&app, &id).await?, Reader::Acting, &ask).await
}

/// `GET /views/{view}/rows`.
pub async fn of_view(app: Data<App>, id: Path<String>, ask: Query<Ask>) -> Result<HttpResponse, Refused> {
    rows(&app, runs::viewing(&app, &id).await?, Reader::Viewing, &ask).await
}

/// `GET /runs/{run}/ticks`: every box of the plan, also of rows that are not on the page.
pub async fn ticks(app: Data<App>, id: Path<String>) -> Result<HttpResponse, Refused> {
    let run = runs::acting(&app, &id).await?;
    let plan = run.plan.as_ref().ok_or_else(Refused::no_rows)?;
    Ok(HttpResponse::Ok().json(pages::ticks(plan)))
}

async fn rows(app: &App, run: Run, access: Reader, ask: &Ask) -> Result<HttpResponse, Refused> {
    let (run, outcomes) = runs::as_it_stands(app, run).await?;
    let sought = Sought {
        text: ask.find.clone().unwrap_or_default(),
        problem: ask.problem.clone().unwrap_or_default(),
        rule: ask.rule.clone().unwrap_or_default(),
    };
    let wanted = match ask.find.is_some() || sought != Sought::default() {
        true => Wanted::Found(sought),
        false => Wanted::Stretch(position(&ask.from, 0)?..position(&ask.to, usize::MAX)?),
    };
    pages::rows(
        Shell::of(app),
        &Links::of(app, &run),
        &run,
        access,
        &outcomes,
        &wanted,
        ask.part.as_deref() == Some("list"),
    )
}

/// The position that a query names, or the one that its absence means.
fn position(text: &Option<String>, absent: usize) -> Result<usize, Refused> {
    match text {
        None => Ok(absent),
        Some(text) => text.parse().map_err(|_| {
            Refused::new(
                StatusCode::BAD_REQUEST,
                "rows-unclear",
                "The address does not say clearly which rows are wanted.",
                "Open the run's page and open the branch there.",
            )
        }),
    }
}
