//! Parses values of options: counts, shares, prices.

/// A whole number, with or without separators between thousands: `500000`, `500_000`, `500,000`. A separator in another
/// place is an error: in many countries, `2,5` means two and a half.
pub(crate) fn count(text: &str) -> Result<u64, String> {
    let expected = || "expected a whole number such as 500000 or 500,000".to_owned();
    let mut digits = text.to_owned();
    if let Some(separator) = text.chars().find(|character| matches!(character, '_' | ',')) {
        let groups: Vec<_> = text.split(separator).collect();
        let [first, others @ ..] = &groups[..] else {
            return Err(expected());
        };
        if !(1..=3).contains(&first.len()) || others.iter().any(|group| group.len() != 3) {
            return Err(format!(
                "expected a whole number such as 500000 or 500,000; `{separator}` may only separate thousands"
            ));
        }
        digits = groups.concat();
    }
    // `parse` would accept a sign too.
    let is_number = digits.bytes().all(|digit| digit.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number).ok_or_else(expected)
}

/// A whole number above 0, such as how many rows to list.
pub(crate) fn positive(text: &str) -> Result<u32, String> {
    let number = count(text)?;
    let number = u32::try_from(number).ok().filter(|number| *number > 0);
    number.ok_or_else(|| format!("expected a whole number from 1 to {}", u32::MAX))
}

/// A whole number that may be 0, such as how often something happens.
pub(crate) fn times(text: &str) -> Result<u32, String> {
    let number = u32::try_from(count(text)?).ok();
    number.ok_or_else(|| format!("expected a whole number from 0 to {}", u32::MAX))
}

/// A number of days that may be 0, such as `2d`.
#[cfg(feature = "sync")]
pub(crate) fn days(text: &str) -> Result<u32, String> {
    let days = text.strip_suffix('d').and_then(|number| times(number).ok());
    days.ok_or_else(|| "expected a number of days such as 2d".to_owned())
}

/// A documented status of the response to an accepted query.
pub(crate) fn submit_status(text: &str) -> Result<u16, String> {
    match text {
        "200" => Ok(200),
        "202" => Ok(202),
        _ => Err("expected 200 or 202".to_owned()),
    }
}

pub(crate) fn retired(text: &str) -> Result<u16, String> {
    match text {
        "404" => Ok(404),
        "410" => Ok(410),
        _ => Err("expected 404 or 410".to_owned()),
    }
}

pub(crate) fn port(text: &str) -> Result<u16, String> {
    text.parse()
        .map_err(|_| format!("expected a port from 0 to {}; 0 selects any free port", u16::MAX))
}

/// A share between 0 and 1, given as a percentage.
pub(crate) fn share(text: &str) -> Result<f64, String> {
    if text.contains(',') {
        return Err("expected a share with a decimal point, such as 0.5%".to_owned());
    }
    let percent: Option<f64> = text
        .strip_suffix('%')
        .and_then(|number| number.trim().parse().ok());
    percent
        .filter(|percent| (0.0..=100.0).contains(percent))
        .map(|percent| percent / 100.0)
        .ok_or_else(|| "expected a share from 0% to 100%, such as 1% or 0.5%".to_owned())
}

pub(crate) fn price(text: &str) -> Result<f64, String> {
    if text.contains(',') {
        return Err("expected a price with a decimal point, such as 0.0002".to_owned());
    }
    let price: Option<f64> = text.parse().ok();
    price
        .filter(|price| price.is_finite() && *price >= 0.0)
        .ok_or_else(|| "expected a price such as 0.0002".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_allowed_only_between_thousands() {
        for (text, number) in [
            ("0", 0),
            ("2500000", 2_500_000),
            ("2,500,000", 2_500_000),
            ("2_500_000", 2_500_000),
            ("25,000", 25_000),
            ("999", 999),
        ] {
            assert_eq!(count(text), Ok(number), "{text}");
        }
        let refused = "2,5|1,50|20,0000|2500,000|,500|500,|1,,000|1,000_000|1.000.000|1 000|1,000.5|+5|-5||_|12e3|1,0000";
        for text in refused.split('|').chain(["99999999999999999999"]) {
            assert!(count(text).is_err(), "{text}: {:?}", count(text));
        }
        assert_eq!(positive("1,000"), Ok(1_000));
        assert!(positive("1,5").is_err() && positive("0").is_err() && positive("4,294,967,296").is_err());
        assert!(price("0,0002").unwrap_err().contains("decimal point"));
    }

    #[test]
    fn shares_are_percentages() {
        assert_eq!(share("0.5%"), Ok(0.005));
        for text in ["1", "101%", "-1%", "NaN%", "%"] {
            assert!(share(text).is_err(), "{text}");
        }
    }
}
