//! One token per browser window: minted with its id, so that an open Flow page follows our writes
//! (`flow-api.md §1.5`, §4.2).

use std::time::{Duration, Instant};

use reqwest::{Client, Method, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;

use crate::model::System;
use crate::net::{Answer, Http, NetError, Patience, Repeat, Trouble};
use crate::run::Calls;

use super::FlowError;
use super::tokens::{Minted, Slot, Tokens};
use super::wire::{Errors, Token};

/// How long an answer may take (`flow-api.md §4.7`).
const LIMIT: Duration = Duration::from_secs(60);
/// A token is renewed this long before its end.
const EARLY: Duration = Duration::from_secs(60);

/// How to reach a Flow site.
#[derive(Clone, Debug)]
pub struct FlowAccess {
    /// Without a trailing slash.
    pub url: String,
    pub script_name: String,
    pub script_key: SecretString,
}

/// A connection for one run: its token, and the count of what it cost.
pub struct FlowSession {
    access: FlowAccess,
    session_uuid: Option<String>,
    http: Http,
    token: Slot,
}

impl FlowSession {
    pub fn new(
        access: FlowAccess,
        session_uuid: Option<String>,
        client: Client,
        patience: Patience,
        trouble: Trouble,
        tokens: &Tokens,
    ) -> Self {
        Self {
            token: tokens.slot(&access, session_uuid.as_deref()),
            access,
            session_uuid,
            http: Http::new(System::Flow, client, patience, trouble),
        }
    }

    /// What this session cost so far.
    pub fn calls(&self) -> Calls {
        self.http.calls()
    }

    /// Asks for data. An answer that is garbled was cut on its way, so it is asked for once more.
    pub(super) async fn read<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        fill: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<T, FlowError> {
        match self.call(method.clone(), path, &fill).await?.json() {
            Err(NetError::Garbled { .. }) => Ok(self.call(method, path, &fill).await?.json()?),
            other => Ok(other?),
        }
    }

    /// Sends one authenticated request; a token that Flow no longer takes is renewed once.
    pub(super) async fn call(
        &self,
        method: Method,
        path: &str,
        fill: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<Answer, FlowError> {
        let url = format!("{}/api/v1{path}", self.access.url);
        let repeat = if method == Method::GET || path.ends_with("/_search") {
            Repeat::Freely
        } else {
            Repeat::IfUnheard
        };
        let mut token = self.token(None).await?;
        let mut renewed = false;
        loop {
            let request = self
                .http
                .client()
                .request(method.clone(), &url)
                .bearer_auth(&token)
                .header(reqwest::header::ACCEPT, "application/json");
            let answer = self.http.send(fill(request), LIMIT, repeat).await?.available()?;
            if answer.status == StatusCode::UNAUTHORIZED && !renewed {
                renewed = true;
                token = self.token(Some(&token)).await?;
                continue;
            }
            if answer.status.is_success() {
                return Ok(answer.no_page()?);
            }
            let key = self.access.script_key.expose_secret();
            let detail = answer.complaint(&[key, &token], Errors::words);
            return Err(FlowError::Refused {
                status: answer.status.as_u16(),
                detail,
            });
        }
    }

    /// The token to use; `spent` is one that was refused. One mint at a time.
    async fn token(&self, spent: Option<&str>) -> Result<String, FlowError> {
        let mut held = self.token.lock().await;
        if let Some(minted) = held.as_ref()
            && minted.good_until > Instant::now()
            && spent != Some(minted.text.as_str())
        {
            return Ok(minted.text.clone());
        }
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("client_id", self.access.script_name.as_str()),
            ("client_secret", self.access.script_key.expose_secret()),
        ];
        form.extend(self.session_uuid.as_deref().map(|uuid| ("session_uuid", uuid)));
        let token = match self.mint(&form).await {
            Err(FlowError::Net(NetError::Garbled { .. })) => self.mint(&form).await?,
            other => other?,
        };
        let life = Duration::from_secs(token.expires_in);
        let good_until = Instant::now() + life.saturating_sub(EARLY.min(life / 2));
        *held = Some(Minted {
            text: token.access_token.clone(),
            good_until,
        });
        Ok(token.access_token)
    }

    async fn mint(&self, form: &[(&str, &str)]) -> Result<Token, FlowError> {
        let request = self
            .http
            .client()
            .post(format!("{}/api/v1/auth/access_token", self.access.url))
            .header(reqwest::header::ACCEPT, "application/json")
            .form(form);
        // A token that nobody received does no harm.
        let answer = self
            .http
            .send(request, LIMIT, Repeat::Freely)
            .await?
            .available()?;
        let words = || answer.complaint(&[self.access.script_key.expose_secret()], Errors::words);
        match answer.status {
            status if status.is_success() => Ok(answer.json()?),
            // Wrong credentials are 400 at Flow, not 401 (`flow-api.md §4.2`).
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED => Err(FlowError::Credentials(words())),
            status => Err(FlowError::Refused {
                status: status.as_u16(),
                detail: words(),
            }),
        }
    }
}
