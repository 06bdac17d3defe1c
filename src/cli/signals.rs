//! Waiting for somebody to stop the program.

use tokio::signal::unix::{SignalKind, signal};

/// Returns when the process is asked to end: Ctrl-C, or SIGTERM as service managers send it.
pub(super) async fn asked_to_stop() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}
