//! The web edge: where browsers come in.
//!
//! | module | holds |
//! | --- | --- |
//! | [`routes`] | the URL table |
//! | [`ami`] | the front door: a post from Flow's menu becomes a run |
//! | [`runs`], [`rows`], [`events`] | a run as a page, as data, in parts, and live |
//! | [`buttons`], [`ticks`] | what the page's buttons do |
//! | [`access`] | who may only look, and the proof that our own page sent a form |
//! | [`guard`], [`refused`], [`counters`] | headers, request ids, logs; refusals as pages or JSON, counted |
//! | [`form`], [`body`] | forms of either kind, from bodies within bounds |
//! | [`assets`], [`health`], [`pages`] | embedded files, probes, and the pages' words |
//! | [`server`] | listening and stopping |
//! | [`capture`] | a server of its own that takes posts and plans nothing, for `amigo capture` |

mod access;
mod ami;
mod assets;
mod body;
mod buttons;
mod capture;
mod counters;
mod events;
mod form;
mod guard;
mod health;
mod options;
mod pages;
mod refused;
mod routes;
mod rows;
#[cfg(test)]
mod run_data_test;
mod runs;
mod server;
mod ticks;

pub use body::Bodies;
pub use capture::{Caught, capture};
pub use counters::Counters;
pub use server::{Server, listen};

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::actions::Connections;
use crate::config::Settings;
use crate::runner::{Runner, Services};
use crate::store::Store;

/// Everything a request may need, handed to every worker.
#[derive(Clone)]
pub struct App {
    pub settings: Arc<Settings>,
    pub store: Store,
    pub runner: Runner,
    pub services: Services,
    pub connections: Connections,
    pub bodies: Bodies,
    pub counters: Counters,
    /// Ends the live streams and the server.
    pub stop: CancellationToken,
}

impl App {
    /// Now, in milliseconds since 1970.
    fn now(&self) -> i64 {
        (self.services.now)()
    }

    /// The path under which people's browsers reach amigo: empty, or such as `/amigo` behind a proxy that
    /// serves several things from one host and strips its prefix.
    fn base(&self) -> String {
        self.settings
            .public_url
            .parse::<actix_web::http::Uri>()
            .map(|uri| uri.path().trim_end_matches('/').to_owned())
            .unwrap_or_default()
    }
}
