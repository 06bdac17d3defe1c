//! Wakes those who watch runs. A missed call costs nothing: watchers look by themselves every now and then.

use std::time::Duration;

use tokio::sync::watch;

pub(super) struct Wake(watch::Sender<()>);

impl Default for Wake {
    fn default() -> Self {
        Self(watch::Sender::new(()))
    }
}

impl Wake {
    pub fn all(&self) {
        self.0.send_replace(());
    }

    pub async fn wait(&self, limit: Duration) {
        let mut receiver = self.0.subscribe();
        // Both a call and the end of patience are reasons to look.
        let _either = tokio::time::timeout(limit, receiver.changed()).await;
    }
}
