//! Every byte of a signed post is changed in turn: then it is refused, or it means exactly the same.

use std::time::Duration;

use amigo::ami::{AmiPost, Refusal, RowsOf, Token, Vector, believe, form_pairs};

use crate::harness::Stage;
use crate::signatures::vectors;

use super::{URLENCODED, leads_to, send};

/// Each bit, half bytes, and all of them.
const MASKS: [u8; 11] = [1, 2, 4, 8, 16, 32, 64, 128, 0x0f, 0xf0, 0xff];
/// What separates, escapes and ends things in a form.
const MARKS: &[u8] = b"&=+%;,[]0 \0\r\n\xff";

/// What a body means to amigo at the door, as far as no other system is asked.
fn heard(body: &[u8], tokens: &[Token], now_ms: i64) -> Result<AmiPost, Refusal> {
    let pairs = form_pairs(body)?;
    believe(&pairs, tokens, now_ms, Duration::from_secs(60))?;
    AmiPost::parse(&pairs, RowsOf::Selection)
}

/// How a body can be changed at one place.
fn changes(body: &[u8], place: usize) -> Vec<Vec<u8>> {
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut body = body.to_vec();
        change(&mut body);
        body
    };
    let mut all: Vec<Vec<u8>> = MASKS
        .iter()
        .map(|mask| changed(&|body| body[place] ^= mask))
        .collect();
    for mark in MARKS {
        all.push(changed(&|body| body[place] = *mark));
        all.push(changed(&|body| body.insert(place, *mark)));
    }
    all.push(changed(&|body| drop(body.drain(place..=place))));
    all.push(changed(&|body| body.insert(place, body[place])));
    all.push(changed(&|body| body.truncate(place)));
    all.push(changed(&|body| drop(body.drain(..place))));
    all
}

#[test]
fn a_changed_byte_is_refused_or_says_nothing_else() {
    let chosen = [
        "plain",
        "unicode",
        "an empty field added",
        "repeated keys",
        "light payload",
    ];
    let vectors: Vec<Vector> = vectors()
        .into_iter()
        .filter(|vector| chosen.contains(&vector.name.as_str()))
        .collect();
    assert_eq!(vectors.len(), chosen.len());
    for vector in vectors {
        let (tokens, now) = (vector.tokens(), vector.now().as_millisecond());
        let body = vector.body.as_bytes();
        let meant = heard(body, &tokens, now).unwrap();
        let (mut refused, mut same) = (0, 0);
        for place in 0..body.len() {
            for changed in changes(body, place) {
                match heard(&changed, &tokens, now) {
                    Ok(post) => {
                        assert_eq!(
                            post,
                            meant,
                            "{}: {}",
                            vector.name,
                            String::from_utf8_lossy(&changed)
                        );
                        same += 1;
                    }
                    Err(_) => refused += 1,
                }
            }
        }
        println!("{}: {refused} refused, {same} mean the same", vector.name);
        assert!(refused > 20 * body.len(), "{}: {refused}", vector.name);
        // A mark in place of itself at the least, and the other case of an escape.
        assert!(same > 0, "{}", vector.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_byte_never_makes_another_run() {
    let stage = Stage::open().await;
    let form = stage.form("Shot", &[1062, 1063]);
    let body = serde_urlencoded::to_string(&form).unwrap().into_bytes();
    let run = leads_to(send(&stage, URLENCODED, body.clone()).await).await;
    let (mut refused, mut same) = (0, 0);
    for (nth, place) in (0..body.len()).step_by(11).enumerate() {
        let mut changed = body.clone();
        changed[place] ^= MASKS[nth % MASKS.len()];
        let shown = String::from_utf8_lossy(&changed).into_owned();
        let answer = send(&stage, URLENCODED, changed).await;
        match answer.status().as_u16() {
            303 => {
                assert_eq!(answer.headers()["location"], run.as_str(), "{shown}");
                same += 1;
            }
            400 | 401 => refused += 1,
            status => panic!("{status}: {shown}"),
        }
    }
    // The other case of an escape's letter is the same text.
    let place = body.windows(3).position(|three| three == b"%2C").unwrap() + 2;
    let mut other_case = body.clone();
    other_case[place] = b'c';
    assert_eq!(leads_to(send(&stage, URLENCODED, other_case).await).await, run);
    println!("{refused} refused, {same} led to the same run");
    assert!(refused > 40, "{refused}");
    stage.nothing_else_was_sent().await;
}
