//! The integration suite: real servers on loopback, ordinary clients, stories as people live them. One binary,
//! because each further one would link the whole tree again.
//!
//! | module | holds |
//! | --- | --- |
//! | [`harness`] | a Flow site, an AYON server and amigo in one process, and the gestures of a person |
//! | [`stories`] | what a coordinator does, and what must come of it |
//! | [`door`], [`signatures`], [`front_door`] | which posts are heard, and who may do what |
//! | [`recorder`] | posts that are judged, recorded and posted again by the command line |
//! | [`budgets`] | how many requests a sync may cost |
//! | [`restart`] | what a run survives |
//! | [`cli`] | the binary as a shell sees it |
//! | [`browser`], [`reparent_page`], [`users_page`] | the whole way in a real browser |
//! | [`logs`], [`leaks`] | what the log says, and what nothing ever repeats |
//! | [`refusals`], [`modal`] | what every refusal says, and how pages look in the window over Flow |
//! | [`hostile`] | a page of another site, which knows a run's addresses |
//! | [`beside`] | amigo and the addon's own services on one site |
//! | [`contract`] | what amigo relies on of both servers, held against the stand-ins and against live ones |

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::unnested_or_patterns,
    reason = "a test that meets a surprise ends there, and its message is the report"
)]

mod architecture;
mod beside;
mod browser;
mod budgets;
mod cli;
mod config;
mod contract;
mod door;
mod front_door;
mod harness;
mod hostile;
mod leaks;
mod logs;
mod modal;
mod problems;
mod recorder;
mod refusals;
mod reparent_page;
mod restart;
mod signatures;
mod store;
mod stories;
mod users_page;
