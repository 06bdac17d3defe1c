//! Whoever dawdles is shown out, and whoever storms the door takes nothing from others.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::Value;

use crate::door::refuses;
use crate::harness::{Stage, until};

use super::{URLENCODED, send};

/// How many connections the small amigo holds.
const CONNECTIONS: usize = 8;

fn dial(stage: &Stage) -> TcpStream {
    let address = stage.url().trim_start_matches("http://");
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream
}

/// The head of a post whose body is announced as long.
fn head(stage: &Stage, length: usize) -> String {
    format!(
        "POST /ami/sync HTTP/1.1\r\nHost: {}\r\nContent-Type: {URLENCODED}\r\nContent-Length: {length}\r\n\r\n",
        stage.url().trim_start_matches("http://")
    )
}

async fn with(name: &'static str, value: String) -> Stage {
    Stage::set(|setting| {
        setting.amigo.insert(name, value);
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_trickles_is_answered_in_the_end() {
    let stage = with("AMIGO_LIMITS_BODY_TIME", "1s".to_owned()).await;
    let (mut stream, head) = (dial(&stage), head(&stage, 4_000));
    let answer = tokio::task::spawn_blocking(move || {
        stream.write_all(head.as_bytes()).unwrap();
        let mut ears = stream.try_clone().unwrap();
        // Never silent, and never through; until the other side hangs up.
        let trickle = std::thread::spawn(move || {
            for _ in 0..3_000 {
                if stream.write_all(b"a").is_err() {
                    return;
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        let mut answer = Vec::new();
        let mut piece = [0; 4096];
        while !String::from_utf8_lossy(&answer).contains("</html>") {
            match ears.read(&mut piece) {
                Ok(0) | Err(_) => break,
                Ok(length) => answer.extend_from_slice(&piece[..length]),
            }
        }
        drop(ears);
        (String::from_utf8(answer).unwrap(), trickle)
    });
    let (answer, _trickle) = answer.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("<code>post-too-slow</code>"), "{answer}");
    stage.nothing_else_was_sent().await;
}

/// Buttons are forms as well.
#[tokio::test(flavor = "multi_thread")]
async fn a_button_that_trickles_is_answered_in_the_end() {
    let stage = with("AMIGO_LIMITS_BODY_TIME", "1s".to_owned()).await;
    let run = stage.right_click("Shot", &[1062]).await.planned().await;
    let mut stream = dial(&stage);
    let head = format!(
        "POST {}/apply HTTP/1.1\r\nHost: x\r\nOrigin: {}\r\nContent-Type: {URLENCODED}\r\nContent-Length: 500\r\n\r\nseal=",
        run.path,
        stage.url()
    );
    let answer = tokio::task::spawn_blocking(move || {
        stream.write_all(head.as_bytes()).unwrap();
        let mut start = [0; 13];
        stream.read_exact(&mut start).unwrap();
        String::from_utf8_lossy(&start).into_owned()
    });
    assert_eq!(answer.await.unwrap(), "HTTP/1.1 408 ");
    assert_eq!(run.json().await["state"], "planned");
    stage.nothing_else_was_sent().await;
}

/// Connections that say nothing, or half a head, are closed after a while; whoever waited behind them is answered then.
#[tokio::test(flavor = "multi_thread")]
async fn a_house_full_of_silent_visitors_empties_by_itself() {
    let stage = with("AMIGO_LIMITS_CONNECTIONS", CONNECTIONS.to_string()).await;
    let mut visitors: Vec<TcpStream> = (0..CONNECTIONS).map(|_| dial(&stage)).collect();
    for visitor in visitors.iter_mut().step_by(2) {
        visitor.write_all(b"POST /ami/sync HTTP/1.1\r\nHo").unwrap();
    }
    let fresh = reqwest::Client::new();
    until("amigo answers in spite of them", async || {
        let address = format!("{}/healthz", stage.url());
        let answer = fresh.get(address).timeout(Duration::from_secs(25)).send().await;
        answer.is_ok_and(|answer| answer.status() == 200).then_some(())
    })
    .await;
    drop(visitors);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_a_flood_of_connections_ends_all_is_as_before() {
    let stage = with("AMIGO_LIMITS_CONNECTIONS", CONNECTIONS.to_string()).await;
    let visitors: Vec<TcpStream> = (0..8 * CONNECTIONS)
        .map(|_| {
            let mut visitor = dial(&stage);
            visitor.write_all(head(&stage, 1_000).as_bytes()).unwrap();
            visitor
        })
        .collect();
    drop(visitors);
    let fresh = reqwest::Client::new();
    for _ in 0..3 {
        until("amigo answers again", async || {
            let answer = fresh.get(format!("{}/healthz", stage.url())).send().await;
            answer.is_ok_and(|answer| answer.status() == 200).then_some(())
        })
        .await;
    }
    let run = stage.right_click("Shot", &[1062]).await.planned().await;
    assert!(run.count("create") > 0);
    stage.nothing_else_was_sent().await;
}

/// Every refused post is answered and counted, and whoever asks meanwhile whether amigo lives is told so each time.
#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_forged_posts_is_answered_and_so_is_everybody_else() {
    const STORMERS: usize = 16;
    const POSTS: usize = 40;
    let stage = Stage::open().await;
    let mut forged = stage.form("Shot", &[1062]);
    for (name, value) in &mut forged {
        if name == "user_id" {
            *value = "41".to_owned();
        }
    }
    let body = serde_urlencoded::to_string(&forged).unwrap();
    let storming = AtomicUsize::new(STORMERS);
    let storm = join_all((0..STORMERS).map(async |_| {
        for _ in 0..POSTS {
            let answer = send(&stage, URLENCODED, body.clone()).await;
            assert_eq!(answer.status(), 401);
            assert!(answer.text().await.unwrap().contains("signature-wrong"));
        }
        storming.fetch_sub(1, Ordering::SeqCst);
    }));
    let others = async {
        let mut answered = 0;
        while storming.load(Ordering::SeqCst) > 0 {
            assert_eq!(stage.get("/healthz").await.status(), 200);
            answered += 1;
        }
        answered
    };
    let (_, answered) = futures_util::future::join(storm, others).await;
    println!(
        "{answered} answers of /healthz during {} refusals",
        STORMERS * POSTS
    );
    assert!(answered > 0);
    let ready: Value = stage.get("/readyz").await.json().await.unwrap();
    assert_eq!(ready["refused"]["signature-wrong"], STORMERS * POSTS, "{ready}");
    stage.nothing_else_was_sent().await;
}

/// Sends a post of this length but for its last byte, and keeps the connection.
pub async fn all_but_the_end(stage: &Stage, length: usize) -> TcpStream {
    let (mut stream, head) = (dial(stage), head(stage, length));
    let sent = tokio::task::spawn_blocking(move || {
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&vec![b'a'; length - 1]).unwrap();
        stream
    });
    sent.await.unwrap()
}

/// Many large bodies at once would fill the memory before anybody could ask whose they are.
#[tokio::test(flavor = "multi_thread")]
async fn large_bodies_share_what_they_may_take_and_leave_room_for_usual_ones() {
    const MEGABYTE: usize = 1024 * 1024;
    let stage = with("AMIGO_LIMITS_BODY_MEMORY", "8".to_owned()).await;
    let large = vec![b'a'; 5 * MEGABYTE];
    let post = async || send(&stage, URLENCODED, large.clone()).await;
    refuses(post().await, 401, "unsigned").await;

    // One that is not through holds its place, unless the next one was quicker.
    let (held, refused) = until("a held one keeps another out", async || {
        let (held, answer) = (all_but_the_end(&stage, 5 * MEGABYTE).await, post().await);
        (answer.status() == 429).then_some((held, answer))
    })
    .await;
    assert!(refused.headers().contains_key("retry-after"));
    refuses(refused, 429, "too-much-at-once").await;
    let usual = stage.post("/ami/sync", &stage.form("Shot", &[1062])).await;
    assert_eq!(usual.status(), 303);

    drop(held);
    until("its place is given back", async || {
        (post().await.status() == 401).then_some(())
    })
    .await;
    stage.close().await;
}
