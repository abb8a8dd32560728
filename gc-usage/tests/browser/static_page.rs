//! A page that may not do everything: without scripts, under the policy of a CI server, with names that are markup.

use std::fs;

use httpmock::MockServer;
use serde_json::{Value, json};

use super::{
    Scenario, Test, alone,
    fixtures::{ALL, EMPTY, Fixture, HOSTILE, INJECTED, MONTH, ONE_CLIENT},
    page::{DESKTOP, Page, View},
    selectors::{CHARTS, TABLES, TOOLS},
    session::Browser,
};

/// How Jenkins serves the files of a build.
const JENKINS: &str = "sandbox; default-src 'none'; style-src 'self'";

const WITHOUT_SCRIPTS: View = View {
    scripts: false,
    ..DESKTOP
};

pub(crate) fn tests() -> Vec<Test> {
    let tests: [Scenario; 3] = [
        ("without scripts, all rows are shown", without_scripts),
        ("Jenkins shows the charts", jenkins),
        ("names are not markup", names),
    ];
    tests.map(alone).into()
}

/// Tables that have a row that is not shown, though the table is, and tools that are shown.
const LEFT: &str = "
    const shown = one => one.getClientRects().length > 0;
    const rows = [...document.querySelectorAll(arguments[0] + ' tr')];
    const hidden = rows.filter(row => !shown(row) && !row.closest('details:not([open])'));
    const tools = [...document.querySelectorAll(arguments[1])].filter(shown);
    return [rows.length > 0, hidden.length, tools.length, document.querySelectorAll('th button').length]";

fn without_scripts(browser: &Browser) {
    for fixture in &ALL {
        let page = Page::of(browser, fixture, WITHOUT_SCRIPTS);
        let left: Value = page.eval(LEFT, &[TABLES, TOOLS]);
        let has_rows = fixture.name != EMPTY.name;
        assert_eq!(
            left,
            json!([has_rows, 0, 0, 0]),
            "{}: rows, hidden rows, tools, buttons",
            fixture.name
        );
        page.fits();
    }
}

/// For each chart: its name, its coloured marks that have a size, and its black areas. Without a style, an area is black.
const MARKS: &str = "
    return [...document.querySelectorAll(arguments[0])].map(chart => {
        const marks = [...chart.querySelectorAll('rect, path, polygon, circle, line, polyline')].map(mark => {
            const {fill, stroke} = getComputedStyle(mark), {width, height} = mark.getBoundingClientRect();
            const isArea = width > 0 && height > 0;
            return {isArea, fill, stroke};
        });
        const isColour = paint => paint.startsWith('rgb') && paint !== 'rgb(0, 0, 0)';
        const coloured = marks.filter(mark => mark.isArea && (isColour(mark.fill) || isColour(mark.stroke))).length;
        const black = marks.filter(mark => mark.isArea && mark.fill === 'rgb(0, 0, 0)').length;
        return [chart.getAttribute('aria-label'), coloured, black];
    })";

fn jenkins(browser: &Browser) {
    let server = MockServer::start();
    server.mock(|when, then| {
        when.path("/report.html");
        then.status(200)
            .header("Content-Type", "text/html; charset=utf-8")
            .header("Content-Security-Policy", JENKINS)
            .body(fs::read_to_string(MONTH.file()).unwrap());
    });
    // The policy stops scripts, too, but then the driver would wait for those that it runs itself.
    let page = Page::open(browser, &server.url("/report.html"), WITHOUT_SCRIPTS);
    assert_eq!(page.ground(), "rgba(0, 0, 0, 0)", "the policy is in force");
    let charts: Vec<(String, u64, u64)> = page.eval(MARKS, &[CHARTS]);
    assert!(charts.len() >= 2, "{charts:?}");
    for (name, coloured, black) in charts {
        assert!(
            coloured > 0 && black == 0,
            "{name}: {coloured} coloured, {black} black"
        );
    }
    let left: Value = page.eval(LEFT, &[TABLES, TOOLS]);
    assert_eq!(left, json!([true, 0, 0, 0]));
    page.picture("month-jenkins.png", DESKTOP);
}

fn names(browser: &Browser) {
    let title = |fixture: &Fixture| Page::of(browser, fixture, DESKTOP).property("title", "textContent");
    assert_eq!(title(&HOSTILE), title(&ONE_CLIENT));
    let page = Page::of(browser, &HOSTILE, DESKTOP);
    page.is_quiet();
    let found = [
        "script",
        "img, iframe, object, embed, form",
        "[onerror], [onfocus], [onmouseover], [autofocus]",
        "td b, dd b",
    ];
    assert_eq!(
        found.map(|selector| page.count(selector)),
        [2, 0, 0, 0],
        "{found:?}"
    );
    let text = page.property("body", "textContent");
    assert!(text.contains(INJECTED), "it is shown as it is");
    let invisible = ['\u{202e}', '\u{2066}', '\u{200f}', '\u{2028}', '\u{feff}'];
    assert!(
        !text.contains(invisible),
        "characters that turn or hide text are escaped"
    );
}
