//! How far a run is, told to whoever listens; telling never waits.

use tokio::sync::mpsc::UnboundedSender;

/// One step of progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What is being done, in words.
    pub phase: String,
    pub done: usize,
    /// 0 while nobody can tell.
    pub total: usize,
}

/// Where progress is told.
#[derive(Clone)]
pub struct Progress(Option<UnboundedSender<Step>>);

impl Progress {
    pub fn to(sender: UnboundedSender<Step>) -> Self {
        Self(Some(sender))
    }

    /// For those who wait for the end only.
    pub fn unheard() -> Self {
        Self(None)
    }

    pub fn phase(&self, phase: &str) {
        self.step(phase, 0, 0);
    }

    pub fn step(&self, phase: &str, done: usize, total: usize) {
        if let Some(sender) = &self.0 {
            // A listener that went away misses nothing it wanted.
            let _gone = sender.send(Step {
                phase: phase.to_owned(),
                done,
                total,
            });
        }
    }
}
