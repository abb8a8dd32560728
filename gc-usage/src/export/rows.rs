//! Which rows are shown, and in which order.

use std::cmp::{Ordering, Reverse};

use usage_client::{ApiUsageRow, RowRef};
use wildmatch::WildMatch;

use crate::args::{Filter, SortKey};

/// Tells the rows that are wanted.
pub(crate) struct Select {
    client: Option<WildMatch>,
    method: Option<WildMatch>,
    template_uri: Option<WildMatch>,
}

impl Select {
    pub(crate) fn new(filter: &Filter) -> Self {
        let pattern = |text: &Option<String>| text.as_deref().map(WildMatch::new_case_insensitive);
        // Templates come without a leading slash, but people write one.
        let template_uri = filter
            .template_uri
            .as_deref()
            .map(|text| text.trim_start_matches('/'));
        Self {
            client: pattern(&filter.client),
            method: pattern(&filter.method),
            template_uri: template_uri.map(WildMatch::new_case_insensitive),
        }
    }

    pub(crate) fn wants(&self, row: &RowRef<'_>) -> bool {
        let fits = |pattern: &Option<WildMatch>, texts: &[Option<&str>]| match pattern {
            Some(pattern) => texts.iter().flatten().any(|text| pattern.matches(text)),
            None => true,
        };
        fits(&self.client, &[row.client_name, row.client_id])
            && fits(&self.method, &[row.http_method])
            && fits(&self.template_uri, &[row.template_uri])
    }
}

/// A row with its profile.
pub(crate) type KeptRow = (Option<Box<str>>, ApiUsageRow);

/// Rows that are kept to be sorted. Of a top, no more than twice as many.
pub(crate) struct Kept {
    rows: Vec<KeptRow>,
    sort: Option<SortKey>,
    top: Option<usize>,
    seen: u64,
}

impl Kept {
    pub(crate) fn new(sort: Option<SortKey>, top: Option<u32>) -> Self {
        Self {
            rows: Vec::new(),
            sort: sort.or(top.map(|_| SortKey::Requests)),
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
        let sort = self.sort;
        // Stable, so that rows that are equal stay as the service sent them.
        self.rows
            .sort_by(|(_, one), (_, other)| compare(one, other, sort));
    }
}

fn compare(one: &ApiUsageRow, other: &ApiUsageRow, sort: Option<SortKey>) -> Ordering {
    let down = |get: fn(&ApiUsageRow) -> Option<i64>| Reverse(get(one)).cmp(&Reverse(get(other)));
    match sort {
        // As a person reads a table: day by day, and the busiest first.
        None => one.date.cmp(&other.date).then_with(|| down(|row| row.requests)),
        Some(SortKey::Requests) => down(|row| row.requests),
        Some(SortKey::Status200) => down(|row| row.status200),
        Some(SortKey::Status300) => down(|row| row.status300),
        Some(SortKey::Status400) => down(|row| row.status400),
        Some(SortKey::Status429) => down(|row| row.status429),
        Some(SortKey::Status500) => down(|row| row.status500),
        Some(SortKey::Date) => one.date.cmp(&other.date),
        Some(SortKey::Client) => {
            (&one.client_name, &one.client_id).cmp(&(&other.client_name, &other.client_id))
        }
        Some(SortKey::Method) => one.http_method.cmp(&other.http_method),
        Some(SortKey::TemplateUri) => one.template_uri.cmp(&other.template_uri),
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
            let option = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            Select::new(&Filter {
                client: option(client),
                method: option(method),
                template_uri: option(template_uri),
            })
            .wants(&RowRef::from(&row))
        };
        assert!(wants("", "", ""));
        assert!(wants("data lake [eu]", "get", "/api/v2/users/{userId}"));
        assert!(wants("273D7643", "G?T", "api/*"));
        assert!(!wants("lake", "", "") && !wants("", "POST", "") && !wants("", "", "api/v2/users"));
        assert!(
            !Select::new(&Filter {
                client: Some("*x".to_owned()),
                ..Filter::default()
            })
            .wants(&RowRef::default())
        );
    }

    proptest! {
        #[test]
        fn a_top_is_the_beginning_of_all_sorted(counts in proptest::collection::vec(proptest::option::of(0_i64..50), 0..1_500), top in 1_u32..40) {
            let mut all = Kept::new(Some(SortKey::Requests), None);
            let mut some = Kept::new(None, Some(top));
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
