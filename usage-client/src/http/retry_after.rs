//! The header `Retry-After`.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use reqwest::header::HeaderMap;

/// The `Retry-After` of a response, in seconds or as a date. An unreadable value counts as absent.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok();
    // The date of the response, because the local clock may be wrong.
    let sent = text("date").and_then(http_date);
    parse_retry_after(
        text("retry-after")?,
        sent.unwrap_or_else(|| SystemTime::now().into()),
    )
}

fn parse_retry_after(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number with too many digits is longer than anyone waits.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::from(u32::MAX))));
    }
    // A date in the past means no wait.
    http_date(text).map(|date| (date - now).to_std().unwrap_or(Duration::ZERO))
}

fn http_date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text).ok().map(|date| date.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let now = http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        for (text, seconds) in [
            ("0", Some(0)),
            (" 120 ", Some(120)),
            ("99999999999999999999999", Some(u64::from(u32::MAX))),
            ("Sun, 06 Nov 1994 08:51:37 GMT", Some(120)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("-5", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(
                parse_retry_after(text, now).map(|wait| wait.as_secs()),
                seconds,
                "{text}"
            );
        }
    }

    #[test]
    fn the_service_s_own_date_is_what_a_retry_date_is_measured_from() {
        let mut headers = HeaderMap::new();
        headers.insert("date", "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap());
        headers.insert("retry-after", "Sun, 06 Nov 1994 08:49:47 GMT".parse().unwrap());
        assert_eq!(retry_after(&headers), Some(Duration::from_secs(10)));
    }

    proptest::proptest! {
        #[test]
        fn any_retry_after_header_is_survived(text in "\\PC{0,40}") {
            let _ = parse_retry_after(&text, DateTime::UNIX_EPOCH);
        }

        #[test]
        fn seconds_come_back_as_they_are(seconds in 0_u64..u64::from(u32::MAX)) {
            proptest::prop_assert_eq!(parse_retry_after(&seconds.to_string(), DateTime::UNIX_EPOCH), Some(Duration::from_secs(seconds)));
        }
    }
}
