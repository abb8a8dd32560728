//! What holds for every page: people can read it on any screen and on paper, and it does nothing in the background.

use super::{
    Test, alone,
    fixtures::{ALL, Fixture, MONTH},
    page::{DARK, DARK_PHONE, DESKTOP, PHONE, Page, View},
    session::Browser,
};

/// A page with more elements is slow to lay out and to filter.
const MOST_ELEMENTS: u64 = 45_000;

const MANY_ELEMENTS: u64 = 10_000;
/// If it is set, the pages are pictured too.
const PICTURES: &str = "GC_USAGE_TEST_PICTURES";

type Check = fn(&Browser, &Fixture);

const CHECKS: [(&str, Check); 4] = [
    ("it does nothing in the background", is_quiet),
    ("it fits every width", fits),
    ("axe finds no violation", is_accessible),
    ("it is pictured", is_pictured),
];

pub(crate) fn tests() -> Vec<Test> {
    let shown = if std::env::var_os(PICTURES).is_some() {
        4
    } else {
        3
    };
    let tests = ALL.iter().flat_map(|fixture| {
        CHECKS[..shown].iter().map(move |(name, check)| -> Test {
            let test = move |browser: &Browser| check(browser, fixture);
            (format!("{}: {name}", fixture.name), Box::new(test))
        })
    });
    let paper = alone(("a month is printed on few sheets", month_on_paper));
    tests.chain([paper]).collect()
}

fn is_quiet(browser: &Browser, fixture: &Fixture) {
    let page = Page::of(
        browser,
        fixture,
        View {
            slowness: 4,
            ..DESKTOP
        },
    );
    page.is_quiet();
    let elements = page.count("*");
    assert!(elements <= MOST_ELEMENTS, "{elements} elements");
}

fn fits(browser: &Browser, fixture: &Fixture) {
    let page = Page::of(browser, fixture, DESKTOP);
    // The layout at 320 is that of a zoom of 400 %, too.
    for width in [1280, 400, 320] {
        page.look(View { width, ..DESKTOP });
        page.settle();
        page.fits();
    }
}

fn is_accessible(browser: &Browser, fixture: &Fixture) {
    let page = Page::of(browser, fixture, DESKTOP);
    // The other pages have the same colours and parts, and axe takes half a minute for each view of a large one.
    let views = match page.count("*") > MANY_ELEMENTS {
        true => &[PHONE][..],
        false => &[DESKTOP, DARK, PHONE],
    };
    views.iter().for_each(|view| page.is_accessible(*view));
}

fn is_pictured(browser: &Browser, fixture: &Fixture) {
    let page = Page::of(browser, fixture, DESKTOP);
    for (name, view) in [
        ("1280", DESKTOP),
        ("1280-dark", DARK),
        ("400", PHONE),
        ("400-dark", DARK_PHONE),
    ] {
        page.picture(&format!("{}-{name}.png", fixture.name), view);
    }
    let pages = page.print(&format!("{}.pdf", fixture.name));
    assert!(pages > 0, "the PDF has no page");
}

fn month_on_paper(browser: &Browser) {
    // Paper is light, whatever the screen is.
    let page = Page::of(browser, &MONTH, DARK);
    let pages = page.print("month-from-dark.pdf");
    assert!((1..=6).contains(&pages), "{pages} pages");
}
