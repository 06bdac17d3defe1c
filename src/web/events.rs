//! A run, live: Server-Sent Events, numbered, resumable, kept alive, ending with the run.

use std::collections::VecDeque;
use std::time::Duration;

use actix_web::http::Method;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, Responder};
use actix_web_lab::sse;
use futures_util::{Stream, stream};
use serde_json::json;

use crate::run::{Event, EventBody, RunId, State};
use crate::store::StoreError;

use super::App;
use super::refused::Refused;
use super::runs;

/// Silence after which a comment is sent: proxies close idle connections, and only a write tells that a
/// browser is gone.
const KEEP_ALIVE: Duration = Duration::from_secs(10);
/// The longest time between two looks into the store.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// Events read at once.
const PAGE: usize = 500;

/// `GET /runs/{run}/events`.
pub async fn of_run(app: Data<App>, request: HttpRequest, id: Path<String>) -> Result<HttpResponse, Refused> {
    let run = runs::acting(&app, &id).await?;
    follow(&app, &request, run.id, run.state).await
}

/// `GET /views/{view}/events`.
pub async fn of_view(
    app: Data<App>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Refused> {
    let run = runs::viewing(&app, &id).await?;
    follow(&app, &request, run.id, run.state).await
}

async fn follow(app: &App, request: &HttpRequest, run: RunId, state: State) -> Result<HttpResponse, Refused> {
    let after = request
        .headers()
        .get("last-event-id")
        .and_then(|value| value.to_str().ok()?.trim().parse::<i64>().ok())
        .filter(|number| *number > 0)
        .unwrap_or(0);
    if request.method() == Method::HEAD {
        return Ok(HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, "text/event-stream"))
            .finish());
    }
    if state.is_final() && after > 0 && app.store.events_after(&run, after, 1).await?.is_empty() {
        // Everything was told. This status makes a browser stop asking.
        return Ok(HttpResponse::NoContent().finish());
    }
    let mut response = sse::Sse::from_stream(events(app.clone(), run, after))
        .with_keep_alive(KEEP_ALIVE)
        .with_retry_duration(Duration::from_secs(2))
        .respond_to(request);
    // nginx would hold the events back until its buffer is full.
    response.headers_mut().insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    Ok(response)
}

/// How far one watcher is.
struct Watch {
    app: App,
    run: RunId,
    /// Number of the last event taken from the store.
    after: i64,
    waiting: VecDeque<Event>,
    ended: bool,
}

fn events(app: App, run: RunId, after: i64) -> impl Stream<Item = Result<sse::Event, StoreError>> {
    let watch = Watch {
        app,
        run,
        after,
        waiting: VecDeque::new(),
        ended: false,
    };
    stream::unfold(watch, |mut watch| async move {
        match watch.next().await {
            Ok(Some(event)) => Some((Ok(event), watch)),
            Ok(None) => None,
            Err(error) => {
                watch.ended = true;
                Some((Err(error), watch))
            }
        }
    })
}

impl Watch {
    async fn next(&mut self) -> Result<Option<sse::Event>, StoreError> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                self.after = event.number;
                self.ended |= matches!(event.body, EventBody::State { state } if state.is_final());
                return Ok(Some(wire(&event)));
            }
            if self.ended || self.app.stop.is_cancelled() {
                return Ok(None);
            }
            // The state is read before the events: what a final state was preceded by is there then.
            let state = self.app.store.state(&self.run).await?;
            self.waiting = self
                .app
                .store
                .events_after(&self.run, self.after, PAGE)
                .await?
                .into();
            if !self.waiting.is_empty() {
                continue;
            }
            match state {
                Some(state) if !state.is_final() => {}
                _ => return Ok(None),
            }
            tokio::select! {
                () = self.app.stop.cancelled() => return Ok(None),
                () = self.app.runner.changed(LOOK_AGAIN) => {}
            }
        }
    }
}

/// An event as browsers read it.
fn wire(event: &Event) -> sse::Event {
    let data = match &event.body {
        EventBody::State { state } => json!({ "state": state }),
        EventBody::Progress { phase, done, total } => {
            json!({ "phase": phase, "done": done, "total": total })
        }
        EventBody::Operations(rows) => json!(rows),
    };
    sse::Data::new(data.to_string())
        .id(event.number.to_string())
        .event(event.body.name())
        .into()
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;
    use futures_util::stream;

    use crate::plan::OpId;
    use crate::run::{Outcome, OutcomeRow};

    use super::*;

    #[actix_web::test]
    async fn events_are_numbered_named_and_json() {
        let told = [
            EventBody::State {
                state: State::Applying,
            },
            EventBody::Progress {
                phase: "Writing folders".to_owned(),
                done: 3,
                total: 9,
            },
            EventBody::Operations(vec![OutcomeRow {
                id: OpId("a".to_owned()),
                outcome: Outcome::Failed,
                message: Some("no\nroom".to_owned()),
            }]),
        ];
        let events = told
            .into_iter()
            .zip(4..)
            .map(|(body, number)| Ok::<_, StoreError>(wire(&Event { number, body })));
        let bytes = to_bytes(sse::Sse::from_stream(stream::iter(events)))
            .await
            .unwrap();
        let text = std::str::from_utf8(&bytes).unwrap();
        let blocks: Vec<Vec<&str>> = text
            .trim_end()
            .split("\n\n")
            .map(|block| block.lines().collect())
            .collect();
        assert_eq!(blocks.len(), 3);
        for (block, number) in blocks.iter().zip(4..) {
            assert!(block.contains(&format!("id: {number}").as_str()), "{block:?}");
        }
        assert!(blocks[0].contains(&"event: state"));
        assert!(blocks[0].contains(&r#"data: {"state":"applying"}"#));
        assert!(blocks[2].contains(&"event: operations"));
        assert!(blocks[2].iter().any(|line| line.starts_with("data: [{")));
    }
}
