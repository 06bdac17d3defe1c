//! The one way we make HTTP calls: time-outs, counting, and answers that are never taken for what they are not.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;

use crate::model::System;
use crate::run::Calls;

/// How long to wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);

/// Why a call gave no usable answer. The text holds no address, token or body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    #[error("{system} cannot be reached: {cause}", system = .system.title())]
    Unreachable { system: System, cause: String },
    #[error("{system} did not answer within {seconds} seconds", system = .system.title())]
    TimedOut { system: System, seconds: u64 },
    #[error("{system} is not available now (status {status})", system = .system.title())]
    Unavailable { system: System, status: u16 },
    #[error("{system} broke off its answer", system = .system.title())]
    BrokenOff { system: System },
    #[error("{system} answered {status} with {what} instead of data", system = .system.title())]
    NotData {
        system: System,
        status: u16,
        what: &'static str,
    },
    #[error("{system} answered something amigo does not understand: {cause}", system = .system.title())]
    Unexpected { system: System, cause: String },
}

/// Makes calls to one system and counts them.
#[derive(Clone)]
pub struct Http {
    system: System,
    client: Client,
    calls: Arc<Mutex<Calls>>,
}

/// An answer that arrived whole.
#[derive(Clone, Debug)]
pub struct Answer {
    system: System,
    pub status: StatusCode,
    json: bool,
    body: Bytes,
}

/// The client that all calls share: one pool of connections, no redirects, no cookies.
pub fn client() -> Result<Client, reqwest::Error> {
    Client::builder()
        .user_agent(concat!("amigo/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT)
        .redirect(reqwest::redirect::Policy::none())
        .build()
}

impl Http {
    /// A fresh counter over a shared client.
    pub fn new(system: System, client: Client) -> Self {
        Self {
            system,
            client,
            calls: Arc::default(),
        }
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What was spent through this counter so far.
    pub fn calls(&self) -> Calls {
        *self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a request and reads its answer whole, within `limit`.
    pub async fn send(&self, request: RequestBuilder, limit: Duration) -> Result<Answer, NetError> {
        let system = self.system;
        let request = request
            .timeout(limit)
            .build()
            .map_err(|error| NetError::Unreachable {
                system,
                cause: plain(&error),
            })?;
        let bytes_out = request
            .body()
            .and_then(|body| body.as_bytes())
            .map_or(0, <[u8]>::len);
        let started = Instant::now();
        // Counted when it goes out: when one of several calls fails, nobody waits for the others' answers.
        self.count(Calls {
            requests: 1,
            bytes_out: bytes_out as u64,
            ..Calls::default()
        });
        let answer = self.receive(request, limit).await;
        let bytes_in = answer.as_ref().map_or(0, |answer| answer.body.len());
        self.count(Calls {
            bytes_in: bytes_in as u64,
            seconds: started.elapsed().as_secs_f64(),
            ..Calls::default()
        });
        answer
    }

    fn count(&self, calls: Calls) {
        self.calls
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .add(calls);
    }

    async fn receive(&self, request: reqwest::Request, limit: Duration) -> Result<Answer, NetError> {
        let system = self.system;
        let lost = |error: reqwest::Error| {
            if error.is_timeout() {
                NetError::TimedOut {
                    system,
                    seconds: limit.as_secs(),
                }
            } else if error.is_connect() || error.is_request() {
                NetError::Unreachable {
                    system,
                    cause: plain(&error),
                }
            } else {
                NetError::BrokenOff { system }
            }
        };
        let response = self.client.execute(request).await.map_err(lost)?;
        let status = response.status();
        let json = response
            .headers()
            .get(reqwest::header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|kind| kind.contains("json"));
        let body = response.bytes().await.map_err(lost)?;
        Ok(Answer {
            system,
            status,
            json,
            body,
        })
    }
}

impl Answer {
    /// Lets the answer through when it is data, or says nothing: a login page or a proxy's page may come with
    /// a status of success, and must not be taken for one.
    pub fn no_page(self) -> Result<Self, NetError> {
        if self.json || self.body.is_empty() {
            Ok(self)
        } else {
            Err(self.not_data())
        }
    }

    /// Lets the answer through unless something between us and the system says that it cannot be had now: then
    /// nobody knows whether the request was carried out.
    pub fn available(self) -> Result<Self, NetError> {
        match self.status {
            StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
                Err(NetError::Unavailable {
                    system: self.system,
                    status: self.status.as_u16(),
                })
            }
            _ => Ok(self),
        }
    }

    fn not_data(&self) -> NetError {
        let start = self.body.trim_ascii_start();
        let what = if start.starts_with(b"<") {
            "a web page"
        } else {
            "plain text"
        };
        NetError::NotData {
            system: self.system,
            status: self.status.as_u16(),
            what,
        }
    }

    /// Reads the answer as data; a page of HTML is never taken for it (`flow-api.md §8.37`).
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, NetError> {
        if !self.json {
            return Err(self.not_data());
        }
        serde_json::from_slice(&self.body).map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            let cause = match error.classify() {
                serde_json::error::Category::Eof => format!("it ends too early ({place})"),
                serde_json::error::Category::Syntax | serde_json::error::Category::Io => {
                    format!("it is malformed ({place})")
                }
                serde_json::error::Category::Data => format!("a value is not what was expected ({place})"),
            };
            NetError::Unexpected {
                system: self.system,
                cause,
            }
        })
    }

    /// What went wrong in the words of the system, where it used any.
    pub fn complaint<T: DeserializeOwned>(&self, read: impl FnOnce(T) -> Option<String>) -> String {
        self.json::<T>()
            .ok()
            .and_then(read)
            .map(|text| text.chars().take(300).collect())
            .unwrap_or_else(|| match self.json::<serde_json::Value>() {
                Err(error @ NetError::NotData { .. }) => error.to_string(),
                _ => format!("{} answered {}", self.system.title(), self.status.as_u16()),
            })
    }
}

/// The innermost cause, without the address, which may hold what does not belong into logs.
fn plain(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
