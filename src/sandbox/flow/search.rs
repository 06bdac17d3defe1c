//! Reads over the API: lists, single rows, searches and counts (flow-api.md §4.4).

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::api::{Answer, Call};
use super::filter::{Filter, Reader};
use super::query::{self, Wanted};
use super::record::Records;
use super::refusal::{Outcome, Refusal};
use super::schema::Kind;
use super::site::Site;
use super::view::View;

/// Filters as a list of triples.
const ARRAY: &str = "application/vnd+shotgun.api3_array+json";
/// Filters as a group with a logical operator.
const HASH: &str = "application/vnd+shotgun.api3_hash+json";

pub(super) fn list(site: &Site, call: &Call<'_>, kind: Kind) -> Answer {
    let view = View::new(site);
    let wanted = Wanted::read(&call.query, &Value::Null)?;
    let filter = query::query_filter(&view, kind, &call.query)?;
    answer(&view, call, kind, &wanted, &filter, &call.query)
}

pub(super) fn search(site: &Site, call: &Call<'_>, kind: Kind) -> Answer {
    let view = View::new(site);
    let body = body(call)?;
    let wanted = Wanted::read(&call.query, &body)?;
    let filter = read_filters(&view, call, kind, &body)?;
    answer(&view, call, kind, &wanted, &filter, &[])
}

pub(super) fn one(site: &Site, call: &Call<'_>, kind: Kind, id: i64) -> Answer {
    let view = View::new(site);
    let wanted = Wanted::read(&call.query, &Value::Null)?;
    let shown = site
        .row(kind, id)
        .is_some_and(|row| wanted.admits(&view, &call.actor, kind, id, row));
    if !shown {
        return Err(Refusal::not_found(kind, id));
    }
    let records = records(&view, call);
    let record = records.record(kind, id, &records.columns(kind, &call.fields_or_all()?)?)?;
    let own = record["links"]["self"].clone();
    Ok((200, json!({"data": record, "links": {"self": own}})))
}

pub(super) fn related(site: &Site, call: &Call<'_>, kind: Kind, id: i64, field: &str) -> Answer {
    let live = site
        .live(kind, id)
        .filter(|_| call.actor.sees(site.project_of(kind, id)));
    live.ok_or_else(|| Refusal::not_found(kind, id))?;
    let view = View::new(site);
    Ok((200, records(&view, call).related(kind, id, field)?))
}

/// Counts; other kinds of summaries are not offered here.
pub(super) fn summarize(site: &Site, call: &Call<'_>, kind: Kind) -> Answer {
    let view = View::new(site);
    let body = body(call)?;
    let wanted = Wanted::read(&call.query, &body)?;
    let filter = read_filters(&view, call, kind, &body)?;
    let of = site.schema.of(kind)?;
    let count = query::select(&view, &call.actor, of, &wanted, &filter).len();
    let asked = body.get("summary_fields").and_then(Value::as_array);
    let asked = asked.ok_or_else(|| Refusal::parameter("summary_fields", "is missing"))?;
    let mut summaries = Map::new();
    for summary in asked {
        let field = summary.get("field").and_then(Value::as_str).unwrap_or_default();
        if of.field(field).is_none() {
            return Err(Refusal::parameters(format!(
                "API summarize() {kind}.{field} doesn't exist."
            )));
        }
        if !matches!(
            summary.get("type").and_then(Value::as_str),
            Some("count" | "record_count")
        ) {
            return Err(Refusal::parameter(
                "summary_fields",
                "knows the types count and record_count here",
            ));
        }
        summaries.insert(field.to_owned(), count.into());
    }
    Ok((
        200,
        json!({"data": {"summaries": summaries, "groups": []}, "links": {"self": call.path}}),
    ))
}

fn answer(
    view: &View<'_>,
    call: &Call<'_>,
    kind: Kind,
    wanted: &Wanted,
    filter: &Filter<'_>,
    kept: &[(String, String)],
) -> Answer {
    let of = view.site.schema.of(kind)?;
    let ids = query::select(view, &call.actor, of, wanted, filter);
    Ok((
        200,
        query::page(&records(view, call), of, wanted, ids, call.path, kept)?,
    ))
}

fn records<'v, 's>(view: &'v View<'s>, call: &'v Call<'_>) -> Records<'v, 's> {
    Records {
        view,
        prefix: &call.prefix,
        created: false,
    }
}

fn body(call: &Call<'_>) -> Outcome<Value> {
    if !matches!(call.content_type.as_str(), ARRAY | HASH) {
        return Err(Refusal::content_type(&call.content_type, &[ARRAY, HASH]));
    }
    serde_json::from_slice(call.body).map_err(|_| Refusal::parameters("The body is not JSON."))
}

fn read_filters<'s>(view: &View<'s>, call: &Call<'_>, kind: Kind, body: &Value) -> Outcome<Filter<'s>> {
    let filters = body
        .get("filters")
        .ok_or_else(|| Refusal::parameter("filters", "is missing"))?;
    let reader = Reader {
        view,
        kind,
        now: Timestamp::now(),
    };
    if call.content_type == ARRAY {
        reader.array(filters)
    } else {
        reader.hash(filters)
    }
}
