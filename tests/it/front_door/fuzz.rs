//! Bodies that nobody would send: none is believed without a signature, none breaks anything, none takes for ever.
//!
//! A short run is part of the suite. The long one, ten million bodies and some minutes, is this command:
//!
//! ```text
//! AMIGO_TEST_BODIES=10000000 cargo test --release --test it -- front_door::fuzz --nocapture
//! ```

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use amigo::ami::{AmiPost, RowsOf, Token, believe, form_pairs};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use secrecy::SecretString;

use crate::harness::{AMI_SECRET, Stage, sign};

use super::{Form, URLENCODED, in_parts, send};

/// How many bodies the suite tries.
const SHORT: u64 = 30_000;
/// Of so many bodies one is sent to the real door.
const SENT: u64 = 100;
const MOST_SENT: u64 = 20_000;
/// Between the parts of a form.
const BOUNDARY: &str = "----WebKitFormBoundaryq7Z";

/// How many bodies are wanted.
#[expect(
    clippy::disallowed_methods,
    reason = "the test has no configuration but its environment"
)]
fn bodies() -> u64 {
    match std::env::var("AMIGO_TEST_BODIES") {
        Ok(text) => text.parse().expect("AMIGO_TEST_BODIES is a whole number"),
        Err(_) => SHORT,
    }
}

/// The words of posts, and what lies close to them.
const WORDS: &[&str] = &[
    "user_id",
    "user_login",
    "entity_type",
    "server_hostname",
    "selected_ids",
    "selected_ids[]",
    "ids",
    "project_id",
    "timestamp",
    "signature",
    "session_uuid",
    "title",
    "",
    "[]",
    "=",
    "a=b",
    "selected_ids\r\n",
];
const TEXTS: &[&str] = &[
    "",
    "57",
    "-1",
    "0",
    "9223372036854775807",
    "9223372036854775808",
    "1062,1063",
    " 1062 , ,1063,",
    ",,,",
    "Shot",
    "shot",
    "undefined",
    "127.0.0.1",
    "127.0.0.1:99999999",
    ":",
    "[::1]:80",
    "2026-03-11T14:05:09Z",
    "2026-03-11T14:05:60Z",
    "9999-12-31T23:59:59Z",
    "-009999-01-01T00:00:00Z",
    "2026-03-11",
    "0000000000000000000000000000000000000000",
    "x\r\nuser_id=1",
    "\u{0}",
    "\u{202e}愛",
    "<script>alert(1)</script>",
];
const BYTES: &[&[u8]] = &[
    b"&",
    b"=",
    b"%",
    b"%2",
    b"%zz",
    b"%00",
    b"%0D%0A",
    b"+",
    b";",
    b"\r\n",
    b"\0",
    b"\xff",
    b"\xc3",
    b"[]",
    b"--",
    b"&signature=",
    b"&user_id=1",
    b"&&&&",
];

/// Something that is done to a body: where, what, how much.
#[derive(Clone, Copy, Debug)]
enum Change {
    Flip(u16, u8),
    Insert(u16, &'static [u8]),
    Remove(u16, u8),
    Repeat(u16, u8),
    Cut(u16),
}

fn change() -> impl Strategy<Value = Change> {
    let place = any::<u16>;
    prop_oneof![
        4 => (place(), any::<u8>()).prop_map(|(at, mask)| Change::Flip(at, mask)),
        4 => (place(), select(BYTES)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        2 => (place(), any::<u8>()).prop_map(|(at, length)| Change::Remove(at, length)),
        2 => (place(), any::<u8>()).prop_map(|(at, length)| Change::Repeat(at, length)),
        1 => place().prop_map(Change::Cut),
    ]
}

impl Change {
    fn apply(self, body: &mut Vec<u8>) {
        let within = |at: u16| usize::from(at) % (body.len() + 1);
        match self {
            Self::Flip(at, mask) => {
                let at = within(at);
                if let Some(byte) = body.get_mut(at) {
                    *byte ^= mask;
                }
            }
            Self::Insert(at, bytes) => {
                let at = within(at);
                body.splice(at..at, bytes.iter().copied());
            }
            Self::Remove(at, length) => {
                let at = within(at);
                let end = (at + usize::from(length)).min(body.len());
                body.drain(at..end);
            }
            Self::Repeat(at, length) => {
                let at = within(at);
                let end = (at + usize::from(length)).min(body.len());
                let again = body[at..end].to_vec();
                body.splice(at..at, again);
            }
            Self::Cut(at) => {
                let at = within(at);
                body.truncate(at);
            }
        }
    }
}

/// A form that somebody made up, and whether it is signed with the right secret.
#[derive(Clone, Debug)]
struct MadeUp {
    pairs: Form,
    honest: bool,
}

fn made_up() -> impl Strategy<Value = MadeUp> {
    let word = prop_oneof![9 => select(WORDS).prop_map(str::to_owned), 1 => any::<String>()];
    let text = prop_oneof![9 => select(TEXTS).prop_map(str::to_owned), 1 => any::<String>()];
    let more = vec((word, text), 0..8);
    // Of the good post all, some or nothing; in another order.
    let some = vec(any::<bool>(), 10);
    let of_good = prop_oneof![Just(vec![true; 10]), some, Just(vec![false; 10])];
    (of_good, more, any::<u8>(), any::<bool>()).prop_map(|(of_good, more, turn, honest)| {
        let (good, _) = good_post();
        let kept = good.into_iter().zip(of_good.into_iter().chain([true]));
        let mut pairs: Form = kept.filter(|(_, keep)| *keep).map(|(pair, _)| pair).collect();
        pairs.extend(more);
        let turn = usize::from(turn) % pairs.len();
        pairs.rotate_left(turn);
        if honest {
            sign(&mut pairs);
        }
        MadeUp { pairs, honest }
    })
}

/// What is put before the door.
#[derive(Clone, Debug)]
enum Put {
    Bytes(Vec<u8>),
    /// A good post, changed.
    Changed(Vec<Change>),
    MadeUp(MadeUp, Vec<Change>),
}

fn put() -> impl Strategy<Value = Put> {
    prop_oneof![
        1 => vec(any::<u8>(), 0..120).prop_map(Put::Bytes),
        4 => vec(change(), 1..5).prop_map(Put::Changed),
        3 => (made_up(), vec(change(), 0..2)).prop_map(|(form, changes)| Put::MadeUp(form, changes)),
    ]
}

impl Put {
    /// The body, written as `written` writes forms. `good` is the post that may be changed.
    fn body(&self, good: &Form, written: impl Fn(&Form) -> Vec<u8>) -> Vec<u8> {
        let (mut body, changes) = match self {
            Self::Bytes(bytes) => return bytes.clone(),
            Self::Changed(changes) => (written(good), changes),
            Self::MadeUp(form, changes) => (written(&form.pairs), changes),
        };
        for change in changes {
            change.apply(&mut body);
        }
        body
    }

    /// Whether somebody who knows the secret made it.
    fn is_honest(&self) -> bool {
        matches!(self, Self::MadeUp(MadeUp { honest: true, .. }, _))
    }
}

fn urlencoded(form: &Form) -> Vec<u8> {
    serde_urlencoded::to_string(form).unwrap().into_bytes()
}

/// What a form says, in no order, without its signature; empty fields say nothing.
fn said(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    let mut said: Vec<(&str, &str)> = pairs
        .iter()
        .filter(|(name, value)| name != "signature" && !value.is_empty())
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    said.sort_unstable();
    said
}

/// The post that is changed, and the moment at which it is heard.
fn good_post() -> (Form, i64) {
    let mut form: Form = [
        ("user_id", "57"),
        ("user_login", "mira.kowalski"),
        ("title", "Sh\u{f6}ts & more"),
        ("entity_type", "Shot"),
        ("server_hostname", "127.0.0.1:8801"),
        ("session_uuid", "3f0b8a52-6c1d-4e77-9a41-0242ac110005"),
        ("project_id", "188"),
        ("ids", "1062,1063,1064"),
        ("selected_ids", "1062,1063"),
        ("timestamp", "2026-03-11T14:05:09Z"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    sign(&mut form);
    let now: jiff::Timestamp = "2026-03-11T14:05:12Z".parse().unwrap();
    (form, now.as_millisecond())
}

/// Counts of what became of the bodies.
#[derive(Debug, Default)]
struct Tally {
    unreadable: AtomicU64,
    refused: AtomicU64,
    believed: AtomicU64,
    planned: AtomicU64,
}

/// Holds a body against the laws of the door.
fn judge(put: &Put, good: &Form, now_ms: i64, tokens: &[Token], tally: &Tally) -> Result<(), TestCaseError> {
    let count = |what: &AtomicU64| what.fetch_add(1, Ordering::Relaxed);
    let body = put.body(good, urlencoded);
    let Ok(pairs) = form_pairs(&body) else {
        count(&tally.unreadable);
        return Ok(());
    };
    let post = AmiPost::parse(&pairs, RowsOf::Selection);
    let page = AmiPost::parse(&pairs, RowsOf::Page);
    // Whatever the clock says, nothing overflows.
    for now_ms in [i64::MIN, 0, i64::MAX] {
        let _judged = believe(&pairs, tokens, now_ms, Duration::from_secs(60));
    }
    let Ok(proof) = believe(&pairs, tokens, now_ms, Duration::from_secs(60)) else {
        count(&tally.refused);
        return Ok(());
    };
    count(&tally.believed);
    if post.is_ok() || page.is_ok() {
        count(&tally.planned);
    }
    // The stand-in's own signature, which was written apart from amigo's.
    let filled: Form = pairs
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .cloned()
        .collect();
    let right = [&pairs, &filled].map(|pairs| amigo::sandbox::flow::sign(pairs, AMI_SECRET));
    prop_assert!(right.iter().any(|right| right == proof.signature));
    if !put.is_honest() {
        prop_assert_eq!(said(&pairs), said(good));
    }
    Ok(())
}

#[test]
fn nothing_is_believed_that_flow_did_not_sign() {
    let wanted = bodies();
    let started = Instant::now();
    let tally = Tally::default();
    let workers = match wanted {
        SHORT => 1,
        _ => std::thread::available_parallelism().map_or(1, |count| count.get() as u64),
    };
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let (good, now_ms) = good_post();
                let tokens = [Token::new(SecretString::from(AMI_SECRET), "the only one")];
                let config = Config {
                    cases: u32::try_from(wanted / workers).unwrap(),
                    failure_persistence: None,
                    ..Config::default()
                };
                let outcome =
                    TestRunner::new(config).run(&put(), |put| judge(&put, &good, now_ms, &tokens, &tally));
                if let Err(error) = outcome {
                    panic!("{error}");
                }
            });
        }
    });
    println!("{wanted} bodies in {:?}: {tally:?}", started.elapsed());
    for count in [&tally.unreadable, &tally.refused, &tally.believed, &tally.planned] {
        assert!(count.load(Ordering::Relaxed) > 0, "{tally:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_posted_is_answered_and_makes_no_run() {
    let stage = Stage::open().await;
    let good = stage.form("Shot", &[1062, 1063]);
    let place = super::leads_to(send(&stage, URLENCODED, urlencoded(&good)).await).await;
    let parts = format!("multipart/form-data; boundary={BOUNDARY}");
    let kinds: [&str; 4] = [
        URLENCODED,
        &parts,
        "multipart/form-data; boundary=other",
        "multipart/form-data",
    ];
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        ..Config::default()
    });
    let strategy = put().prop_filter("made without the secret", |put| !put.is_honest());
    let wanted = (bodies() / SENT).min(MOST_SENT);
    let started = Instant::now();
    let (mut refused, mut same) = (0_u64, 0_u64);
    for nth in 0..wanted {
        let put = strategy.new_tree(&mut runner).unwrap().current();
        // Both kinds of form by turns, and now and then one that is announced as another.
        let kind = kinds[match nth % 16 {
            14 => 2,
            15 => 3,
            other => usize::from(other % 2 == 1),
        }];
        let written = |form: &Form| match nth % 2 {
            0 => urlencoded(form),
            _ => in_parts(form, BOUNDARY),
        };
        let answer = send(&stage, kind, put.body(&good, written)).await;
        let status = answer.status().as_u16();
        if status == 303 {
            // Changed, and yet the same post.
            assert_eq!(answer.headers()["location"], place.as_str(), "{put:?}");
            same += 1;
        } else {
            assert!((400..500).contains(&status), "{status}: {put:?}");
            assert!(answer.text().await.unwrap().contains("<code>"), "{put:?}");
            refused += 1;
        }
    }
    println!(
        "{wanted} posts in {:?}: {refused} refused, {same} were the same post",
        started.elapsed()
    );
    assert!(refused > wanted / 2, "{refused} of {wanted}");
    assert_eq!(stage.get("/healthz").await.status(), 200);
    stage.nothing_else_was_sent().await;
}
