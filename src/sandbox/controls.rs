//! What both stand-ins share beside their state: latency, faults and the request log.
//!
//! [`observe`] is the middleware that applies them and [`configure`] adds the routes under `/_sandbox`.

mod http;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use http::{StateView, configure, observe};

/// The newest requests that are kept; a demo may run for days.
const LOG_LIMIT: usize = 20_000;

/// Latency, faults and request log of one stand-in; clones share them.
#[derive(Clone)]
pub struct Controls {
    shared: Arc<Mutex<Shared>>,
    error_body: fn(u16) -> Value,
}

#[derive(Default)]
struct Shared {
    latency: Latency,
    faults: Vec<ArmedFault>,
    log: VecDeque<RequestRecord>,
    arrived: u64,
    left: u64,
}

/// Time added to every request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// Milliseconds every request gets.
    pub ms: u64,
    /// Up to so many milliseconds more; which request gets how many follows from its number, so runs repeat.
    #[serde(default)]
    pub jitter_ms: u64,
}

/// A disturbance that hits some of the coming requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fault {
    /// Only requests with this method; `None` = all.
    pub method: Option<String>,
    /// Substring of the path and query; empty = all.
    pub path: String,
    /// Status of `json`, `echo` and `html` answers.
    pub status: u16,
    pub body: FaultBody,
    /// How many matching requests go by untouched first.
    pub after: u32,
    /// How many are hit then.
    pub times: u32,
    /// The request is carried out before its answer is replaced.
    pub applied: bool,
    /// Seconds for a `Retry-After` header.
    pub retry_after: Option<u64>,
    /// Milliseconds a hit request waits.
    pub delay_ms: u64,
    /// What a `json` answer, or the refused row of a bulk write, says.
    pub detail: Option<String>,
    /// Which row of a bulk write `row` refuses, counted from 0.
    pub row: usize,
}

impl Default for Fault {
    fn default() -> Self {
        Fault {
            method: None,
            path: String::new(),
            status: 503,
            body: FaultBody::Json,
            after: 0,
            times: 1,
            applied: false,
            retry_after: None,
            delay_ms: 0,
            detail: None,
            row: 0,
        }
    }
}

/// What a fault answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FaultBody {
    /// An HTML page with the fault's status.
    Html,
    /// The system's own kind of JSON error with the fault's status.
    Json,
    /// The same, and its words repeat what the caller sent: credentials and body.
    Echo,
    /// The right answer, cut in half.
    Truncated,
    /// The right answer, spoilt in its middle.
    Malformed,
    /// One row of a bulk write is refused with the fault's status; the others are carried out.
    Row,
    /// No answer: the connection is dropped.
    Reset,
    /// The right answer, only after the delay.
    Hang,
}

#[derive(Clone, Debug, Serialize)]
struct ArmedFault {
    #[serde(flatten)]
    fault: Fault,
    skipped: u32,
    hit: u32,
}

/// One request that was answered; bodies and tokens are never kept.
#[derive(Clone, Debug, Serialize)]
pub struct RequestRecord {
    /// Its number, counted from 1 in order of arrival.
    pub n: u64,
    pub method: String,
    pub path: String,
    /// The raw query, values of secret parameters masked.
    pub query: String,
    /// `None` when the connection was dropped.
    pub status: Option<u16>,
    /// Milliseconds from arrival to answer, added latency included.
    pub ms: u64,
    /// How many others were not answered yet when it arrived.
    pub beside: u64,
    pub bytes_in: usize,
    pub bytes_out: usize,
    /// The `x-sender-type` header.
    pub sender_type: Option<String>,
    pub content_type: Option<String>,
}

impl Default for Controls {
    fn default() -> Self {
        Controls::new()
    }
}

impl Controls {
    /// No latency, no faults, nothing logged.
    pub fn new() -> Self {
        Controls::with_error_body(|status| json!({"code": status, "detail": "The sandbox was told to fail."}))
    }

    /// As [`Controls::new`], with the shape of a system's own JSON errors.
    pub fn with_error_body(error_body: fn(u16) -> Value) -> Self {
        Controls {
            shared: Arc::default(),
            error_body,
        }
    }

    /// Adds `latency` to every coming request, without jitter.
    pub fn set_latency(&self, latency: Duration) {
        let ms = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
        self.lock().latency = Latency { ms, jitter_ms: 0 };
    }

    /// Arms one more fault; of several that match a request, the one armed first hits it.
    pub fn add_fault(&self, fault: Fault) {
        self.lock().faults.push(ArmedFault {
            fault,
            skipped: 0,
            hit: 0,
        });
    }

    /// How many requests met a fault since the last were removed.
    pub fn struck(&self) -> u32 {
        self.lock().faults.iter().map(|armed| armed.hit).sum()
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.lock().faults.clear();
    }

    /// The requests answered so far, in order of arrival.
    pub fn requests(&self) -> Vec<RequestRecord> {
        let mut requests: Vec<_> = self.lock().log.iter().cloned().collect();
        requests.sort_by_key(|request| request.n);
        requests
    }

    /// Empties the log; numbering goes on.
    pub fn clear_requests(&self) {
        self.lock().log.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an arriving request; answers its number, how many others are open, its latency and the fault that hits it.
    fn arrive(&self, method: &str, path_and_query: &str) -> (u64, u64, Duration, Option<Fault>) {
        let mut shared = self.lock();
        let beside = shared.arrived - shared.left;
        shared.arrived += 1;
        let n = shared.arrived;
        let jitter = match shared.latency.jitter_ms {
            0 => 0,
            // Neighbouring numbers should land far apart; the factor is the 64-bit golden ratio.
            most => (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33) % (most + 1),
        };
        let latency = Duration::from_millis(shared.latency.ms.saturating_add(jitter));
        let fault = shared
            .faults
            .iter_mut()
            .find_map(|armed| armed.strike(method, path_and_query));
        (n, beside, latency, fault)
    }

    /// Counts a request that is answered, or dropped.
    fn leave(&self) {
        self.lock().left += 1;
    }

    fn record(&self, record: RequestRecord) {
        let mut shared = self.lock();
        if shared.log.len() == LOG_LIMIT {
            shared.log.pop_front();
        }
        shared.log.push_back(record);
    }
}

impl ArmedFault {
    fn strike(&mut self, method: &str, path_and_query: &str) -> Option<Fault> {
        let wanted = self
            .fault
            .method
            .as_deref()
            .is_none_or(|m| m.eq_ignore_ascii_case(method));
        if !wanted || !path_and_query.contains(&self.fault.path) {
            return None;
        }
        if self.skipped < self.fault.after {
            self.skipped += 1;
            return None;
        }
        (self.hit < self.fault.times).then(|| {
            self.hit += 1;
            self.fault.clone()
        })
    }
}
