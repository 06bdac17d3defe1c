//! The use-cases: what each Action Menu Item asks for.

use std::sync::Arc;

/// The Flow site that posts may come from, once it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowSite {
    /// Base address, without a trailing slash.
    pub url: String,
    /// Host name, lower case, without port.
    pub host: String,
}

/// What amigo knows of the systems it is connected to; refreshed in the background.
#[derive(Clone, Default)]
pub struct Connections {
    inner: Arc<()>,
}

impl Connections {
    /// The Flow site, or why it is not known yet.
    pub fn site(&self) -> Result<FlowSite, String> {
        let () = *self.inner;
        Err(String::new())
    }
}
