//! The REST API: one door that turns a path and a verb into an operation (flow-api.md §4.1, §4.3, §4.4).

use actix_web::http::StatusCode;
use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::Live;
use super::record::{Fields, Records};
use super::refusal::{Outcome, Refusal, request_id};
use super::site::{Actor, Site};
use super::view::View;
use super::{State, query, schema_api, search};

/// A request after the door: who asks, and for what.
pub(super) struct Call<'r> {
    pub actor: Actor,
    pub method: &'r Method,
    /// `/api/v1` or `/api/v1.1`.
    pub prefix: String,
    /// The whole path as it was asked for.
    pub path: &'r str,
    pub query: Vec<(String, String)>,
    pub content_type: String,
    pub body: &'r [u8],
}

/// Status and body of an answer; no body for 204.
pub(super) type Answer = Outcome<(u16, Value)>;

/// Answers everything below `/api`.
pub(super) async fn handle(state: web::Data<State>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let id = request_id();
    match answer(&state, &request, &body) {
        Err(refusal) => refusal.answer(&id),
        Ok((status, document)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
            let mut response = HttpResponseBuilder::new(status);
            response.insert_header(("x-request-id", id));
            if status == StatusCode::NO_CONTENT {
                return response.finish();
            }
            response
                .content_type("application/json; charset=utf-8")
                .body(document.to_string())
        }
    }
}

fn answer(state: &State, request: &HttpRequest, body: &[u8]) -> Answer {
    let text = |name: header::HeaderName| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let mut segments = request.path().trim_end_matches('/').split('/').skip(2);
    let version = segments.next().unwrap_or_default();
    if !matches!(version, "v1" | "v1.1") {
        return Err(Refusal::unrouted());
    }
    let segments: Vec<&str> = segments.collect();
    let accept = text(header::ACCEPT);
    if !accept.is_empty()
        && !["*/*", "application/*", "application/json"]
            .iter()
            .any(|legal| accept.contains(legal))
    {
        return Err(Refusal::not_acceptable());
    }
    let content_type = text(header::CONTENT_TYPE)
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let query = pairs(request.query_string().as_bytes());
    match (request.method(), segments.as_slice()) {
        (&Method::GET, []) => return Ok((200, info())),
        (&Method::POST, ["auth", "access_token"]) => {
            let legal = "application/x-www-form-urlencoded";
            // The official client sends the parameters in the query and no body.
            if !body.is_empty() && content_type != legal {
                return Err(Refusal::content_type(&content_type, &[legal]));
            }
            let form = [query, pairs(body)].concat();
            let mut live = state.lock();
            let Live { site, door } = &mut *live;
            return Ok((200, door.grant(site, &form)?));
        }
        _ => {}
    }
    let bearer = text(header::AUTHORIZATION)
        .strip_prefix("Bearer ")
        .unwrap_or_default();
    let mut live = state.lock();
    let call = Call {
        actor: live.door.actor(bearer)?,
        method: request.method(),
        prefix: format!("/api/{version}"),
        path: request.path(),
        query,
        content_type,
        body,
    };
    match segments.as_slice() {
        ["entity", rest @ ..] => entity(&mut live.site, &call, rest),
        ["schema", rest @ ..] => schema_api::answer(&mut live.site.schema, &call, rest),
        _ => Err(Refusal::unrouted()),
    }
}

fn entity(site: &mut Site, call: &Call<'_>, segments: &[&str]) -> Answer {
    if let (&Method::POST, ["_batch"]) = (call.method, segments) {
        return batch(site, call);
    }
    let (segment, rest) = segments.split_first().ok_or_else(Refusal::unrouted)?;
    let kind = site.schema.by_segment(segment)?.kind;
    let row = |text: &str| text.parse::<i64>().map_err(|_| Refusal::unrouted());
    match (call.method, rest) {
        (&Method::GET, []) => search::list(site, call, kind),
        (&Method::POST, ["_search"]) => search::search(site, call, kind),
        (&Method::POST, ["_summarize"]) => search::summarize(site, call, kind),
        (&Method::GET, [id]) => search::one(site, call, kind, row(id)?),
        (&Method::GET, [id, "relationships", field]) => search::related(site, call, kind, row(id)?, field),
        (&Method::POST, []) => {
            let data = call.object()?;
            let id = site.create(&call.actor, kind, &data)?;
            Ok((
                201,
                json!({"data": created(site, call, kind, id, &data)?, "links": {"self": call.path}}),
            ))
        }
        (&Method::PUT, [id]) => {
            let data = call.object()?;
            site.update(&call.actor, kind, row(id)?, &data)?;
            let record = record(site, call, kind, row(id)?, &Fields::All)?;
            let own = record["links"]["self"].clone();
            Ok((
                200,
                json!({"data": record, "links": {"self": own}, "status": "successful"}),
            ))
        }
        (&Method::POST, [id]) => {
            if !call
                .query
                .iter()
                .any(|(key, value)| key == "revive" && value == "true")
            {
                return Err(Refusal::parameter("revive", "is missing"));
            }
            let did = site.revive(&call.actor, kind, row(id)?)?;
            let data = json!({"type": kind, "id": row(id)?});
            Ok((
                200,
                json!({"data": data, "links": {"self": call.path}, "meta": {"did_revive": did}}),
            ))
        }
        (&Method::DELETE, [id]) => {
            site.retire(&call.actor, kind, row(id)?)?;
            Ok((204, Value::Null))
        }
        _ => Err(Refusal::unrouted()),
    }
}

/// Many changes, all or none.
fn batch(site: &mut Site, call: &Call<'_>) -> Answer {
    let body = call.object()?;
    let requests = body.get("requests").and_then(Value::as_array);
    let requests = requests.ok_or_else(|| Refusal::parameter("requests", "is missing"))?;
    let answers = site.atomically(|site| {
        requests
            .iter()
            .map(|request| batched(site, call, request))
            .collect::<Outcome<Vec<Value>>>()
    })?;
    Ok((200, json!({"data": answers})))
}

fn batched(site: &mut Site, call: &Call<'_>, request: &Value) -> Outcome<Value> {
    let name = request.get("entity").and_then(Value::as_str);
    let name = name.ok_or_else(|| Refusal::parameter("entity", "is missing"))?;
    let kind = site.schema.of(name)?.kind;
    let id = || {
        let id = request.get("record_id").and_then(Value::as_i64);
        id.ok_or_else(|| Refusal::parameter("record_id", "is missing"))
    };
    let data = || {
        let data = request.get("data").and_then(Value::as_object);
        data.ok_or_else(|| Refusal::parameter("data", "is missing"))
    };
    match request.get("request_type").and_then(Value::as_str) {
        Some("create") => {
            let id = site.create(&call.actor, kind, data()?)?;
            Ok(json!({"data": created(site, call, kind, id, data()?)?}))
        }
        Some("update") => {
            site.update(&call.actor, kind, id()?, data()?)?;
            let sent = Fields::Named(data()?.keys().cloned().collect());
            Ok(json!({"data": record(site, call, kind, id()?, &sent)?}))
        }
        Some("delete") => {
            site.retire(&call.actor, kind, id()?)?;
            Ok(json!({"data": {"type": kind, "id": id()?}, "did_delete": true}))
        }
        _ => Err(Refusal::parameter(
            "request_type",
            "must be create, update or delete",
        )),
    }
}

/// The thin record of a create: what was sent, the server's own fields, and every relationship.
fn created(
    site: &Site,
    call: &Call<'_>,
    kind: &'static str,
    id: i64,
    data: &Map<String, Value>,
) -> Outcome<Value> {
    let of = site.schema.of(kind)?;
    let row = site.row(kind, id);
    let set = |name: &String| row.is_some_and(|row| row.fields.contains_key(name));
    let shown = of
        .fields()
        .filter(|field| field.data_type.is_link() || data.contains_key(&field.name) || set(&field.name));
    let fields = Fields::Named(shown.map(|field| field.name.clone()).collect());
    let view = View::new(site);
    let records = Records {
        view: &view,
        prefix: &call.prefix,
        created: true,
    };
    let columns = records.columns(kind, &fields)?;
    records.record(kind, id, &columns)
}

fn record(site: &Site, call: &Call<'_>, kind: &'static str, id: i64, fields: &Fields) -> Outcome<Value> {
    let view = View::new(site);
    let records = Records {
        view: &view,
        prefix: &call.prefix,
        created: false,
    };
    let columns = records.columns(kind, fields)?;
    records.record(kind, id, &columns)
}

impl Call<'_> {
    /// The JSON object of a plain write.
    pub fn object(&self) -> Outcome<Map<String, Value>> {
        const LEGAL: &str = "application/json";
        if self.content_type != LEGAL {
            return Err(Refusal::content_type(&self.content_type, &[LEGAL]));
        }
        serde_json::from_slice(self.body).map_err(|_| Refusal::parameters("The body is not a JSON object."))
    }

    /// The value of a query parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The fields the query names; all without a word about them.
    pub fn fields_or_all(&self) -> Outcome<Fields> {
        self.parameter("fields")
            .map_or(Ok(Fields::All), |fields| query::read_fields(&fields.into()))
    }
}

fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    serde_urlencoded::from_bytes(encoded).unwrap_or_default()
}

fn info() -> Value {
    json!({
        "data": {
            "shotgun_version": "v8.85.0.1",
            "api_version": "v1",
            "unified_login_flow_enabled": true,
            "user_authentication_method": "oxygen",
            "site_id": "00000000-0000-4000-8000-00000000a71e",
            "site_name": "Sandbox",
        },
        "links": {"self": "/api/v1"},
    })
}
