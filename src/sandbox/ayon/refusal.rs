//! How the stand-in says no: every error shape of `ayon-api.md §1.5`, told apart the way the real server does.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::{Value, json};

/// One complaint about a request body, in the shape of pydantic v1.
#[derive(Clone, Debug)]
pub(super) struct Issue {
    /// Where in the body, outermost key first.
    pub(super) place: Vec<String>,
    pub(super) message: String,
    /// pydantic's error type, such as `value_error.missing`.
    pub(super) kind: &'static str,
}

/// Why a request or one operation of a batch was not carried out.
#[derive(Clone, Debug)]
pub(super) enum Refusal {
    /// An error the server foresaw: `{"code", "detail"}`.
    Domain {
        status: u16,
        /// `errorCode` in the result of an operation.
        code: &'static str,
        detail: String,
        /// Whether the database found it. Only then a batch in default mode is rolled back (§5.3).
        database: bool,
    },
    /// The body does not fit the model: HTTP 400 with `errors[]`.
    Invalid(Vec<Issue>),
    /// A constraint that broke outside entity code: HTTP 500 around a body that says 409.
    Constraint { detail: String },
    /// An exception nobody caught: HTTP 500 with `status` instead of `code`.
    Crash {
        exception: &'static str,
        detail: String,
        database: bool,
    },
    /// The server gave up before its own error handling: plain text.
    Silent,
    /// A path the API does not have.
    NoSuchRoute,
    /// A path the API has, with another verb.
    WrongVerb,
}

impl Refusal {
    pub(super) fn domain(status: u16, code: &'static str, detail: impl Into<String>) -> Self {
        Self::Domain {
            status,
            code,
            detail: detail.into(),
            database: false,
        }
    }

    pub(super) fn not_found(detail: impl Into<String>) -> Self {
        Self::domain(404, "not-found", detail)
    }

    pub(super) fn forbidden(detail: impl Into<String>) -> Self {
        Self::domain(403, "forbidden", detail)
    }

    pub(super) fn bad_request(detail: impl Into<String>) -> Self {
        Self::domain(400, "bad-request", detail)
    }

    pub(super) fn unauthorized(detail: impl Into<String>) -> Self {
        Self::domain(401, "unauthorized", detail)
    }

    /// 409 by a unique index, in the words of §4.1.
    pub(super) fn unique(entity: &str, columns: &str, value: &str) -> Self {
        Self::database(
            "unique-violation",
            format!("{entity} with {columns} '{value}' already exists."),
        )
    }

    /// 409 by a foreign key: the value is not in the table it must come from.
    pub(super) fn absent(column: &str, value: &str, table: &str) -> Self {
        Self::database(
            "foreign-key-violation",
            format!("{column} '{value}' is not present in table \"{table}\"."),
        )
    }

    /// 409 by a column that may not be null.
    pub(super) fn not_null(column: &str) -> Self {
        Self::database("not-null-violation", format!("Missing required field: {column}"))
    }

    /// 409 of the database with a text of its own.
    pub(super) fn database(code: &'static str, detail: impl Into<String>) -> Self {
        Self::Domain {
            status: 409,
            code,
            detail: detail.into(),
            database: true,
        }
    }

    /// A value PostgreSQL cannot store (NUL, an integer beyond 64 bit).
    pub(super) fn unstorable(detail: impl Into<String>) -> Self {
        Self::Crash {
            exception: "DataError",
            detail: detail.into(),
            database: true,
        }
    }

    /// A project save whose SQL failed half way; the real server then says only this.
    pub(super) fn aborted_transaction() -> Self {
        Self::Crash {
            exception: "InFailedSQLTransactionError",
            detail: "current transaction is aborted, commands ignored until end of transaction block".into(),
            database: true,
        }
    }

    pub(super) fn crash(exception: &'static str, detail: impl Into<String>) -> Self {
        Self::Crash {
            exception,
            detail: detail.into(),
            database: false,
        }
    }

    /// One complaint about one place of the body.
    pub(super) fn invalid(place: &[&str], message: impl Into<String>, kind: &'static str) -> Self {
        Self::Invalid(vec![Issue {
            place: place.iter().map(|part| (*part).to_owned()).collect(),
            message: message.into(),
            kind,
        }])
    }

    pub(super) fn missing(field: &str) -> Self {
        Self::invalid(&[field], "field required", "value_error.missing")
    }

    pub(super) fn pattern(field: &str, pattern: &str) -> Self {
        Self::invalid(
            &[field],
            format!("string does not match regex \"{pattern}\""),
            "value_error.str.regex",
        )
    }

    /// Whether a batch in default mode rolls back because of it (§5.3).
    pub(super) fn is_database(&self) -> bool {
        match self {
            Self::Domain { database, .. } | Self::Crash { database, .. } => *database,
            Self::Constraint { .. } => true,
            Self::Invalid(_) | Self::Silent | Self::NoSuchRoute | Self::WrongVerb => false,
        }
    }

    /// `status`, `errorCode` and `detail` of a failed operation (§5.2).
    pub(super) fn as_operation(&self) -> (u16, Option<&'static str>, String) {
        match self {
            // The same null that a POST answers with 409 is a 400 here.
            Self::Domain {
                code: "not-null-violation",
                detail,
                ..
            } => (400, Some("not-null-violation"), detail.clone()),
            Self::Domain {
                status, code, detail, ..
            } => (*status, Some(code), detail.clone()),
            Self::Invalid(issues) => (400, Some("invalid_data"), summary(issues)),
            Self::Constraint { detail } => (409, Some("unique-violation"), detail.clone()),
            Self::Crash { detail, .. } => (500, None, detail.clone()),
            Self::Silent | Self::NoSuchRoute | Self::WrongVerb => (500, None, "Internal Server Error".into()),
        }
    }

    /// Status and message as GraphQL reports them in `extensions.status` and `message`.
    pub(super) fn as_graphql(&self) -> (u16, String) {
        let (status, _, detail) = self.as_operation();
        (status, detail)
    }

    /// The HTTP answer to the request `[method] path`.
    pub(super) fn answer(&self, method: &str, path: &str) -> HttpResponse {
        match self {
            Self::Domain { status, detail, .. } => {
                respond(*status, &json!({ "code": status, "detail": detail }))
            }
            Self::Invalid(issues) => respond(
                400,
                &json!({
                    "code": 400,
                    "detail": format!("Request validation error in [{method}] {path}"),
                    "path": path,
                    "traceback": summary(issues),
                    "errors": issues.iter().map(Issue::to_json).collect::<Vec<_>>(),
                }),
            ),
            Self::Constraint { detail } => respond(
                500,
                &json!({
                    "path": format!("[{method}] {}", path.trim_start_matches("/api")),
                    "file": "sandbox",
                    "detail": detail,
                    "error": "unique-violation",
                    "code": 409,
                }),
            ),
            Self::Crash {
                exception, detail, ..
            } => {
                let detail = format!("{exception}: {detail}");
                respond(
                    500,
                    &json!({ "status": 500, "detail": detail, "traceback": detail }),
                )
            }
            Self::Silent => HttpResponse::InternalServerError()
                .content_type("text/plain; charset=utf-8")
                .body("Internal Server Error"),
            Self::NoSuchRoute => respond(
                404,
                &json!({
                    "code": 404,
                    "detail": format!("API endpoint {path} not found"),
                    "path": path,
                }),
            ),
            Self::WrongVerb => respond(405, &json!({ "detail": "Method Not Allowed" })),
        }
    }
}

impl Issue {
    fn to_json(&self) -> Value {
        let mut place = vec!["body".to_owned()];
        place.extend(self.place.iter().cloned());
        json!({ "loc": place, "msg": self.message, "type": self.kind })
    }
}

fn summary(issues: &[Issue]) -> String {
    let lines = issues
        .iter()
        .map(|issue| format!("{}: {}", issue.place.join("."), issue.message));
    lines.collect::<Vec<_>>().join("\n")
}

fn respond(status: u16, body: &Value) -> HttpResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    HttpResponse::build(status).json(body)
}
