//! amigo's clock, which tests can put forward and back, and stop.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use amigo::runner::Services;
use jiff::Timestamp;

/// What the clock shows.
#[derive(Clone, Copy)]
enum Shows {
    /// The system's time plus so many milliseconds.
    Ahead(i64),
    /// Always the same, in milliseconds since 1970.
    Always(i64),
}

/// The system's clock plus a distance, or a moment that does not pass.
#[derive(Clone)]
pub struct Clock {
    shows: Arc<Mutex<Shows>>,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            shows: Arc::new(Mutex::new(Shows::Ahead(0))),
        }
    }
}

impl Clock {
    /// Puts amigo's clock forward from the true time.
    pub fn ahead(&self, by: Duration) {
        self.show(Shows::Ahead(i64::try_from(by.as_millis()).unwrap()));
    }

    /// Puts amigo's clock back from the true time.
    pub fn behind(&self, by: Duration) {
        self.show(Shows::Ahead(-i64::try_from(by.as_millis()).unwrap()));
    }

    /// Stops amigo's clock at an instant: then a second more or less is a matter of the post, not of the machine.
    pub fn at(&self, instant: Timestamp) {
        self.show(Shows::Always(instant.as_millisecond()));
    }

    fn show(&self, what: Shows) {
        *self.shows.lock().unwrap() = what;
    }

    /// Services with this clock.
    pub fn services(&self) -> Services {
        let services = Services::of_the_system();
        let (now, shows) = (services.now.clone(), self.shows.clone());
        Services {
            now: Arc::new(move || match *shows.lock().unwrap() {
                Shows::Ahead(ms) => now() + ms,
                Shows::Always(ms) => ms,
            }),
            ..services
        }
    }
}
