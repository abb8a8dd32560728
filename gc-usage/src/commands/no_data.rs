//! The output of `check` and `report` for a period that has started but has no data yet, as on the first day of a month.

use std::io::{self, Write};

use serde::Serialize;

use crate::{
    args::{CheckFormat, ReportFormat},
    calendar::{NamedDays, Period},
    check::{self, Limits},
    json::write_json,
    markdown::escape_markdown,
    organization::Organization,
    output::{Output, WriteError},
    report::{About, html_without_data, workbook_without_data},
    text::{escape_control, prefix},
};

/// The JSON of one organization, without the members for data.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NoData<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_over: Option<bool>,
    period: Period,
    no_data_yet: bool,
    /// Empty, since nothing is compared with limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<[(); 0]>,
}

/// Writes that no limit is exceeded yet.
pub(crate) fn check(
    out: &mut impl Write,
    limits: &Limits,
    format: CheckFormat,
    days: &NamedDays,
    organizations: &[Organization],
) -> io::Result<()> {
    let mut profiles = organizations.iter().map(|one| one.profile.as_deref());
    match format {
        CheckFormat::Text => {
            profiles.try_for_each(|profile| writeln!(out, "ok   {}{}", prefix(profile), days.no_data()))
        }
        CheckFormat::Json => json(out, days, organizations, Some(false)),
        CheckFormat::Openmetrics => check::openmetrics_without_data(out, profiles, limits),
    }
}

pub(crate) fn report(
    out: &mut Output,
    format: ReportFormat,
    days: &NamedDays,
    organizations: &[Organization],
    about: &About,
) -> Result<(), WriteError> {
    let profiles = organizations.iter().map(|one| one.profile.as_deref());
    let profiles: Vec<_> = profiles.collect();
    match format {
        ReportFormat::Json => return Ok(json(out, days, organizations, None)?),
        ReportFormat::Html => return Ok(html_without_data(out, &profiles, days, about)?),
        ReportFormat::Xlsx => return workbook_without_data(out, &profiles, days, about),
        ReportFormat::Text | ReportFormat::Markdown => {}
    }
    let (heading, shown): (_, fn(&str) -> String) = match format {
        ReportFormat::Markdown => ("# ", escape_markdown),
        _ => ("", |name| escape_control(name).into_owned()),
    };
    let Period { first, last } = days.named;
    for (place, profile) in profiles.into_iter().enumerate() {
        if place > 0 {
            writeln!(out)?;
        }
        let whose = profile.map(|name| format!(" of {}", shown(name)));
        let whose = whose.unwrap_or_default();
        let mut sentence = days.no_data();
        sentence.replace_range(..1, "T");
        writeln!(out, "{heading}API usage{whose}, {first} to {last}\n\n{sentence}.")?;
    }
    Ok(())
}

fn json(
    out: &mut impl Write,
    days: &NamedDays,
    organizations: &[Organization],
    is_over: Option<bool>,
) -> io::Result<()> {
    let all = organizations.iter().map(|organization| NoData {
        profile: organization.profile.as_deref(),
        is_over,
        period: days.named,
        no_data_yet: true,
        findings: is_over.map(|_| []),
    });
    let all: Vec<_> = all.collect();
    write_json(out, &all, |organization| organization.profile)
}
