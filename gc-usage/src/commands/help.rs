//! `gc-usage completions` and `gc-usage man`.

use std::io::{self, Write as _};

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::{
    args::Args,
    exit::{Failure, Outcome},
};

pub(crate) fn completions(shell: Shell) -> Result<Outcome, Failure> {
    let mut command = Args::command();
    let name = command.get_name().to_owned();
    // To a buffer first: the generator panics where a pipe is closed.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut script);
    if shell == Shell::Bash {
        // Its function names the command otherwise than its cases do where there is a hyphen in it: clap issue 6421.
        script = String::from_utf8_lossy(&script)
            .replace("gc__subcmd__usage", "gc__usage")
            .into();
    }
    print(&script)
}

/// One page for all commands, as `man` shows it.
pub(crate) fn man() -> Result<Outcome, Failure> {
    let mut command = Args::command();
    command.build();
    let mut page = Vec::new();
    let failed = |error: io::Error| Failure::writing(&error);
    let man = clap_mangen::Man::new(command.clone());
    // Without the section that lists a page for each command: this page has them all.
    man.render_title(&mut page).map_err(failed)?;
    man.render_name_section(&mut page).map_err(failed)?;
    man.render_synopsis_section(&mut page).map_err(failed)?;
    man.render_description_section(&mut page).map_err(failed)?;
    man.render_options_section(&mut page).map_err(failed)?;
    man.render_extra_section(&mut page).map_err(failed)?;
    for subcommand in command
        .get_subcommands()
        .filter(|subcommand| subcommand.get_name() != "help")
    {
        let name = subcommand.get_name().to_uppercase();
        writeln!(page, ".SH \"GC\\-USAGE {name}\"").map_err(failed)?;
        let man = clap_mangen::Man::new(subcommand.clone());
        man.render_description_section(&mut page).map_err(failed)?;
        man.render_options_section(&mut page).map_err(failed)?;
    }
    print(&page)
}

fn print(text: &[u8]) -> Result<Outcome, Failure> {
    io::stdout()
        .write_all(text)
        .map_err(|error| Failure::writing(&error))?;
    Ok(Outcome::Fine)
}
