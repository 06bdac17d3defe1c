//! Log lines: what is said, and in which shape. They go to standard error, which leaves standard output to answers.

use std::any::Any;
use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::LogFormat;

/// Why nothing can be logged.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    #[error(
        "The log filter {filter:?} (AMIGO_LOG, or log in the file) cannot be read: {cause}. \
         It is a level such as info, or levels by module such as info,amigo::flow=debug."
    )]
    Filter { filter: String, cause: String },
    #[error("Logging was started already.")]
    Started,
}

/// Starts logging for the whole process; works once.
///
/// `filter` is `Settings::log`. Colours are used only where a terminal shows them.
pub fn start(filter: &str, format: LogFormat) -> Result<(), TelemetryError> {
    let lines = tracing_subscriber::registry().with(understand(filter)?);
    let out = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    match format {
        LogFormat::Text => lines.with(out.with_ansi(io::stderr().is_terminal())).try_init(),
        LogFormat::Json => lines.with(out.json().flatten_event(true)).try_init(),
    }
    .map_err(|_| TelemetryError::Started)?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, cause = cause_of(panic.payload()), "a panic");
    }));
    Ok(())
}

/// What a panic says where those are the program's own words; a text that was put together may hold anything.
fn cause_of(payload: &dyn Any) -> &'static str {
    payload
        .downcast_ref::<&'static str>()
        .copied()
        .unwrap_or("not told, for it may repeat data")
}

fn understand(filter: &str) -> Result<EnvFilter, TelemetryError> {
    EnvFilter::builder()
        .parse(filter)
        .map_err(|error| TelemetryError::Filter {
            filter: filter.to_owned(),
            cause: error.to_string(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_cannot_be_read_is_told_whole() {
        for filter in ["amigo=loud", "info,amigo==debug", "[unclosed"] {
            let text = understand(filter).unwrap_err().to_string();
            assert!(
                text.starts_with(&format!("The log filter {filter:?} (AMIGO_LOG,")),
                "{text}"
            );
        }
    }

    #[test]
    fn a_panic_tells_only_the_programs_own_words() {
        assert_eq!(cause_of(&"index out of bounds"), "index out of bounds");
        assert!(!cause_of(&"no 'é' in Zoë".to_owned()).contains("Zoë"));
    }

    #[test]
    fn usual_filters_are_read() {
        for filter in ["info", "warn,amigo=debug", "amigo::flow=trace", ""] {
            assert!(understand(filter).is_ok(), "{filter}");
        }
    }
}
