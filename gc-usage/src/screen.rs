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

/// How wide charts and bars are drawn where there is no terminal to ask.
const PIPE_WIDTH: usize = 120;
/// Nothing of use fits into less.
const NARROWEST: usize = 20;

/// What a page printed to standard output may use.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Screen {
    /// Columns of the terminal, if it is one: no line of a page is longer, where its content allows.
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
        // The first of these that is set says it all, as for every program on the system.
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(variable);
        let columns = terminal_size::terminal_size_of(io::stdout())
            .map(|(width, _)| usize::from(width.0))
            // A terminal that does not know its size may have been told by its user.
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

    /// The same for a page that goes to a file, if it does: there is no terminal to fit.
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

    /// `text` in the given style, as far as there is colour.
    pub(crate) fn paint(&self, style: Style, text: &str) -> String {
        if self.color {
            let style = style.ansi();
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

/// What a piece of text means; the words must say it too, for screens without colour.
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
