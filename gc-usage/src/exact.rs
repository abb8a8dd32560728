//! The filters that the service can apply itself, because their values are exact. They are applied here too.

use usage_client::types::HttpMethod;

/// Values that rows must have. An empty list allows all.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ExactFilters {
    pub(crate) client_ids: Vec<String>,
    pub(crate) methods: Vec<HttpMethod>,
    pub(crate) template_uris: Vec<String>,
}

impl ExactFilters {
    /// The filters whose patterns are all exact: ids of clients, known methods, and endpoints.
    pub(crate) fn of(clients: &[String], methods: &[String], template_uris: &[String]) -> Self {
        Self {
            client_ids: all(clients, |client| is_id(client).then(|| client.to_owned())),
            methods: all(methods, |method| {
                let mut known = HttpMethod::KNOWN.iter();
                known
                    .find(|known| known.as_str().eq_ignore_ascii_case(method))
                    .cloned()
            }),
            template_uris: all(template_uris, |template| {
                let template = template.trim_start_matches('/');
                is_exact(template).then(|| template.to_owned())
            }),
        }
    }
}

/// All values, or none if one of them is not exact: rows need to match only one.
fn all<T>(texts: &[String], exact: impl Fn(&str) -> Option<T>) -> Vec<T> {
    let values: Option<Vec<_>> = texts.iter().map(|text| exact(text)).collect();
    values.unwrap_or_default()
}

/// Whether it is no pattern, and written as the service writes endpoints: in lower case, but for the names in braces.
fn is_exact(template: &str) -> bool {
    let mut is_name = false;
    let is_plain = |character: char| {
        is_name = character == '{' || is_name && character != '}';
        is_name || !character.is_uppercase()
    };
    !template.is_empty() && !template.contains(['*', '?']) && template.chars().all(is_plain)
}

/// Whether it is an id as the service writes it. Any other text may be a name.
fn is_id(text: &str) -> bool {
    let groups: Vec<_> = text.split('-').collect();
    let is_hex = |character: u8| character.is_ascii_digit() || (b'a'..=b'f').contains(&character);
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]) && groups.concat().bytes().all(is_hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_filters_whose_values_are_all_exact_go_to_the_service() {
        let filters = |clients: &str, methods: &str, templates: &str| {
            let list = |text: &str| text.split_terminator(' ').map(str::to_owned).collect::<Vec<_>>();
            ExactFilters::of(&list(clients), &list(methods), &list(templates))
        };
        let id = "273d7643-46b8-4da7-8514-d4e9967b1feb";
        let exact = filters(id, "get POST", "/api/v2/users api/v2/users/{userId}");
        assert_eq!(exact.client_ids, [id]);
        assert_eq!(exact.methods, [HttpMethod::GET, HttpMethod::POST]);
        assert_eq!(exact.template_uris, ["api/v2/users", "api/v2/users/{userId}"]);
        for (clients, methods, templates) in [
            ("Wallboard", "G*", "api/v2/*"),
            // One name, and one method that the service may not know.
            (
                "273d7643-46b8-4da7-8514-d4e9967b1feb Wallboard",
                "GET TRACE",
                "api/v2/users api/?2",
            ),
            ("", "", "api/v2/Users"),
            ("273D7643-46B8-4DA7-8514-D4E9967B1FEB", "", "/"),
            ("273d7643-46b8-4da7-8514-d4e9967b1fe", "", ""),
        ] {
            assert_eq!(filters(clients, methods, templates), ExactFilters::default());
        }
    }
}
