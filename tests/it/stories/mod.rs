//! What people do, from the click in Flow to the tree in AYON.

mod bad_corner;
mod buttons;
mod failing_rows;
mod faults;
mod faults_writing;
mod first_sync;
mod live;
mod others;
mod outage;
mod outage_applying;
mod stale;
mod sync;
mod ticks;
