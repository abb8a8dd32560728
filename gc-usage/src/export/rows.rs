//! Which rows are shown, and in which order.

use std::{
    cmp::{Ordering, Reverse},
    collections::BTreeSet,
};

use usage_client::{ApiUsageRow, RowRef};
use wildmatch::WildMatch;

use crate::{
    args::{Filter, SortKey},
    text::visible,
};

/// Tells the rows that are wanted.
pub(crate) struct Select {
    filters: Vec<Pattern>,
}

/// A column that rows are selected by: its option, and what stands in a row.
type Selected = (&'static str, for<'r> fn(&RowRef<'r>) -> [Option<&'r str>; 2]);

const CLIENT: Selected = ("--client", |row| [row.client_name, row.client_id]);
const METHOD: Selected = ("--method", |row| [row.http_method, None]);
const TEMPLATE_URI: Selected = ("--template-uri", |row| [row.template_uri, None]);

/// One of the patterns of a column; a row fits the column if it fits any of them.
struct Pattern {
    column: Selected,
    text: String,
    pattern: WildMatch,
    /// Whether it fitted any row; until then, what it could have been.
    fitted: bool,
    others: BTreeSet<Box<str>>,
}

/// How many different texts are kept for a pattern that fits none of them.
const MOST_OTHERS: usize = 10_000;

impl Select {
    pub(crate) fn new(filter: &Filter) -> Self {
        let patterns = |column: Selected, texts: &[String]| {
            let pattern = |text: &String| Pattern {
                column,
                text: text.clone(),
                // Templates come without a leading slash, but people write one.
                pattern: WildMatch::new_case_insensitive(match column.0 == TEMPLATE_URI.0 {
                    true => text.trim_start_matches('/'),
                    false => text,
                }),
                fitted: false,
                others: BTreeSet::new(),
            };
            texts.iter().map(pattern).collect::<Vec<_>>()
        };
        let columns = [
            patterns(CLIENT, &filter.client),
            patterns(METHOD, &filter.method),
            patterns(TEMPLATE_URI, &filter.template_uri),
        ];
        Self {
            filters: columns.into_iter().flatten().collect(),
        }
    }

    pub(crate) fn wants(&mut self, row: &RowRef<'_>) -> bool {
        let columns = self
            .filters
            .chunk_by_mut(|one, other| one.column.0 == other.column.0);
        // All are asked, so that each learns whether it ever fits.
        columns.fold(true, |wanted, patterns| {
            let fits = patterns
                .iter_mut()
                .fold(false, |fits, pattern| pattern.fits(row) | fits);
            wanted & fits
        })
    }

    /// What to say of patterns that fitted no row at all: most likely they are misspelt.
    pub(crate) fn unmatched(&self) -> Vec<String> {
        let unmatched = self.filters.iter().filter(|filter| !filter.fitted);
        unmatched.map(Pattern::unmatched).collect()
    }
}
impl Pattern {
    fn fits(&mut self, row: &RowRef<'_>) -> bool {
        let texts = (self.column.1)(row);
        let mut texts = texts.iter().flatten();
        let fits = texts.clone().any(|text| self.pattern.matches(text));
        if fits && !self.fitted {
            self.fitted = true;
            self.others = BTreeSet::new();
        }
        if !self.fitted
            && self.others.len() < MOST_OTHERS
            && let Some(text) = texts.find(|text| !text.is_empty())
            && !self.others.contains(*text)
        {
            self.others.insert(Box::from(*text));
        }
        fits
    }

    fn unmatched(&self) -> String {
        let Self {
            column: (option, _),
            text,
            others,
            ..
        } = self;
        let wanted = text.to_lowercase();
        let likeness = |other: &str| {
            let other = other.to_lowercase();
            let contains = f64::from(u8::from(!wanted.is_empty() && other.contains(&wanted)));
            contains + strsim::jaro_winkler(&wanted, &other)
        };
        let others = others.iter().map(|other| (likeness(other), other));
        let nearest = others.max_by(|(one, _), (other, _)| one.total_cmp(other));
        match nearest {
            Some((likeness, nearest)) if likeness > 0.7 => {
                format!(
                    "{option} {text} fits no row; did you mean '{}'?",
                    visible(nearest)
                )
            }
            _ => format!("{option} {text} fits no row; * stands for any text"),
        }
    }
}

/// A row with its profile.
pub(crate) type KeptRow = (Option<Box<str>>, ApiUsageRow);

/// Rows that are kept to be sorted. Of a top, no more than twice as many.
pub(crate) struct Kept {
    rows: Vec<KeptRow>,
    /// What to sort by, first by the first.
    sort: Vec<SortKey>,
    top: Option<usize>,
    seen: u64,
}

impl Kept {
    pub(crate) fn new(sort: Vec<SortKey>, top: Option<u32>) -> Self {
        Self {
            rows: Vec::new(),
            sort,
            top: top.map(|top| top as usize),
            seen: 0,
        }
    }

    pub(crate) fn add(&mut self, profile: Option<&str>, row: &RowRef<'_>) {
        self.seen += 1;
        self.rows.push((profile.map(Box::from), row.to_row()));
        if let Some(top) = self.top
            && self.rows.len() >= 2 * top.max(512)
        {
            self.cut(top);
        }
    }

    /// The rows in order, and how many there were before a top was taken.
    pub(crate) fn into_rows(mut self) -> (Vec<KeptRow>, u64) {
        match self.top {
            Some(top) => self.cut(top),
            None => self.sort(),
        }
        (self.rows, self.seen)
    }

    fn cut(&mut self, top: usize) {
        self.sort();
        self.rows.truncate(top);
    }

    fn sort(&mut self) {
        let sort = &self.sort;
        // Stable, so that rows that are equal stay as the service sent them.
        self.rows
            .sort_by(|(_, one), (_, other)| compare(one, other, sort));
    }
}

fn compare(one: &ApiUsageRow, other: &ApiUsageRow, sort: &[SortKey]) -> Ordering {
    let down = |get: fn(&ApiUsageRow) -> Option<i64>| Reverse(get(one)).cmp(&Reverse(get(other)));
    let by_key = |key: &SortKey| match key {
        SortKey::Requests => down(|row| row.requests),
        SortKey::Status200 => down(|row| row.status200),
        SortKey::Status300 => down(|row| row.status300),
        SortKey::Status400 => down(|row| row.status400),
        SortKey::Status429 => down(|row| row.status429),
        SortKey::Status500 => down(|row| row.status500),
        SortKey::Date => one.date.cmp(&other.date),
        SortKey::Client => (&one.client_name, &one.client_id).cmp(&(&other.client_name, &other.client_id)),
        SortKey::Method => one.http_method.cmp(&other.http_method),
        SortKey::TemplateUri => one.template_uri.cmp(&other.template_uri),
    };
    match sort {
        // As a person reads a table: day by day, and the busiest first.
        [] => one
            .date
            .cmp(&other.date)
            .then_with(|| down(|row| row.requests))
            // Where that was not asked for, by what was.
            .then_with(|| down(|row| row.status200))
            .then_with(|| down(|row| row.status300))
            .then_with(|| down(|row| row.status400))
            .then_with(|| down(|row| row.status429))
            .then_with(|| down(|row| row.status500)),
        keys => keys.iter().map(by_key).fold(Ordering::Equal, Ordering::then),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn row(value: Value) -> ApiUsageRow {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn patterns_match_names_ids_and_templates_with_braces() {
        let row = row(json!({
            "clientId": "273d7643",
            "clientName": "Data Lake [EU]",
            "templateUri": "api/v2/users/{userId}",
            "httpMethod": "GET",
        }));
        let wants = |client: &str, method: &str, template_uri: &str| {
            let list = |text: &str| text.split_terminator(';').map(str::to_owned).collect();
            let mut select = Select::new(&Filter {
                client: list(client),
                method: list(method),
                template_uri: list(template_uri),
            });
            let wants = select.wants(&RowRef::from(&row));
            assert_eq!(
                wants,
                select.unmatched().is_empty() || client.contains(';'),
                "{:?}",
                select.unmatched()
            );
            wants
        };
        assert!(wants("", "", ""));
        assert!(wants("data lake [eu]", "get", "/api/v2/users/{userId}"));
        assert!(wants("273D7643", "G?T", "api/*"));
        assert!(wants("nobody;273D7643", "G?T", "api/*"));
        assert!(!wants("lake", "", "") && !wants("", "POST", "") && !wants("", "", "api/v2/users"));
        let mut select = Select::new(&Filter {
            client: vec!["*x".to_owned(), "data lake".to_owned()],
            ..Filter::default()
        });
        assert!(!select.wants(&RowRef::default()) && !select.wants(&RowRef::from(&row)));
        assert_eq!(
            select.unmatched(),
            [
                "--client *x fits no row; * stands for any text",
                "--client data lake fits no row; did you mean 'Data Lake [EU]'?"
            ]
        );
    }

    #[test]
    fn rows_that_one_key_leaves_equal_are_sorted_by_the_next() {
        let order = |sort: &[SortKey]| {
            let mut kept = Kept::new(sort.to_vec(), None);
            for (client, requests, status429) in [("b", 1, 0), ("a", 1, 5), ("b", 7, 5), ("a", 7, 0)] {
                let row = row(json!({"clientName": client, "requests": requests, "status429": status429}));
                kept.add(None, &RowRef::from(&row));
            }
            let rows = kept.into_rows().0.into_iter();
            rows.map(|(_, row)| format!("{}{}", row.client_name.unwrap(), row.requests.unwrap()))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            order(&[SortKey::Requests, SortKey::Client]),
            ["a7", "b7", "a1", "b1"]
        );
        assert_eq!(
            order(&[SortKey::Client, SortKey::Requests]),
            ["a7", "a1", "b7", "b1"]
        );
        assert_eq!(
            order(&[SortKey::Status429, SortKey::Client]),
            ["a1", "b7", "a7", "b1"]
        );
        assert_eq!(order(&[SortKey::Client]), ["a1", "a7", "b1", "b7"]);
    }

    proptest! {
        #[test]
        fn a_top_is_the_beginning_of_all_sorted(counts in proptest::collection::vec(proptest::option::of(0_i64..50), 0..1_500), top in 1_u32..40) {
            let mut all = Kept::new(vec![SortKey::Requests], None);
            let mut some = Kept::new(vec![SortKey::Requests], Some(top));
            for (place, requests) in counts.iter().enumerate() {
                let row = row(json!({"clientId": place.to_string(), "requests": requests}));
                let row = RowRef::from(&row);
                all.add(None, &row);
                some.add(None, &row);
            }
            let (mut all, seen) = all.into_rows();
            all.truncate(top as usize);
            prop_assert_eq!(some.into_rows(), (all, seen));
        }
    }
}
