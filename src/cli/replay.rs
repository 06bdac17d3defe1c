//! `amigo replay`: signs recorded posts anew, as of now, and posts them to a running amigo.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use reqwest::Client;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};

use crate::actions::client_of;
use crate::ami::{BOUNDARY, Fixture};
use crate::config::Settings;
use crate::runner::Services;

use super::output::say;
use super::plan::visible;

const AS_EXPECTED: u8 = 0;
const NOT: u8 = 1;

#[derive(Args)]
pub(super) struct ReplayCommand {
    /// What `amigo capture --out` wrote.
    #[arg(value_name = "FIXTURE", required = true)]
    fixtures: Vec<PathBuf>,
    /// The amigo to post to; the configured public address without it.
    #[arg(long, value_name = "URL")]
    to: Option<String>,
    /// Post this value in a field instead of the recorded stand-in; may be given several times.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = setting)]
    set: Vec<(String, String)>,
    /// Print the answers as data.
    #[arg(long)]
    json: bool,
}

/// What became of one post.
struct Answer {
    file: String,
    action: String,
    status: u16,
    accepted: bool,
    /// The code of a refusal.
    code: Option<String>,
    message: Option<String>,
    run: Option<String>,
    url: Option<String>,
    expected: Option<String>,
}

impl ReplayCommand {
    pub async fn run(self, settings: &Settings) -> anyhow::Result<u8> {
        let to = self
            .to
            .as_deref()
            .unwrap_or(&settings.public_url)
            .trim_end_matches('/');
        let fixtures: Vec<(String, Fixture)> = self
            .fixtures
            .iter()
            .map(|file| read(file))
            .collect::<anyhow::Result<_>>()?;
        let client = client_of(&settings.network)?;
        let mut answers = Vec::new();
        for (file, fixture) in fixtures {
            let answer = self.post(settings, &client, to, file, &fixture).await?;
            if !self.json {
                say(&visible(&answer.line()));
            }
            answers.push(answer);
        }
        if self.json {
            let data: Vec<Value> = answers.iter().map(Answer::as_data).collect();
            say(&serde_json::to_string_pretty(&data)?);
        }
        let all = answers.iter().all(Answer::is_as_expected);
        Ok(if all { AS_EXPECTED } else { NOT })
    }

    async fn post(
        &self,
        settings: &Settings,
        client: &Client,
        to: &str,
        file: String,
        fixture: &Fixture,
    ) -> anyhow::Result<Answer> {
        let now = (Services::of_the_system().now)().div_euclid(1000);
        let mut tokens = settings.ami.secrets.of(&fixture.action).iter();
        let token = tokens.find(|token| token.counts(now));
        anyhow::ensure!(
            token.is_some() || !fixture.takes_secret(),
            "{file} was signed, and there is no secret for the action {:?} to sign it with: set AMIGO_AMI_SECRET",
            fixture.action
        );
        let pairs = fixture.form(token, now, &self.set);
        let body =
            body_of(&pairs, &fixture.content_type).with_context(|| format!("{file} cannot be posted"))?;
        let mut address = format!("{to}/ami/{}", fixture.action);
        if !fixture.query.is_empty() {
            address = format!("{address}?{}", serde_urlencoded::to_string(&fixture.query)?);
        }
        let answer = client
            .post(&address)
            .header(CONTENT_TYPE, &fixture.content_type)
            .header(ACCEPT, "application/json")
            .body(body)
            .send()
            .await
            .map_err(reqwest::Error::without_url)
            .with_context(|| format!("{to} cannot be reached"))?;
        let status = answer.status();
        let data: Value = answer.json().await.unwrap_or_default();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Ok(Answer {
            file,
            action: fixture.action.clone(),
            status: status.as_u16(),
            // Whatever else says yes is no amigo.
            accepted: status.is_success() && data["run"].is_string(),
            code: text(&data["error"]["code"]),
            message: text(&data["error"]["message"]),
            run: text(&data["run"]),
            url: text(&data["url"]),
            expected: fixture.expect.clone(),
        })
    }
}

impl Answer {
    /// Accepted, or refused as the recorded post says that it has to be.
    fn is_as_expected(&self) -> bool {
        match &self.expected {
            Some(expected) => self.code.as_ref() == Some(expected),
            None => self.accepted,
        }
    }

    fn line(&self) -> String {
        let what = match (&self.url, &self.code) {
            (Some(url), _) => format!("accepted: {url}"),
            (None, Some(code)) => {
                format!(
                    "refused: {} [{code}]",
                    self.message.as_deref().unwrap_or_default()
                )
            }
            (None, None) => "not what amigo answers".to_owned(),
        };
        let expected = match &self.expected {
            Some(_) if self.is_as_expected() => ", as expected".to_owned(),
            Some(code) => format!(", but {code} was expected"),
            None => String::new(),
        };
        format!("{}  {} {what}{expected}", self.file, self.status)
    }

    fn as_data(&self) -> Value {
        json!({
            "fixture": self.file,
            "action": self.action,
            "status": self.status,
            "accepted": self.accepted,
            "as_expected": self.is_as_expected(),
            "expect": self.expected,
            "code": self.code,
            "run": self.run,
            "url": self.url,
        })
    }
}

/// `KEY=VALUE`; the signature is made, never set.
fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        None | Some(("", _)) => Err("expected KEY=VALUE, such as server_hostname=studio.example".to_owned()),
        Some(("signature", _)) => Err("the signature is made anew, with the configured secret".to_owned()),
        Some((key, value)) => Ok((key.to_owned(), value.to_owned())),
    }
}

fn read(file: &Path) -> anyhow::Result<(String, Fixture)> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).with_context(|| format!("{name} cannot be read"))?;
    let fixture =
        serde_json::from_str(&text).with_context(|| format!("{name} holds no post that amigo recorded"))?;
    Ok((name, fixture))
}

/// The form as the recorded browser sent it.
fn body_of(pairs: &[(String, String)], content_type: &str) -> anyhow::Result<Vec<u8>> {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("multipart/form-data") {
        return Ok(serde_urlencoded::to_string(pairs)?.into_bytes());
    }
    let mut body = String::new();
    for (key, value) in pairs {
        anyhow::ensure!(
            !value.contains(BOUNDARY),
            "the field {key:?} holds what tells the parts of the form apart"
        );
        // What could end the name early is written as browsers write it.
        let name = key.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        body.push_str(&format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        ));
    }
    body.push_str(&format!("--{BOUNDARY}--\r\n"));
    Ok(body.into_bytes())
}
