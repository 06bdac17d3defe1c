//! The time a real server takes (`ayon-api.md §5.5`, §5.6), for a stand-in that was asked to be slow.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use actix_web::http::Method;

use super::entities::Kind;
use super::writing::{Deed, Effect};

/// How many folder creates one transaction holds before the lock table is full.
pub(super) const FOLDERS_A_TRANSACTION: usize = 3000;

/// Adds up what writes cost and who has to wait for them. Costs nothing unless `on`.
#[derive(Debug, Default)]
pub(super) struct Pace {
    pub(super) on: bool,
    /// What the request under way has cost so far.
    toil: Duration,
    /// When the last write to a project will be through, by its lower-case name.
    busy: HashMap<String, Instant>,
}

impl Pace {
    pub(super) fn new(on: bool) -> Self {
        Self {
            on,
            ..Self::default()
        }
    }

    /// How long a request must wait for writes under way: readers of the hierarchy and writers do (§5.6).
    pub(super) fn wait_for(&self, method: &Method, path: &str) -> Option<Duration> {
        if !self.on {
            return None;
        }
        let until = if path == "/graphql" {
            self.busy.values().max()?
        } else {
            let (project, rest) = path.strip_prefix("/api/projects/")?.split_once('/')?;
            if method == Method::GET && !rest.starts_with("folders/") {
                return None;
            }
            self.busy.get(&project.to_ascii_lowercase())?
        };
        let left = until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    /// Counts a successful write to a project that now has so many folders.
    pub(super) fn work(&mut self, project: &str, folders: usize, effect: &Effect) {
        if !self.on {
            return;
        }
        let folders = u32::try_from(folders).unwrap_or(u32::MAX);
        self.toil += match (effect.kind, &effect.deed) {
            (Kind::Folder, Deed::Created) => Duration::from_millis(5) + Duration::from_micros(10) * folders,
            (Kind::Folder, Deed::Updated(_)) => {
                Duration::from_millis(1) + Duration::from_micros(20) * folders
            }
            (Kind::Folder, Deed::Deleted(_)) => {
                Duration::from_millis(8) + Duration::from_micros(130) * folders
            }
            _ => Duration::from_micros(1500),
        };
        self.busy
            .insert(project.to_ascii_lowercase(), Instant::now() + self.toil);
    }

    /// The cost of the request that just ended.
    pub(super) fn settle(&mut self) -> Duration {
        std::mem::take(&mut self.toil)
    }
}
