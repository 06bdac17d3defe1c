//! How far a run is, told to whoever listens; telling never waits.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc::UnboundedSender;

/// One step of progress.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// What is being done, in words.
    pub phase: String,
    pub done: usize,
    /// 0 while nobody can tell.
    pub total: usize,
}

/// Where progress is told.
#[derive(Clone)]
pub struct Progress(Option<Arc<Heard>>);

struct Heard {
    sender: UnboundedSender<Step>,
    /// The step that is being made, whatever interrupts it.
    now: Mutex<Step>,
}

impl Progress {
    pub fn to(sender: UnboundedSender<Step>) -> Self {
        Self(Some(Arc::new(Heard {
            sender,
            now: Mutex::default(),
        })))
    }

    /// For those who wait for the end only.
    pub fn unheard() -> Self {
        Self(None)
    }

    pub fn phase(&self, phase: &str) {
        self.step(phase, 0, 0);
    }

    pub fn step(&self, phase: &str, done: usize, total: usize) {
        self.tell(|now| {
            *now = Step {
                phase: phase.to_owned(),
                done,
                total,
            };
            now.clone()
        });
    }

    /// Something keeps the step from being made for the moment.
    pub(super) fn interrupted(&self, why: &str) {
        self.tell(|now| Step {
            phase: why.to_owned(),
            ..now.clone()
        });
    }

    /// The step goes on.
    pub(super) fn resumed(&self) {
        self.tell(|now| now.clone());
    }

    fn tell(&self, what: impl FnOnce(&mut Step) -> Step) {
        if let Some(heard) = &self.0 {
            let step = what(&mut heard.now.lock().unwrap_or_else(PoisonError::into_inner));
            // A listener that went away misses nothing it wanted.
            let _gone = heard.sender.send(step);
        }
    }
}
