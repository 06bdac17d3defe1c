//! `amigo serve`: the server, from configuration.

use std::sync::Arc;

use anyhow::Context;
use tokio_util::sync::CancellationToken;

use crate::config::Settings;
use crate::runner::Services;

use super::home::Home;
use super::signals::asked_to_stop;

pub(super) async fn run(settings: Arc<Settings>) -> anyhow::Result<u8> {
    anyhow::ensure!(
        settings.ayon.url.is_some() && settings.ayon.api_key.is_some(),
        "AMIGO_AYON_URL and AMIGO_AYON_API_KEY are needed to serve; to look around first, run `amigo demo`"
    );
    if settings
        .ami
        .secrets
        .of(crate::actions::ACTIONS[0].0)
        .next()
        .is_none()
        && !settings.ami.allow_unsigned
    {
        tracing::warn!("no AMIGO_AMI_SECRET is set: every post from a menu item will be refused");
    }
    if settings.ami.allow_unsigned {
        tracing::warn!("AMIGO_AMI_ALLOW_UNSIGNED is on: anybody who reaches this address can act as anybody");
    }
    let stop = CancellationToken::new();
    let home = Home::build(settings.clone(), Services::of_the_system(), stop.clone())
        .await
        .with_context(|| format!("amigo cannot serve on {}", settings.listen))?;
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
