//! What amigo sent to Flow and AYON, and whether it was entitled to.

use std::sync::{Arc, Mutex};

use amigo::sandbox::ayon::AyonSandbox;
use amigo::sandbox::controls::RequestRecord;
use amigo::sandbox::flow::FlowSandbox;

use super::Stage;

/// How many requests each system had seen, Flow first.
type Marks = (u64, u64);

/// The times in which a person let amigo write.
#[derive(Clone, Default)]
pub struct Windows(Arc<Mutex<Vec<(Marks, Marks)>>>);

/// Whether a request can change anything.
fn writes(request: &RequestRecord) -> bool {
    let reading = request.path == "/graphql"
        || request.path.ends_with("/_search")
        || request.path.ends_with("/auth/access_token");
    request.method != "GET" && request.method != "HEAD" && !reading
}

/// Requests of amigo's; tests that act as somebody else in AYON sign with no sender type.
fn by_amigo(request: &RequestRecord) -> bool {
    request.sender_type.as_deref() == Some("shotgrid")
}

/// The writes that a sync of rows or of users may need.
fn is_of_a_sync(request: &RequestRecord) -> bool {
    let parts: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    match parts.as_slice() {
        ["api", "v1", "entity", "_batch"]
        | ["api", "v1", "schema", _, "fields"]
        | ["api", "projects"]
        | ["api", "projects", _, "operations"] => request.method == "POST",
        ["api", "projects", _] => request.method == "PATCH",
        ["api", "users", _] => request.method == "PUT" || request.method == "PATCH",
        ["api", "users", _, "accessGroups"] => request.method == "PATCH",
        _ => false,
    }
}

fn last(requests: &[RequestRecord]) -> u64 {
    requests.iter().map(|request| request.n).max().unwrap_or(0)
}

impl Windows {
    fn open(&self, marks: Marks) {
        self.0.lock().unwrap().push((marks, (u64::MAX, u64::MAX)));
    }

    fn close(&self, marks: Marks) {
        if let Some(window) = self.0.lock().unwrap().last_mut() {
            window.1 = marks;
        }
    }

    /// Asserts that nothing was written outside of the windows, and nothing strange inside of them.
    pub fn check(&self, flow: &FlowSandbox, ayon: &AyonSandbox) {
        let windows = self.0.lock().unwrap();
        let within = |n: u64, side: fn(&Marks) -> u64| {
            windows.iter().any(|(from, to)| n > side(from) && n <= side(to))
        };
        for request in flow.controls().requests().iter().filter(|one| writes(one)) {
            assert!(
                within(request.n, |marks| marks.0),
                "Flow was written to unasked: {request:?}"
            );
            assert!(
                is_of_a_sync(request),
                "a sync does not write this to Flow: {request:?}"
            );
        }
        let ours = ayon.controls().requests();
        for request in ours.iter().filter(|one| writes(one) && by_amigo(one)) {
            assert!(
                within(request.n, |marks| marks.1),
                "AYON was written to unasked: {request:?}"
            );
            assert!(
                is_of_a_sync(request),
                "a sync does not write this to AYON: {request:?}"
            );
        }
    }
}

impl Stage {
    fn marks(&self) -> Marks {
        (
            last(&self.flow.controls().requests()),
            last(&self.ayon.controls().requests()),
        )
    }

    /// From here on amigo may write, until a run of this stage is seen to have ended.
    pub fn let_it_write(&self) {
        self.windows.open(self.marks());
    }

    pub(super) fn may_write_no_more(&self) {
        self.windows.close(self.marks());
    }

    /// amigo's writes so far, such as `AYON POST /api/projects/harbor_lights/operations`.
    pub fn writes(&self) -> Vec<String> {
        let told = |system: &str, requests: Vec<RequestRecord>, all: bool| {
            requests
                .into_iter()
                .filter(|one| writes(one) && (all || by_amigo(one)))
                .map(|one| format!("{system} {} {}", one.method, one.path))
                .collect::<Vec<_>>()
        };
        let mut writes = told("AYON", self.ayon.controls().requests(), false);
        writes.extend(told("Flow", self.flow.controls().requests(), true));
        writes
    }

    /// Makes Flow or AYON forget what was sent so far.
    pub fn forget_requests(&self) {
        self.flow.controls().clear_requests();
        self.ayon.controls().clear_requests();
    }

    /// Requests that Flow and AYON have logged, in this order.
    pub fn requests(&self) -> (usize, usize) {
        (
            self.flow.controls().requests().len(),
            self.ayon.controls().requests().len(),
        )
    }
}
