//! One API call from its bytes to its answer: who asks, what is asked, which endpoint answers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use serde_json::Value;

use super::caller::Caller;
use super::fields::Object;
use super::refusal::Refusal;
use super::state::State;

/// An endpoint: everything happens in memory, so it is an ordinary function.
pub(super) type Endpoint = fn(&mut State, &Call) -> Outcome;

/// What an endpoint answers.
pub(super) type Outcome = Result<Answer, Refusal>;

/// A good answer.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    Json(u16, Value),
    /// 204.
    Nothing,
}

impl Answer {
    pub(super) fn ok(value: Value) -> Outcome {
        Ok(Self::Json(200, value))
    }
}

/// Whether an endpoint wants to know who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// A credential is needed.
    Locked,
    /// Strangers may come in; a good credential is still noticed.
    Open,
}

/// What a request says.
pub(super) struct Call {
    params: HashMap<String, String>,
    query: HashMap<String, String>,
    body: Bytes,
    pub(super) caller: Caller,
}

impl Call {
    /// A part of the address; the router has made sure that it is there.
    pub(super) fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// A boolean of the query string.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        match self.query(name)? {
            "true" | "True" | "1" | "yes" | "on" => Some(true),
            _ => Some(false),
        }
    }

    /// The body as JSON.
    pub(super) fn json(&self) -> Result<Value, Refusal> {
        serde_json::from_slice(&self.body).map_err(|error| {
            Refusal::invalid(&[&error.column().to_string()], error.to_string(), "json_invalid")
        })
    }

    /// The body as a JSON object.
    pub(super) fn object(&self) -> Result<Object, Refusal> {
        match self.json()? {
            Value::Object(object) => Ok(object),
            _ => Err(Refusal::invalid(
                &[],
                "value is not a valid dict",
                "type_error.dict",
            )),
        }
    }
}

/// The state behind its lock, as all endpoints share it.
#[derive(Clone)]
pub(super) struct Desk {
    state: Arc<Mutex<State>>,
}

impl Desk {
    pub(super) fn new(state: State) -> Self {
        Self {
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// The state; a handler that panicked while holding it left nothing half done that matters here.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers one request, and takes the time the real server would take when the stand-in is slow.
    pub(super) async fn serve(
        &self,
        endpoint: Endpoint,
        door: Door,
        request: HttpRequest,
        body: Bytes,
    ) -> HttpResponse {
        let (method, path) = (request.method().clone(), request.path().to_owned());
        while let Some(wait) = self.busy(&method, &path) {
            tokio::time::sleep(wait).await;
        }
        let (outcome, toil) = self.answer(endpoint, door, &request, body);
        if !toil.is_zero() {
            tokio::time::sleep(toil).await;
        }
        match outcome {
            Ok(Answer::Nothing) => HttpResponse::NoContent().finish(),
            Ok(Answer::Json(status, value)) => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
                HttpResponse::build(status).json(value)
            }
            Err(refusal) => refusal.answer(method.as_str(), &path),
        }
    }

    fn busy(&self, method: &Method, path: &str) -> Option<Duration> {
        self.lock().pace.wait_for(method, path)
    }

    fn answer(
        &self,
        endpoint: Endpoint,
        door: Door,
        request: &HttpRequest,
        body: Bytes,
    ) -> (Outcome, Duration) {
        let mut state = self.lock();
        let call = prepare(&state, door, request, body);
        let outcome = call.and_then(|call| endpoint(&mut state, &call));
        (outcome, state.pace.settle())
    }
}

fn prepare(state: &State, door: Door, request: &HttpRequest, body: Bytes) -> Result<Call, Refusal> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(request.query_string()).unwrap_or_default();
    let query: HashMap<String, String> = pairs.into_iter().collect();
    let token = query.get("token").map(String::as_str);
    let caller = match (Caller::identify(state, request.headers(), token), door) {
        (Ok(caller), _) => caller,
        (Err(_), Door::Open) => Caller::stranger(),
        (Err(refusal), Door::Locked) => return Err(refusal),
    };
    let params = request
        .match_info()
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    Ok(Call {
        params: params.collect(),
        query,
        body,
        caller,
    })
}
