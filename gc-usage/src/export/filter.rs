//! Which rows are shown.

use std::collections::BTreeSet;

use usage_client::RowRef;
use wildmatch::WildMatch;

use crate::{
    shell::word,
    text::{escape_control, nearest},
};

/// Tells the rows that are wanted.
pub(crate) struct Filter {
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

/// How many different texts are kept for a pattern that fits none of them, and how long the longest is.
const MOST_OTHERS: usize = 10_000;
const LONGEST_OTHER: usize = 500;

impl Filter {
    /// Patterns of clients, by name or id, of methods and of endpoints.
    pub(crate) fn new(clients: &[String], methods: &[String], template_uris: &[String]) -> Self {
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
            patterns(CLIENT, clients),
            patterns(METHOD, methods),
            patterns(TEMPLATE_URI, template_uris),
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
            && let Some(text) = texts.find(|text| !text.is_empty() && text.len() <= LONGEST_OTHER)
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
        match nearest(others.iter().map(AsRef::as_ref), 0.7, likeness) {
            Some(nearest) => format!(
                "{option} {text} fits no row; did you mean {}?",
                word(&escape_control(nearest))
            ),
            None => format!("{option} {text} fits no row; * stands for any text"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use usage_client::ApiUsageRow;

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
            let list = |text: &str| text.split_terminator(';').map(str::to_owned).collect::<Vec<_>>();
            let mut select = Filter::new(&list(client), &list(method), &list(template_uri));
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
        let mut select = Filter::new(&["*x".to_owned(), "data lake".to_owned()], &[], &[]);
        assert!(!select.wants(&RowRef::default()) && !select.wants(&RowRef::from(&row)));
        assert_eq!(
            select.unmatched(),
            [
                "--client *x fits no row; * stands for any text",
                "--client data lake fits no row; did you mean 'Data Lake [EU]'?"
            ]
        );
    }
}
