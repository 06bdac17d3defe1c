//! `amigo demo`: a Flow site, an AYON server and amigo in one process, talking real HTTP on loopback.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::actions::action_of;
use crate::config::{LogFormat, Settings};
use crate::model::{FlowType, Job};
use crate::runner::Services;
use crate::sandbox::ayon::{AyonOptions, AyonSandbox};
use crate::sandbox::flow::{FlowOptions, FlowSandbox};
use crate::sandbox::studio::Studio;

use super::home::Home;
use super::output::say;
use super::sandbox::{DEFAULT_API_KEY, DEFAULT_SCRIPT, DEFAULT_SCRIPT_KEY};
use super::signals::asked_to_stop;

/// Addresses; port 0 lets the system choose one.
#[derive(Args)]
pub(super) struct Demo {
    /// Where amigo serves.
    #[arg(long, default_value = "127.0.0.1:0", value_parser = super::sandbox::loopback)]
    listen: SocketAddr,
    /// Where the Flow site serves.
    #[arg(long, default_value = "127.0.0.1:0", value_parser = super::sandbox::loopback)]
    flow: SocketAddr,
    /// Where the AYON server serves.
    #[arg(long, default_value = "127.0.0.1:0", value_parser = super::sandbox::loopback)]
    ayon: SocketAddr,
    /// Keep runs in this database; in memory without it.
    #[arg(long, default_value = "sqlite::memory:")]
    database_url: String,
    /// Tracing filter of the log.
    #[arg(long, default_value = "warn")]
    log: String,
}

impl Demo {
    pub async fn run(self) -> anyhow::Result<u8> {
        crate::telemetry::start(&self.log, LogFormat::Text)?;
        let flow = FlowSandbox::start(FlowOptions {
            listen: self.flow,
            studio: Studio::demo(),
            script_name: DEFAULT_SCRIPT.to_owned(),
            script_key: DEFAULT_SCRIPT_KEY.to_owned(),
            ..FlowOptions::default()
        })
        .context("the Flow site cannot be started")?;
        let ayon = AyonSandbox::start(AyonOptions {
            listen: self.ayon,
            studio: Studio::demo(),
            api_key: DEFAULT_API_KEY.to_owned(),
            flow_url: flow.url(),
            script_name: DEFAULT_SCRIPT.to_owned(),
            script_key: DEFAULT_SCRIPT_KEY.to_owned(),
            ..AyonOptions::default()
        })
        .context("the AYON server cannot be started")?;

        let services = Services::of_the_system();
        let secret = (services.random_id)();
        let settings = Arc::new(self.settings(ayon.url(), &secret)?);
        let stop = CancellationToken::new();
        let home = Home::build(settings, services, stop.clone())
            .await
            .context("amigo cannot be started")?;
        let amigo = format!("http://{}", home.address());
        make_menu(&flow, &amigo, &secret);
        let serving = tokio::spawn(home.run());

        say("amigo demo: everything below runs in this process and forgets all when it ends.");
        say("");
        say(&format!(
            "  Flow   {}    select Shots whose AYON column is empty, right-click, choose \"Sync to AYON\"",
            flow.url()
        ));
        say(&format!("  AYON   {}    and find them here", ayon.url()));
        say(&format!("  amigo  {amigo}"));
        say("");
        say("Ctrl-C ends it.");
        tokio::select! {
            stopped = asked_to_stop() => stopped?,
            () = stop.cancelled() => {}
        }
        stop.cancel();
        serving.await??;
        flow.stop().await;
        ayon.stop().await;
        Ok(0)
    }

    fn settings(&self, ayon_url: &str, secret: &str) -> anyhow::Result<Settings> {
        let listen = self.listen.to_string();
        let values = [
            ("AMIGO_LISTEN", listen.as_str()),
            ("AMIGO_DATABASE_URL", &self.database_url),
            ("AMIGO_AYON_URL", ayon_url),
            ("AMIGO_AYON_API_KEY", DEFAULT_API_KEY),
            ("AMIGO_AMI_SECRET", secret),
        ];
        let environment: BTreeMap<String, String> = values
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Ok(Settings::of_environment(&environment)?)
    }
}

/// The menu items that a studio would make in Flow.
fn make_menu(flow: &FlowSandbox, amigo: &str, secret: &str) {
    let kinds = [
        FlowType::Project,
        FlowType::Episode,
        FlowType::Sequence,
        FlowType::Shot,
        FlowType::Asset,
        FlowType::Task,
        FlowType::HumanUser,
        FlowType::Group,
    ];
    let items = [
        (Job::Sync, "Sync to AYON", false),
        (Job::Sync, "Sync to AYON (in a window here)", true),
        (Job::Reparent, "Preview re-parenting", false),
        (Job::Users, "Sync users", false),
    ];
    for (order, kind) in kinds.into_iter().enumerate() {
        let fitting = items.into_iter().enumerate().filter(|(_, (job, ..))| {
            let action = action_of(job.word());
            action.is_some_and(|action| action.types.contains(&kind))
        });
        for (place, (job, title, overlay)) in fitting {
            flow.create(
                "ActionMenuItem",
                json!({
                    "title": title,
                    "url": format!("{amigo}/ami/{}", job.word()),
                    "entity_type": kind.as_str(),
                    "list_order": order * items.len() + place,
                    "selection_required": job != Job::Users,
                    "poll_for_data_updates": true,
                    "open_in_overlay": overlay,
                    "secret_token": secret,
                }),
            );
        }
    }
}
