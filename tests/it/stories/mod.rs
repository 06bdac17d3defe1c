//! What people do, from the click in Flow to the tree in AYON.

mod attribution;
mod bad_corner;
mod buttons;
mod failing_rows;
mod faults;
mod faults_at_times;
mod faults_writing;
mod faults_writing_more;
mod few_rows;
mod fields;
mod first_sync;
mod half_done;
mod identity;
mod large;
mod live;
mod lost_hold;
mod nasty;
mod others;
mod outage;
mod outage_applying;
mod projects;
pub mod reparent;
mod reparent_trouble;
mod stale;
mod sync;
mod ticks;
mod users;
