//! The controls over HTTP: the middleware every request passes, and the `/_sandbox` routes.
//!
//! The pages for people and `/_sandbox` itself are neither delayed, nor faulted, nor logged. The middleware reads a
//! request's body whole before the handler runs, so a stand-in that takes large bodies only has to raise the limits of its
//! own extractors.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, MessageBody, to_bytes};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, HttpResponseBuilder, error, web};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use serde_json::{Value, json};

use super::{Controls, Fault, FaultBody, Latency, RequestRecord};

/// Larger request bodies are refused with 413.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

const MANUAL: &str = "\
This server is a stand-in. Its controls (JSON in and out; nothing here is delayed, faulted or logged):

GET    /_sandbox/state      what it holds
GET    /_sandbox/requests   the log: n, method, path, query, status (null = connection dropped), ms, bytes_in, bytes_out,
                            sender_type, content_type
DELETE /_sandbox/requests   empties the log
GET    /_sandbox/latency    {\"ms\":0,\"jitter_ms\":0}
PUT    /_sandbox/latency    {\"ms\":50} is added to every request, up to jitter_ms more on top
GET    /_sandbox/faults     the faults, each with how often it was skipped and hit
PUT    /_sandbox/faults     one fault or a list of them; replaces what was there
DELETE /_sandbox/faults     removes them

A fault: {\"method\":null, \"path\":\"substring of path and query\", \"status\":503, \"body\":\"json\", \"after\":0, \"times\":1,
          \"applied\":false, \"retry_after\":null, \"delay_ms\":0, \"detail\":null, \"row\":0}
It skips the first `after` requests that match, then hits `times` of them, each after `delay_ms`.
body: json | html       an error answer with that status, and Retry-After in seconds when set
                        and the words of `detail` in json
      echo              as json, but its words repeat the credentials and the body of the request
      truncated         the right answer, cut in half
      malformed         the right answer, spoilt in its middle
      reset             the connection is dropped without an answer
      hang              the right answer, only after delay_ms
      row               of {\"operations\":[..]} the one numbered `row` is not carried out, and answered as refused with
                        that status and the words of `detail`; the others are
applied: true           the request is carried out first, only then is its answer replaced
";

/// What a stand-in shows at `/_sandbox/state`.
pub type StateView = Arc<dyn Fn() -> Value + Send + Sync>;

/// Adds the `/_sandbox` routes to a stand-in.
pub fn configure(config: &mut web::ServiceConfig, controls: &Controls, state: StateView) {
    config
        .app_data(web::Data::new(controls.clone()))
        .app_data(web::Data::new(state))
        .service(web::resource("/_sandbox").get(async || MANUAL))
        .service(web::resource("/_sandbox/state").get(show_state))
        .service(
            web::resource("/_sandbox/requests")
                .get(show_requests)
                .delete(forget_requests),
        )
        .service(
            web::resource("/_sandbox/latency")
                .get(show_latency)
                .put(put_latency),
        )
        .service(
            web::resource("/_sandbox/faults")
                .get(show_faults)
                .put(put_faults)
                .delete(remove_faults),
        );
}

async fn show_state(state: web::Data<StateView>) -> HttpResponse {
    HttpResponse::Ok().json((state.get_ref())())
}

async fn show_requests(controls: web::Data<Controls>) -> HttpResponse {
    HttpResponse::Ok().json(controls.requests())
}

async fn forget_requests(controls: web::Data<Controls>) -> HttpResponse {
    controls.clear_requests();
    HttpResponse::NoContent().finish()
}

async fn show_latency(controls: web::Data<Controls>) -> HttpResponse {
    HttpResponse::Ok().json(controls.lock().latency)
}

async fn put_latency(controls: web::Data<Controls>, body: Bytes) -> Result<HttpResponse, Error> {
    let latency: Latency = serde_json::from_slice(&body).map_err(error::ErrorBadRequest)?;
    controls.lock().latency = latency;
    Ok(HttpResponse::Ok().json(latency))
}

async fn show_faults(controls: web::Data<Controls>) -> HttpResponse {
    HttpResponse::Ok().json(&controls.lock().faults)
}

async fn put_faults(controls: web::Data<Controls>, body: Bytes) -> Result<HttpResponse, Error> {
    let given: Value = serde_json::from_slice(&body).map_err(error::ErrorBadRequest)?;
    let given = if given.is_array() { given } else { json!([given]) };
    let faults: Vec<Fault> = serde_json::from_value(given).map_err(error::ErrorBadRequest)?;
    controls.clear_faults();
    for fault in faults {
        controls.add_fault(fault);
    }
    Ok(HttpResponse::Ok().json(&controls.lock().faults))
}

async fn remove_faults(controls: web::Data<Controls>) -> HttpResponse {
    controls.clear_faults();
    HttpResponse::NoContent().finish()
}

/// Middleware (`from_fn(controls::observe)`, the outermost): delays, faults and logs what passes.
///
/// The work runs in a task of its own, so that a request goes on when its client vanishes, as in the real systems.
pub async fn observe(
    controls: web::Data<Controls>,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, Error> {
    if is_for_people(request.path()) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let started = Instant::now();
    let body = read_body(request.take_payload()).await?;
    let bytes_in = body.len();
    request.set_payload(Payload::from(body.clone()));
    let work = async move {
        let path_and_query = request.uri().path_and_query().map_or("", |both| both.as_str());
        let (n, beside, latency, fault) = controls.arrive(request.method().as_str(), path_and_query);
        let header = |name: &str| request.headers().get(name)?.to_str().ok().map(str::to_owned);
        let mut record = RequestRecord {
            n,
            method: request.method().to_string(),
            path: request.path().to_owned(),
            query: masked(request.query_string()),
            status: None,
            ms: 0,
            beside,
            bytes_in,
            bytes_out: 0,
            sender_type: header("x-sender-type"),
            content_type: header("content-type"),
        };
        tokio::time::sleep(latency).await;
        let carried_out = carry_out(&controls, fault, request, body, next).await;
        controls.leave();
        let (answer, bytes_out) = carried_out?;
        record.status = bytes_out.map(|_| answer.status().as_u16());
        record.bytes_out = bytes_out.unwrap_or(0);
        record.ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        controls.record(record);
        Ok(answer)
    };
    actix_web::rt::spawn(work)
        .await
        .map_err(error::ErrorInternalServerError)?
}

/// Answers the request as the fault wants it, with the number of bytes sent; `None` = the connection drops.
async fn carry_out(
    controls: &Controls,
    fault: Option<Fault>,
    mut request: ServiceRequest,
    body: Bytes,
    next: Next<impl MessageBody + 'static>,
) -> Result<(ServiceResponse, Option<usize>), Error> {
    let Some(mut fault) = fault else {
        return answer_whole(next.call(request).await?, |bytes| bytes).await;
    };
    if fault.body == FaultBody::Echo {
        fault.detail = Some(echo(&request, &body));
    }
    let delay = Duration::from_millis(fault.delay_ms);
    if !fault.applied {
        tokio::time::sleep(delay).await;
        match fault.body {
            FaultBody::Reset => return Ok((request.into_response(dropped()), None)),
            FaultBody::Html | FaultBody::Json | FaultBody::Echo => {
                let refused = request.into_response(error_answer(controls.error_body, &fault));
                return answer_whole(refused, |bytes| bytes).await;
            }
            FaultBody::Truncated | FaultBody::Malformed | FaultBody::Hang | FaultBody::Row => {}
        }
    }
    let refused = match fault.body {
        FaultBody::Row => take_row(&body, fault.row),
        _ => None,
    };
    if let Some((_, others)) = &refused {
        request.set_payload(Payload::from(others.clone()));
        let length = header::HeaderValue::from(others.len());
        request.headers_mut().insert(header::CONTENT_LENGTH, length);
    }
    let answer = next.call(request).await?;
    if fault.applied {
        tokio::time::sleep(delay).await;
    }
    match fault.body {
        FaultBody::Hang => answer_whole(answer, |bytes| bytes).await,
        FaultBody::Malformed => answer_whole(answer, |bytes| spoilt(&bytes)).await,
        FaultBody::Row => {
            let row = refused.map(|(row, _)| row);
            answer_whole(answer, |bytes| with_refused(bytes, row, &fault)).await
        }
        FaultBody::Truncated => answer_whole(answer, |bytes| bytes.slice(..bytes.len() / 2)).await,
        FaultBody::Reset => Ok((answer.into_response(dropped()), None)),
        FaultBody::Html | FaultBody::Json | FaultBody::Echo => {
            let replaced = answer.into_response(error_answer(controls.error_body, &fault));
            answer_whole(replaced, |bytes| bytes).await
        }
    }
}

/// What careless servers write into their errors.
fn echo(request: &ServiceRequest, body: &[u8]) -> String {
    let mut words = "This was sent:".to_owned();
    for name in ["x-api-key", "authorization"] {
        if let Some(Ok(value)) = request.headers().get(name).map(|value| value.to_str()) {
            words.push_str(&format!(" {name}: {value}"));
        }
    }
    words.push_str(&format!(" {}", String::from_utf8_lossy(body)));
    words
}

/// One row of a bulk write, and the write without it.
fn take_row(body: &[u8], at: usize) -> Option<(Value, Bytes)> {
    let mut body: Value = serde_json::from_slice(body).ok()?;
    let rows = body["operations"].as_array_mut()?;
    let row = (at < rows.len()).then(|| rows.remove(at))?;
    Some((row, body.to_string().into()))
}

/// The answer to a bulk write, with a row put back that was refused.
fn with_refused(answer: Bytes, row: Option<Value>, fault: &Fault) -> Bytes {
    let (Some(row), Ok(mut answer)) = (row, serde_json::from_slice::<Value>(&answer)) else {
        return answer;
    };
    let result = json!({
        "id": row["id"],
        "type": row["type"],
        "entityType": row["entityType"],
        "entityId": row["entityId"],
        "success": false,
        "status": fault.status,
        "errorCode": null,
        "detail": fault.detail,
    });
    if let Some(rows) = answer["operations"].as_array_mut() {
        rows.insert(fault.row.min(rows.len()), result);
    }
    answer["success"] = json!(false);
    answer.to_string().into()
}

fn spoilt(bytes: &[u8]) -> Bytes {
    let (front, back) = bytes.split_at(bytes.len() / 2);
    [front, b"\x01", back].concat().into()
}

fn error_answer(error_body: fn(u16) -> Value, fault: &Fault) -> HttpResponse {
    let status = StatusCode::from_u16(fault.status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let mut answer = HttpResponseBuilder::new(status);
    if let Some(seconds) = fault.retry_after {
        answer.insert_header((header::RETRY_AFTER, seconds.to_string()));
    }
    if fault.body == FaultBody::Html {
        let page = format!(
            "<!DOCTYPE html><html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"
        );
        return answer.content_type("text/html; charset=utf-8").body(page);
    }
    let mut body = error_body(status.as_u16());
    if let Some(detail) = &fault.detail {
        let place = if body["errors"].is_array() {
            &mut body["errors"][0]["detail"]
        } else {
            &mut body["detail"]
        };
        *place = json!(detail);
    }
    answer.json(body)
}

/// Reads an answer's body to its end, so that it can be measured and cut.
async fn answer_whole(
    answer: ServiceResponse<impl MessageBody + 'static>,
    cut: impl FnOnce(Bytes) -> Bytes,
) -> Result<(ServiceResponse, Option<usize>), Error> {
    let (request, response) = answer.into_parts();
    let (response, body) = response.into_parts();
    let body = to_bytes(body)
        .await
        .map_err(|_| error::ErrorInternalServerError("the answer's body could not be read"))?;
    let body = cut(body);
    let sent = body.len();
    let response = response.set_body(body).map_into_boxed_body();
    Ok((ServiceResponse::new(request, response), Some(sent)))
}

fn dropped() -> HttpResponse {
    HttpResponse::Ok().body(DropConnection)
}

/// A body that fails at its first byte: the server closes the connection before it has sent anything.
struct DropConnection;

impl MessageBody for DropConnection {
    type Error = std::io::Error;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionReset.into())))
    }
}

async fn read_body(mut payload: Payload) -> Result<Bytes, Error> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        body.extend_from_slice(&chunk?);
        if body.len() > BODY_LIMIT {
            return Err(error::ErrorPayloadTooLarge(
                "the sandbox takes bodies up to 64 MiB",
            ));
        }
    }
    Ok(body.freeze())
}

fn is_for_people(path: &str) -> bool {
    path == "/"
        || ["/_sandbox", "/desk", "/static"]
            .iter()
            .any(|prefix| path.starts_with(prefix))
}

fn masked(query: &str) -> String {
    let secret = [
        "client_secret",
        "password",
        "auth_token",
        "session_token",
        "refresh_token",
        "token",
        "api_key",
    ];
    let mask = |pair: &str| match pair.split_once('=') {
        Some((key, _)) if secret.contains(&key) => format!("{key}=***"),
        _ => pair.to_owned(),
    };
    query.split('&').map(mask).collect::<Vec<_>>().join("&")
}
