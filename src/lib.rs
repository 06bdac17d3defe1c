//! amigo: see exactly what Flow would change in AYON, then apply it.
//!
//! Four rings; an arrow only points inwards, and `tests/it/architecture.rs` holds it:
//!
//! | ring | modules | knows |
//! | --- | --- | --- |
//! | core | [`model`], [`ami`], [`permission`], [`plan`], [`run`], [`problem`] | nothing but itself: no I/O, no clock, no randomness |
//! | systems | [`net`], [`flow`], [`ayon`], [`store`], [`config`] | one outside thing each, and core |
//! | actions | [`actions`], [`runner`] | the use-cases: gather, plan, apply |
//! | edges | [`web`], [`cli`], [`sandbox`], [`telemetry`] | where the world comes in |

pub mod actions;
pub mod ami;
pub mod ayon;
pub mod cli;
pub mod config;
pub mod flow;
pub mod model;
pub mod net;
pub mod permission;
pub mod plan;
pub mod problem;
pub mod run;
pub mod runner;
pub mod sandbox;
pub mod store;
pub mod telemetry;
pub mod web;
