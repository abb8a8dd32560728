//! The report for a terminal.

use std::io::{self, Write};

use super::{Counts, Limited, Report, Share, change};
use crate::{
    screen::{Screen, Style},
    text::{grouped, percent},
};

/// Lines of the chart of days.
const CHART_HEIGHT: usize = 6;
/// The widest that a name is shown before it is shortened in its middle.
const NARROWEST_NAME: usize = 16;

pub(crate) fn text(out: &mut impl Write, report: &Report, top: usize, screen: &Screen) -> io::Result<()> {
    let Report { period, before, .. } = report;
    let whose = report
        .profile
        .as_deref()
        .map(|name| format!(" of {name}"))
        .unwrap_or_default();
    let title = format!("API usage{whose}, {} to {}", period.first, period.last);
    let days = if period.days() == 1 { "day" } else { "days" };
    writeln!(out, "{}", screen.paint(Style::Heading, &title))?;
    writeln!(
        out,
        "{} UTC {days}; change against {} to {}\n",
        period.days(),
        before.first,
        before.last
    )?;
    totals(out, report, screen)?;
    chart(out, report, screen)?;
    shares(out, "Clients", &report.clients, report, top, screen)?;
    shares(out, "Endpoints", &report.endpoints, report, top, screen)?;
    rate_limited(out, report, top, screen)?;
    month(out, report, screen)
}

fn heading(out: &mut impl Write, text: &str, screen: &Screen) -> io::Result<()> {
    writeln!(out, "{}", screen.paint(Style::Heading, text))
}

fn totals(out: &mut impl Write, report: &Report, screen: &Screen) -> io::Result<()> {
    let (now, before) = (&report.totals, &report.totals_before);
    type Line = (&'static str, fn(&Counts) -> i128, Option<Style>);
    let lines: [Line; 6] = [
        ("Requests", |counts| counts.requests, None),
        ("  2xx", |counts| counts.status200, None),
        ("  3xx", |counts| counts.status300, None),
        ("  4xx", |counts| counts.status400, Some(Style::Warning)),
        ("    429", |counts| counts.status429, Some(Style::Bad)),
        ("  5xx", |counts| counts.status500, Some(Style::Bad)),
    ];
    let width = grouped(now.requests).len();
    for (name, count, style) in lines {
        let (count, count_before) = (count(now), count(before));
        let line = format!(
            "{name:<9} {:>width$} {:>8}  {}",
            grouped(count),
            percent(count, now.requests),
            change(count, count_before)
        );
        let line = match style.filter(|_| count > 0) {
            Some(style) => screen.paint(style, &line),
            None => line,
        };
        writeln!(out, "{line}")?;
    }
    writeln!(out)
}

/// Bars of the requests of each day; where the screen is too narrow, of the mean of several days, since the last of them
/// may be fewer.
fn chart(out: &mut impl Write, report: &Report, screen: &Screen) -> io::Result<()> {
    let most_digits = report
        .days
        .iter()
        .map(|day| grouped(day.requests).len())
        .max()
        .unwrap_or(0);
    let room = screen.width().saturating_sub(most_digits + 4).max(10);
    let together = report.days.len().div_ceil(room).max(1);
    let bars: Vec<i128> = report
        .days
        .chunks(together)
        .map(|days| mean(days.iter().map(|day| day.requests)))
        .collect();
    let what = match together {
        1 => "Requests by day".to_owned(),
        days => format!("Requests a day, mean of {days} days"),
    };
    heading(out, &what, screen)?;
    let most = bars.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return writeln!(out, "none\n");
    }
    let wide = if bars.len() * 3 <= room {
        3
    } else if bars.len() * 2 <= room {
        2
    } else {
        1
    };
    let digits = grouped(most).len();
    for line in (0..CHART_HEIGHT).rev() {
        let label = match line {
            _ if line + 1 == CHART_HEIGHT => grouped(most),
            0 => "0".to_owned(),
            _ => String::new(),
        };
        let bars: String = bars
            .iter()
            .map(|count| cell(*count, most, line, wide, screen.unicode))
            .collect();
        writeln!(
            out,
            "{label:>digits$} {} {}",
            if screen.unicode { "┤" } else { "|" },
            bars.trim_end()
        )?;
    }
    let (first, last) = (report.period.first.to_string(), report.period.last.to_string());
    let length = (bars.len() * wide).max(first.len() + last.len() + 1);
    match first == last {
        true => writeln!(out, "{:digits$}   {first}\n", "")?,
        false => writeln!(
            out,
            "{:digits$}   {first}{last:>rest$}\n",
            "",
            rest = length - first.len()
        )?,
    }
    Ok(())
}

fn mean(counts: impl ExactSizeIterator<Item = i128>) -> i128 {
    let days = counts.len().max(1) as i128;
    (counts.sum::<i128>() + days / 2) / days
}

/// What a bar shows in one line of the chart, counted from the bottom.
fn cell(count: i128, most: i128, line: usize, wide: usize, unicode: bool) -> String {
    const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let steps = i128::try_from(CHART_HEIGHT * 8).unwrap_or(48);
    // What is there is seen, however little it is.
    let filled = (count * steps / most).max(i128::from(count > 0));
    let filled = usize::try_from(filled)
        .unwrap_or(0)
        .saturating_sub(line * 8)
        .min(8);
    let letter = match unicode {
        true => EIGHTHS[filled],
        false if filled >= 4 => '#',
        false if filled > 0 => '.',
        false => ' ',
    };
    let bar = String::from(letter).repeat(wide.div_ceil(2));
    format!("{bar:<wide$}")
}

fn shares(
    out: &mut impl Write,
    what: &str,
    shares: &[Share],
    report: &Report,
    top: usize,
    screen: &Screen,
) -> io::Result<()> {
    let shown = &shares[..shares.len().min(top)];
    let Some(first) = shown.first() else {
        heading(out, what, screen)?;
        return writeln!(out, "none\n");
    };
    let most = first.counts.requests.max(1);
    let counts = grouped(first.counts.requests).len().max("Requests".len());
    let changes: Vec<_> = shown
        .iter()
        .map(|share| change(share.counts.requests, share.requests_before))
        .collect();
    let change_width = changes
        .iter()
        .map(|text| text.chars().count())
        .max()
        .unwrap_or(0)
        .max("change".len());
    let fixed = counts + 8 + change_width + 8 + 5;
    let longest = shown
        .iter()
        .map(|share| share.name.chars().count())
        .max()
        .unwrap_or(0)
        .max(what.len());
    let room = screen.width().saturating_sub(fixed).max(NARROWEST_NAME);
    let name_width = longest.min(room);
    let bar_width = room.saturating_sub(name_width + 1).min(24);
    let head = format!(
        "{what:<name_width$} {:>counts$} {:>8} {:>change_width$} {:>8}",
        "Requests", "share", "change", "errors"
    );
    heading(out, &head, screen)?;
    for (share, change) in shown.iter().zip(&changes) {
        let requests = share.counts.requests;
        let errors = percent(share.counts.errors(), requests);
        let line = format!(
            "{:<name_width$} {:>counts$} {:>8} {change:>change_width$} {errors:>8}",
            shortened(&share.name, name_width, screen.unicode),
            grouped(requests),
            percent(requests, report.totals.requests),
        );
        let bar = if bar_width < 6 {
            String::new()
        } else {
            bar(requests, most, bar_width, screen.unicode)
        };
        writeln!(out, "{}", format!("{line}  {bar}").trim_end())?;
    }
    more(out, shares.len(), top, screen)?;
    writeln!(out)
}

fn rate_limited(out: &mut impl Write, report: &Report, top: usize, screen: &Screen) -> io::Result<()> {
    const TITLE: &str = "Being rate limited";
    if report.rate_limited.is_empty() {
        heading(out, TITLE, screen)?;
        return writeln!(out, "{}\n", screen.paint(Style::Good, "nobody"));
    }
    let shown = &report.rate_limited[..report.rate_limited.len().min(top)];
    let longest = |length: fn(&Limited) -> usize| shown.iter().map(length).max().unwrap_or(0);
    let counts = longest(|pair| grouped(pair.status429).len()).max(3);
    let room = screen.width().saturating_sub(counts + 11).max(2 * NARROWEST_NAME);
    let clients = longest(|pair| pair.client.chars().count()).min(room / 2);
    let endpoints = longest(|pair| pair.endpoint.chars().count()).min(room - clients);
    let names = (clients + 1 + endpoints).max(TITLE.len());
    let head = format!("{TITLE:<names$} {:>counts$} {:>8}", "429", "rate");
    heading(out, &head, screen)?;
    for pair in shown {
        let pair_names = format!(
            "{:<clients$} {}",
            shortened(&pair.client, clients, screen.unicode),
            shortened(&pair.endpoint, endpoints, screen.unicode),
        );
        writeln!(
            out,
            "{pair_names:<names$} {:>counts$} {:>8}",
            grouped(pair.status429),
            percent(pair.status429, pair.requests),
        )?;
    }
    more(out, report.rate_limited.len(), top, screen)?;
    writeln!(out)
}

fn month(out: &mut impl Write, report: &Report, screen: &Screen) -> io::Result<()> {
    let month = &report.month;
    heading(out, &month.month.format("%B %Y").to_string(), screen)?;
    if let Some(allotment) = month.allotment {
        let allotment = i128::from(allotment);
        let whole = allotment.max(month.projected).max(1);
        let width = screen.width().saturating_sub(2).min(60);
        let style = match () {
            () if month.requests > allotment => Style::Bad,
            () if month.projected > allotment => Style::Warning,
            () => Style::Good,
        };
        let line = gauge(
            month.requests,
            month.projected,
            allotment,
            whole,
            width,
            screen.unicode,
        );
        writeln!(out, "{}", screen.paint(style, &line))?;
        let Gauge {
            full, light, mark, ..
        } = Gauge::of(screen.unicode);
        writeln!(out, "{full} used  {light} projected  {mark} included")?;
    }
    for sentence in month_sentences(report) {
        let lines = screen.columns.map(|columns| textwrap::fill(&sentence, columns));
        writeln!(out, "{}", lines.unwrap_or(sentence))?;
    }
    Ok(())
}

/// What there is to say of the month, one fact a sentence.
pub(super) fn month_sentences(report: &Report) -> Vec<String> {
    let month = &report.month;
    let mut sentences = Vec::new();
    let used = match month.allotment {
        Some(allotment) => format!(
            "{} requests until {}: {} of the {} included",
            grouped(month.requests),
            month.until,
            percent(month.requests, allotment.into()),
            grouped(allotment)
        ),
        None => format!("{} requests until {}", grouped(month.requests), month.until),
    };
    sentences.push(used);
    if month.days_left > 0 {
        let range = match month.range {
            Some((low, high)) => format!(
                ", in four of five such months between {} and {}",
                grouped(low),
                grouped(high)
            ),
            None => " (too few days are known for a range)".to_owned(),
        };
        let days = if month.days_left == 1 { "day" } else { "days" };
        sentences.push(format!(
            "projected for the month's end, {} {days} on: {}{range}",
            month.days_left,
            grouped(month.projected)
        ));
    }
    if let Some(overage) = month.overage() {
        let verb = if month.days_left > 0 { "will be" } else { "are" };
        sentences.push(match overage {
            0 => format!(
                "the month {} within its allotment",
                if month.days_left > 0 {
                    "will stay"
                } else {
                    "stayed"
                }
            ),
            overage => format!("{} requests {verb} beyond the allotment", grouped(overage)),
        });
        if let Some(price) = report.price_per_request {
            let bills = |projected: i128| {
                let beyond = (projected - i128::from(month.allotment.unwrap_or_default())).max(0);
                #[allow(clippy::cast_precision_loss, reason = "an amount of money, rounded to cents")]
                money(beyond as f64 * price)
            };
            let range = match month.range {
                Some((low, high)) if month.days_left > 0 => {
                    format!(", between {} and {}", bills(low), bills(high))
                }
                _ => String::new(),
            };
            sentences.push(format!("at {price} each: {}{range}", bills(month.projected)));
        }
    } else {
        sentences.push("give --allotment or --licences to see how much of it is included".to_owned());
    }
    sentences
}

fn money(amount: f64) -> String {
    let text = format!("{amount:.2}");
    let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
    format!("{}.{cents}", grouped(whole))
}

fn more(out: &mut impl Write, all: usize, top: usize, screen: &Screen) -> io::Result<()> {
    let dots = if screen.unicode { "…" } else { "..." };
    match all.checked_sub(top).filter(|more| *more > 0) {
        Some(more) => writeln!(out, "{dots} and {} more (--top)", grouped(more)),
        None => Ok(()),
    }
}

fn bar(count: i128, most: i128, width: usize, unicode: bool) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = usize::try_from(count * i128::try_from(width * 8).unwrap_or(0) / most).unwrap_or(0);
    match unicode {
        true => {
            let eighths = eighths.max(usize::from(count > 0));
            format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
        }
        false => "#".repeat((eighths / 8).max(usize::from(count > 0))),
    }
}

/// What is used, what is projected, and where the allotment ends.
/// The letters of the month's bar.
struct Gauge {
    full: char,
    light: char,
    empty: char,
    mark: char,
}

impl Gauge {
    fn of(unicode: bool) -> Self {
        let [full, light, empty, mark] = if unicode {
            ['█', '▒', '░', '│']
        } else {
            ['#', '+', '.', '|']
        };
        Self {
            full,
            light,
            empty,
            mark,
        }
    }
}

fn gauge(used: i128, projected: i128, allotment: i128, whole: i128, width: usize, unicode: bool) -> String {
    let place = |count: i128| {
        let width = i128::try_from(width).unwrap_or(0);
        usize::try_from(count * width / whole)
            .unwrap_or(0)
            .min(width.try_into().unwrap_or(0))
    };
    let Gauge {
        full,
        light,
        empty,
        mark,
    } = Gauge::of(unicode);
    let mut line: Vec<char> = (0..width)
        .map(|at| match () {
            () if at < place(used) => full,
            () if at < place(projected) => light,
            () => empty,
        })
        .collect();
    if place(allotment) < line.len() {
        line[place(allotment)] = mark;
    }
    line.into_iter().collect()
}

/// A name in at most `width` letters, without a part before its middle if need be: the end of a path tells most.
fn shortened(name: &str, width: usize, unicode: bool) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= width {
        return name.to_owned();
    }
    let gap = if unicode { "…" } else { ".." };
    let kept = width.saturating_sub(gap.chars().count());
    let (head, tail) = (kept / 3, kept - kept / 3);
    let text = |letters: &[char]| letters.iter().collect::<String>();
    format!(
        "{}{gap}{}",
        text(&letters[..head]),
        text(&letters[letters.len() - tail..])
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_beginning_and_end() {
        assert_eq!(shortened("api/v2/users/{userId}", 11, true), "api…userId}");
        assert_eq!(shortened("api/v2/users", 12, true), "api/v2/users");
        assert_eq!(shortened("abcdefgh", 6, false), "a..fgh");
    }

    #[test]
    fn bars_show_what_is_there_and_no_more() {
        assert_eq!(bar(0, 100, 4, true), "");
        assert_eq!(bar(1, 100_000, 4, true), "▏");
        assert_eq!(bar(50, 100, 4, true), "██");
        assert_eq!(bar(100, 100, 4, false), "####");
        assert_eq!(gauge(50, 80, 100, 100, 10, false), "#####+++..");
        assert_eq!(gauge(50, 200, 100, 200, 10, false), "##+++|++++");
    }
}
