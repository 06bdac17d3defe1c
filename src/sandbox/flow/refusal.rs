//! How the site says no: the JSON error document of flow-api.md §4.7.

use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, HttpResponseBuilder};
use serde_json::{Value, json};

/// What an operation of the site answers.
pub(super) type Outcome<T> = Result<T, Refusal>;

/// A request that is refused.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refusal {
    pub status: u16,
    pub code: u16,
    pub title: String,
    pub source: Value,
    pub detail: Option<String>,
}

impl Refusal {
    fn new(status: u16, code: u16, title: impl Into<String>) -> Self {
        Refusal {
            status,
            code,
            title: title.into(),
            source: Value::Null,
            detail: None,
        }
    }

    /// Bad credentials, or `sudo_as_login` refused.
    pub fn credentials(title: impl Into<String>) -> Self {
        Refusal::new(400, 102, title)
    }

    /// Malformed parameters.
    pub fn parameters(title: impl Into<String>) -> Self {
        Refusal::new(400, 103, title)
    }

    /// One parameter is wrong; the answer names it.
    pub fn parameter(name: &str, what: &str) -> Self {
        let source = json!({name: [format!("{name} {what}")]});
        Refusal {
            source,
            ..Refusal::new(400, 103, "Request Parameters invalid.")
        }
    }

    /// A well-formed write that the site does not take.
    pub fn illegal(title: impl Into<String>) -> Self {
        Refusal::new(400, 104, title)
    }

    /// A value that its field does not take; `verb` is `Create` or `Update`.
    pub fn value(verb: &str, kind: &str, field: &str) -> Self {
        Refusal::illegal(format!("{verb} failed for [{kind}.{field}]: Value is not legal."))
    }

    /// A role that may not do this.
    pub fn permission(role: &str, rule: &str, what: &str) -> Self {
        Refusal::illegal(format!(
            "Permission denied: role [{role}] does not grant rule [{rule}] for [{what}]."
        ))
    }

    /// An expired or unknown bearer.
    pub fn bearer(detail: &str) -> Self {
        Refusal {
            detail: Some(detail.to_owned()),
            ..Refusal::new(401, 102, "Unauthorized")
        }
    }

    /// Creating an active person on a site whose people come from an identity provider.
    pub fn identity_users_only() -> Self {
        Refusal::new(
            401,
            110,
            "User promotion to active is permitted only for Identity Users",
        )
    }

    /// A path that leads nowhere.
    pub fn unrouted() -> Self {
        Refusal::new(404, 103, "Not Found")
    }

    /// A type the schema does not have.
    pub fn no_type(name: &str) -> Self {
        Refusal::new(404, 104, format!("Entity type '{name}' does not exist."))
    }

    /// A row that a read by id did not find.
    pub fn not_found(kind: &str, id: i64) -> Self {
        Refusal::new(404, 104, format!("{kind}: {id} not found"))
    }

    /// A row that a write did not find.
    pub fn no_row(kind: &str, id: i64) -> Self {
        Refusal::new(
            404,
            104,
            format!("Entity of type [{kind}] with id={id} does not exist."),
        )
    }

    /// An `Accept` header that JSON does not satisfy.
    pub fn not_acceptable() -> Self {
        Refusal::new(406, 103, "The Accept header must allow application/json.")
    }

    /// A wrong `Content-Type`; the text lists the right ones.
    pub fn content_type(given: &str, legal: &[&str]) -> Self {
        let legal = legal.join(", ");
        Refusal::new(
            415,
            103,
            format!("Content-Type '{given}' is not supported here. Use one of: {legal}."),
        )
    }

    /// The error document.
    pub fn document(&self, request_id: &str) -> Value {
        json!({"errors": [{
            "id": request_id,
            "status": self.status,
            "code": self.code,
            "title": self.title,
            "source": self.source,
            "detail": self.detail,
            "meta": null,
        }]})
    }

    /// The HTTP answer.
    pub fn answer(&self, request_id: &str) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        HttpResponseBuilder::new(status)
            .insert_header(("x-request-id", request_id))
            .content_type("application/json; charset=utf-8")
            .body(self.document(request_id).to_string())
    }
}

/// The body of an injected fault: what the site itself would say with that status.
pub(super) fn fault_body(status: u16) -> Value {
    let refusal = match status {
        401 => Refusal::bearer("Token Expired"),
        500 => Refusal::new(500, 100, "Shotgun Server Error"),
        _ => Refusal::new(status, 103, "The sandbox was told to fail."),
    };
    refusal.document(&request_id())
}

/// A new id for a request, 32 hex digits.
pub(super) fn request_id() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    format!("{:032x}", COUNT.fetch_add(1, Ordering::Relaxed))
}
