//! A statement, and what became of it.

use std::any::Any;
use std::future::Future;
use std::io::Write;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Once;
use std::time::Duration;

use futures_util::FutureExt;
use serde_json::Value;

/// What the names of everything that the suite makes begin with.
pub const PREFIX: &str = "amigotest";

/// One sentence about a server, and the calls that hold it: they end in silence, or in a panic that says what differs.
pub struct Statement<S: 'static> {
    pub text: &'static str,
    pub held_by: for<'a> fn(&'a S) -> Pin<Box<dyn Future<Output = ()> + 'a>>,
}

/// A list of statements: the sentence, and the function that holds it.
macro_rules! statements {
    ($($text:literal => $check:ident,)+) => {
        &[$($crate::contract::statement::Statement {
            text: $text,
            held_by: |on| Box::pin($check(on)),
        }),+]
    };
}
pub(super) use statements;

/// Holds every statement, whatever became of the one before it; answers a line for each that fails.
pub async fn broken<S>(on: &S, server: &str, statements: &[Statement<S>]) -> Vec<String> {
    let mut broken = Vec::new();
    for statement in statements {
        let held = AssertUnwindSafe((statement.held_by)(on)).catch_unwind().await;
        if let Err(panic) = held {
            broken.push(format!("{server}: {}\n    {}", statement.text, words(&*panic)));
        }
    }
    broken
}

/// What a panic says.
pub fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("it panicked without words")
        .to_owned()
}

/// The end of an area: every failure is told, with the server that it was seen on.
pub fn all_held(broken: &[String]) {
    assert!(
        broken.is_empty(),
        "{} of the statements do not hold:\n{}",
        broken.len(),
        broken.join("\n")
    );
}

/// Says past the capture of test output, once, that the statements were held against the stand-ins only.
pub fn no_live_server(which: &str, once: &Once) {
    once.call_once(|| {
        let line =
            format!("contract: no live {which} server is configured; the stand-in alone is held to it\n");
        // Whoever closed standard error does not want to know.
        drop(std::io::stderr().write_all(line.as_bytes()));
    });
}

/// A name that nobody else uses: the prefix, and random letters and digits without a separator. AYON reads `_` in the
/// name of a project as any one character (`ayon-api.md §2.5`).
pub fn own_name() -> String {
    let mut random = [0; 5];
    getrandom::fill(&mut random).unwrap();
    format!("{PREFIX}{}", hex::encode(random))
}

/// A client that waits long, as a live server in a bad hour needs, but not for ever.
pub fn patient() -> reqwest::Client {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(120));
    client.build().unwrap()
}

/// An answer as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// The document; a text where it is none, null where there is nothing.
    pub body: Value,
}

impl Answer {
    /// Sends a request. A server that does not answer fails the statement.
    pub async fn of(request: reqwest::RequestBuilder) -> Self {
        let answer = request.send().await.expect("the server answers");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("the whole answer comes");
        let body = match text.as_str() {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
        };
        Self { status, body }
    }

    /// The document of an answer with this status.
    #[track_caller]
    pub fn is(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }
}
