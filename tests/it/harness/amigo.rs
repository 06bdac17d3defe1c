//! amigo in this process, wired as `amigo serve` wires it.

use std::collections::BTreeMap;
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
    pub async fn start(variables: &BTreeMap<String, String>, clock: &Clock, patience: &Patience) -> Self {
        let settings = Arc::new(Settings::of_environment(variables).unwrap());
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
