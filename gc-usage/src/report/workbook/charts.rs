//! The charts of the summary, which show the cells of the sheets Days and Month.

use rust_xlsxwriter::{
    Chart, ChartFormat, ChartLegendPosition, ChartLine, ChartLineDashType, ChartSolidFill, ChartType,
};

use super::{days, lines::Rows, month};
use crate::{
    projection::MonthUsage,
    report::{
        model::Report,
        palette::{AXIS, BAD, FAILED_500, GRID, LIMITED, OTHER_400, SUCCEEDED},
        verdict::name_of,
    },
};

/// A lighter blue than that of requests that succeeded.
const REDIRECTED: &str = "#a9c9ef";

/// The cells of a column.
type Cells = (&'static str, u32, u16, u32, u16);

fn cells(sheet: &'static str, rows: &Rows, column: u16) -> Cells {
    let column = rows.before + column;
    (sheet, *rows.rows.start(), column, *rows.rows.end(), column)
}

/// The requests of each day, failed ones at the bottom.
pub(super) fn days(report: &Report, rows: &Rows) -> Chart {
    let mut chart = Chart::new(ChartType::ColumnStacked);
    for (name, column, colour) in [
        ("5xx", days::STATUS_500, FAILED_500.1),
        ("429", days::STATUS_429, LIMITED.1),
        ("4xx without 429", days::OTHER_400, OTHER_400.1),
        ("2xx", days::STATUS_200, SUCCEEDED.1),
        ("3xx", days::STATUS_300, REDIRECTED),
    ] {
        let fill = ChartSolidFill::new().set_color(colour).clone();
        chart
            .add_series()
            .set_name(name)
            .set_categories(cells(days::NAME, rows, days::DAY))
            .set_values(cells(days::NAME, rows, column))
            .set_format(ChartFormat::new().set_solid_fill(&fill))
            .set_gap(30);
    }
    finish(
        chart,
        "Requests by day",
        &format!("Requests of each day by status, {}", name_of(report.period)),
    )
}

/// The requests of the month, added up, with their projection and the allotment.
pub(super) fn month(month: &MonthUsage, rows: &Rows) -> Chart {
    let mut chart = Chart::new(ChartType::Line);
    let mut line = |name: &str, column: u16, colour: &str, width: f64, dash: ChartLineDashType| {
        let line = ChartLine::new()
            .set_color(colour)
            .set_width(width)
            .set_dash_type(dash)
            .clone();
        chart
            .add_series()
            .set_name(name)
            .set_categories(cells(month::NAME, rows, month::DAY))
            .set_values(cells(month::NAME, rows, column))
            .set_format(ChartFormat::new().set_line(&line));
    };
    line(
        "Added up",
        month::ADDED_UP,
        SUCCEEDED.1,
        2.5,
        ChartLineDashType::Solid,
    );
    if month.days_left > 0 {
        line(
            "Projected",
            month::PROJECTED,
            SUCCEEDED.1,
            2.5,
            ChartLineDashType::Dash,
        );
        if month.range.is_some() {
            line("Low", month::LOW, AXIS, 1.0, ChartLineDashType::RoundDot);
            line("High", month::HIGH, AXIS, 1.0, ChartLineDashType::RoundDot);
        }
    }
    if month.allotted().is_some() {
        line(
            "Allotment",
            month::ALLOTMENT,
            BAD.1,
            2.0,
            ChartLineDashType::Solid,
        );
    }
    let name = month.month.format("%B %Y");
    finish(
        chart,
        &format!("{name}, added up"),
        &format!("Requests of {name}, added up day by day"),
    )
}

fn finish(mut chart: Chart, title: &str, says: &str) -> Chart {
    chart.set_alt_text(says).title().set_name(title);
    chart.legend().set_position(ChartLegendPosition::Bottom);
    chart.x_axis().set_date_axis(true).set_num_format("d mmm");
    let grid = ChartLine::new().set_color(GRID).clone();
    chart
        .y_axis()
        .set_num_format("#,##0")
        .set_min(0)
        .set_major_gridlines_line(&grid);
    chart
}
