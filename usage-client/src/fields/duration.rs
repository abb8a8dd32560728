//! Durations of policies, as strings such as `90s` or `15m`.

use std::time::Duration;

use serde::{Deserialize as _, Deserializer, Serializer, de};

pub(crate) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&humantime::format_duration(*duration))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    humantime::parse_duration(&text).map_err(|reason| {
        de::Error::custom(format!("`{text}` is not a duration such as 90s or 15m: {reason}"))
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::{
        retry::{policy::RetryPolicy, poll_policy::PollPolicy},
        rows::policy::RowsPolicy,
    };

    #[test]
    fn a_policy_is_read_from_settings_and_written_so_that_it_is_read_again() {
        let policy: PollPolicy =
            serde_json::from_value(json!({"deadline": "1h 30m", "max_wait": "2.5s"})).unwrap();
        let expected = PollPolicy::default()
            .with_deadline(Duration::from_secs(5400))
            .with_max_wait(Duration::from_millis(2500));
        assert_eq!(policy, expected);

        let retry = RetryPolicy::none().with_max_retry_after(Duration::MAX);
        let written = serde_json::to_value(&retry).unwrap();
        assert_eq!(written["deadline"], "5m");
        assert_eq!(serde_json::from_value::<RetryPolicy>(written).unwrap(), retry);

        let rows = RowsPolicy::default()
            .with_resume(false)
            .with_deadline(Duration::ZERO);
        let written = serde_json::to_string(&rows).unwrap();
        assert_eq!(serde_json::from_str::<RowsPolicy>(&written).unwrap(), rows);
    }

    #[test]
    fn a_wrong_setting_of_a_policy_is_named() {
        let error = serde_json::from_value::<RetryPolicy>(json!({"max_elapsed": "1s"})).unwrap_err();
        assert!(error.to_string().contains("max_elapsed"), "{error}");
        for text in ["soon", "15", "-1s", ""] {
            let error = serde_json::from_value::<PollPolicy>(json!({"deadline": text})).unwrap_err();
            assert!(
                error
                    .to_string()
                    .contains(&format!("`{text}` is not a duration such as 90s")),
                "{error}"
            );
        }
    }
}
