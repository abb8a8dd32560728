//! Values that options take: counts, prices, times.

use std::{str::FromStr, time::Duration};

/// A time such as `90s`, `15m` or `2h`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Wait(pub(crate) Duration);

impl FromStr for Wait {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let time = humantime::parse_duration(text).ok();
        time.filter(|time| !time.is_zero())
            .map(Self)
            .ok_or_else(|| "expected a time above 0 such as 90s, 15m or 2h".to_owned())
    }
}

/// A whole number, with separators or without: `500000`, `500_000`, `500,000`.
pub(crate) fn count(text: &str) -> Result<u64, String> {
    let digits: String = text
        .chars()
        .filter(|letter| !matches!(letter, '_' | ','))
        .collect();
    digits
        .parse()
        .map_err(|_| "expected a whole number such as 500000 or 500,000".to_owned())
}

/// A whole number above 0, such as how many rows to list.
pub(crate) fn positive(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| format!("expected a whole number from 1 to {}", u32::MAX))
}

pub(crate) fn port(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| {
        format!(
            "expected a port from 0 to {}, of which 0 is any free one",
            u16::MAX
        )
    })
}

pub(crate) fn price(text: &str) -> Result<f64, String> {
    let price: Option<f64> = text.parse().ok();
    price
        .filter(|price| price.is_finite() && *price >= 0.0)
        .ok_or_else(|| "expected a price such as 0.0002".to_owned())
}
