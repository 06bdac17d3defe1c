//! The one integration binary: each further one would link the whole tree again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "helpers of tests may stop, print, and look at the environment"
)]

mod architecture;
mod config;
mod problems;
mod store;
