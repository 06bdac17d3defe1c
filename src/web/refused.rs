//! A refusal as an answer: a page people can act on, or JSON when that was asked for. Never with internals.

use std::borrow::Cow;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, HeaderMap, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};

use crate::ami::Refusal;
use crate::run::Failure;
use crate::store::StoreError;

use super::pages::{self, Shell};

/// Why a request was not served, in words for the person who sent it.
#[derive(Debug)]
pub struct Refused {
    pub status: StatusCode,
    /// Stable kebab-case word.
    pub code: Cow<'static, str>,
    pub message: Cow<'static, str>,
    pub remedy: Cow<'static, str>,
    /// Seconds after which another try makes sense.
    pub retry_after: Option<u32>,
    /// What really happened: for the log only.
    pub cause: Option<String>,
    /// A way to send the same once more; after [`Self::retry_after`], where that is known, the page does it by itself.
    pub again: Option<Box<Again>>,
}

/// A button that sends a refused post once more.
#[derive(Debug)]
pub struct Again {
    /// Where to.
    pub address: String,
    pub label: String,
    /// What was posted.
    pub pairs: Vec<(String, String)>,
}

impl Refused {
    /// A refusal without a hidden cause.
    pub fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<Cow<'static, str>>,
        remedy: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
            remedy: remedy.into(),
            retry_after: None,
            cause: None,
            again: None,
        }
    }

    /// The same with a button that sends the post once more.
    pub fn or_again(self, again: Again) -> Self {
        Self {
            again: Some(Box::new(again)),
            ..self
        }
    }

    /// The person may look at the plan, but not apply it.
    pub fn barred(why: &Failure) -> Self {
        Self {
            code: why.code.clone().into(),
            ..Self::new(StatusCode::FORBIDDEN, "", why.message.clone(), why.remedy.clone())
        }
    }

    /// Something broke inside; the cause goes to the log under the request's id.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self {
            cause: Some(cause.to_string()),
            ..Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "Something went wrong inside amigo.",
                "Try again. If it stays, tell whoever looks after amigo the request number below.",
            )
        }
    }

    /// No such address.
    pub fn no_page() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "no-such-page",
            "There is nothing at this address.",
            "Open amigo from its menu item in Flow: select rows, right-click, choose the item.",
        )
    }

    /// No such run or view. Malformed, unknown and forgotten ids are answered alike.
    pub fn no_run() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "no-such-run",
            "There is no such run, or it is gone.",
            "Choose the menu item in Flow once more to start a new one.",
        )
    }

    /// The run has no plan, so it has no rows.
    pub fn no_rows() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "no-rows",
            "This run has no rows to show.",
            "Open the run's page: it shows how things stand.",
        )
    }

    /// The address exists, but not for this method.
    pub fn wrong_method() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-wrong",
            "This address cannot be used that way.",
            "Open amigo from its menu item in Flow, and use the buttons of its pages.",
        )
    }

    /// The form or the run is not in the condition that a button needs.
    pub fn conflict(
        code: &'static str,
        message: impl Into<Cow<'static, str>>,
        remedy: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(StatusCode::CONFLICT, code, message, remedy)
    }

    /// The answer in the form that was asked for.
    pub fn answer(&self, json: bool, request_id: &str, contact: Option<&str>, shell: Shell) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if let Some(seconds) = self.retry_after {
            response.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        if json {
            return response.json(serde_json::json!({
                "error": {
                    "code": self.code,
                    "message": self.message,
                    "remedy": self.remedy,
                    "request_id": request_id,
                }
            }));
        }
        match pages::refusal(self, request_id, contact, shell) {
            Ok(html) => response.content_type("text/html; charset=utf-8").body(html),
            Err(_) => response
                .content_type("text/plain; charset=utf-8")
                .body(format!("{}\n{}\n", self.message, self.remedy)),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Some(cause) => write!(f, "{}: {cause}", self.code),
            None => f.write_str(&self.code),
        }
    }
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    /// Only the status: the guard, which knows the request, writes the body.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status)
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
        Self {
            retry_after: match refusal {
                Refusal::TooMuchAtOnce | Refusal::TooManyPlans(_) => Some(5),
                Refusal::NotReady(_) => Some(30),
                _ => None,
            },
            cause: Some(refusal.discreet()),
            ..Self::new(status, refusal.code(), refusal.to_string(), refusal.remedy())
        }
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::internal(error)
    }
}

/// Whether the sender asks for data: `application/json` is accepted and `text/html` is not named.
pub fn asks_json(headers: &HeaderMap) -> bool {
    let mut json = false;
    for value in headers.get_all(ACCEPT) {
        for part in value.to_str().unwrap_or_default().split(',') {
            let mut pieces = part.split(';').map(str::trim);
            let kind = pieces.next().unwrap_or_default().to_ascii_lowercase();
            let refused = pieces.any(|piece| matches!(piece, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
            match kind.as_str() {
                "text/html" => return false,
                "application/json" => json |= !refused,
                _ => {}
            }
        }
    }
    json
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("application/json", true)]
    #[case("application/json; charset=utf-8, */*;q=0.1", true)]
    #[case("text/html,application/json", false)]
    #[case("application/json;q=0", false)]
    #[case("*/*", false)]
    #[case("", false)]
    fn json_is_answered_only_when_it_is_asked(#[case] accept: &'static str, #[case] expected: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        assert_eq!(asks_json(&headers), expected);
    }

    #[test]
    fn the_cause_stays_out_of_the_answer() {
        let refused = Refused::internal("disk /secret/place is full");
        let page = pages::refusal(&refused, "abc123", Some("the pipeline team"), Shell::plain()).unwrap();
        assert!(!page.contains("secret"));
        assert!(page.contains("abc123"));
        assert!(page.contains("the pipeline team"));
        assert!(refused.to_string().contains("secret"));
    }

    #[test]
    fn too_many_plans_say_when_to_try_again() {
        let refused = Refused::from(Refusal::TooManyPlans("x"));
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(refused.retry_after, Some(5));
    }
}
