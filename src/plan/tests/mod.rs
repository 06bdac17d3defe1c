//! What a plan says of small productions. The stage builds both snapshots; `applied` plays what a plan would
//! write, so that laws such as "apply, then plan, is empty" need no server.

mod attributes;
mod fields;
mod guards;
mod identity;
mod laws;
mod names;
mod offers;
mod parts;
mod placement;
mod project;
mod reparent;
mod reparent_laws;
mod reparent_order;
mod reparent_vectors;
mod servers;
mod shown;
mod stage;
mod studio;
mod trust;
mod users;
mod users_laws;
mod users_matching;
mod users_stage;
mod vectors;
