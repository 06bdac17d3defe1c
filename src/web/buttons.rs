//! What the page's buttons do: apply, cancel, plan again. Each asks for the run's seal.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::ami::Refusal;
use crate::model::Job;
use crate::run::{Asked, NotConfirmed, Origin, Run, State};
use crate::runner::For;

use super::ami::{full_of, see_run};
use super::refused::{Again, Refused};
use super::{App, access, options, runs, ticks};

/// `POST /runs/{run}/apply`: the ticked rows are written, once. A second press leads to the same run.
pub async fn apply(
    app: Data<App>,
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Refused> {
    let (run, pairs) = pressed(&app, &request, &id, payload).await?;
    let plan = match (run.state, &run.plan) {
        (State::Planned, Some(plan)) => plan,
        (state, Some(_)) if was_applied(state) => return Ok(see_run(&app, &run.id)),
        (state, _) => return Err(cannot_apply(state)),
    };
    if app.now() >= run.expires_at {
        return Err(cannot_apply(State::Expired));
    }
    if let Some(why) = &run.barred {
        return Err(Refused::barred(why));
    }
    let ticks = ticks::read(&pairs, plan)?;
    let typed = pairs.iter().find(|(key, _)| key == "confirm");
    run.is_confirmed(&ticks, typed.map(|(_, text)| text.as_str()))
        .map_err(not_confirmed)?;
    if app.store.begin_apply(&run.id, &ticks, app.now()).await? {
        tracing::info!(view = run.view.0, "a plan is applied");
        app.runner.apply(run.id.clone());
        return Ok(see_run(&app, &run.id));
    }
    // Somebody else was first: the other press of this button, a cancel, or time.
    match app.store.state(&run.id).await?.ok_or_else(Refused::no_run)? {
        state if was_applied(state) => Ok(see_run(&app, &run.id)),
        state => Err(cannot_apply(state)),
    }
}

fn not_confirmed(wrong: NotConfirmed) -> Refused {
    Refused::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "confirm-wrong",
        format!(
            "{} {}. Type that number before you press Apply.",
            wrong.what.counted(wrong.count),
            wrong.what.would()
        ),
        "Go back, compare the number with what you want, and type it.",
    )
}

/// Whether a planned run comes to this state by being applied: then another press of Apply leads to it.
fn was_applied(state: State) -> bool {
    match state {
        State::Applying | State::Done | State::Stale | State::Failed | State::Refused => true,
        State::Queued | State::Planning | State::Planned | State::Cancelled | State::Expired => false,
    }
}

/// `POST /runs/{run}/cancel`: a run that writes stops at its next safe point, any other ends here.
pub async fn cancel(
    app: Data<App>,
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Refused> {
    let (run, pairs) = pressed_by_our_page(&app, &request, &id, payload).await?;
    // The plan may have come while the button was pressed; the seal of the run alone still means this run.
    if !has_seal(&pairs, &run.seal()) && !has_seal(&pairs, &run.id.seal(None)) {
        return Err(seal_wrong());
    }
    match run.state {
        State::Queued | State::Planning | State::Planned => {
            // Step by step, because a run that somebody applies in this moment must not be ended under its writer.
            let mut ended = false;
            for from in [State::Queued, State::Planning, State::Planned] {
                ended = ended || app.store.step(&run.id, from, State::Cancelled, app.now()).await?;
            }
            tracing::info!(view = run.view.0, ended, "a run is cancelled");
            app.runner.cancel(&run.id);
        }
        State::Applying => app.runner.cancel(&run.id),
        State::Done | State::Failed | State::Refused | State::Cancelled | State::Stale | State::Expired => {}
    }
    Ok(see_run(&app, &run.id))
}

/// `POST /runs/{run}/replan`: a new run of the same selection, for the same person.
///
/// Its options are the old ones, or those that the form names (`options.rs`).
pub async fn replan(
    app: Data<App>,
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Refused> {
    let (old, pairs) = pressed(&app, &request, &id, payload).await?;
    if !(old.state.is_final() || old.state == State::Planned) {
        return Err(Refused::conflict(
            "run-under-way",
            "This run is still under way.",
            "Wait for it, or cancel it, and plan again then.",
        ));
    }
    let options = options::of(&pairs, &old)?;
    let address = format!("{}/runs/{}/replan", app.base(), old.id.0);
    let run = Run {
        parent: Some(old.view),
        session_uuid: old.session_uuid,
        light: old.light,
        ..app.services.new_run(
            Origin::Ami,
            Asked {
                action: old.action,
                options,
                requested_by: old.requested_by,
                site: old.site,
                selection: old.selection,
            },
        )
    };
    begin_again(&app, run, address, pairs).await
}

/// `POST /runs/{run}/follow`: a sync of the rows whose people AYON knows since this run wrote its users.
pub async fn follow(
    app: Data<App>,
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Refused> {
    let (old, pairs) = pressed(&app, &request, &id, payload).await?;
    let Some(selection) = old.follow_up() else {
        return Err(Refused::conflict(
            "nothing-follows",
            "Nothing follows from this run: no row's people became known by it.",
            "Open the run's page: it shows how things stand, and what can be done.",
        ));
    };
    let address = format!("{}/runs/{}/follow", app.base(), old.id.0);
    let run = Run {
        parent: Some(old.view),
        session_uuid: old.session_uuid,
        ..app.services.new_run(
            Origin::Ami,
            Asked {
                action: Job::Sync.word().to_owned(),
                options: BTreeMap::new(),
                requested_by: old.requested_by,
                site: old.site,
                selection: Some(selection),
            },
        )
    };
    begin_again(&app, run, address, pairs).await
}

/// Begins a run that another one led to; where there is no room, the button is offered again.
async fn begin_again(
    app: &App,
    run: Run,
    address: String,
    pairs: Vec<(String, String)>,
) -> Result<HttpResponse, Refused> {
    let place = app.runner.enter(For::from(&run), None).map_err(|full| {
        Refused::from(Refusal::TooManyPlans(full_of(full))).or_again(Again {
            address,
            label: "Try again now".to_owned(),
            pairs,
        })
    })?;
    app.store.create(&run, None).await?;
    tracing::info!(view = run.view.0, action = run.action, "a run begins again");
    app.runner.plan(run.id.clone(), Some(place));
    Ok(see_run(app, &run.id))
}

/// The run and the form of a press that our own page sent, with the seal of the plan it showed.
async fn pressed(
    app: &App,
    request: &HttpRequest,
    id: &str,
    payload: Payload,
) -> Result<(Run, Vec<(String, String)>), Refused> {
    let (run, pairs) = pressed_by_our_page(app, request, id, payload).await?;
    if has_seal(&pairs, &run.seal()) {
        Ok((run, pairs))
    } else {
        Err(seal_wrong())
    }
}

async fn pressed_by_our_page(
    app: &App,
    request: &HttpRequest,
    id: &str,
    payload: Payload,
) -> Result<(Run, Vec<(String, String)>), Refused> {
    access::sent_by_our_page(request.headers(), &app.settings.public_url)?;
    let bytes = app.bodies.read(request, payload).await?;
    let pairs = serde_urlencoded::from_bytes(&bytes).map_err(|_| {
        Refused::new(
            StatusCode::BAD_REQUEST,
            "form-unreadable",
            "The form cannot be read.",
            "Use the buttons of the run's page.",
        )
    })?;
    Ok((runs::acting(app, id).await?, pairs))
}

/// Whether the form carries exactly this seal, once.
fn has_seal(pairs: &[(String, String)], seal: &str) -> bool {
    let mut seals = pairs.iter().filter(|(key, _)| key == "seal");
    seals.next().is_some_and(|(_, value)| value == seal) && seals.next().is_none()
}

fn seal_wrong() -> Refused {
    Refused::conflict(
        "seal-wrong",
        "This page shows another plan than the run has now.",
        "Open the run's page again, look at the plan, and press the button there.",
    )
}

/// Why a run in this state cannot be applied.
fn cannot_apply(state: State) -> Refused {
    let (code, message) = match state {
        State::Queued | State::Planning => ("not-planned", "There is no plan to apply yet."),
        State::Expired => ("plan-expired", "This plan is too old to be applied."),
        State::Cancelled => ("run-cancelled", "This run was cancelled."),
        State::Stale => ("plan-stale", "This plan is out of date."),
        State::Failed | State::Refused => ("run-ended", "This run ended without a plan that can be applied."),
        State::Planned | State::Applying | State::Done => (
            "apply-conflict",
            "This run was changed by somebody else at the same moment.",
        ),
    };
    Refused::conflict(
        code,
        message,
        "Open the run's page: it shows how things stand, and what can be done.",
    )
}
