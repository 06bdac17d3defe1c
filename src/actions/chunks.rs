//! How many rows one bulk write carries: as many as AYON gets through in two to three seconds, because
//! readers of the project wait meanwhile (`ayon-api.md §5.5`, §5.6).

use std::time::Duration;

/// What a chunk should take.
const AIM: f64 = 2.5;
/// Chunks that took less are followed by larger ones, those that took more by smaller ones.
const QUICK: f64 = 2.0;
const SLOW: f64 = 3.0;
/// Fewer rows than this save no time any more.
const LEAST: usize = 10;

/// The size of the next chunk.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChunkSize {
    rows: usize,
    most: usize,
}

impl ChunkSize {
    /// Folders: AYON refreshes the project's hierarchy for each.
    pub fn folders() -> Self {
        Self { rows: 100, most: 200 }
    }

    pub fn tasks() -> Self {
        Self {
            rows: 1000,
            most: 1000,
        }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Learns from a chunk of `rows` that took `time`.
    pub fn learn(&mut self, rows: usize, time: Duration) {
        let seconds = time.as_secs_f64();
        if rows == 0 || (QUICK..=SLOW).contains(&seconds) {
            return;
        }
        let fitting = (rows as f64 * AIM / seconds.max(0.01)) as usize;
        self.rows = if seconds > SLOW {
            fitting.max(LEAST)
        } else {
            fitting.min(self.rows * 2).max(self.rows)
        };
        self.rows = self.rows.min(self.most);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::ChunkSize;

    #[test]
    fn chunks_shrink_when_slow_and_grow_when_quick() {
        let mut size = ChunkSize::folders();
        assert_eq!(size.rows(), 100);
        size.learn(100, Duration::from_secs(10));
        assert_eq!(size.rows(), 25);
        size.learn(25, Duration::from_millis(2500));
        assert_eq!(size.rows(), 25);
        size.learn(25, Duration::from_millis(100));
        assert_eq!(size.rows(), 50);
        for _ in 0..5 {
            size.learn(size.rows(), Duration::from_millis(10));
        }
        assert_eq!(size.rows(), 200);
        size.learn(200, Duration::from_secs(3600));
        assert_eq!(size.rows(), 10);
    }
}
