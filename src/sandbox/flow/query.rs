//! Lists: which rows, in what order, which page of them (flow-api.md §4.4, §4.5).

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::filter::{Filter, Reader};
use super::record::{Fields, Records};
use super::refusal::{Outcome, Refusal};
use super::schema::{Kind, Type};
use super::site::{Actor, Row};
use super::view::View;

const DEFAULT_PAGE: i64 = 500;
const LARGEST_PAGE: i64 = 5000;

/// What a list is asked for beside its filters, from the query string and, for `_search`, the body.
pub(super) struct Wanted {
    pub fields: Fields,
    /// Field and whether it descends.
    sort: Vec<(String, bool)>,
    size: i64,
    number: i64,
    pub retired: bool,
    archived: bool,
}

impl Wanted {
    /// Reads the parameters; the body's win over the query's.
    pub fn read(query: &[(String, String)], body: &Value) -> Outcome<Self> {
        let given = |name: &str| parameter(query, body, name);
        Ok(Wanted {
            fields: match given("fields") {
                Some(fields) => read_fields(&fields)?,
                None => Fields::Named(Vec::new()),
            },
            sort: given("sort").map_or(Ok(Vec::new()), |sort| read_sort(&sort))?,
            size: match whole(given("page[size]"), "size")?.unwrap_or(DEFAULT_PAGE) {
                size if size > LARGEST_PAGE => {
                    return Err(Refusal::parameter("size", "must be less than 5000"));
                }
                size if size < 1 => return Err(Refusal::parameter("size", "must be greater than 0")),
                size => size,
            },
            number: match whole(given("page[number]"), "number")?.unwrap_or(1) {
                number if number < 1 => return Err(Refusal::parameter("number", "must be greater than 0")),
                number => number,
            },
            retired: match given("options[return_only]").as_ref().and_then(Value::as_str) {
                None | Some("active") => false,
                Some("retired") => true,
                Some(_) => return Err(Refusal::parameter("return_only", "must be active or retired")),
            },
            archived: given("options[include_archived_projects]")
                .is_none_or(|given| given != json!(false) && given != json!("false")),
        })
    }

    /// Whether a row of a list may be shown to `actor` at all.
    pub fn admits(&self, view: &View<'_>, actor: &Actor, kind: Kind, id: i64, row: &Row) -> bool {
        let project = view.site.project_of(kind, id);
        let archived = || {
            let flag = project.and_then(|project| view.site.row("Project", project)?.fields.get("archived"));
            flag == Some(&Value::Bool(true))
        };
        row.retired.is_some() == self.retired && actor.sees(project) && (self.archived || !archived())
    }
}

/// The rows that fulfil all conditions, by id.
pub(super) fn select(
    view: &View<'_>,
    actor: &Actor,
    of: &Type,
    wanted: &Wanted,
    filter: &Filter<'_>,
) -> Vec<i64> {
    view.site
        .rows(of.kind)
        .filter(|(id, row)| wanted.admits(view, actor, of.kind, *id, row) && filter.holds(view, of.kind, *id))
        .map(|(id, _)| id)
        .collect()
}

/// One page of a list; `path` is what was asked for, `kept` the parameters that its links repeat.
pub(super) fn page(
    records: &Records<'_, '_>,
    of: &Type,
    wanted: &Wanted,
    mut ids: Vec<i64>,
    path: &str,
    kept: &[(String, String)],
) -> Outcome<Value> {
    sort(records.view, of, &wanted.sort, &mut ids);
    let to_index = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    let skipped = to_index((wanted.number - 1).saturating_mul(wanted.size));
    let shown = ids.iter().skip(skipped).take(to_index(wanted.size));
    let columns = records.columns(of.kind, &wanted.fields)?;
    let data: Vec<Value> = shown
        .map(|id| records.record(of.kind, *id, &columns))
        .collect::<Outcome<_>>()?;
    let link = |number: i64| {
        let mut pairs: Vec<(&str, String)> = kept
            .iter()
            .filter(|(key, _)| !key.starts_with("page["))
            .map(|(key, value)| (key.as_str(), value.clone()))
            .collect();
        pairs.push(("page[number]", number.to_string()));
        pairs.push(("page[size]", wanted.size.to_string()));
        format!(
            "{path}?{}",
            serde_urlencoded::to_string(pairs).unwrap_or_default()
        )
    };
    // There is a next page even after the last: lists end with a short one (flow-api.md §4.5).
    let mut links = json!({"self": path, "next": link(wanted.number + 1)});
    if wanted.number > 1 {
        links["prev"] = link(wanted.number - 1).into();
    }
    let mut page = Map::new();
    page.insert("data".to_owned(), data.into());
    page.insert("links".to_owned(), links);
    Ok(page.into())
}

/// The conditions of a list asked for with GET: `filter[field]=value`, a comma list meaning any of them.
pub(super) fn query_filter<'s>(
    view: &View<'s>,
    kind: Kind,
    query: &[(String, String)],
) -> Outcome<Filter<'s>> {
    let reader = Reader {
        view,
        kind,
        now: Timestamp::now(),
    };
    let mut filters = Vec::new();
    for (key, value) in query {
        let Some(field) = key
            .strip_prefix("filter[")
            .and_then(|rest| rest.strip_suffix(']'))
        else {
            continue;
        };
        let values: Vec<Value> = value
            .split(',')
            .map(|value| query_value(view, kind, field, value))
            .collect();
        filters.push(
            reader
                .test(field, "in", &values)
                .or_else(|_| reader.test(field, "is", &values))?,
        );
    }
    Ok(Filter::All(filters))
}

/// The text of a query as the field's filter takes it.
fn query_value(view: &View<'_>, kind: Kind, field: &str, text: &str) -> Value {
    let is_checkbox = view
        .path(kind, field)
        .is_some_and(|path| path.field.data_type.name() == "checkbox");
    match text {
        "true" | "false" if is_checkbox => Value::Bool(text == "true"),
        _ => text.into(),
    }
}

fn sort(view: &View<'_>, of: &Type, keys: &[(String, bool)], ids: &mut [i64]) {
    for (name, descends) in keys.iter().rev() {
        // Unknown and unsortable keys are ignored.
        let Some(field) = of
            .field(name)
            .filter(|field| field.is_filterable() && !field.data_type.is_link())
        else {
            continue;
        };
        let value = |id: i64| {
            view.site
                .row(of.kind, id)
                .map_or(Value::Null, |row| view.scalar(of.kind, id, row, field))
        };
        ids.sort_by_cached_key(|id| SortKey(value(*id)));
        if *descends {
            ids.reverse();
        }
    }
}

/// Nulls first, then by number or text without case.
#[derive(PartialEq)]
struct SortKey(Value);

impl Eq for SortKey {}

impl PartialOrd for SortKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for SortKey {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Value::String(one), Value::String(two)) => one.to_lowercase().cmp(&two.to_lowercase()),
            (Value::Number(one), Value::Number(two)) => one
                .as_f64()
                .unwrap_or(0.0)
                .total_cmp(&two.as_f64().unwrap_or(0.0)),
            (Value::Bool(one), Value::Bool(two)) => one.cmp(two),
            (one, two) => two.is_null().cmp(&one.is_null()),
        }
    }
}

/// A parameter by its query spelling (`page[size]`), or from the body's objects.
fn parameter(query: &[(String, String)], body: &Value, name: &str) -> Option<Value> {
    let (outer, inner) = name
        .split_once('[')
        .map_or((name, None), |(o, i)| (o, Some(i.trim_end_matches(']'))));
    let in_body = inner.map_or_else(|| body.get(outer), |inner| body.get(outer)?.get(inner));
    if let Some(value) = in_body.filter(|value| !value.is_null()) {
        return Some(value.clone());
    }
    query
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str().into())
}

/// `fields` as a list or as one comma string; `*` is everything.
pub(super) fn read_fields(given: &Value) -> Outcome<Fields> {
    let names = texts(given).ok_or_else(|| Refusal::parameter("fields", "must be a list of names"))?;
    if names.iter().any(|name| name == "*") {
        return Ok(Fields::All);
    }
    Ok(Fields::Named(
        names.into_iter().filter(|name| !name.is_empty()).collect(),
    ))
}

fn read_sort(given: &Value) -> Outcome<Vec<(String, bool)>> {
    let wrong = || Refusal::parameter("sort", "is not valid");
    let key = |text: String| {
        let (name, descends) = text
            .strip_prefix('-')
            .map_or((text.as_str(), false), |name| (name, true));
        let legal = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.');
        legal.then(|| (name.to_owned(), descends)).ok_or_else(wrong)
    };
    texts(given).ok_or_else(wrong)?.into_iter().map(key).collect()
}

fn texts(given: &Value) -> Option<Vec<String>> {
    match given {
        Value::String(list) => Some(list.split(',').map(|text| text.trim().to_owned()).collect()),
        Value::Array(list) => list.iter().map(|text| text.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

fn whole(given: Option<Value>, name: &str) -> Outcome<Option<i64>> {
    let read = |value: Value| match &value {
        Value::String(text) => text.parse().ok(),
        number => number.as_i64(),
    };
    given
        .map(|value| read(value).ok_or_else(|| Refusal::parameter(name, "must be a whole number")))
        .transpose()
}
