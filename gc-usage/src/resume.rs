//! The ids of executions, and the commands that show their rows later.

use std::sync::{Arc, Mutex, PoisonError};

use crate::shell::{can_be_quoted, word};

/// Checks and trims the id of an execution. One from a file may end with a line break.
pub(crate) fn execution_id(text: &str) -> Result<String, String> {
    let id = text.trim();
    match id.find(char::is_control) {
        Some(_) => Err(format!(
            "an execution id contains no control characters, but this one does: `{}`",
            id.escape_debug()
        )),
        None if id.is_empty() => Err("an execution id cannot be empty".to_owned()),
        None if matches!(id, "." | "..") => Err(format!(
            "`{id}` is not an execution id; gc-usage submit prints one"
        )),
        None => Ok(id.to_owned()),
    }
}

/// The command that shows the rows of an execution, or of jobs. The ids are from the service, so they may contain any
/// character.
pub(crate) fn results_command(ids: &[String], wait: bool, options: &str) -> String {
    let wait = if wait { " --wait" } else { "" };
    if !ids.iter().all(|id| can_be_quoted(id)) {
        // The message contains the id.
        return format!("gc-usage results ID{wait}{options}");
    }
    let words: Vec<_> = ids.iter().map(|id| word(id)).collect();
    let words = words.join(" ");
    // After `--`, an argument that begins with a hyphen is not an option.
    match ids.iter().any(|id| id.starts_with('-')) {
        true => format!("gc-usage results{wait}{options} -- {words}"),
        false => format!("gc-usage results {words}{wait}{options}"),
    }
}

/// The commands that show the rows of the executions that this process waits for, in case it is interrupted.
#[derive(Clone, Debug, Default)]
pub(crate) struct ResumeCommands(Arc<Mutex<Vec<String>>>);

impl ResumeCommands {
    pub(crate) fn add(&self, command: String) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(command);
    }

    pub(crate) fn list(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stays_one_word_and_is_not_an_option() {
        for (id, command) in [
            ("7157a113-2751", "gc-usage results 7157a113-2751 --wait --top=2"),
            ("x; touch it #", "gc-usage results 'x; touch it #' --wait --top=2"),
            ("it's $(id)", "gc-usage results 'it'\\''s $(id)' --wait --top=2"),
            ("~/x", "gc-usage results '~/x' --wait --top=2"),
            ("--raw", "gc-usage results --wait --top=2 -- --raw"),
            ("-o x", "gc-usage results --wait --top=2 -- '-o x'"),
        ] {
            assert_eq!(results_command(&[id.to_owned()], true, " --top=2"), command);
        }
        assert_eq!(
            results_command(&["a".to_owned()], false, ""),
            "gc-usage results a"
        );
        // In fish, a quote after a backslash is a part of the word.
        assert_eq!(
            results_command(&["\\'; echo run #".to_owned()], false, ""),
            "gc-usage results ID"
        );
    }

    #[test]
    fn the_ids_of_jobs_keep_their_order() {
        let command = |ids: [&str; 2]| results_command(&ids.map(str::to_owned), true, " --source=jobs");
        assert_eq!(
            command(["b", "a 1"]),
            "gc-usage results b 'a 1' --wait --source=jobs"
        );
        assert_eq!(
            command(["b", "-a"]),
            "gc-usage results --wait --source=jobs -- b -a"
        );
    }

    #[test]
    fn an_id_is_trimmed_and_has_no_control_characters() {
        assert_eq!(execution_id(" 7157a113\r\n").as_deref(), Ok("7157a113"));
        for text in ["a\rb", "a\u{1b}[31m", "", "\r\n"] {
            let reason = execution_id(text).unwrap_err();
            assert!(!reason.contains(char::is_control), "{reason}");
        }
    }
}
