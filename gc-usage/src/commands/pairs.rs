//! Checks every pair of options of every command: it must have an effect or be refused.
//!
//! The options come from clap, so a new option needs a sample here. Each pair of samples becomes a command line. Its effect
//! (the query, the connection and the output) must differ from the effect without either of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    io::{Read as _, Seek as _, Write as _},
};

use chrono::{DateTime, NaiveDate};
use clap::{Arg, CommandFactory as _, FromArgMatches as _};
use usage_client::{Aggregation, Dimension, RowBatch};

use super::{check, query, report, results, rows::RowPipeline};
use crate::{
    allotment::Allotment,
    args::{Args, Command, ShowArgs, connection::ConnectionArgs},
    calendar::{NamedDays, Period},
    check::Checked,
    compare::{self, Comparison},
    error::CliError,
    export::Context,
    output::Output,
    printer::Printer,
    report::{About, Entry, Report, ReportBuilder, needed_interval},
    screen::ColorArg,
    settings::Key,
    testing::batches,
};

/// Options with their sample values, and other options that they need. Options with a list of possible values are tried
/// with each value.
const SAMPLES: &[(&str, &[&str], &[&str])] = &[
    ("--last", &["7d"], &[]),
    ("--month", &["2024-02"], &[]),
    ("--since", &["2024-02-03"], &[]),
    ("--until", &["2024-03-08"], &["--since=2024-02-01"]),
    ("--until", &["2024-03-08"], &["--last=9d"]),
    ("--interval", &["2024-02-05/2024-02-20"], &[]),
    ("--top", &["3"], &[]),
    ("--client", &["Client 1"], &[]),
    ("--method", &["GET"], &[]),
    ("--template-uri", &["api/v2/1"], &[]),
    (
        "--sort",
        &[],
        &["--granularity=day", "--group-by=client,method,template-uri"],
    ),
    ("--output", &["rows.json", "-"], &["--format=csv"]),
    ("--output", &["page.md"], &[]),
    ("--output", &["rows.json"], &[]),
    ("--csv-for", &[], &["--format=csv"]),
    ("--csv-separator", &[], &["--format=csv"]),
    ("--allotment", &["2000"], &[]),
    ("--licences", &["cx3=2"], &[]),
    ("--price-per-request", &["0.5"], &["--allotment=1"]),
    ("--max-requests", &["7"], &[]),
    ("--max-429-share", &["1%"], &[]),
    ("--max-error-share", &["2%"], &[]),
    ("--profile", &["acme"], &[]),
    ("--region", &["eu-west-1"], &[]),
    ("--api-url", &["https://api.example"], &[]),
    ("--login-url", &["https://login.example"], &[]),
    ("--client-id", &["id"], &[]),
    ("--client-secret-file", &["secret.txt"], &[]),
    ("--proxy", &["http://proxy.example:8080"], &[]),
    ("--ca-cert", &["ca.pem"], &[]),
    ("--timeout", &["5s"], &[]),
    ("--wait-timeout", &["6s"], &["--wait"]),
    ("--port", &["8080"], &[]),
    ("--results", &["response.json"], &[]),
    ("--rows", &["9"], &[]),
    ("--running-polls", &["3"], &[]),
    ("--submit-status", &["202"], &[]),
    ("--permission", &["usage:organization:view"], &[]),
    ("--retired", &["410"], &[]),
    ("--file", &["QUERY"], &[]),
    ("--for-client", &["c7183396"], &[]),
    ("--from", &["lake"], &[]),
    ("--to", &["lake"], &[]),
    ("--refresh", &["3d"], &[]),
    ("--name", &["globex"], &[]),
    ("<ids>", &["7157a113"], &[]),
    ("<shell>", &[], &[]),
];

/// Values without an effect, because they are defaults.
const DEFAULTS: &[&str] = &[
    "--color=auto",
    "--csv-separator=comma",
    "--format=table",
    "--format=text",
    "--source=query",
];

/// Pairs in which one option rightly has no effect.
const NEEDLESS: &[(&str, &str)] = &[
    // The default order of a top.
    ("--top=3", "--sort=requests"),
    // The default format for the file name.
    ("--output=page.md", "--format=markdown"),
    ("--output=rows.json", "--format=json"),
    // Rows are grouped by the dimensions of filters, and by client by default.
    ("--client=Client 1", "--group-by=client"),
    ("--method=GET", "--group-by=client"),
    ("--template-uri=api/v2/1", "--group-by=client"),
];

/// Other arguments that a command needs.
fn base(command: &str) -> &'static [&'static str] {
    match command {
        "check" => &["--max-requests=5"],
        "results" | "status" => &["7157a113"],
        "completions" => &["bash"],
        "sync" => &["--to=lake"],
        _ => &[],
    }
}

#[test]
fn no_option_is_ignored_beside_another() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let query = r#"{"interval": "2024-02-01/2024-02-09", "groupBy": ["UserId"]}"#;
    std::fs::write(file.path(), query).unwrap();
    let mut lines = Lines::new(file.path().to_str().unwrap().to_owned());
    let mut command = Args::command();
    command.build();
    for subcommand in command.get_subcommands() {
        let name = subcommand.get_name();
        if name == "help" {
            continue;
        }
        lines.root = alone(name);
        let is_own = |option: &&Arg| !matches!(option.get_id().as_str(), "help" | "version");
        let options = subcommand.get_arguments().filter(is_own);
        let samples: Vec<_> = options.flat_map(|option| lines.samples(option)).collect();
        let mut honoured = BTreeSet::new();
        for (place, one) in samples.iter().enumerate() {
            for other in samples[..place].iter().filter(|other| other.option != one.option) {
                let line = [lines.plain(name, one, other), lines.with_needs(name, one, other)];
                for words in &line[usize::from(line[0] == line[1])..] {
                    if lines.is_honoured(name, words, one, other) {
                        honoured.insert(one.option.clone());
                        honoured.insert(other.option.clone());
                    }
                }
            }
        }
        // If all pairs were refused, the test would prove nothing.
        let options: BTreeSet<_> = samples.iter().map(|sample| sample.option.clone()).collect();
        let refused = options.difference(&honoured);
        let refused: Vec<_> = refused.filter(|option| !may_be_refused(name, option)).collect();
        assert!(
            options.len() < 2 || refused.is_empty(),
            "{name}: has no effect with any other option: {refused:?}"
        );
    }
    assert_eq!(lines.ignored, [""; 0], "ignored without an error");
}

fn alone(command: &str) -> clap::Command {
    let all = Args::command();
    let root = clap::Command::new("gc-usage").args(all.get_arguments());
    root.subcommand(all.find_subcommand(command).unwrap())
}

/// Arguments that a command always has, and options that it accepts only to explain why it cannot use them.
fn may_be_refused(command: &str, option: &str) -> bool {
    match option {
        "<ids>" | "<shell>" | "--to" => true,
        "--wait-timeout" => matches!(command, "submit" | "status" | "login"),
        "--demo" => matches!(command, "status" | "results" | "profiles"),
        _ => false,
    }
}

/// One option with one value.
#[derive(Clone)]
struct Sample {
    option: String,
    word: String,
    needs: &'static [&'static str],
}

/// Command lines with their effects.
struct Lines {
    /// The parser with only one command, which is much faster.
    root: clap::Command,
    known: BTreeMap<Vec<String>, Option<String>>,
    batch: RowBatch,
    query_file: String,
    ignored: Vec<String>,
}

impl Lines {
    fn new(query_file: String) -> Self {
        Self {
            root: Args::command(),
            known: BTreeMap::new(),
            batch: rows(),
            query_file,
            ignored: Vec::new(),
        }
    }

    /// The samples of an option. Panics if there is none.
    fn samples(&self, option: &Arg) -> Vec<Sample> {
        let name = match option.get_long() {
            Some(long) => format!("--{long}"),
            None => format!("<{}>", option.get_id()),
        };
        let takes_value = option.get_num_args().is_some_and(|number| number.takes_values());
        let possible = option.get_possible_values();
        let possible: Vec<_> = possible.iter().map(|value| value.get_name().to_owned()).collect();
        let entries: Vec<_> = SAMPLES.iter().filter(|(option, ..)| *option == name).collect();
        let word = |value: &str| match option.is_positional() {
            true => value.to_owned(),
            false => format!("{name}={value}"),
        };
        let sample = |word: String, needs| Sample {
            option: name.clone(),
            word,
            needs,
        };
        if !takes_value {
            return vec![sample(name.clone(), &[])];
        }
        if !possible.is_empty() {
            let needs = entries.first().map_or(&[][..], |(.., needs)| needs);
            let words = possible.iter().map(|value| word(value));
            let words = words.filter(|word| !DEFAULTS.contains(&word.as_str()));
            return words.map(|word| sample(word, needs)).collect();
        }
        assert!(
            !entries.is_empty(),
            "{name} is new: add a sample of it to SAMPLES"
        );
        let samples = entries.iter().flat_map(|(_, values, needs)| {
            values.iter().map(|value| match *value {
                "QUERY" => sample(word(&self.query_file), *needs),
                value => sample(word(value), *needs),
            })
        });
        samples.collect()
    }

    fn plain(&self, command: &str, one: &Sample, other: &Sample) -> Vec<String> {
        let limits = ["--max", "--allotment", "--licences"];
        let is_limit = |sample: &Sample| limits.iter().any(|limit| sample.option.starts_with(limit));
        let base = base(command).iter().filter(|word| match command {
            "check" => !is_limit(one) && !is_limit(other),
            _ => !one.option.starts_with('<') && !other.option.starts_with('<') || word.starts_with('-'),
        });
        let words = base.map(|word| (*word).to_owned());
        words.chain([one.word.clone(), other.word.clone()]).collect()
    }

    fn with_needs(&self, command: &str, one: &Sample, other: &Sample) -> Vec<String> {
        let mut words = self.plain(command, one, other);
        for need in one.needs.iter().chain(other.needs) {
            let option = need.split('=').next().unwrap();
            if !words.iter().any(|word| word.split('=').next() == Some(option)) {
                words.push((*need).to_owned());
            }
        }
        words
    }

    /// Whether the line is accepted. Collects options that are ignored in it.
    fn is_honoured(&mut self, command: &str, words: &[String], one: &Sample, other: &Sample) -> bool {
        let Some(both) = self.effect_of(command, words) else {
            return false;
        };
        for (left_out, kept) in [(one, other), (other, one)] {
            let without = words.iter().filter(|word| **word != left_out.word);
            let without: Vec<_> = without.cloned().collect();
            let (left_out, kept) = (left_out.word.as_str(), kept.word.as_str());
            let is_needless = NEEDLESS.contains(&(left_out, kept)) || NEEDLESS.contains(&(kept, left_out));
            if !is_needless && self.effect_of(command, &without).as_ref() == Some(&both) {
                self.ignored
                    .push(format!("{command}: {left_out} in {}", words.join(" ")));
            }
        }
        true
    }

    fn effect_of(&mut self, command: &str, words: &[String]) -> Option<String> {
        let line = [&["gc-usage".to_owned(), command.to_owned()][..], words].concat();
        let outcome = |line: &Vec<String>| outcome(&self.root, line, &self.batch);
        self.known.entry(line).or_insert_with_key(outcome).clone()
    }
}

/// The effect of a command line, by the code of the commands, without a service. A line that is refused has none.
fn outcome(root: &clap::Command, line: &[String], batch: &RowBatch) -> Option<String> {
    let matches = root.clone().try_get_matches_from(line).ok()?;
    let args = Args::from_arg_matches(&matches).ok()?;
    args.command.verify().ok()?;
    let text = effect(args.command, batch).ok()?;
    Some(format!(
        "{:?} {} {}\n{text}",
        args.color, args.verbose, args.quiet
    ))
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 3, 15).unwrap()
}

fn effect(command: Command, batch: &RowBatch) -> Result<String, CliError> {
    Ok(match command {
        Command::Query(args) => {
            let (query, _) = args
                .select
                .request(&args.source.source(), &args.show.filter, today())?;
            for key in args.show.sort(&query.metrics) {
                query::check_sort(key, &query)?;
            }
            let context = query::context(&args.show, &query, false);
            let shown = shown(&args.show, context, batch)?;
            let from = args.from;
            format!("{query:?} {shown} {from:?} {}", connected(&args.connection)?)
        }
        Command::Submit(args) => {
            let source = args.source.source();
            let (query, _) = args
                .select
                .request(&source, &crate::args::FilterArgs::default(), today())?;
            format!("{query:?} {}", connected(&args.connection)?)
        }
        Command::Results(args) => {
            let rows = match args.raw {
                true => format!("raw to {:?}", args.show.output.output),
                false => shown(&args.show, results::context(&args), batch)?,
            };
            let connected = connected(&args.connection)?;
            format!(
                "{:?} {} {:?} {rows} {connected}",
                args.ids, args.wait, args.source
            )
        }
        Command::Status(args) => {
            let connected = connected(&args.connection)?;
            format!("{:?} {:?} {connected}", args.ids, args.source)
        }
        Command::Report(args) => {
            let days = args.period.days(today())?;
            let (format, top) = args.format_and_top()?;
            let mut report = reported(&days, true, args.allotment.requests(), batch)?;
            report.price_per_request = args.price_per_request;
            let period = report.period;
            let all = [Entry::Report(Box::new(report))];
            let about = About {
                is_demo: args.connection.demo,
                created: DateTime::UNIX_EPOCH,
                command: args.command(period),
                top,
            };
            let page =
                written(|output| report::write(output, format, &all, period, &about, &printer().screen));
            let (source, connected) = ((args.source, args.from), connected(&args.connection)?);
            format!(
                "{:?} {page} {:?} {} {source:?} {connected}",
                days.queried(),
                args.output.output,
                args.open
            )
        }
        Command::Check(args) => {
            let days = args.period.days(today())?;
            let format = args.output.format()?;
            let report = reported(&days, false, args.allotment.requests(), batch)?;
            let checked = Checked::new(&report, &args.limits(), printer().screen.unicode);
            let page = written(|output| check::write(output, format, &[checked]));
            let (source, connected) = ((args.source, args.from), connected(&args.connection)?);
            format!(
                "{:?} {page} {:?} {source:?} {connected}",
                days.queried(),
                args.output.output
            )
        }
        Command::CompareSources(args) => {
            let days = args.period.days(today())?;
            let style = args.csv.style(&args.output)?;
            let mut sums = Aggregation::by([Dimension::OAuthClientId]);
            sums.add_batch(batch)?;
            let none = Aggregation::by([Dimension::OAuthClientId]);
            let comparison = Comparison::new(Period::of(&days.interval.unwrap()), sums, none);
            let page = written(|output| compare::write(output, style, &comparison, &printer().screen));
            let connected = connected(&args.connection)?;
            format!("{:?} {page} {:?} {connected}", days.queried(), args.output.output)
        }
        #[cfg(feature = "sync")]
        Command::Sync(args) => {
            let run = args.run;
            let connected = connected(&run.connection)?;
            format!(
                "{:?} {:?} {} {} {} {:?} {:?} {connected}",
                run.to, run.since, run.refresh, run.verify, run.dry_run, run.name, run.source
            )
        }
        Command::Profiles(args) => connected(&args.connection)?,
        Command::Login(args) => format!("{} {}", args.check, connected(&args.connection)?),
        Command::Simulate(args) => {
            format!(
                "{} {:?} {:?} {} {} {} {:?} {:?}",
                args.port,
                args.results,
                args.rows,
                args.running_polls,
                args.no_compression,
                args.submit_status,
                args.permissions,
                args.retired
            )
        }
        Command::Completions(args) => args.shell.to_string(),
        Command::Man => String::new(),
    })
}

/// The output of rows, and its destination.
fn shown(args: &ShowArgs, context: Context, batch: &RowBatch) -> Result<String, CliError> {
    let style = args.csv.style(&args.output)?;
    let printer = printer();
    let page = written(|output| {
        let mut shown = RowPipeline::new(context, args, style, &printer, output);
        shown.batch(None, batch).unwrap();
        shown.finish(&[])
    });
    Ok(format!("{page} to {:?}", args.output.output))
}

fn reported(
    days: &NamedDays,
    compared: bool,
    allotment: Option<Allotment>,
    batch: &RowBatch,
) -> Result<Report, CliError> {
    let period = Period::of(&days.interval.unwrap());
    let needed = needed_interval(period, compared, true, today().pred_opt().unwrap())?;
    let mut builder = ReportBuilder::new(period, needed);
    builder.add(batch)?;
    Ok(builder.report(allotment))
}

/// The connection. A demo ignores all settings but the timeouts.
fn connected(args: &ConnectionArgs) -> Result<String, CliError> {
    let mut selection = args.selection()?;
    if selection.demo {
        let times = [Key::Timeout, Key::WaitTimeout];
        selection.options.retain(|key| times.contains(&key));
    }
    Ok(format!("{selection:?}"))
}

/// A quiet printer.
fn printer() -> Printer {
    Printer::new(ColorArg::Never, true, false)
}

fn written<E: Debug>(write: impl FnOnce(&mut Output) -> Result<(), E>) -> String {
    let mut page = tempfile::tempfile().unwrap();
    let mut output = Output::stream(page.try_clone().unwrap());
    write(&mut output).unwrap();
    output.flush().unwrap();
    page.rewind().unwrap();
    let mut bytes = Vec::new();
    page.read_to_end(&mut bytes).unwrap();
    // A workbook is not text, but equal ones stay equal.
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Random rows, so that each key gives another order.
fn rows() -> RowBatch {
    let mut random = fastrand::Rng::with_seed(11);
    let rows = (0..60).map(|_| {
        let (client, template) = (random.u8(0..4), random.u8(0..4));
        let counts = [0; 4].map(|_| random.u16(0..500));
        serde_json::json!({
            "date": format!("2024-{:02}-{:02}T00:00:00Z", random.u8(2..4), random.u8(1..15)),
            "clientId": format!("id-{client}"),
            "clientName": format!("Client {client}"),
            "organizationId": "",
            "userId": "",
            "templateUri": format!("api/v2/{template}"),
            "httpMethod": random.choice(["GET", "POST", "PUT"]),
            "status200": counts[0],
            "status300": counts[1],
            "status400": counts[2],
            "status500": counts[3],
            "status429": random.u16(0..=counts[2]),
            "requests": counts.iter().sum::<u16>(),
        })
    });
    let [batch] = batches(&rows.collect::<Vec<_>>())
        .try_into()
        .expect("they fit one batch");
    batch
}
