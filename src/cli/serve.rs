//! `amigo serve`: the server, from configuration.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::actions::{ACTIONS, Action, action_of};
use crate::config::Settings;
use crate::runner::Services;

use super::home::Home;
use super::signals::asked_to_stop;

pub(super) async fn run(settings: Arc<Settings>) -> anyhow::Result<u8> {
    anyhow::ensure!(
        settings.ayon.url.is_some() && settings.ayon.api_key.is_some(),
        "AMIGO_AYON_URL and AMIGO_AYON_API_KEY are needed to serve; to look around first, run `amigo demo`"
    );
    let silent = |action: &Action| settings.ami.secrets.of(action.job.word()).is_empty();
    if ACTIONS.iter().all(silent) && !settings.ami.allow_unsigned {
        tracing::warn!("no AMIGO_AMI_SECRET is set: every post from a menu item will be refused");
    }
    if settings.ami.allow_unsigned {
        tracing::warn!("AMIGO_AMI_ALLOW_UNSIGNED is on: anybody who reaches this address can act as anybody");
    }
    for action in settings.ami.secrets.by_action.keys() {
        anyhow::ensure!(
            action_of(action).is_some(),
            "ami.secrets names the action {action:?}, which there is not; \"any\" is for every action"
        );
    }
    let stop = CancellationToken::new();
    let home = Home::build(settings.clone(), Services::of_the_system(), stop.clone()).await?;
    tracing::info!(address = %home.address(), public_url = %settings.public_url, "serving");
    let serving = tokio::spawn(home.run());
    tokio::select! {
        stopped = asked_to_stop() => stopped?,
        () = stop.cancelled() => {}
    }
    tracing::info!("stopping");
    stop.cancel();
    serving.await??;
    Ok(0)
}
