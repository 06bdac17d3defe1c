//! Stand-ins for a Flow site and an AYON server: real HTTP on loopback, state that behaves, faults on request.
//!
//! Their wire shapes are written apart from the clients' on purpose, so that a mistake made once shows.

pub mod ayon;
pub mod controls;
pub mod flow;
pub mod studio;
