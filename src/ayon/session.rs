//! A connection to AYON for one run: its key, and the count of what it cost.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::model::System;
use crate::net::{Answer, Http, NetError, Patience, Repeat, Trouble, without};
use crate::run::Calls;

use super::AyonError;

/// How long a plain answer may take, and one that moves much (`ayon-api.md §12`).
const LIMIT: Duration = Duration::from_secs(30);
/// Every question is a POST that changes nothing (`ayon-api.md §6.2`).
const GRAPHQL: &str = "/graphql";
pub(super) const LONG_LIMIT: Duration = Duration::from_secs(300);

/// How to reach an AYON server.
#[derive(Clone, Debug)]
pub struct AyonAccess {
    /// Without a trailing slash.
    pub url: String,
    pub api_key: SecretString,
}

/// A connection for one run.
pub struct AyonSession {
    access: AyonAccess,
    http: Http,
}

#[derive(Deserialize)]
struct Complaint {
    detail: Option<String>,
    /// What it is for the server, where its status says less (`ayon-api.md §1.5`).
    code: Option<u16>,
}

#[derive(Deserialize)]
struct GraphAnswer<T> {
    data: Option<T>,
    #[serde(default)]
    errors: Vec<GraphError>,
}

#[derive(Deserialize)]
struct GraphError {
    message: String,
}

impl AyonSession {
    pub fn new(access: AyonAccess, client: Client, patience: Patience, trouble: Trouble) -> Self {
        Self {
            access,
            http: Http::new(System::Ayon, client, patience, trouble),
        }
    }

    /// What this session cost so far.
    pub fn calls(&self) -> Calls {
        self.http.calls()
    }

    /// Sends one request; any answer but success becomes an error with the server's own words.
    pub(super) async fn call(
        &self,
        method: Method,
        path: &str,
        limit: Duration,
        fill: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<Answer, AyonError> {
        let repeat = if method == Method::GET || path == GRAPHQL {
            Repeat::Freely
        } else {
            Repeat::IfUnheard
        };
        let request = self
            .http
            .client()
            .request(method, format!("{}{path}", self.access.url))
            .header("x-api-key", self.access.api_key.expose_secret());
        let answer = self.http.send(fill(request), limit, repeat).await?.available()?;
        if answer.status.is_success() {
            return Ok(answer.no_page()?);
        }
        let key = self.access.api_key.expose_secret();
        let mut status = answer.status.as_u16();
        let detail = answer.complaint(&[key], |complaint: Complaint| {
            // A name that differs in case only is a conflict, and comes as a fault of the server's.
            if let (500, Some(code @ 409)) = (status, complaint.code) {
                status = code;
            }
            complaint.detail
        });
        Err(match answer.status {
            StatusCode::UNAUTHORIZED => AyonError::Credentials(detail),
            _ => AyonError::Refused { status, detail },
        })
    }

    /// Words of AYON's without the key that it was sent.
    pub(super) fn without_key(&self, words: String) -> String {
        without(words, &[self.access.api_key.expose_secret()])
    }

    /// Reads one address. An answer that is garbled was cut on its way, so it is asked for once more.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, AyonError> {
        let read = async || {
            self.call(Method::GET, path, LIMIT, |request| request.query(query))
                .await
        };
        match read().await?.json() {
            Err(NetError::Garbled { .. }) => Ok(read().await?.json()?),
            other => Ok(other?),
        }
    }

    /// Asks a GraphQL question. The server answers 200 even when it did not understand.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        query: &str,
        variables: Value,
    ) -> Result<T, AyonError> {
        let body = json!({"query": query, "variables": variables});
        match self.ask_once(&body).await {
            Err(AyonError::Net(NetError::Garbled { .. })) => self.ask_once(&body).await,
            other => other,
        }
    }

    async fn ask_once<T: DeserializeOwned>(&self, body: &Value) -> Result<T, AyonError> {
        let answer = self
            .call(Method::POST, GRAPHQL, LONG_LIMIT, |request| request.json(body))
            .await?;
        // Errors come with partial data, which need not have the shape that was asked for.
        let said: GraphAnswer<serde::de::IgnoredAny> = answer.json()?;
        if let Some(error) = said.errors.into_iter().next() {
            return Err(AyonError::Refused {
                status: answer.status.as_u16(),
                detail: self.without_key(error.message),
            });
        }
        answer
            .json::<GraphAnswer<T>>()?
            .data
            .ok_or_else(|| AyonError::Refused {
                status: answer.status.as_u16(),
                detail: "an answer without data".to_owned(),
            })
    }
}
