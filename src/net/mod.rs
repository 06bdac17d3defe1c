//! The one way we make HTTP calls: time-outs, patience, counting, and answers that are never taken for what they
//! are not.

mod patience;
mod words;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::{Certificate, Client, NoProxy, Proxy, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use crate::model::System;
use crate::run::Calls;

pub use patience::{Patience, Repeat};
pub use words::without;

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
    Garbled { system: System, cause: String },
    #[error("{system} answered something amigo does not understand: {cause}", system = .system.title())]
    Unexpected { system: System, cause: String },
}

impl NetError {
    /// Whether the request may have been carried out all the same: only who looks knows.
    pub fn is_unclear(&self) -> bool {
        !matches!(
            self,
            Self::Unreachable { .. } | Self::Unavailable { status: 429, .. }
        )
    }
}

/// Makes calls to one system and counts them.
#[derive(Clone)]
pub struct Http {
    system: System,
    client: Client,
    patience: Patience,
    trouble: Trouble,
    calls: Arc<Mutex<Calls>>,
}

/// Hears when a system has to be asked again (`true`), and when that is over; and knows when nobody may write any
/// more, so that a write which waits for its next attempt is given up.
#[derive(Clone)]
pub struct Trouble {
    told: Arc<dyn Fn(System, bool) + Send + Sync>,
    no_more_writes: CancellationToken,
}

impl Trouble {
    pub fn told_to(listener: impl Fn(System, bool) + Send + Sync + 'static) -> Self {
        Self {
            told: Arc::new(listener),
            no_more_writes: CancellationToken::new(),
        }
    }

    /// The same, ended for writes by a token.
    #[must_use]
    pub fn until(self, no_more_writes: CancellationToken) -> Self {
        Self {
            no_more_writes,
            ..self
        }
    }
}

impl Default for Trouble {
    fn default() -> Self {
        Self::told_to(|_, _| ())
    }
}

/// An answer that arrived whole.
#[derive(Clone, Debug)]
pub struct Answer {
    system: System,
    pub status: StatusCode,
    json: bool,
    /// How long the system asks us to wait.
    retry_after: Option<Duration>,
    body: Bytes,
}

/// The client that all calls share: one pool of connections, no redirects, no cookies.
pub fn client(way: &Way<'_>) -> Result<Client, NetworkError> {
    let mut builder = Client::builder()
        .user_agent(concat!("amigo/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT)
        .redirect(reqwest::redirect::Policy::none());
    if let Some(file) = way.ca_file {
        let name = file.display().to_string();
        let pem = std::fs::read(file).map_err(|error| NetworkError::Unreadable {
            file: name.clone(),
            cause: error.to_string(),
        })?;
        let authorities = Certificate::from_pem_bundle(&pem).unwrap_or_default();
        if authorities.is_empty() {
            return Err(NetworkError::NoCertificate { file: name });
        }
        builder = builder.tls_certs_merge(authorities);
    }
    if let Some(address) = way.proxy {
        // The address may carry a password, so no error repeats it.
        let proxy = Proxy::all(address.expose_secret()).map_err(|_| NetworkError::Proxy)?;
        builder = builder.proxy(proxy.no_proxy(NoProxy::from_string(way.no_proxy)));
    }
    builder.build().map_err(|error| match way.ca_file {
        // Certificates are looked into only now.
        Some(file) => NetworkError::BadCertificate {
            file: file.display().to_string(),
            cause: plain(&error),
        },
        None => NetworkError::Client(plain(&error)),
    })
}

/// What lies between amigo and the systems.
#[derive(Clone, Copy, Default)]
pub struct Way<'a> {
    /// PEM file with authorities that are trusted besides the system's.
    pub ca_file: Option<&'a Path>,
    /// Without one, the variables that all programs know count.
    pub proxy: Option<&'a SecretString>,
    /// Hosts, domains and networks that are reached without the proxy, with commas between.
    pub no_proxy: &'a str,
}

/// Why the way to the systems cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    #[error("network.ca_file: {file} cannot be read: {cause}")]
    Unreadable { file: String, cause: String },
    #[error("network.ca_file: {file} holds no certificate in PEM form")]
    NoCertificate { file: String },
    #[error("network.ca_file: {file} holds a certificate that cannot be used: {cause}")]
    BadCertificate { file: String, cause: String },
    #[error("network.proxy is not the address of a proxy that amigo can use")]
    Proxy,
    #[error("no connections can be made: {0}")]
    Client(String),
}

impl Http {
    /// A fresh counter over a shared client.
    pub fn new(system: System, client: Client, patience: Patience, trouble: Trouble) -> Self {
        Self {
            system,
            client,
            patience,
            trouble,
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

    /// Sends a request and reads its answer whole, each time within `limit`, as often as it is worth it and
    /// cannot do harm.
    pub async fn send(
        &self,
        request: RequestBuilder,
        limit: Duration,
        repeat: Repeat,
    ) -> Result<Answer, NetError> {
        let system = self.system;
        let limit = limit.min(self.patience.limit);
        let mut request = request
            .timeout(limit)
            .build()
            .map_err(|error| NetError::Unreachable {
                system,
                cause: plain(&error),
            })?;
        let mut attempt = 1;
        loop {
            let next = request.try_clone();
            let outcome = self.send_once(request, limit).await;
            let pause = self.patience.again(attempt, repeat, &outcome);
            let (Some(pause), Some(next)) = (pause, next) else {
                if attempt > 1 {
                    (self.trouble.told)(system, false);
                }
                return outcome;
            };
            (self.trouble.told)(system, true);
            tracing::debug!(
                system = system.title(),
                attempt,
                ?pause,
                "a request is sent once more"
            );
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.trouble.no_more_writes.cancelled(), if repeat == Repeat::IfUnheard => return outcome,
            }
            request = next;
            attempt += 1;
        }
    }

    async fn send_once(&self, request: reqwest::Request, limit: Duration) -> Result<Answer, NetError> {
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
            // A connection that was not made in time carried nothing.
            if error.is_timeout() && !error.is_connect() {
                NetError::TimedOut {
                    system,
                    seconds: limit.as_secs().max(1),
                }
            } else if error.is_connect() {
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
        let header = |name| response.headers().get(name)?.to_str().ok();
        let json = header(reqwest::header::CONTENT_TYPE).is_some_and(|kind| kind.contains("json"));
        let retry_after = header(reqwest::header::RETRY_AFTER)
            .and_then(|value| patience::retry_after(value, header(reqwest::header::DATE)));
        let body = response.bytes().await.map_err(lost)?;
        Ok(Answer {
            system,
            status,
            json,
            retry_after,
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
            StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => Err(NetError::Unavailable {
                system: self.system,
                status: self.status.as_u16(),
            }),
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
            let system = self.system;
            let garbled = |what: &str| NetError::Garbled {
                system,
                cause: format!("{what} ({place})"),
            };
            match error.classify() {
                serde_json::error::Category::Eof => garbled("it ends too early"),
                serde_json::error::Category::Syntax | serde_json::error::Category::Io => {
                    garbled("it is malformed")
                }
                serde_json::error::Category::Data => NetError::Unexpected {
                    system,
                    cause: format!("a value is not what was expected ({place})"),
                },
            }
        })
    }

    /// What went wrong in the words of the system, where it used any, without the credentials that it was sent.
    pub fn complaint<T: DeserializeOwned>(
        &self,
        credentials: &[&str],
        read: impl FnOnce(T) -> Option<String>,
    ) -> String {
        self.json::<T>()
            .ok()
            .and_then(read)
            .map(|text| without(text, credentials).chars().take(300).collect())
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
