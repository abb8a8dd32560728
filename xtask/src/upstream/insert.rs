//! Lines added to a YAML text, whose comments, order and anchors stay.

use anyhow::{Context as _, Result};

/// Adds lines below the last one of the block that these keys lead to, with its indentation.
///
/// Reading the text and writing it again would lose its comments, and the libraries that keep them either ask for a newer
/// Rust than this workspace or flatten what is nested. Whether the outcome is what was meant is for the caller to see, who
/// reads it again.
pub(super) fn append(text: &str, keys: &[String], addition: &str) -> Result<String> {
    let lines: Vec<_> = text.lines().collect();
    let mut block = 0..lines.len();
    let mut indent = 0;
    for key in keys {
        let at = block
            .clone()
            .find(|at| indentation(lines[*at]) == indent && key_of(lines[*at]) == key);
        let at = at.with_context(|| format!("no key `{key}` stands on a line of its own"))?;
        let ends_block = |at: &usize| is_content(lines[*at]) && indentation(lines[*at]) <= indent;
        block = at + 1..(at + 1..block.end).find(ends_block).unwrap_or(block.end);
        let first = block.clone().find(|at| is_content(lines[*at]));
        let first =
            first.with_context(|| format!("`{key}` has nothing below it: write it in block style"))?;
        indent = indentation(lines[first]);
    }
    // A line that looks like a comment may be one of a text in several lines; one that is indented so far belongs here.
    let is_part = |at: &usize| !lines[*at].trim().is_empty() && indentation(lines[*at]) >= indent;
    let last = block.clone().rev().find(is_part).unwrap_or(block.start);
    let mut extended = lines[..=last].join("\n");
    for line in addition.lines() {
        extended.push('\n');
        if !line.is_empty() {
            extended.push_str(&" ".repeat(indent));
            extended.push_str(line);
        }
    }
    for line in &lines[last + 1..] {
        extended.push('\n');
        extended.push_str(line);
    }
    extended.push('\n');
    Ok(extended)
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn is_content(line: &str) -> bool {
    let line = line.trim_start();
    !line.is_empty() && !line.starts_with('#')
}

/// The key that a line begins with, or the line.
fn key_of(line: &str) -> &str {
    let line = line.trim();
    let key = line
        .split_once(": ")
        .map_or_else(|| line.trim_end_matches(':'), |(key, _)| key);
    key.trim_matches(['\'', '"'])
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# About
a:
  b: &anchor
    - one # the first
    - two

  # Behind the list
  'c': [flow]
";

    fn extended(keys: &[&str], addition: &str) -> Result<String> {
        let keys: Vec<_> = keys.iter().map(|key| (*key).to_owned()).collect();
        append(TEXT, &keys, addition)
    }

    #[test]
    fn lines_stand_at_the_end_of_their_block_and_all_else_as_it_was() {
        let list = extended(&["a", "b"], "- three:\n    - four").unwrap();
        assert_eq!(list, TEXT.replace("two\n", "two\n    - three:\n        - four\n"));
        let mapping = extended(&["a"], "d: >-\n  long\n\n  text").unwrap();
        assert_eq!(mapping, format!("{TEXT}  d: >-\n    long\n\n    text\n"));
    }

    #[test]
    fn a_text_that_looks_like_a_comment_stays_whole() {
        let text = "a:\n  b: |\n    one\n    # two\n\nc: d\n";
        let extended = append(text, &["a".to_owned()], "e: f").unwrap();
        assert_eq!(extended, text.replace("# two\n", "# two\n  e: f\n"));
    }

    #[test]
    fn what_has_no_block_is_an_error() {
        let error = |keys: &[&str]| extended(keys, "- one").unwrap_err().to_string();
        assert_eq!(error(&["a", "z"]), "no key `z` stands on a line of its own");
        assert_eq!(
            error(&["a", "c"]),
            "`c` has nothing below it: write it in block style"
        );
    }
}
