//! The paths of the objects below the root of a data set.

use chrono::{Datelike as _, NaiveDate};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::error::{Error, ErrorKind, Result};

/// The table. Nothing but stored days is ever put below it.
pub(crate) const TABLE: &str = "gc_usage/v1";
/// The name of each object.
pub(crate) const FILE: &str = "usage.parquet";

const ORGANIZATION: &str = "organization=";
const MONTH: &str = "month=";
const DAY: &str = "day=";
/// The characters of names that need no encoding in any engine, file system or store. Spark decodes other letters byte by
/// byte, so `organization` is wrong there and only `profile` is right. But without encoding, Spark leaves such an
/// organization out of a directory if the locale is not UTF-8.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');
/// The longest name of a directory, in bytes, on all usual file systems.
const LONGEST: usize = 255;
/// Values that engines read as null, in any case. Some decode first, so `profile` is the name to rely on.
const NULLS: [&str; 2] = ["__HIVE_DEFAULT_PARTITION__", "NULL"];

/// The name of an organization's directory.
pub(crate) fn directory(organization: &str) -> Result<String> {
    Ok(format!("{ORGANIZATION}{}", value(organization)?))
}

/// The encoded name of an organization.
pub(crate) fn value(organization: &str) -> Result<String> {
    let wrong = |reason: String| Err(Error::new(ErrorKind::Location, reason));
    if organization.is_empty() {
        return wrong("the name of the organization is empty; give it a name".to_owned());
    }
    let encoded = utf8_percent_encode(organization, ENCODED).to_string();
    let encoded = match NULLS.iter().any(|null| null.eq_ignore_ascii_case(organization)) {
        // DuckDB looks for these values before it decodes.
        true => format!("%{:02X}{}", organization.as_bytes()[0], &organization[1..]),
        false => encoded,
    };
    let encoded = match encoded.strip_suffix('.') {
        // Windows drops a dot at the end.
        Some(rest) => format!("{rest}%2E"),
        None => encoded,
    };
    let longest = LONGEST - ORGANIZATION.len();
    if encoded.len() > longest {
        return wrong(format!(
            "the name of the organization `{organization}` is too long for a directory: {} bytes of at most {longest}, where \
             other characters than letters, digits, `-`, `_` and `.` count three for each byte; choose a shorter name",
            encoded.len(),
        ));
    }
    Ok(encoded)
}

/// The organization with this directory, if it is one.
pub(crate) fn organization(name: &str) -> Option<String> {
    let encoded = name.strip_prefix(ORGANIZATION)?;
    let decoded = percent_decode_str(encoded).decode_utf8().ok()?;
    // Another way to encode a name would be another directory for the same organization.
    (directory(&decoded).ok()? == name).then(|| decoded.into_owned())
}

/// The object of a day, below the directory of its organization.
pub(crate) fn object(day: NaiveDate) -> String {
    format!("{MONTH}{}/{DAY}{day}/{FILE}", day.format("%Y-%m"))
}

/// The day of an object below the directory of an organization, if it is one.
pub(crate) fn day(path: &str) -> Option<NaiveDate> {
    let mut parts = path.split('/').skip(1);
    let day: NaiveDate = parts.next()?.strip_prefix(DAY)?.parse().ok()?;
    // A year of five digits would grow the list without end.
    ((0..10_000).contains(&day.year()) && object(day) == path).then_some(day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_become_directories() {
        for (name, expected) in [
            ("acme", "organization=acme"),
            ("Acme-2_x.y", "organization=Acme-2_x.y"),
            ("a/b", "organization=a%2Fb"),
            ("a=b", "organization=a%3Db"),
            ("100%", "organization=100%25"),
            ("a b", "organization=a%20b"),
            ("zürich", "organization=z%C3%BCrich"),
            ("007", "organization=007"),
            ("2026-01-01", "organization=2026-01-01"),
            (
                "__HIVE_DEFAULT_PARTITION__",
                "organization=%5F_HIVE_DEFAULT_PARTITION__",
            ),
            ("null", "organization=%6Eull"),
            (".", "organization=%2E"),
            ("..", "organization=.%2E"),
            ("acme inc.", "organization=acme%20inc%2E"),
            (".hidden", "organization=.hidden"),
            ("_staging", "organization=_staging"),
            ("a\nb", "organization=a%0Ab"),
        ] {
            assert_eq!(directory(name).unwrap(), expected);
            assert_eq!(organization(expected).as_deref(), Some(name));
        }
    }

    #[test]
    fn other_directories_are_no_organizations() {
        for name in [
            "organization=",
            "organization=a b",
            "organization=a%2fb",
            "organization=a.",
            "organization=%61",
            "organization=%",
            "organization=%FF",
            "Organization=a",
            "a",
        ] {
            assert_eq!(organization(name), None, "{name}");
        }
    }

    #[test]
    fn names_that_cannot_be_directories_are_refused() {
        let error = directory("").unwrap_err();
        assert!(error.to_string().contains("give it a name"), "{error}");
        assert!(directory(&"a".repeat(242)).is_ok());
        for name in ["a".repeat(243), "ä".repeat(41)] {
            let error = directory(&name).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Location);
            assert!(error.to_string().contains("of at most 242"), "{error}");
        }
    }

    #[test]
    fn only_the_exact_path_is_a_day() {
        let date = NaiveDate::from_ymd_opt(2026, 11, 4).unwrap();
        assert_eq!(object(date), "month=2026-11/day=2026-11-04/usage.parquet");
        assert_eq!(day(&object(date)), Some(date));
        for path in [
            "month=2026-10/day=2026-11-04/usage.parquet",
            "month=2026-11/day=2026-11-4/usage.parquet",
            "month=2026-11/day=2026-11-31/usage.parquet",
            "month=2026-11/day=2026-11-04/usage.parquet/x",
            "month=2026-11/day=2026-11-04/other.parquet",
            "month=2026-11/usage.parquet",
            "month=+12026-11/day=+12026-11-04/usage.parquet",
            "usage.parquet",
            "",
        ] {
            assert_eq!(day(path), None, "{path}");
        }
    }

    proptest! {
        #[test]
        fn each_name_comes_back_from_its_directory(name in "\\PC{1,24}") {
            prop_assume!(name.len() * 3 + ORGANIZATION.len() <= LONGEST && !name.is_empty());
            let directory = directory(&name).unwrap();
            prop_assert!(directory.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/'));
            prop_assert_eq!(organization(&directory), Some(name));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "(organization=|month=2026-11/day=)?.{0,30}") {
            if let Some(name) = organization(&text) {
                prop_assert_eq!(directory(&name).unwrap(), text.clone());
            }
            if let Some(found) = day(&text) {
                prop_assert_eq!(object(found), text);
            }
        }
    }
}
