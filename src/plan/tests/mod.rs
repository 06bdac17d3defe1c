//! What a plan says of small productions. The stage builds both snapshots; `applied` plays what a plan would
//! write, so that laws such as "apply, then plan, is empty" need no server.

mod identity;
mod laws;
mod names;
mod placement;
mod project;
mod stage;
