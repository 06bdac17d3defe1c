//! The server as a whole: store, runner, connections and web edge, wired together.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio_util::sync::CancellationToken;

use crate::actions::{Connections, Systems};
use crate::config::Settings;
use crate::runner::{Runner, Services};
use crate::store::Store;
use crate::web::{self, App, Bodies, Counters, Server};

/// How often AYON is asked for the Flow site, once it is known and until then.
const REFRESH: Duration = Duration::from_secs(60);
const RETRY: Duration = Duration::from_secs(5);
/// How long AYON is waited for before serving begins.
const FIRST: Duration = Duration::from_secs(5);
/// How long runs under way get to stop at a safe point.
const GRACE: Duration = Duration::from_secs(20);

/// A server that is bound but does not serve yet.
pub struct Home {
    server: Server,
    runner: Runner,
    connections: Connections,
    systems: Systems,
    stop: CancellationToken,
}

impl Home {
    /// Opens the store and takes the address. The Flow site is asked for once, so that a server whose AYON
    /// answers is ready from its first request.
    pub async fn build(
        mut settings: Arc<Settings>,
        services: Services,
        stop: CancellationToken,
    ) -> anyhow::Result<Self> {
        let listen = settings.listen;
        let cannot_serve = || format!("amigo cannot serve on {listen}");
        // First of all, so that every part knows the address that people use.
        let listener = web::listen(&mut settings).with_context(cannot_serve)?;
        let store = Store::open(&settings.database_url).await?;
        let systems = Systems::new(settings.clone(), services.patience.clone())?;
        let connections = Connections::default();
        let runner = Runner::new(services.clone(), store.clone(), systems.clone(), stop.clone());
        let bodies = Bodies::of(&settings.limits);
        let app = App {
            settings,
            store,
            runner: runner.clone(),
            services,
            connections: connections.clone(),
            bodies,
            counters: Counters::default(),
            stop: stop.clone(),
        };
        let server = Server::at(listener, app).with_context(cannot_serve)?;
        // Whoever comes meanwhile waits at the open port; an AYON that hangs does not keep it closed.
        if tokio::time::timeout(FIRST, connections.refresh(&systems))
            .await
            .is_err()
        {
            tracing::warn!("AYON does not answer; posts are refused until it does");
        }
        Ok(Self {
            server,
            runner,
            connections,
            systems,
            stop,
        })
    }

    /// The address that was taken.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Serves until the stop token is cancelled, and leaves no run half-written.
    pub async fn run(self) -> anyhow::Result<()> {
        let Self {
            server,
            runner,
            connections,
            systems,
            stop,
        } = self;
        let swept = runner.clone();
        let sweep = tokio::spawn(async move { swept.sweep().await });
        let refreshed = stop.clone();
        let refresh = tokio::spawn(async move {
            loop {
                let pause = if connections.site().is_err() || connections.trouble().is_some() {
                    RETRY
                } else {
                    REFRESH
                };
                let next = async {
                    tokio::time::sleep(pause).await;
                    connections.refresh(&systems).await;
                };
                tokio::select! {
                    () = next => {}
                    () = refreshed.cancelled() => return,
                }
            }
        });
        let served = server.run().await;
        stop.cancel();
        runner.finish(GRACE).await;
        sweep.await?;
        refresh.await?;
        Ok(served?)
    }
}
