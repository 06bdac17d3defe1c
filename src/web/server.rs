//! Listening, serving and stopping.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server as ActixServer;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App as ActixApp, HttpServer, web};
use tokio_util::sync::CancellationToken;

use crate::config::Settings;

use super::{App, guard, routes};

/// Threads that answer requests. Planning and applying run elsewhere, so a few are plenty.
const WORKERS: usize = 2;
/// How long the head of a request may take to arrive.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// Seconds that requests under way get to finish after a stop.
const GRACE_SECONDS: u64 = 8;

/// A bound server, ready to run.
pub struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    inner: ActixServer,
}

/// Takes the configured address. With port 0 the system chooses one, and a public address that was derived from it
/// follows: whoever is handed the settings afterwards knows it.
pub fn listen(settings: &mut Arc<Settings>) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(settings.listen)?;
    let chosen_later = format!("http://{}", settings.listen);
    if settings.listen.port() == 0 && settings.public_url == chosen_later {
        Arc::make_mut(settings).public_url = format!("http://{}", listener.local_addr()?);
    }
    Ok(listener)
}

impl Server {
    /// A server of actix's that is bound, and what ends it.
    pub(super) fn of(address: SocketAddr, stop: CancellationToken, inner: ActixServer) -> Self {
        Self { address, stop, inner }
    }

    /// Gets ready to serve at an address that was taken.
    pub fn at(listener: TcpListener, app: App) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let stop = app.stop.clone();
        let connections = app.settings.limits.connections;
        let frame = Arc::new(guard::Frame::of(&app));
        let inner = HttpServer::new(move || {
            let guarded = web::Data::new(app.clone());
            let frame = frame.clone();
            ActixApp::new()
                .app_data(guarded.clone())
                .wrap(from_fn(move |request, next| {
                    guard::guard(frame.clone(), guarded.clone(), request, next)
                }))
                .wrap(Compress::default())
                .configure(routes::table)
        })
        .workers(WORKERS)
        .max_connections(connections.div_ceil(WORKERS))
        .client_request_timeout(HEAD_PATIENCE)
        .disable_signals()
        .shutdown_timeout(GRACE_SECONDS)
        .listen(listener)?
        .run();
        Ok(Self::of(address, stop, inner))
    }

    /// The address that was taken.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the stop token is cancelled, then lets requests under way finish.
    pub async fn run(mut self) -> io::Result<()> {
        let handle = self.inner.handle();
        tokio::select! {
            ended = &mut self.inner => return ended,
            () = self.stop.cancelled() => {}
        }
        let (ended, ()) = futures_util::future::join(self.inner, handle.stop(true)).await;
        ended
    }
}
