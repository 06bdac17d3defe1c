//! What amigo knows of the systems it is connected to, before any run: above all which Flow site may post.

use std::sync::{Arc, PoisonError, RwLock};

use crate::ayon::AyonReader;
use crate::run::sentence;

use super::systems::{Systems, host_of};

/// The Flow site that posts may come from, once it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowSite {
    /// Base address, without a trailing slash.
    pub url: String,
    /// Host name, lower case, without port.
    pub host: String,
}

/// Refreshed in the background; a failure keeps the last good answer.
#[derive(Clone, Default)]
pub struct Connections {
    known: Arc<RwLock<Known>>,
}

#[derive(Default)]
struct Known {
    site: Option<FlowSite>,
    /// Why the last refresh failed.
    trouble: Option<String>,
}

impl Connections {
    /// The Flow site, or why it is not known yet.
    pub fn site(&self) -> Result<FlowSite, String> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.site.clone().ok_or_else(|| {
            known
                .trouble
                .clone()
                .unwrap_or_else(|| "AYON was not asked for the Flow site yet.".to_owned())
        })
    }

    /// Why the last refresh failed; `None` when it went well.
    pub fn trouble(&self) -> Option<String> {
        self.known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .trouble
            .clone()
    }

    /// Asks AYON for the addon's settings once more.
    pub async fn refresh(&self, systems: &Systems) {
        // The next refresh is the second attempt.
        let systems = systems.impatient();
        let answer = async {
            let (session, _) = systems.ayon()?;
            systems.studio(&AyonReader::new(session)).await
        };
        let answer = answer.await;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        match answer {
            Ok(studio) => {
                let url = studio.flow.url;
                known.site = Some(FlowSite {
                    host: host_of(&url),
                    url,
                });
                known.trouble = None;
            }
            Err(error) => {
                // Everybody reads this: whoever is refused meanwhile, and whoever probes.
                let trouble = sentence(&error.discreet());
                if known.trouble.as_deref() != Some(trouble.as_str()) {
                    tracing::warn!(
                        code = error.code(),
                        cause = trouble,
                        "the Flow site cannot be read from AYON"
                    );
                }
                known.trouble = Some(trouble);
            }
        }
    }
}
