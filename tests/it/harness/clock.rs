//! amigo's clock, which tests can put forward and back.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use amigo::runner::Services;

/// The system's clock plus a distance.
#[derive(Clone, Default)]
pub struct Clock {
    ahead_ms: Arc<AtomicI64>,
}

impl Clock {
    /// Puts amigo's clock forward from the true time.
    pub fn ahead(&self, by: Duration) {
        let ms = i64::try_from(by.as_millis()).unwrap();
        self.ahead_ms.store(ms, Ordering::SeqCst);
    }

    /// Puts amigo's clock back from the true time.
    pub fn behind(&self, by: Duration) {
        let ms = i64::try_from(by.as_millis()).unwrap();
        self.ahead_ms.store(-ms, Ordering::SeqCst);
    }

    /// Services with this clock.
    pub fn services(&self) -> Services {
        let services = Services::of_the_system();
        let (now, ahead) = (services.now.clone(), self.ahead_ms.clone());
        Services {
            now: Arc::new(move || now() + ahead.load(Ordering::SeqCst)),
            ..services
        }
    }
}
