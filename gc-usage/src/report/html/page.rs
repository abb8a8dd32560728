//! The page: its head, its header with links to the sections, the sections of each organization, and its footer.

use std::io::{self, Write};

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{
    changes, clients,
    days::{self, described},
    detail::{self, Details},
    endpoints, limited, month,
    names::{lines, name},
    notes, organizations,
    policy::{FIRST_SCRIPT, SCRIPT, STYLE, policy},
    summary,
    view::View,
};
use crate::{
    calendar::{NamedDays, Period},
    report::{
        about::About,
        model::{Entry, Report},
        verdict::name_of,
    },
    text::{counted, escape_control},
};

/// A line with the icon of the page: a bar chart.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http%3A//www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath fill='%234f94e0' \
     d='M1 8h4v7H1zM6 1h4v14H6zM11 5h4v10h-4z'/%3E%3C/svg%3E";

type Link = (String, &'static str);

pub(super) fn write(
    out: &mut impl Write,
    entries: &[Entry],
    period: Period,
    about: &About,
) -> io::Result<()> {
    let title = title(entries, period);
    let reports = || entries.iter().filter_map(Entry::report);
    let mut subtitle = described(period);
    if let Some(report) = reports().next() {
        subtitle.push_str(&format!(
            ", compared with {}, {}",
            name_of(report.before),
            counted(report.before.days(), "day")
        ));
    }
    subtitle.push('.');
    let mut links = Vec::new();
    let mut sections = Vec::new();
    if entries.len() > 1 {
        links.push(("organizations".to_owned(), "Organizations"));
        sections.push(organizations::section(entries));
    }
    head(out, &title)?;
    let views = entries.iter().enumerate().map(|(place, entry)| {
        let view = entry.report().map(|report| View {
            report,
            about,
            place: (entries.len() > 1).then_some(place),
        });
        (place, entry, view)
    });
    let views: Vec<_> = views.collect();
    if let [(_, _, Some(view))] = &views[..] {
        links.extend(links_of(view));
    }
    links.push(("notes".to_owned(), "Notes"));
    put(out, &header(&title, &subtitle, about, &links))?;
    for section in sections {
        put(out, &section)?;
    }
    for (place, entry, view) in &views {
        match (entry, view) {
            (Entry::Failed(failed), _) => put(
                out,
                &html! {
                    section.panel.failed id=(format!("o{}", place + 1)) aria-label=(format!("No data: {}", entry.profile().unwrap_or_default())) {
                        h2 { (name(&escape_control(entry.profile().unwrap_or_default()))) ": no data" }
                        p { (lines(&failed.error)) }
                        p { "The other organizations are complete. The next report tries this one again." }
                    }
                },
            )?,
            (_, Some(view)) => organization(out, view)?,
            _ => {}
        }
    }
    put(out, &notes::section(entries, about))?;
    footer(out, &title)
}

pub(super) fn write_without_data(
    out: &mut impl Write,
    profiles: &[Option<&str>],
    days: &NamedDays,
    about: &About,
) -> io::Result<()> {
    let names: Vec<_> = profiles
        .iter()
        .flatten()
        .map(|profile| escape_control(profile))
        .collect();
    let period = name_of(days.named);
    let title = match names.is_empty() {
        true => period,
        false => format!("{}, {period}", names.join(", ")),
    };
    head(out, &title)?;
    let subtitle = format!("{}.", described(days.named));
    put(out, &header(&title, &subtitle, about, &[]))?;
    let mut sentence = days.no_data();
    sentence.replace_range(..1, "T");
    put(
        out,
        &html! {
            section.panel #summary aria-label="Summary" {
                div.verdict.neutral {
                    span.sign aria-hidden="true" { "○" }
                    div { h2 { "No data yet" } p { (sentence) "." } }
                }
                (notes::how_it_was_made(about))
            }
        },
    )?;
    footer(out, &title)
}

/// The title: the organization, or how many there are, and the period.
fn title(entries: &[Entry], period: Period) -> String {
    let period = name_of(period);
    match entries {
        [one] => match one.profile() {
            Some(profile) => format!("{}, {period}", escape_control(profile)),
            None => period,
        },
        all => format!("{}, {period}", counted(all.len(), "organization")),
    }
}

/// The sections of one organization.
fn organization(out: &mut impl Write, view: &View<'_>) -> io::Result<()> {
    let report = view.report;
    if let Some(place) = view.place {
        put(
            out,
            &html! { h2.organization id=(format!("o{}", place + 1)) { (view.organization()) } "\n" },
        )?;
    }
    put(out, &summary::section(view))?;
    if let Some(month) = month_of(report) {
        put(out, &month::section(view, month))?;
    }
    if !has_requests(report) {
        return Ok(());
    }
    let details = Details::new(report);
    put(out, &days::section(view))?;
    if let Some(changes) = changes::section(view) {
        put(out, &changes)?;
    }
    put(out, &clients::section(view, &details))?;
    put(out, &endpoints::section(view))?;
    put(out, &limited::section(view))?;
    put(out, &detail::section(view, &details))
}

/// Without any request, an empty chart says nothing.
fn has_requests(report: &Report) -> bool {
    report.totals != Default::default()
}

fn month_of(report: &Report) -> Option<&crate::projection::MonthUsage> {
    let month = report.month.as_ref()?;
    (has_requests(report) || month.requests > 0).then_some(month)
}

/// Links to the sections that are there.
fn links_of(view: &View<'_>) -> Vec<Link> {
    let report = view.report;
    let mut links = vec![("summary", "Summary")];
    if month_of(report).is_some() {
        links.push(("month", "Month"));
    }
    if has_requests(report) {
        links.push(("days", "Days"));
        if changes::section(view).is_some() {
            links.push(("changes", "Changes"));
        }
        links.extend([
            ("clients", "Clients"),
            ("endpoints", "Endpoints"),
            ("limited", "Rate limiting"),
            ("each-client", "Each client"),
        ]);
    }
    let links = links.into_iter().map(|(id, text)| (view.id(id), text));
    links.collect()
}

fn head(out: &mut impl Write, title: &str) -> io::Result<()> {
    put(
        out,
        &html! {
            (DOCTYPE) "\n"
            (PreEscaped("<html lang=\"en\">\n"))
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                meta name="robots" content="noindex";
                meta name="format-detection" content="telephone=no";
                meta name="color-scheme" content="light dark";
                title { "API usage: " (title) }
                link rel="icon" href=(ICON);
                "\n"
                style { (PreEscaped(STYLE)) }
                script { (PreEscaped(FIRST_SCRIPT)) }
            }
            "\n"
            (PreEscaped("<body>\n"))
        },
    )
}

fn header(title: &str, subtitle: &str, about: &About, links: &[Link]) -> Markup {
    html! {
        a.skip href="#main" { "Skip to the content" }
        header {
            p.kind { "API usage of a Genesys Cloud organization" }
            h1 { (title) }
            p.lead { (subtitle) }
            @if about.is_demo {
                p.demo { "A demonstration: the organization is simulated, all of this data is made up." }
            }
            @if !links.is_empty() {
                nav aria-label="Sections" {
                    ul { @for (id, text) in links { li { a href={ "#" (id) } { (text) } } } }
                }
            }
        }
        "\n"
        (PreEscaped("<main id=\"main\" tabindex=\"-1\">\n"))
    }
}

fn footer(out: &mut impl Write, title: &str) -> io::Result<()> {
    put(
        out,
        &html! {
            (PreEscaped("</main>\n"))
            footer {
                p { "API usage of Genesys Cloud, " (title) }
                fieldset.theme {
                    legend { "Colours" }
                    @for (value, text) in [("auto", "as the system"), ("light", "light"), ("dark", "dark")] {
                        label { input type="radio" name="theme" value=(value) checked[value == "auto"]; " " (text) }
                    }
                }
            }
            "\n"
            script { (PreEscaped(SCRIPT)) }
            "\n"
            (PreEscaped("</body>\n</html>\n"))
        },
    )
}

fn put(out: &mut impl Write, markup: &Markup) -> io::Result<()> {
    out.write_all(markup.0.as_bytes())
}
