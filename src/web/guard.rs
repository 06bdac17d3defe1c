//! What every answer has in common: a request id, headers that keep browsers safe, a readable refusal, one
//! line in the log.

use std::collections::BTreeSet;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, ResponseError, web};
use futures_util::FutureExt;
use tracing::Instrument;

use super::App;
use super::access::WebOrigin;
use super::counters::Counters;
use super::pages::Shell;
use super::refused::{Refused, asks_json};

/// Length of a request id: short enough to read out on the telephone.
const REQUEST_ID_DIGITS: usize = 12;

/// What all answers of this amigo share, made once.
pub struct Frame {
    shell: Shell,
    /// Whom people should ask.
    contact: Option<String>,
    counters: Counters,
    /// Whether people reach amigo by https.
    https: bool,
    /// The policy, and the Flow site it was made for.
    policy: Mutex<(Option<String>, Arc<str>)>,
}

impl Frame {
    pub fn of(app: &App) -> Self {
        Self {
            shell: Shell::of(app),
            contact: app.settings.contact.clone(),
            counters: app.counters.clone(),
            https: app.settings.public_url.starts_with("https://"),
            policy: Mutex::new((
                None,
                content_security_policy(None, &app.settings.flow.aliases).into(),
            )),
        }
    }

    /// The policy for the Flow site as it is known now.
    fn policy(&self, app: &App) -> Arc<str> {
        // What is configured counts before AYON was heard: the page that says so is to be seen in Flow, too.
        let known = app.connections.site().ok().map(|site| site.url);
        let site = known.or_else(|| app.settings.flow.url.clone());
        let mut made = self.policy.lock().unwrap_or_else(PoisonError::into_inner);
        if made.0 != site {
            let policy = content_security_policy(site.as_deref(), &app.settings.flow.aliases);
            *made = (site, policy.into());
        }
        made.1.clone()
    }
}

/// Wraps one request.
pub async fn guard<B>(
    frame: Arc<Frame>,
    app: web::Data<App>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error>
where
    B: MessageBody + 'static,
{
    let started = Instant::now();
    let id: String = (app.services.random_id)()
        .chars()
        .take(REQUEST_ID_DIGITS)
        .collect();
    let span = tracing::info_span!("request", id);
    let method = request.method().clone();
    let dress = Dress {
        json: asks_json(request.headers()) || request.path().ends_with(".json"),
        policy: frame.policy(&app),
        frame,
        id,
    };

    let served = AssertUnwindSafe(next.call(request))
        .catch_unwind()
        .instrument(span.clone())
        .await;
    let _in_span = span.enter();
    let response = match served {
        Ok(Ok(response)) => response.map_into_boxed_body(),
        Ok(Err(error)) => return Err(dress.lost(Refused::internal(error))),
        Err(_panic) => return Err(dress.lost(Refused::internal("a handler panicked"))),
    };
    let route = response
        .request()
        .match_pattern()
        .unwrap_or_else(|| "none".to_owned());
    let about = |status: StatusCode| About {
        method: &method,
        route: &route,
        status: status.as_u16(),
        ms: started.elapsed().as_millis(),
    };
    let refusal = response
        .response()
        .error()
        .map(|error| match error.as_error::<Refused>() {
            Some(refused) => dress.refusal(refused, Some(about(refused.status))),
            None => {
                let refused = unreadable(error);
                dress.refusal(&refused, Some(about(refused.status)))
            }
        });
    let told = refusal.is_some();
    let mut response = match refusal {
        Some(page) => response.into_response(page),
        None => response,
    };
    dress.put_on(response.headers_mut());
    let About { status, ms, .. } = about(response.status());
    if told {
        // Its line says more.
    } else if route.starts_with("/static/") || route == "/healthz" || route == "/readyz" {
        tracing::debug!(%method, route, status, ms, "answered");
    } else {
        tracing::info!(%method, route, status, ms, "answered");
    }
    Ok(response)
}

/// A request, as the log names it.
struct About<'a> {
    method: &'a Method,
    route: &'a str,
    status: u16,
    ms: u128,
}

/// What one answer wears.
#[derive(Clone)]
struct Dress {
    id: String,
    json: bool,
    policy: Arc<str>,
    frame: Arc<Frame>,
}

impl Dress {
    /// A refusal in the form that was asked for; its cause goes to the log, in one line with the request.
    fn refusal(&self, refused: &Refused, about: Option<About<'_>>) -> HttpResponse {
        let frame = &self.frame;
        frame.counters.refused(refused.code.clone());
        let code: &str = &refused.code;
        let cause = refused.cause.as_deref();
        match about {
            Some(About {
                method,
                route,
                status,
                ms,
            }) if !refused.status.is_server_error() => {
                tracing::info!(%method, route, status, ms, code, cause, "a request was refused");
            }
            Some(About {
                method,
                route,
                status,
                ms,
            }) => tracing::error!(%method, route, status, ms, code, cause, "a request failed"),
            None => tracing::error!(code, cause, "a request failed"),
        }
        refused.answer(self.json, &self.id, frame.contact.as_deref(), frame.shell.clone())
    }

    fn put_on(&self, headers: &mut HeaderMap) {
        let mut set = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        set(CONTENT_SECURITY_POLICY, &self.policy);
        set(REFERRER_POLICY, "same-origin");
        set(X_CONTENT_TYPE_OPTIONS, "nosniff");
        // No page of another site may load anything of ours as a picture, a script or an unread answer: not even
        // whether a run is there shows.
        set(
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        );
        // Whoever opens one of our pages in a window loses hold of that window. It does not count in a frame, so Flow's
        // modal is as before.
        set(
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        );
        set(HeaderName::from_static("x-request-id"), &self.id);
        if self.frame.https {
            set(STRICT_TRANSPORT_SECURITY, "max-age=31536000");
        }
        if !headers.contains_key(CACHE_CONTROL) {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
    }

    /// The answer to a request that was lost on the way, by a panic or outside of any handler.
    fn lost(self, refused: Refused) -> Error {
        Lost { dress: self, refused }.into()
    }
}

/// A refusal that has no request any more, so that actix itself must send it.
struct Lost {
    dress: Dress,
    refused: Refused,
}

impl fmt::Debug for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.refused, f)
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.refused, f)
    }
}

impl ResponseError for Lost {
    fn status_code(&self) -> StatusCode {
        self.refused.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = self.dress.refusal(&self.refused, None);
        self.dress.put_on(response.headers_mut());
        response
    }
}

/// What actix says of a request that it could not read.
fn unreadable(error: &Error) -> Refused {
    let status = error.as_response_error().status_code();
    if status.is_server_error() {
        return Refused::internal(error);
    }
    Refused::new(
        status,
        "request-unreadable",
        "amigo cannot read this request.",
        "Open amigo from its menu item in Flow, and use the buttons of its pages.",
    )
}

/// Nothing inline, nothing from elsewhere; only the Flow site may show our pages in a frame (`flow-api.md §1.1`).
fn content_security_policy(flow_site: Option<&str>, aliases: &BTreeSet<String>) -> String {
    let aliases = aliases.iter().map(|host| format!("https://{host}"));
    let flow: String = flow_site
        .map(str::to_owned)
        .into_iter()
        .chain(aliases)
        .filter_map(|address| WebOrigin::of(&address))
        .map(|origin| format!(" {origin}"))
        .collect();
    format!(
        "default-src 'self'; frame-ancestors 'self'{flow}; base-uri 'none'; form-action 'self'; \
         object-src 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_flow_site_may_frame_us() {
        let policy = |site, aliases: &[&str]| {
            let aliases = aliases.iter().map(|host| (*host).to_owned()).collect();
            content_security_policy(site, &aliases)
        };
        let site = Some("https://studio.shotgrid.example/");
        assert!(policy(site, &[]).contains("frame-ancestors 'self' https://studio.shotgrid.example;"));
        assert!(policy(site, &["studio.shotgunstudio.example"]).contains(
            "frame-ancestors 'self' https://studio.shotgrid.example https://studio.shotgunstudio.example;"
        ));
        assert!(policy(None, &[]).contains("frame-ancestors 'self';"));
    }

    #[test]
    fn an_odd_site_address_cannot_add_a_directive() {
        let policy = content_security_policy(Some("https://x.example; script-src *"), &BTreeSet::new());
        assert!(!policy.contains("script-src"));
    }
}
