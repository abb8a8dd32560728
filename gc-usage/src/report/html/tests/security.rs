//! Names cannot become markup, and nothing else can run or load.

use proptest::prelude::*;

use super::{
    super::policy::source,
    fixtures::{Row, hostile, page, report, running},
};
use crate::text::escape_control;

/// What stands between two texts, for each place where both are found.
fn between<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    let parts = text.split(start).skip(1);
    parts.map(|part| part.split(end).next().unwrap()).collect()
}

#[test]
fn the_policy_allows_only_the_blocks_of_the_page() {
    for page in [page(running()), page(hostile())] {
        let policy = between(&page, "http-equiv=\"Content-Security-Policy\" content=\"", "\"")[0];
        let (styles, scripts) = (
            between(&page, "<style>", "</style>"),
            between(&page, "<script>", "</script>"),
        );
        assert_eq!((styles.len(), scripts.len()), (1, 2), "no name became a block");
        let hash = |block: &&str| format!("'{}'", source(block));
        let scripts: Vec<_> = scripts.iter().map(hash).collect();
        assert_eq!(
            policy.replace("&#39;", "'"),
            format!(
                "default-src 'none'; style-src {}; script-src {}; img-src data:; base-uri 'none'; form-action 'none'; \
                 require-trusted-types-for 'script'; trusted-types 'none'",
                hash(&styles[0]),
                scripts.join(" ")
            )
        );
        let meta = page.find("http-equiv").unwrap();
        assert!(meta < page.find("<title>").unwrap() && page[..meta].contains("<meta charset=\"utf-8\">"));
    }
}

#[test]
fn nothing_is_loaded_and_no_attribute_runs_or_styles() {
    for page in [page(running()), page(hostile())] {
        let blocks: Vec<_> = ["<style>", "<script>"]
            .into_iter()
            .flat_map(|tag| between(&page, tag, "</s"))
            .collect();
        let markup = blocks
            .iter()
            .fold(page.clone(), |page, block| page.replace(block, ""));
        // Only in names, where quotes and angle brackets are escaped.
        let tags = between(&markup, "<", ">");
        for tag in tags {
            let attributes: String =
                between(tag, "\"", "\"")
                    .into_iter()
                    .step_by(2)
                    .fold(tag.to_owned(), |tag, value| {
                        if value.is_empty() {
                            tag
                        } else {
                            tag.replacen(value, "", 1)
                        }
                    });
            let runs = attributes
                .split_whitespace()
                .any(|word| word.starts_with("on") || word.starts_with("style="));
            assert!(!runs, "{tag}");
            assert!(
                !attributes.starts_with("img") && !attributes.starts_with("iframe"),
                "{tag}"
            );
        }
        assert!(!page.contains("http:") && !page.contains("https:"));
        for block in blocks {
            for forbidden in [
                "innerHTML",
                "eval(",
                "fetch(",
                "localStorage",
                "@import",
                "url(",
                "toLocale",
            ] {
                assert!(!block.contains(forbidden), "{forbidden}");
            }
        }
        // Files that are made of the page have the names unchanged, but they are not shown so.
        let shown = between(&markup, ">", "<").concat();
        assert!(!shown.contains(['\u{202e}', '\u{2028}']));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_name_is_shown_and_changes_nothing_else(text in any::<String>(), path in "[a-z<>\"'&/]{0,12}") {
        let of = |name: &str, id: &str, path: &str| {
            page(report(
                ("2024-03-01", "2024-03-31"),
                "2024-04-10",
                &[Row::new("2024-03-05", id, name, path, 5).limited(1)],
                None,
            ))
        };
        // Between marks that occur nowhere else. Lines may be broken after slashes.
        let (name, path) = (format!("⟦{}⟧", text.replace('/', "|")), format!("⟪{}⟫", path.replace('/', "|")));
        let markup = |text: &str| maud::html! { (text) }.into_string();
        let shown = of(&name, "id", &path)
            .replace(&markup(&name), "NAME")
            .replace(&markup(&escape_control(&name)), "NAME")
            .replace(&markup(&path), "PATH");
        prop_assert!(shown == of("NAME", "id", "PATH"), "{name} {path}");
    }
}
