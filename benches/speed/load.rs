//! Load from a second process: `wrk`, for a bounded time.

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use super::Outcome;

/// Connections that are held open.
pub const CONNECTIONS: usize = 32;

/// What a load came to.
#[derive(Debug)]
pub struct Load {
    pub per_second: f64,
    /// The time in which 99 of 100 answers came, in milliseconds.
    pub p99_ms: f64,
    pub answers: u64,
    /// Answers whose status is neither 2xx nor 3xx.
    pub refused: u64,
}

/// Sends what a script says for some seconds.
pub async fn load(url: &str, script: &Path, connections: usize, seconds: u32) -> Outcome<Load> {
    let answer = Command::new("wrk")
        .args(["--threads", "1", "--latency", "--timeout", "20s"])
        .args(["--connections", &connections.to_string()])
        .args(["--duration", &format!("{seconds}s")])
        .arg("--script")
        .arg(script)
        .arg(url)
        .stdin(Stdio::null())
        .output()
        .await
        .map_err(|error| format!("wrk cannot be run ({error}); on Debian: apt-get install wrk"))?;
    let text = String::from_utf8_lossy(&answer.stdout).into_owned();
    if !answer.status.success() {
        return Err(format!("wrk: {text}{}", String::from_utf8_lossy(&answer.stderr)).into());
    }
    let after = |word: &str| text.lines().find_map(|line| line.trim().strip_prefix(word));
    let number = |text: Option<&str>| text.and_then(|text| text.trim().parse().ok()).unwrap_or_default();
    let answers = text
        .lines()
        .find_map(|line| line.trim().split_once(" requests in "));
    if let Some(errors) = after("Socket errors:") {
        return Err(format!("connections broke:{errors}").into());
    }
    Ok(Load {
        per_second: number(after("Requests/sec:")),
        p99_ms: milliseconds(after("99%").unwrap_or_default()),
        answers: answers
            .map(|(count, _)| count.parse())
            .transpose()?
            .unwrap_or_default(),
        refused: number(after("Non-2xx or 3xx responses:")) as u64,
    })
}

/// `812.00us`, `4.03ms` or `1.02s`.
fn milliseconds(text: &str) -> f64 {
    let text = text.trim();
    let units = [("us", 0.001), ("ms", 1.0), ("s", 1000.0)];
    let found = units
        .iter()
        .find_map(|(unit, factor)| Some(text.strip_suffix(unit)?.parse::<f64>().ok()? * factor));
    found.unwrap_or(f64::NAN)
}
