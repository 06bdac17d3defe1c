//! A run, looked at: as a page and as data, by its capability or by its view address.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use serde::Deserialize;

use crate::run::{OutcomeRow, Report, Run, RunId, State, ViewId};

use super::App;
use super::pages::{self, Links, Shell};
use super::refused::Refused;
use crate::run::Reader;

/// `GET /`: what amigo is and where it is opened.
pub async fn home(app: Data<App>) -> Result<HttpResponse, Refused> {
    pages::home(Shell::of(&app))
}

/// `GET /runs/{run}`.
pub async fn run_page(app: Data<App>, id: Path<String>) -> Result<HttpResponse, Refused> {
    page(&app, acting(&app, &id).await?, Reader::Acting).await
}

/// `GET /views/{view}`.
pub async fn view_page(app: Data<App>, id: Path<String>) -> Result<HttpResponse, Refused> {
    page(&app, viewing(&app, &id).await?, Reader::Viewing).await
}

/// `?view=` of a run's data.
#[derive(Deserialize)]
pub struct Extent {
    view: Option<String>,
}

impl Extent {
    fn is_summary(&self) -> bool {
        self.view.as_deref() == Some("summary")
    }
}

/// `GET /runs/{run}.json`.
pub async fn run_data(
    app: Data<App>,
    id: Path<String>,
    extent: Query<Extent>,
) -> Result<HttpResponse, Refused> {
    let run = with_outcomes(&app, acting(&app, &id).await?).await?;
    Ok(HttpResponse::Ok().json(crate::run::document(&run, Reader::Acting, extent.is_summary())))
}

/// `GET /views/{view}.json`.
pub async fn view_data(
    app: Data<App>,
    id: Path<String>,
    extent: Query<Extent>,
) -> Result<HttpResponse, Refused> {
    let run = with_outcomes(&app, viewing(&app, &id).await?).await?;
    Ok(HttpResponse::Ok().json(crate::run::document(&run, Reader::Viewing, extent.is_summary())))
}

/// The run of a capability.
pub async fn acting(app: &App, id: &str) -> Result<Run, Refused> {
    if !could_be_an_id(id) {
        return Err(Refused::no_run());
    }
    app.store
        .run(&RunId(id.to_owned()))
        .await?
        .ok_or_else(Refused::no_run)
}

/// The run of a view address.
pub async fn viewing(app: &App, id: &str) -> Result<Run, Refused> {
    if !could_be_an_id(id) {
        return Err(Refused::no_run());
    }
    app.store
        .run_of_view(&ViewId(id.to_owned()))
        .await?
        .ok_or_else(Refused::no_run)
}

fn could_be_an_id(text: &str) -> bool {
    text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A run that ended while it was applied has no report of its own; what was written stands all the same.
async fn with_outcomes(app: &App, mut run: Run) -> Result<Run, Refused> {
    if run.report.is_none() && run.state.is_final() && run.plan.is_some() {
        let outcomes = app.store.outcomes(&run.id).await?;
        if !outcomes.is_empty() {
            run.report = Some(Report::of(outcomes));
        }
    }
    Ok(run)
}

/// A run with what has been written of it until now.
pub async fn as_it_stands(app: &App, run: Run) -> Result<(Run, Vec<OutcomeRow>), Refused> {
    let run = with_outcomes(app, run).await?;
    let under_way = if run.state == State::Applying {
        app.store.outcomes(&run.id).await?
    } else {
        Vec::new()
    };
    Ok((run, under_way))
}

async fn page(app: &App, run: Run, access: Reader) -> Result<HttpResponse, Refused> {
    let (run, under_way) = as_it_stands(app, run).await?;
    pages::run(Shell::of(app), &Links::of(app, &run), &run, access, &under_way)
}
