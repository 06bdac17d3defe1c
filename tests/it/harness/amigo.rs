//! amigo in this process, wired as `amigo serve` wires it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use amigo::cli::Home;
use amigo::config::Settings;
use amigo::net::Patience;
use amigo::runner::Services;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Clock;

/// A running server.
pub struct Amigo {
    pub url: String,
    stop: CancellationToken,
    serving: Option<JoinHandle<()>>,
}

impl Amigo {
    /// Starts it with these variables, and a file of configuration where there is one.
    pub async fn start(
        variables: &BTreeMap<String, String>,
        file: Option<&Path>,
        clock: &Clock,
        patience: &Patience,
    ) -> Self {
        let settings = match file {
            Some(file) => Settings::load(Some(file), variables),
            None => Settings::of_environment(variables),
        };
        let settings = Arc::new(settings.unwrap_or_else(|error| panic!("{error}")));
        let stop = CancellationToken::new();
        let services = Services {
            patience: patience.clone(),
            ..clock.services()
        };
        let home = Home::build(settings, services, stop.clone()).await.unwrap();
        let url = format!("http://{}", home.address());
        let serving = tokio::spawn(async move { home.run().await.unwrap() });
        Self {
            url,
            stop,
            serving: Some(serving),
        }
    }

    /// Asks it to stop and waits until it has.
    pub async fn stop(&mut self) {
        self.stop.cancel();
        if let Some(serving) = self.serving.take() {
            serving.await.unwrap();
        }
    }
}
