//! Tokens that are kept between the plan of a run and its apply: both want one of the same browser window.

use std::collections::HashMap;
use std::sync::{Arc, Mutex as Held, PoisonError};
use std::time::Instant;

use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use super::FlowAccess;

/// A token, and until when it is used.
pub(super) struct Minted {
    pub text: String,
    pub good_until: Instant,
}

/// The place of a token; whoever mints holds it, so that nobody mints beside them.
pub(super) type Slot = Arc<Mutex<Option<Minted>>>;

/// Who is let in by a token: site, script, the hash of its key, and the browser window that it tells of writes
/// (`flow-api.md §1.5`). A key that was changed shows at once.
type Bearer = (String, String, [u8; 32], Option<String>);

/// The tokens of a process.
#[derive(Clone, Default)]
pub struct Tokens(Arc<Held<HashMap<Bearer, Slot>>>);

impl Tokens {
    /// The place of the token for a window. Those that nobody uses, and that are over, are forgotten.
    pub(super) fn slot(&self, access: &FlowAccess, window: Option<&str>) -> Slot {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slots.retain(|_, slot| {
            let idle = Arc::strong_count(slot) == 1;
            let good =
                |minted: &Option<Minted>| minted.as_ref().is_some_and(|one| one.good_until > Instant::now());
            !idle || slot.try_lock().is_ok_and(|minted| good(&minted))
        });
        let bearer = (
            access.url.clone(),
            access.script_name.clone(),
            Sha256::digest(access.script_key.expose_secret()).into(),
            window.map(str::to_owned),
        );
        slots.entry(bearer).or_default().clone()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use secrecy::SecretString;

    use super::*;

    fn access(script: &str) -> FlowAccess {
        let (script_name, key) = script.split_once(' ').unwrap_or((script, "key"));
        FlowAccess {
            url: "https://a.example".to_owned(),
            script_name: script_name.to_owned(),
            script_key: SecretString::from(key),
        }
    }

    #[tokio::test]
    async fn a_window_keeps_its_token_and_nobody_elses() {
        let tokens = Tokens::default();
        let put = async |slot: Slot, text: &str, life: i64| {
            let now = Instant::now();
            let span = Duration::from_secs(life.unsigned_abs());
            *slot.lock().await = Some(Minted {
                text: text.to_owned(),
                good_until: if life > 0 { now + span } else { now },
            });
        };
        put(tokens.slot(&access("one"), Some("w")), "kept", 60).await;
        put(tokens.slot(&access("one"), Some("old")), "over", 0).await;
        let text = async |script: &str, window: Option<&str>| {
            let slot = tokens.slot(&access(script), window);
            let minted = slot.lock().await;
            minted.as_ref().map(|minted| minted.text.clone())
        };
        assert_eq!(text("one", Some("w")).await.as_deref(), Some("kept"));
        for (script, window) in [
            ("one", None),
            ("one changed", Some("w")),
            ("one", Some("v")),
            ("two", Some("w")),
            ("one", Some("old")),
        ] {
            assert_eq!(text(script, window).await, None, "{script} {window:?}");
        }
        assert_eq!(
            tokens.0.lock().unwrap().len(),
            2,
            "what is over is forgotten, but for the last one"
        );
    }
}
