//! When a request is sent again, and after what pause: plain data, so that tests need not wait as people do.

use std::time::Duration;

use reqwest::StatusCode;

use super::{Answer, NetError};

/// How long amigo bears with a system that does not answer as it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patience {
    /// How often one request is sent at most.
    pub attempts: u32,
    /// The pause before the second time; it doubles with each further one.
    pub pause: Duration,
    /// No pause is longer, whatever `Retry-After` asks for.
    pub longest: Duration,
    /// No answer is waited for longer, whatever its kind allows.
    pub limit: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            // AYON takes eight seconds to start anew (`ayon-api.md §12`).
            attempts: 5,
            pause: Duration::from_millis(500),
            longest: Duration::from_secs(30),
            limit: Duration::MAX,
        }
    }
}

/// What may happen when a request is sent twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// It reads: nothing.
    Freely,
    /// It writes: it is sent again only when it is known that nobody carried it out. Flow and AYON may do so
    /// without an answer (`flow-api.md §4.11`, `ayon-api.md §12`).
    IfUnheard,
}

impl Patience {
    /// For what is asked again before long anyhow.
    pub fn once(self) -> Self {
        Self { attempts: 1, ..self }
    }

    /// The pause before a request is sent for the `attempt`-th time, counted from 2.
    ///
    /// Up to a half of it is left to chance: those who failed together shall not come back together.
    pub fn before(&self, attempt: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(attempt.saturating_sub(2));
        let whole = self.pause.saturating_mul(doubled).min(self.longest);
        let chance = f64::from(getrandom::u32().unwrap_or(u32::MAX)) / f64::from(u32::MAX);
        whole.mul_f64(0.5 + chance / 2.0)
    }

    /// After what pause a request is sent once more; nothing when its outcome stands.
    pub(super) fn again(
        &self,
        attempt: u32,
        repeat: Repeat,
        outcome: &Result<Answer, NetError>,
    ) -> Option<Duration> {
        if attempt >= self.attempts {
            return None;
        }
        let (worth, asked) = match outcome {
            Err(NetError::Unreachable { .. }) => (true, None),
            Err(NetError::BrokenOff { .. }) => (repeat == Repeat::Freely, None),
            // Who waited that long once need not wait so four times.
            Err(NetError::TimedOut { .. }) => (repeat == Repeat::Freely && attempt == 1, None),
            Err(_) => (false, None),
            Ok(answer) => {
                let worth = match (answer.status, repeat) {
                    (StatusCode::TOO_MANY_REQUESTS, _) => true,
                    (
                        StatusCode::BAD_GATEWAY
                        | StatusCode::SERVICE_UNAVAILABLE
                        | StatusCode::GATEWAY_TIMEOUT,
                        Repeat::Freely,
                    ) => true,
                    // Who says when to come again has not begun.
                    (StatusCode::SERVICE_UNAVAILABLE, Repeat::IfUnheard) => answer.retry_after.is_some(),
                    _ => false,
                };
                (worth, answer.retry_after)
            }
        };
        let asked = asked.unwrap_or_default().min(self.longest);
        worth.then(|| self.before(attempt + 1).max(asked))
    }
}

/// `Retry-After`: seconds, or a moment, which is measured from the moment the answer itself names. Clocks of two
/// machines are never compared.
pub(super) fn retry_after(value: &str, date: Option<&str>) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let moment = |text: &str| Some(jiff::fmt::rfc2822::parse(text.trim()).ok()?.timestamp());
    let (then, now) = (moment(value)?, moment(date?)?);
    Some(Duration::try_from(then.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let patience = Patience {
            longest: Duration::from_secs(3),
            ..Patience::default()
        };
        for (attempt, most) in [(2, 500), (3, 1000), (4, 2000), (5, 3000), (60, 3000)] {
            let pause = patience.before(attempt);
            let most = Duration::from_millis(most);
            assert!(pause <= most && pause >= most / 2, "{attempt}: {pause:?}");
        }
    }

    #[test]
    fn what_is_asked_for_is_read_as_seconds_or_as_a_moment() {
        let date = Some("Sun, 06 Nov 1994 08:49:30 GMT");
        let cases = [
            ("7", None, Some(7)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", date, Some(7)),
            ("Sun, 06 Nov 1994 08:49:01 GMT", date, Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", None, None),
            ("soon", date, None),
        ];
        for (value, date, seconds) in cases {
            assert_eq!(
                retry_after(value, date),
                seconds.map(Duration::from_secs),
                "{value}"
            );
        }
    }
}
