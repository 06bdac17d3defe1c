//! Waiting for something to become true: by looking again and again, never by hoping.

use std::time::{Duration, Instant};

/// After this long the thing will not happen any more.
const DEADLINE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(15);

/// Looks until there is something to see.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(started.elapsed() < DEADLINE, "in vain waited until {what}");
        tokio::time::sleep(LOOK).await;
    }
}
