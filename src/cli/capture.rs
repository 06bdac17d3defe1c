//! `amigo capture`: records the next posts of menu items. What is printed and written tells how Flow posts, and nothing
//! of who posted what.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;

use crate::actions::{Systems, action_of, payload_of};
use crate::ami::{Fixture, Light, Recorded, Scrubber, Seen, age_of, answers, shape_of};
use crate::config::Settings;
use crate::net::Patience;
use crate::run::CallsOfBoth;
use crate::runner::Services;
use crate::web::{Bodies, Caught, capture};

use super::output::say;
use super::plan::visible;
use super::signals::asked_to_stop;

/// How many items of a long list are printed.
const ITEMS: usize = 5;
/// How many characters of a long value are printed.
const CHARACTERS: usize = 120;
/// The longest action that names a file.
const LONGEST_ACTION: usize = 40;

#[derive(Args)]
pub(super) struct CaptureCommand {
    /// Write what was recorded here, one file a post.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How many posts to record.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    count: u16,
    /// Address to take posts at, instead of the configured one.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

impl CaptureCommand {
    pub async fn run(self, settings: Arc<Settings>) -> anyhow::Result<u8> {
        if let Some(folder) = &self.out {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("{} cannot be made", folder.display()))?;
        }
        let systems = Systems::new(settings.clone(), Patience::default())?;
        let (caught, mut posts) = unbounded_channel();
        let stop = CancellationToken::new();
        let listen = self.listen.unwrap_or(settings.listen);
        let server = capture(
            listen,
            self.count.into(),
            Bodies::of(&settings.limits),
            Services::of_the_system(),
            caught,
            stop.clone(),
        )
        .with_context(|| {
            format!(
                "posts cannot be taken on {listen}; if amigo serves there, stop it for as long as this takes"
            )
        })?;
        let posts_in_words = match self.count {
            1 => "one post".to_owned(),
            count => format!("{count} posts"),
        };
        say(&format!(
            "Waiting for {posts_in_words} at http://{}/ami/sync",
            server.address()
        ));
        if self.listen.is_none() && settings.public_url != format!("http://{listen}") {
            say(&format!("Browsers reach it at {}/ami/sync", settings.public_url));
        }
        say("Choose the menu item in Flow. Nothing is planned. Ctrl-C ends it.");
        let serving = tokio::spawn(server.run());

        let mut recorder = Recorder {
            systems,
            out: self.out,
            scrubber: Scrubber::default(),
            seen: Vec::new(),
        };
        let mut asked = std::pin::pin!(asked_to_stop());
        for number in 1..=usize::from(self.count) {
            let post = tokio::select! {
                post = posts.recv() => post,
                stopped = &mut asked => {
                    stopped?;
                    None
                }
            };
            let Some(post) = post else { break };
            tokio::select! {
                recorded = recorder.record(number, &post) => recorded?,
                stopped = &mut asked => {
                    stopped?;
                    break;
                }
            }
        }
        stop.cancel();
        serving.await??;
        say("");
        say("What this answers of the open questions about Flow:");
        for answer in answers(&recorder.seen) {
            say(&format!("  {}", visible(&answer)));
        }
        Ok(0)
    }
}

/// Records one post after the other, with the same stand-ins.
struct Recorder {
    systems: Systems,
    out: Option<PathBuf>,
    scrubber: Scrubber,
    seen: Vec<Seen>,
}

impl Recorder {
    async fn record(&mut self, number: usize, post: &Caught) -> anyhow::Result<()> {
        let content_type = post.content_type.as_deref().unwrap_or_default();
        let action = plain_action(&post.action);
        say("");
        say(&format!("Post {number} to /ami/{action}"));
        let pairs = match &post.form {
            Ok(pairs) => pairs,
            Err((code, message)) => {
                let content_type = self.scrubber.content_type(content_type);
                head(&content_type, post.bytes).iter().for_each(|line| say(line));
                say(&format!("  not a form that amigo reads: {message} [{code}]"));
                self.seen.push(Seen {
                    content_type,
                    ..Seen::default()
                });
                return Ok(());
            }
        };
        let tokens = self.systems.settings().ami.secrets.of(&post.action);
        let now = post.heard_ms.div_euclid(1000);
        let come = (action, post.query.as_slice(), content_type);
        let kind = pairs.iter().find(|(name, _)| name == "entity_type");
        let kind = kind.map_or("", |(_, kind)| kind.as_str());
        let needs_rows = action_of(&post.action).is_none_or(|action| action.needs_rows(kind));
        let Recorded {
            mut fixture,
            mut seen,
            token,
        } = Recorded::of(&mut self.scrubber, come, needs_rows, pairs, tokens, now);
        if self.systems.settings().ami.allow_unsigned && fixture.signature.is_none() {
            fixture.expect = None;
        }
        head(&seen.content_type, post.bytes)
            .iter()
            .for_each(|line| say(line));
        let age = age_of(pairs, post.heard_ms).ok();
        let looks = looks(&seen, &fixture, token.as_deref(), age);
        looks.iter().for_each(|line| say(&visible(line)));
        say("  fields, with stand-ins for whatever could tell whose they are:");
        fields(&fixture).iter().for_each(|line| say(&visible(line)));
        if seen.light != Light::No {
            seen.ami_payload = self.payload(pairs).await;
            fixture.ami_payload.clone_from(&seen.ami_payload);
        }
        if let Some(folder) = &self.out {
            let file = write(folder, number, &fixture)?;
            say(&format!("  written to {}", file.display()));
        }
        self.seen.push(seen);
        Ok(())
    }

    /// The types of what Flow's event log holds, where Flow can be asked.
    async fn payload(&mut self, pairs: &[(String, String)]) -> Option<BTreeMap<String, String>> {
        let named = pairs.iter().find(|(key, _)| key == "event_log_entry_id");
        let entry = named.and_then(|(_, value)| value.trim().parse::<i64>().ok())?;
        let settings = self.systems.settings();
        if settings.ayon.url.is_none() || settings.ayon.api_key.is_none() {
            say(
                "  meta.ami_payload: not looked at, as no AYON server is configured that knows the Flow site",
            );
            return None;
        }
        let systems = &self.systems;
        let payload = async {
            let sessions = systems.sessions(None, &mut CallsOfBoth::default()).await?;
            payload_of(&sessions.flow_reader(), entry).await
        };
        match payload.await {
            Ok(Some(payload)) => {
                let shapes: BTreeMap<String, String> = payload
                    .iter()
                    .map(|(key, value)| (self.scrubber.key(key), shape_of(value)))
                    .collect();
                say("  meta.ami_payload, types only:");
                for (key, shape) in &shapes {
                    say(&visible(&format!("    {key}: {shape}")));
                }
                Some(shapes)
            }
            Ok(None) => {
                say("  meta.ami_payload: the entry holds none");
                None
            }
            Err(error) => {
                // Its words may name the entry, whose id is nobody's business here.
                let code = error.failure().code;
                say(&format!("  meta.ami_payload: Flow could not be asked [{code}]"));
                None
            }
        }
    }
}

/// An action as a file may be named after it.
fn plain_action(action: &str) -> &str {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    match (1..=LONGEST_ACTION).contains(&action.len()) && action.bytes().all(plain) {
        true => action,
        false => "other",
    }
}

fn head(content_type: &str, bytes: Option<usize>) -> [String; 2] {
    let content_type = match content_type {
        "" => "absent".to_owned(),
        said => visible(said),
    };
    let bytes = bytes.map_or_else(|| "not read to the end".to_owned(), |bytes| bytes.to_string());
    [
        format!("  Content-Type    {content_type}"),
        format!("  bytes           {bytes}"),
    ]
}

fn looks(seen: &Seen, fixture: &Fixture, token: Option<&str>, age: Option<i64>) -> Vec<String> {
    let repeated: Vec<String> = seen
        .repeated
        .iter()
        .map(|(name, times)| format!("{name} ({times} times)"))
        .collect();
    let list = |names: &[String]| match names {
        [] => "none".to_owned(),
        names => names.join(", "),
    };
    let timestamp = match (seen.timestamp, age) {
        (false, _) => "absent".to_owned(),
        (true, None) => "there, but no time that amigo reads".to_owned(),
        (true, Some(age)) => format!("there, {age} seconds before this clock"),
    };
    let signature = fixture.signature.as_ref().map_or_else(
        || "absent".to_owned(),
        |signature| format!("there, {} characters, {}", signature.length, signature.written),
    );
    let matched = match (&seen.matched, token) {
        (Some(form), Some(token)) => format!("{}, by the secret {token:?}", form.as_str()),
        _ => format!("none ({})", fixture.answered.verdict),
    };
    let light = match seen.light {
        Light::No => "no",
        Light::Only => "yes: it names an entry of Flow's event log, and no rows",
        Light::WithFields => "it names an entry of Flow's event log beside its other fields",
    };
    vec![
        format!("  fields          {}", seen.fields),
        format!("  repeated names  {}", list(&repeated)),
        format!("  names with []   {}", list(&seen.bracketed)),
        format!("  blank fields    {}", list(&seen.blank)),
        format!("  timestamp       {timestamp}"),
        format!("  signature       {signature}"),
        format!("  form matched    {matched}"),
        format!("  light payload   {light}"),
    ]
}

/// Field by field, in order. Signatures and ids of browser windows are told by their form only.
fn fields(fixture: &Fixture) -> Vec<String> {
    let line = |(key, value): &(String, String)| match key.as_str() {
        "session_uuid" if !value.is_empty() => format!("    {key} = ({} characters)", value.len()),
        _ => format!("    {key} = {}", short(value)),
    };
    let mut lines: Vec<String> = fixture.pairs.iter().map(line).collect();
    if let Some(signature) = &fixture.signature {
        let told = format!(
            "    signature = ({} characters, {})",
            signature.length, signature.written
        );
        lines.insert(signature.place.min(lines.len()), told);
    }
    let query = fixture
        .query
        .iter()
        .map(|(key, value)| format!("    in the address: {key} = {}", short(value)));
    lines.extend(query);
    lines
}

/// The beginning of a long value.
fn short(value: &str) -> String {
    if value.is_empty() {
        return "(blank)".to_owned();
    }
    let items = value.split(',').count();
    if items > ITEMS * 4 {
        let first: Vec<&str> = value.split(',').take(ITEMS).collect();
        return format!("{}, … ({items} items)", first.join(","));
    }
    match value.char_indices().nth(CHARACTERS) {
        Some((end, _)) => format!("{}… ({} characters)", &value[..end], value.chars().count()),
        None => value.to_owned(),
    }
}

/// Writes a file of its own; what is there already stays.
fn write(folder: &Path, number: usize, fixture: &Fixture) -> anyhow::Result<PathBuf> {
    let text = fixture.to_text()?;
    for number in number.. {
        let file = folder.join(format!("{}-{number}.json", fixture.action));
        match OpenOptions::new().write(true).create_new(true).open(&file) {
            Ok(mut opened) => {
                let written = opened.write_all(text.as_bytes());
                written.with_context(|| format!("{} cannot be written", file.display()))?;
                return Ok(file);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => {
                return Err(error).with_context(|| format!("{} cannot be written", file.display()));
            }
        }
    }
    anyhow::bail!("{} is full of recorded posts", folder.display())
}
