//! Selects the rows that match filters.

use std::collections::BTreeSet;

use usage_client::RowRef;
use wildmatch::WildMatch;

use crate::{
    shell::word,
    text::{escape_control, nearest},
};

/// Selects rows by patterns.
pub(crate) struct Filter {
    filters: Vec<Pattern>,
}

/// A column with a filter: its option, and its texts in a row.
type FilteredColumn = (&'static str, for<'r> fn(&RowRef<'r>) -> [Option<&'r str>; 2]);

const CLIENT: FilteredColumn = ("--client", |row| [row.client_name, row.client_id]);
const METHOD: FilteredColumn = ("--method", |row| [row.http_method, None]);
const TEMPLATE_URI: FilteredColumn = ("--template-uri", |row| [row.template_uri, None]);

/// One pattern of a column. A row must match one pattern of each column that has patterns.
struct Pattern {
    column: FilteredColumn,
    text: String,
    pattern: WildMatch,
    /// Whether it has matched any row.
    has_matched: bool,
    /// The texts of the column, for suggestions, until the pattern matches.
    others: BTreeSet<Box<str>>,
}

/// How many different texts are kept for the suggestions of a pattern, and how long they may be.
const MOST_OTHERS: usize = 10_000;
const LONGEST_OTHER: usize = 500;

impl Filter {
    /// A filter with patterns for clients (by name or id), methods and endpoints.
    pub(crate) fn new(clients: &[String], methods: &[String], template_uris: &[String]) -> Self {
        let patterns = |column: FilteredColumn, texts: &[String]| {
            let pattern = |text: &String| Pattern {
                column,
                text: text.clone(),
                // The service sends no leading slash, but people write one.
                pattern: WildMatch::new_case_insensitive(match column.0 == TEMPLATE_URI.0 {
                    true => text.trim_start_matches('/'),
                    false => text,
                }),
                has_matched: false,
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
        // Without a short circuit, so that each pattern learns whether it ever matches.
        columns.fold(true, |wanted, patterns| {
            let matches = patterns
                .iter_mut()
                .fold(false, |matches, pattern| pattern.matches(row) | matches);
            wanted & matches
        })
    }

    /// Notes about patterns that matched no row. They are probably misspelt.
    pub(crate) fn unmatched(&self) -> Vec<String> {
        let unmatched = self.filters.iter().filter(|filter| !filter.has_matched);
        unmatched.map(Pattern::unmatched).collect()
    }
}

impl Pattern {
    fn matches(&mut self, row: &RowRef<'_>) -> bool {
        let texts = (self.column.1)(row);
        let mut texts = texts.iter().flatten();
        let matches = texts.clone().any(|text| self.pattern.matches(text));
        if matches && !self.has_matched {
            self.has_matched = true;
            self.others = BTreeSet::new();
        }
        if !self.has_matched
            && self.others.len() < MOST_OTHERS
            && let Some(text) = texts.find(|text| !text.is_empty() && text.len() <= LONGEST_OTHER)
            && !self.others.contains(*text)
        {
            self.others.insert(Box::from(*text));
        }
        matches
    }

    fn unmatched(&self) -> String {
        let Self {
            column: (option, _),
            text,
            others,
            ..
        } = self;
        let wanted = text.to_lowercase();
        let similarity = |other: &str| {
            let other = other.to_lowercase();
            let contains = f64::from(u8::from(!wanted.is_empty() && other.contains(&wanted)));
            contains + strsim::jaro_winkler(&wanted, &other)
        };
        match nearest(others.iter().map(AsRef::as_ref), 0.7, similarity) {
            Some(nearest) => format!(
                "{option} {text} matches no row; did you mean {}?",
                word(&escape_control(nearest))
            ),
            None => format!("{option} {text} matches no row; * matches any text"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::row;

    #[test]
    fn patterns_match_names_ids_and_templates_with_braces() {
        let row = row(&json!({
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
                "--client *x matches no row; * matches any text",
                "--client data lake matches no row; did you mean 'Data Lake [EU]'?"
            ]
        );
    }
}
