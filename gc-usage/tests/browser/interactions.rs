//! What a person can do with a page: sort, filter, copy, save, look at a day, follow a link.

use fantoccini::key::Key;

use super::{
    Scenario, Test, alone,
    fixtures::{Fixture, HOSTILE, MONTH},
    page::{DARK, DESKTOP, PHONE, Page},
    selectors::{
        CLIENT, CLIENT_LINK, CLIENTS, COPY, CSV, FILTER, LONG_TABLE, SHOW_ALL, SLIDER, SORTED, STATUS,
        TABLES, THEME,
    },
    session::Browser,
};

pub(crate) fn tests() -> Vec<Test> {
    let tests: [Scenario; 11] = [
        ("each column is sorted both ways", sort),
        ("a filter shows the rows with all of its words", filter),
        ("all rows are shown on demand", show_all),
        ("a table is saved as CSV", csv),
        ("a saved cell is no formula", formula),
        ("a table is copied", copy),
        ("a refused copy is said", refused_copy),
        ("arrow keys choose a day", slider),
        ("a link to a client opens it", deep_link),
        ("the theme is chosen", theme),
        ("a table that overflows can be scrolled by keys", regions),
    ];
    tests.map(alone).into()
}

/// A page with a mark on the table under test.
struct Table<'a> {
    page: Page<'a>,
}

impl<'a> Table<'a> {
    /// Marks the first of these tables.
    fn of(browser: &'a Browser, fixture: &Fixture, selector: &str) -> Self {
        let page = Page::of(browser, fixture, DESKTOP);
        page.run(
            "document.querySelector(arguments[0]).setAttribute('data-tested', '')",
            &[selector],
        );
        Self { page }
    }

    fn part(&self, selector: &str) -> String {
        format!("[data-tested] {selector}")
    }

    #[track_caller]
    fn click(&self, selector: &str) {
        self.page.click(&self.part(selector));
    }

    /// A text of each row, in order: an expression of `row`. Rows of the footer are left out.
    #[track_caller]
    fn rows(&self, expression: &str) -> Vec<Option<String>> {
        let script = format!("return [...document.querySelectorAll(arguments[0])].map(row => {expression})");
        self.page.eval(&script, &[&self.part("tbody tr")])
    }

    /// The texts of the rows that are shown.
    #[track_caller]
    fn shown(&self) -> Vec<String> {
        let rows = self.rows("row.getClientRects().length ? row.textContent.toLowerCase() : null");
        rows.into_iter().flatten().collect()
    }

    /// The values of a column, in order. A cell without a value is left out.
    #[track_caller]
    fn column(&self, column: usize) -> Vec<String> {
        let cell = format!("row.cells[{column}]");
        // A count is shown whole.
        let values = format!("({cell}.dataset.v ?? {cell}.textContent.replaceAll(',', '')) || null");
        self.rows(&values).into_iter().flatten().collect()
    }

    /// The index of each column that can be sorted, and how it is sorted.
    #[track_caller]
    fn orders(&self) -> Vec<(usize, String)> {
        let script = "return [...document.querySelectorAll(arguments[0])]
            .map(cell => [cell.cellIndex, cell.getAttribute('aria-sort') ?? 'none'])";
        self.page.eval(script, &[&self.part(SORTED)])
    }
}

fn numbers(values: &[String]) -> Option<Vec<f64>> {
    values.iter().map(|value| value.parse().ok()).collect()
}

fn sort(browser: &Browser) {
    let table = Table::of(browser, &MONTH, LONG_TABLE);
    let columns = table.orders();
    assert!(columns.len() > 3, "{columns:?}");
    for (column, _) in &columns {
        let order_of = |one: &(usize, String)| (one.0 == *column).then(|| one.1.clone());
        let before = table.orders().iter().find_map(order_of).unwrap();
        let are_numbers = numbers(&table.column(*column)).is_some_and(|numbers| !numbers.is_empty());
        let orders = match before.as_str() {
            "descending" => ["ascending", "descending"],
            "none" if !are_numbers => ["ascending", "descending"],
            _ => ["descending", "ascending"],
        };
        let [first, second] = orders.map(|order| {
            table.click(&format!("thead th:nth-child({}) button", column + 1));
            let now = table.orders();
            let of_column = |other| if other == *column { order } else { "none" };
            let expected: Vec<_> = columns
                .iter()
                .map(|(other, _)| (*other, of_column(*other).to_owned()))
                .collect();
            assert_eq!(now, expected);
            let mut values = table.column(*column);
            if order == "descending" {
                values.reverse();
            }
            assert!(
                numbers(&values).is_none_or(|numbers| numbers.is_sorted()),
                "column {column}: {values:?}"
            );
            values.dedup();
            values
        });
        // It holds for any order of texts.
        assert_eq!(first, second, "column {column}");
    }
}

fn filter(browser: &Browser) {
    let table = Table::of(browser, &MONTH, LONG_TABLE);
    let before = table.shown();
    let all: Vec<_> = table
        .rows("row.textContent.toLowerCase()")
        .into_iter()
        .flatten()
        .collect();
    table.page.focus(&table.part(FILTER));
    for (typed, words) in [
        ("ANALYTICS", &["analytics"][..]),
        (" details", &["analytics", "details"]),
    ] {
        table.page.write(typed);
        let has_words = |row: &&String| words.iter().all(|word| row.contains(word));
        let expected: Vec<_> = all.iter().filter(has_words).collect();
        assert!(
            (1..all.len()).contains(&expected.len()),
            "{words:?} are in some rows"
        );
        let says = format!("{} of {} rows", expected.len(), all.len());
        let condition = "document.querySelector(arguments[0]).textContent.startsWith(arguments[1])";
        table.page.until(condition, &[&table.part(STATUS), &says]);
        assert_eq!(table.shown().iter().collect::<Vec<_>>(), expected);
    }
    table.page.write(" nothing-has-this");
    assert_eq!(table.shown(), [] as [String; 0]);
    table.page.write(&char::from(Key::Escape).to_string());
    assert_eq!(table.page.property(&table.part(FILTER), "value"), "");
    assert_eq!(table.shown(), before);
}

fn show_all(browser: &Browser) {
    let table = Table::of(browser, &MONTH, LONG_TABLE);
    let all = table.rows("row.textContent").len();
    assert_eq!(table.shown().len(), 10, "of {all} rows");
    let button = table.page.property(&table.part(SHOW_ALL), "textContent");
    assert!(button.contains(&all.to_string()), "{button}");
    table.click(SHOW_ALL);
    assert_eq!(table.shown().len(), all);
}

/// The fields of a saved table, with the line of headings.
fn save(table: &Table<'_>) -> Vec<Vec<String>> {
    table.page.allow_saving();
    table.click(CSV);
    let text = table.page.saved();
    let text = text
        .strip_prefix('\u{feff}')
        .expect("a spreadsheet needs the mark");
    let lines = text.matches("\r\n").count();
    assert_eq!(lines, text.matches('\n').count(), "each line ends as in RFC 4180");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    // A line with another number of fields is an error.
    let records = reader.records().map(|record| record.unwrap());
    let fields = records.map(|record| record.iter().map(str::to_owned).collect());
    fields.collect()
}

fn csv(browser: &Browser) {
    let table = Table::of(browser, &MONTH, LONG_TABLE);
    let saved = save(&table);
    assert_eq!(
        saved.len(),
        1 + table.shown().len(),
        "the rows that are shown: {saved:?}"
    );
    table.click(SHOW_ALL);
    let saved = save(&table);
    let heading = |name: &str| saved[0].iter().position(|heading| heading.to_lowercase() == name);
    let requests = heading("requests").expect("a column of requests");
    let saved: Vec<_> = saved[1..].iter().map(|row| row[requests].clone()).collect();
    let is_saved = |(column, _)| table.column(column) == saved;
    assert!(
        table.orders().into_iter().any(is_saved),
        "counts in full: {saved:?}"
    );
}

fn formula(browser: &Browser) {
    let table = Table::of(browser, &HOSTILE, CLIENTS);
    let saved = save(&table).concat();
    assert!(saved.iter().any(|cell| cell.contains("HYPERLINK")), "{saved:?}");
    assert!(
        saved.iter().all(|cell| !cell.starts_with(['=', '@', '+'])),
        "{saved:?}"
    );
}

fn copy(browser: &Browser) {
    let table = Table::of(browser, &MONTH, LONG_TABLE);
    table.page.allow_saving();
    table.click(COPY);
    let condition = "document.querySelector(arguments[0]).textContent !== 'Copy'";
    table.page.until(condition, &[&table.part(COPY)]);
    let copied = table.page.clipboard();
    let fields: Vec<_> = copied.lines().map(|line| line.split('\t').count()).collect();
    assert_eq!(fields.len(), 1 + table.shown().len(), "{copied}");
    assert!(
        fields[0] > 3 && fields.iter().all(|count| *count == fields[0]),
        "{copied}"
    );
}

fn refused_copy(browser: &Browser) {
    let table = Table::of(browser, &MONTH, LONG_TABLE);
    table.page.run(
        "navigator.clipboard.writeText = () => Promise.reject(new Error('no'))",
        &[],
    );
    table.click(COPY);
    let condition = "document.querySelector(arguments[0]).textContent === 'Not allowed here'";
    table.page.until(condition, &[&table.part(COPY)]);
}

fn slider(browser: &Browser) {
    let page = Page::of(browser, &MONTH, DESKTOP);
    let days: Vec<String> = page.eval(
        "const slider = document.querySelector(arguments[0]);
         return [...document.getElementById(slider.dataset.days).querySelectorAll('tbody tr')].map(
             row => row.cells[1].textContent)",
        &[SLIDER],
    );
    assert_eq!(days.len(), 31);
    page.focus(SLIDER);
    let (home, right, left, end) = (Key::Home, Key::Right, Key::Left, Key::End);
    for (key, day) in [
        (home, 0),
        (right, 1),
        (right, 2),
        (left, 1),
        (end, 30),
        (right, 30),
    ] {
        page.write(&char::from(key).to_string());
        let [heard, seen]: [String; 2] = page.eval(
            "const slider = document.querySelector(arguments[0]);
             return [slider.getAttribute('aria-valuetext'), slider.nextElementSibling.textContent]",
            &[SLIDER],
        );
        let weekday = ["Fri", "Sat", "Sun", "Mon", "Tue", "Wed", "Thu"][day % 7];
        let (begins, requests) = (format!("{weekday} {} Mar", day + 1), &days[day]);
        assert!(
            heard.starts_with(&begins) && heard.contains(requests),
            "{requests}: {heard}"
        );
        assert_eq!(heard, seen);
    }
}

fn deep_link(browser: &Browser) {
    let page = Page::of(browser, &MONTH, DESKTOP);
    let is_open = "document.querySelector(arguments[0]).open &&
        document.activeElement === document.querySelector(arguments[0]).querySelector('summary')";
    let link = page.property(CLIENT_LINK, "hash");
    page.click(CLIENT_LINK);
    page.until(is_open, &[&link]);
    let ids = "return [...document.querySelectorAll(arguments[0])].map(one => one.id)";
    let ids: Vec<String> = page.eval(ids, &[CLIENT]);
    drop(page);
    let last = format!("#{}", ids.last().unwrap());
    assert_ne!(last, link);
    let page = Page::open(browser, &format!("{}{last}", MONTH.url()), DESKTOP);
    // The browser itself moves the focus to the start of the target, after the scripts of the page have run.
    assert!(
        page.eval::<bool>(&format!("return {is_open}"), &[&last]),
        "{last}"
    );
}

fn theme(browser: &Browser) {
    let (light, dark) = ("rgb(246, 247, 249)", "rgb(14, 17, 21)");
    for (view, automatic) in [(DESKTOP, light), (DARK, dark)] {
        let page = Page::of(browser, &MONTH, view);
        assert_eq!(page.ground(), automatic);
        for (value, ground) in [("dark", dark), ("light", light), ("auto", automatic)] {
            let radio = format!("{THEME}[value={value}]");
            page.run("document.querySelector(arguments[0]).click()", &[&radio]);
            assert_eq!(page.ground(), ground, "{value}");
        }
    }
}

fn regions(browser: &Browser) {
    let page = Page::of(browser, &MONTH, PHONE);
    page.run(
        "document.querySelectorAll('details').forEach(one => one.open = true)",
        &[],
    );
    page.settle();
    page.fits();
    let unreachable = "return [...document.querySelectorAll(arguments[0] + ', ' + arguments[0] + ' *')]
        .filter(one => one.scrollWidth > one.clientWidth && getComputedStyle(one).overflowX === 'auto'
            && !(one.tabIndex === 0 && one.getAttribute('role') === 'region' && one.getAttribute('aria-label')))
        .map(one => one.outerHTML.slice(0, 100))";
    assert_eq!(page.eval::<Vec<String>>(unreachable, &[TABLES]), [] as [&str; 0]);
}
