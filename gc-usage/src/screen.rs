//! What the terminal can show: decided once, from the terminal, the environment and `--color`.

use std::{
    env,
    io::{self, IsTerminal as _},
    path::Path,
};

use anstream::{AutoStream, ColorChoice};
use anstyle::AnsiColor;
use clap::ValueEnum;

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum ColorArg {
    /// On a terminal that shows it, unless NO_COLOR or CLICOLOR_FORCE is set.
    #[default]
    Auto,
    /// Always, in files and pipes too.
    Always,
    /// Never.
    Never,
}

/// The width of charts if there is no terminal.
const PIPE_WIDTH: usize = 120;
/// The smallest width that is useful.
const NARROWEST: usize = 20;

/// What a page printed to standard output may use.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Screen {
    /// Columns of the terminal, if there is one. Lines are not longer, where their content allows.
    pub(crate) columns: Option<usize>,
    pub(crate) color: bool,
    /// Whether files get colour too.
    pub(crate) color_files: bool,
    /// Whether characters beyond ASCII can be shown: bars, sparklines, rules.
    pub(crate) unicode: bool,
}

impl Screen {
    pub(crate) fn detect(color: ColorArg) -> Self {
        let variable = |name| env::var(name).ok().filter(|value: &String| !value.is_empty());
        // The first one that is set counts, as in every program of the system.
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(variable);
        let columns = terminal_size::terminal_size_of(io::stdout())
            .map(|(width, _)| usize::from(width.0))
            // If the terminal does not know its size, the user may have set it.
            .or_else(|| {
                variable("COLUMNS")
                    .filter(|_| io::stdout().is_terminal())?
                    .parse()
                    .ok()
            });
        Self {
            columns: columns.map(|columns| columns.max(NARROWEST)),
            color_files: color == ColorArg::Always,
            color: match color {
                ColorArg::Auto => AutoStream::choice(&io::stdout()) != ColorChoice::Never,
                ColorArg::Always => true,
                ColorArg::Never => false,
            },
            unicode: !is_dumb() && locale.is_none_or(|locale| is_utf8(&locale)),
        }
    }

    /// The screen for a page that goes to `output`, if it is given: a file has no width.
    pub(crate) fn for_output(self, output: Option<&Path>) -> Self {
        match output {
            Some(_) => Self {
                columns: None,
                color: self.color_files,
                ..self
            },
            None => self,
        }
    }

    pub(crate) fn width(&self) -> usize {
        self.columns.unwrap_or(PIPE_WIDTH)
    }

    /// The text in this style, if there is colour.
    pub(crate) fn paint(&self, style: Style, text: &str) -> String {
        if self.color {
            let style = style.ansi();
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

/// The meaning of a piece of text. The words must give it too, for screens without colour.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Style {
    Heading,
    Good,
    Warning,
    Bad,
}

impl Style {
    fn ansi(self) -> anstyle::Style {
        match self {
            Self::Heading => anstyle::Style::new().bold(),
            Self::Good => AnsiColor::Green.on_default(),
            Self::Warning => AnsiColor::Yellow.on_default(),
            Self::Bad => AnsiColor::Red.on_default(),
        }
    }
}

/// Whether the terminal can only print one line after another.
pub(crate) fn is_dumb() -> bool {
    env::var_os("TERM").is_some_and(|term| term == "dumb")
}

fn is_utf8(locale: &str) -> bool {
    let locale = locale.to_ascii_lowercase();
    locale.ends_with("utf-8") || locale.ends_with("utf8")
}
