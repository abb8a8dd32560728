//! Numbers and changes as the page shows them: with a minus sign, and without a line break before a percent sign.

use crate::{
    report::model::Report,
    text::{grouped, percent},
};

pub(super) const NO_VALUE: &str = "–";

/// A share; a dash if there is no whole.
pub(super) fn share(part: impl Into<i128>, whole: impl Into<i128>) -> String {
    typeset(&percent(part, whole))
}

/// A share as a number with six decimal places, for sorting and for CSV.
#[allow(clippy::cast_precision_loss, reason = "six digits are enough to sort by")]
pub(super) fn fraction(part: impl Into<i128>, whole: impl Into<i128>) -> String {
    match (part.into(), whole.into()) {
        (_, 0) => String::new(),
        (part, whole) => format!("{:.6}", part as f64 / whole as f64),
    }
}

/// The change of a count compared with the previous period.
pub(super) fn change(report: &Report, now: i64, before: i64) -> String {
    typeset(&match now {
        0 if before > 0 => "gone".to_owned(),
        _ => report.change(now, before),
    })
}

/// The change as a number, for sorting. What is new comes after all that grew.
pub(super) fn change_fraction(report: &Report, now: i64, before: i64) -> String {
    match report.change_ratio(now, before) {
        Some(ratio) => format!("{ratio:.6}"),
        None if now == 0 => "0".to_owned(),
        None => "1e9".to_owned(),
    }
}

/// The heading of a column of changes.
pub(super) fn change_heading(report: &Report) -> &'static str {
    match report.is_compared_by_day() {
        true => "Change a day",
        false => "Change",
    }
}

/// A number with its sign.
pub(super) fn signed(count: i128) -> String {
    match count {
        0 => "0".to_owned(),
        1.. => format!("+{}", grouped(count)),
        _ => format!("\u{2212}{}", grouped(count.unsigned_abs())),
    }
}

/// A number of an axis: 25k, 1.5M.
pub(super) fn short(count: i128) -> String {
    const UNITS: [(i128, &str); 5] = [
        (1_000_000_000_000_000, "P"),
        (1_000_000_000_000, "T"),
        (1_000_000_000, "G"),
        (1_000_000, "M"),
        (1_000, "k"),
    ];
    let Some((unit, name)) = UNITS.iter().find(|(unit, _)| count >= *unit) else {
        return count.to_string();
    };
    let (whole, hundredths) = (count / unit, count % unit * 100 / unit);
    let text = format!("{whole}.{hundredths:02}");
    format!("{}{name}", text.trim_end_matches('0').trim_end_matches('.'))
}

/// The signs of print in a text of the other formats.
pub(super) fn typeset(text: &str) -> String {
    if text == "-" {
        return NO_VALUE.to_owned();
    }
    let text = text.replace(" %", "\u{a0}%");
    // Within a sentence, a minus sign follows a colon or a parenthesis.
    let text = text.replace(": -", ": \u{2212}").replace("(-", "(\u{2212}");
    match text.strip_prefix('-') {
        Some(rest) => format!("\u{2212}{rest}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_an_axis_are_short() {
        for (count, text) in [
            (0, "0"),
            (250, "250"),
            (2_500, "2.5k"),
            (25_000, "25k"),
            (1_500_000, "1.5M"),
            (2_000_000_000, "2G"),
        ] {
            assert_eq!(short(count), text);
        }
    }

    #[test]
    fn signs_and_spaces_are_those_of_print() {
        assert_eq!(signed(-1_234), "\u{2212}1,234");
        assert_eq!(signed(1_234), "+1,234");
        assert_eq!(typeset("-3.23 %"), "\u{2212}3.23\u{a0}%");
        assert_eq!(
            typeset("fell most: -7 (-1 %)"),
            "fell most: \u{2212}7 (\u{2212}1\u{a0}%)"
        );
        assert_eq!(share(0_i64, 0_i64), NO_VALUE);
        assert_eq!(fraction(1_i64, 4_i64), "0.250000");
    }
}
