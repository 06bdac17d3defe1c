//! Dates and times as fields and filters hold them (flow-api.md §5, §4.6). All of them are UTC.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan, Zoned};
use serde_json::Value;

/// A time as it is stored and read; `None` when it is not one of the forms the site takes.
pub(super) fn date_time(text: &str) -> Option<String> {
    if text.contains(' ') {
        return None;
    }
    let whole = |text: &str| text.parse::<Timestamp>().ok();
    let time = whole(text)
        .or_else(|| whole(&format!("{text}Z")))
        .or_else(|| date(text).and_then(|_| whole(&format!("{text}T00:00:00Z"))))?;
    Some(stored(time))
}

/// A plain day, if that is what it is.
pub(super) fn date(text: &str) -> Option<Date> {
    text.parse().ok().filter(|_| text.len() == "2026-01-31".len())
}

/// A moment in the form fields hold.
pub(super) fn stored(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The stretch of time that `in_last`, `in_next` or `in_calendar_…` means, both ends included.
pub(super) fn window(
    now: Timestamp,
    relation: &str,
    values: &[Value],
) -> Result<(Timestamp, Timestamp), &'static str> {
    let amount = values
        .first()
        .and_then(Value::as_i64)
        .ok_or("needs a whole number")?;
    let now = now.to_zoned(TimeZone::UTC);
    let (low, high) = match relation {
        "in_last" => (moved(&now, -amount, unit(values)?)?, now),
        "in_next" => (now.clone(), moved(&now, amount, unit(values)?)?),
        "in_calendar_day" => calendar(&now, amount, "DAY")?,
        "in_calendar_week" => calendar(&now, amount, "WEEK")?,
        "in_calendar_month" => calendar(&now, amount, "MONTH")?,
        "in_calendar_year" => calendar(&now, amount, "YEAR")?,
        _ => return Err("is not known"),
    };
    Ok((low.timestamp(), high.timestamp()))
}

fn unit(values: &[Value]) -> Result<&str, &'static str> {
    values.get(1).and_then(Value::as_str).ok_or("needs a unit")
}

fn moved(from: &Zoned, amount: i64, unit: &str) -> Result<Zoned, &'static str> {
    let span = match unit {
        "HOUR" => Span::new().try_hours(amount),
        "DAY" => Span::new().try_days(amount),
        "WEEK" => Span::new().try_weeks(amount),
        "MONTH" => Span::new().try_months(amount),
        "YEAR" => Span::new().try_years(amount),
        _ => return Err("knows the units HOUR, DAY, WEEK, MONTH, YEAR"),
    };
    let far = "reaches too far";
    from.checked_add(span.map_err(|_| far)?).map_err(|_| far)
}

/// The calendar unit that lies `offset` units away from the one of `now`.
fn calendar(now: &Zoned, offset: i64, unit: &str) -> Result<(Zoned, Zoned), &'static str> {
    let far = "reaches too far";
    let first_day = match unit {
        "WEEK" => now
            .checked_sub(i64::from(now.weekday().to_monday_zero_offset()).days())
            .map_err(|_| far)?,
        "MONTH" => now.first_of_month().map_err(|_| far)?,
        "YEAR" => now.first_of_year().map_err(|_| far)?,
        _ => now.clone(),
    };
    let start = moved(&first_day.start_of_day().map_err(|_| far)?, offset, unit)?;
    let end = moved(&start, 1, unit)?.checked_sub(1.second()).map_err(|_| far)?;
    Ok((start, end))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_are_normalised_to_utc_seconds() {
        for (given, kept) in [
            ("2026-03-11T14:05:09+02:00", Some("2026-03-11T12:05:09Z")),
            ("2026-03-11T14:05:09", Some("2026-03-11T14:05:09Z")),
            ("2026-03-11", Some("2026-03-11T00:00:00Z")),
            ("2026-03-11 05:06:07", None),
            ("", None),
        ] {
            assert_eq!(date_time(given).as_deref(), kept, "{given}");
        }
    }

    #[test]
    fn a_calendar_week_starts_on_monday() {
        let now = "2026-11-20T09:00:00Z".parse().unwrap();
        let (low, high) = window(now, "in_calendar_week", &[json!(0)]).unwrap();
        assert_eq!(
            (stored(low), stored(high)),
            ("2026-11-16T00:00:00Z".into(), "2026-11-22T23:59:59Z".into())
        );
    }
}
