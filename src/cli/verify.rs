//! `amigo verify`: whether a post would be believed, and why not. Nothing of the post itself is shown.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};

use crate::actions::title_of;
use crate::ami::{MAX_BODY_BYTES, Refusal, Vector, age_of, believe, form_pairs};
use crate::config::Settings;
use crate::runner::Services;

use super::output::say;
use super::plan::visible;

const BELIEVED: u8 = 0;
const NOT: u8 = 1;

#[derive(Args)]
pub(super) struct VerifyCommand {
    /// The body of the post, urlencoded as it came over the wire; standard input without it.
    file: Option<PathBuf>,
    /// The word in the address that was posted to: actions may have secrets of their own.
    #[arg(long, default_value = crate::actions::ACTIONS[0].job.word())]
    action: String,
    /// When the post was heard, such as 2026-03-11T14:05:12Z; the present without it.
    #[arg(long, value_name = "INSTANT")]
    now: Option<jiff::Timestamp>,
    /// Judge every post of a file of vectors by the secret and the instant that it names.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["file", "action", "now"])]
    vectors: Option<PathBuf>,
    /// Print the verdict as data.
    #[arg(long)]
    json: bool,
}

impl VerifyCommand {
    pub fn run(self, settings: &Settings) -> anyhow::Result<u8> {
        match &self.vectors {
            Some(file) => self.vectors(file),
            None => self.post(settings),
        }
    }

    fn post(&self, settings: &Settings) -> anyhow::Result<u8> {
        let body = match &self.file {
            Some(file) => {
                let name = file.display();
                let file = File::open(file).with_context(|| format!("{name} cannot be read"))?;
                read(file).with_context(|| format!("{name} cannot be read"))?
            }
            None => read(std::io::stdin().lock()).context("standard input cannot be read")?,
        };
        let now_ms = match self.now {
            Some(now) => now.as_millisecond(),
            None => (Services::of_the_system().now)(),
        };
        let judged = Judged::of(settings, &self.action, &body, now_ms);
        if self.json {
            say(&serde_json::to_string_pretty(&judged.as_data())?);
        } else {
            judged.lines().iter().for_each(|line| say(line));
        }
        Ok(if judged.verdict.is_ok() { BELIEVED } else { NOT })
    }

    fn vectors(&self, file: &Path) -> anyhow::Result<u8> {
        let name = file.display();
        let text = std::fs::read_to_string(file).with_context(|| format!("{name} cannot be read"))?;
        let vectors: Vec<Vector> =
            serde_json::from_str(&text).with_context(|| format!("{name} holds no vectors"))?;
        anyhow::ensure!(!vectors.is_empty(), "{name} holds no vectors");
        let judged: Vec<(&Vector, &'static str)> = vectors.iter().map(|one| (one, one.judged())).collect();
        let agree = |(vector, verdict): &(&Vector, &str)| vector.verdict == *verdict;
        let agreed = judged.iter().filter(|one| agree(one)).count();
        if self.json {
            let data: Vec<Value> = judged
                .iter()
                .map(|one| {
                    json!({
                        "name": one.0.name,
                        "agrees": agree(one),
                        "expected": one.0.verdict,
                        "verdict": one.1,
                    })
                })
                .collect();
            say(&serde_json::to_string_pretty(&data)?);
        } else {
            for one in &judged {
                let (vector, verdict) = one;
                let line = match agree(one) {
                    true => format!("agrees   {}: {verdict}", vector.name),
                    false => format!(
                        "differs  {}: {verdict} instead of {} ({})",
                        vector.name, vector.verdict, vector.reason
                    ),
                };
                say(&visible(&line));
            }
            say(&format!("{agreed} of {} agree", judged.len()));
        }
        Ok(if agreed == judged.len() { BELIEVED } else { NOT })
    }
}

/// A body within the bounds of the door, and a byte more if there is one. A line end that an editor or a shell added is
/// no part of it: browsers never send one.
fn read(from: impl Read) -> std::io::Result<Vec<u8>> {
    let most = u64::try_from(MAX_BODY_BYTES)
        .unwrap_or(u64::MAX)
        .saturating_add(2);
    let mut body = Vec::new();
    from.take(most).read_to_end(&mut body)?;
    if body.last() == Some(&b'\n') {
        body.pop();
        if body.last() == Some(&b'\r') {
            body.pop();
        }
    }
    Ok(body)
}

/// What became of a post.
struct Judged {
    verdict: Result<Believed, Refusal>,
    /// Seconds before it was heard that the post says it was made.
    age: Option<i64>,
    max_age: u64,
}

/// Why a post is believed.
enum Believed {
    Proven {
        form: &'static str,
        token: String,
    },
    /// Without a signature: that is configured.
    Unsigned,
}

impl Judged {
    fn of(settings: &Settings, action: &str, body: &[u8], now_ms: i64) -> Self {
        let ami = &settings.ami;
        let pairs = match body.len() {
            length if length > MAX_BODY_BYTES => Err(Refusal::TooLarge),
            _ => form_pairs(body),
        };
        let age = pairs.as_ref().ok().and_then(|pairs| age_of(pairs, now_ms).ok());
        let verdict = pairs.and_then(|pairs| {
            title_of(action).ok_or_else(|| Refusal::UnknownAction(action.to_owned()))?;
            match believe(&pairs, ami.secrets.of(action), now_ms, ami.max_age) {
                Ok(proof) => Ok(Believed::Proven {
                    form: proof.form.as_str(),
                    token: proof.token.label.clone(),
                }),
                Err(Refusal::Unsigned | Refusal::NoSecret) if ami.allow_unsigned => Ok(Believed::Unsigned),
                Err(refusal) => Err(refusal),
            }
        });
        Self {
            verdict,
            age,
            max_age: ami.max_age.as_secs(),
        }
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = match &self.verdict {
            Ok(Believed::Proven { form, token }) => {
                vec![format!("believed  {form}, by the secret {:?}", visible(token))]
            }
            Ok(Believed::Unsigned) => {
                vec!["believed  without a signature: AMIGO_AMI_ALLOW_UNSIGNED is on".to_owned()]
            }
            Err(refusal) => vec![
                format!("refused   {} [{}]", visible(&refusal.discreet()), refusal.code()),
                format!("          {}", refusal.remedy()),
            ],
        };
        lines.push(match self.age {
            Some(age) => format!(
                "age       {age} seconds; {} are accepted, both ways",
                self.max_age
            ),
            None => "age       not known: there is no timestamp that can be read".to_owned(),
        });
        lines
    }

    fn as_data(&self) -> Value {
        let mut data = match &self.verdict {
            Ok(Believed::Proven { form, token }) => {
                json!({"believed": true, "verdict": form, "token": token})
            }
            Ok(Believed::Unsigned) => json!({"believed": true, "verdict": "unsigned", "token": null}),
            Err(refusal) => json!({
                "believed": false,
                "verdict": refusal.code(),
                "error": {
                    "code": refusal.code(),
                    "message": refusal.discreet(),
                    "remedy": refusal.remedy(),
                },
            }),
        };
        data["age_seconds"] = self.age.into();
        data["max_age_seconds"] = self.max_age.into();
        data
    }
}
