//! A page in its own tab: what a person does with it and sees, and what it does in the background.

use std::{fs, path::Path};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use fantoccini::{
    Locator,
    actions::{InputSource as _, KeyAction, KeyActions},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{
    fixtures::{Fixture, directory},
    session::Browser,
};
use crate::common;

/// Runs before the scripts of the page. A policy of the page does not apply to it.
const OBSERVE: &str = "
    window.seen = {shift: 0, blocked: []};
    new PerformanceObserver(list => list.getEntries().forEach(entry => seen.shift += entry.value))
        .observe({type: 'layout-shift', buffered: true});
    document.addEventListener('securitypolicyviolation',
        event => seen.blocked.push(event.violatedDirective + ' ' + event.blockedURI));";

/// Waits until the page is laid out and painted.
const SETTLE: &str = "
    const done = arguments[0];
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)));";

/// The rules of WCAG 2.2 AA, and those that axe calls best practice. It runs axe only in this document.
const AXE: &str = "
    const done = arguments[0];
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    axe.run(document, {runOnly: tags, resultTypes: ['violations'], preload: false}).then(
        found => done(found.violations.map(one => one.id + ': ' + one.nodes.map(node => node.target).join(' | '))),
        error => done([String(error)]));";

/// How a page is looked at.
#[derive(Clone, Copy)]
pub(crate) struct View {
    pub(crate) width: u32,
    pub(crate) dark: bool,
    pub(crate) scripts: bool,
    /// How many times slower the processor is.
    pub(crate) slowness: u32,
}

pub(crate) const DESKTOP: View = View {
    width: 1280,
    dark: false,
    scripts: true,
    slowness: 1,
};
pub(crate) const PHONE: View = View {
    width: 400,
    ..DESKTOP
};
pub(crate) const DARK: View = View {
    dark: true,
    ..DESKTOP
};
pub(crate) const DARK_PHONE: View = View { dark: true, ..PHONE };

pub(crate) struct Page<'a> {
    browser: &'a Browser,
    url: String,
    has_scripts: bool,
}

impl<'a> Page<'a> {
    pub(crate) fn of(browser: &'a Browser, fixture: &Fixture, view: View) -> Self {
        Self::open(browser, &fixture.url(), view)
    }

    pub(crate) fn open(browser: &'a Browser, url: &str, view: View) -> Self {
        browser.open_tab();
        let page = Self {
            browser,
            url: url.to_owned(),
            has_scripts: view.scripts,
        };
        browser.devtools("Page.enable", json!({}));
        browser.devtools(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({"source": OBSERVE}),
        );
        browser.devtools(
            "Emulation.setScriptExecutionDisabled",
            json!({"value": !view.scripts}),
        );
        // A slow processor shows what moves while the page loads.
        browser.devtools("Emulation.setCPUThrottlingRate", json!({"rate": view.slowness}));
        page.look(view);
        // What earlier tabs have left.
        browser.log("browser");
        browser.log("performance");
        browser.wait(async |client| client.goto(url).await);
        page.settle();
        page
    }

    /// Changes the width and the colours. It does not change whether scripts run.
    pub(crate) fn look(&self, View { width, dark, .. }: View) {
        let scheme = if dark { "dark" } else { "light" };
        let size = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.browser.devtools("Emulation.setDeviceMetricsOverride", size);
        self.browser.devtools("Emulation.setEmulatedMedia", media);
    }

    /// Lets the page react. Without scripts, it is laid out when it is asked for something.
    pub(crate) fn settle(&self) {
        if self.has_scripts {
            self.eval_async(SETTLE);
        }
    }

    /// What a script passes to its only argument.
    #[track_caller]
    fn eval_async(&self, script: &str) -> Value {
        self.browser
            .wait(async |client| client.execute_async(script, Vec::new()).await)
    }

    /// The value that a script returns.
    #[track_caller]
    pub(crate) fn eval<T: DeserializeOwned>(&self, script: &str, arguments: &[&str]) -> T {
        let arguments = arguments.iter().map(|argument| json!(argument)).collect();
        let value = self
            .browser
            .wait(async |client| client.execute(script, arguments).await);
        serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{script}: {error}: {value}"))
    }

    #[track_caller]
    pub(crate) fn run(&self, script: &str, arguments: &[&str]) {
        self.eval::<Value>(script, arguments);
    }

    #[track_caller]
    pub(crate) fn count(&self, selector: &str) -> u64 {
        self.eval(
            "return document.querySelectorAll(arguments[0]).length",
            &[selector],
        )
    }

    /// A property of the first of these elements.
    #[track_caller]
    pub(crate) fn property(&self, selector: &str, name: &str) -> String {
        let script = "return String(document.querySelector(arguments[0])[arguments[1]])";
        self.eval(script, &[selector, name])
    }

    /// The colour behind everything.
    #[track_caller]
    pub(crate) fn ground(&self) -> String {
        self.eval("return getComputedStyle(document.body).backgroundColor", &[])
    }

    #[track_caller]
    pub(crate) fn click(&self, selector: &str) {
        self.browser
            .wait(async |client| client.find(Locator::Css(selector)).await?.click().await);
    }

    #[track_caller]
    pub(crate) fn focus(&self, selector: &str) {
        self.run("document.querySelector(arguments[0]).focus()", &[selector]);
    }

    /// Presses keys, one after the other, in the element that has the focus.
    #[track_caller]
    pub(crate) fn write(&self, text: &str) {
        let keys = text
            .chars()
            .fold(KeyActions::new("keys".to_owned()), |keys, value| {
                keys.then(KeyAction::Down { value }).then(KeyAction::Up { value })
            });
        self.browser
            .wait(async |client| client.perform_actions(keys).await);
    }

    /// Waits until a condition of the page holds.
    #[track_caller]
    pub(crate) fn until(&self, condition: &str, arguments: &[&str]) {
        let script = format!("return Boolean({condition})");
        common::until(condition, || self.eval(&script, arguments));
    }

    /// Checks that nothing is wider than the page.
    #[track_caller]
    pub(crate) fn fits(&self) {
        let script = "return [document.documentElement.scrollWidth, innerWidth]";
        let [content, window]: [u64; 2] = self.eval(script, &[]);
        assert!(
            content <= window,
            "{}: {content} in a window of {window}",
            self.url
        );
    }

    /// Checks that the page said nothing, fetched nothing but itself, broke no policy, and did not move after it was shown.
    #[track_caller]
    pub(crate) fn is_quiet(&self) {
        let console = self.browser.log("browser");
        assert_eq!(console, [] as [Value; 0], "{}: messages", self.url);
        let events = self.browser.log("performance");
        let events = events
            .iter()
            .filter_map(|event| serde_json::from_str::<Value>(event["message"].as_str()?).ok())
            .filter(|event| event["message"]["method"] == "Network.requestWillBeSent");
        let urls = events.map(|event| {
            event["message"]["params"]["request"]["url"]
                .as_str()
                .unwrap()
                .to_owned()
        });
        let urls: Vec<_> = urls.filter(|url| !url.starts_with("data:")).collect();
        assert_eq!(urls, [self.url.split('#').next().unwrap()], "requests");
        let seen: Value = self.eval("return seen", &[]);
        assert_eq!(seen, json!({"shift": 0, "blocked": []}), "{}", self.url);
    }

    /// Checks that axe finds nothing.
    #[track_caller]
    pub(crate) fn is_accessible(&self, view: View) {
        self.look(view);
        self.settle();
        self.run(&self.browser.axe, &[]);
        let violations = self.eval_async(AXE);
        let View { width, dark, .. } = view;
        assert_eq!(violations, json!([]), "{}, width {width}, dark {dark}", self.url);
    }

    /// Keeps a picture of the whole page, for people.
    pub(crate) fn picture(&self, name: &str, view: View) {
        self.look(view);
        self.settle();
        let options = json!({"captureBeyondViewport": true});
        let picture = self.browser.devtools("Page.captureScreenshot", options);
        save(&directory().join(name), &picture);
    }

    /// Prints it to a PDF, which is kept for people, and returns its number of pages.
    pub(crate) fn print(&self, name: &str) -> usize {
        // A4, in inches.
        let paper = json!({"paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": true});
        let printed = self.browser.devtools("Page.printToPDF", paper);
        let bytes = save(&directory().join(name), &printed);
        let pages = bytes
            .windows(12)
            .filter(|bytes| bytes.starts_with(b"/Type /Page") && bytes[11] != b's');
        pages.count()
    }

    /// Waits for the only file that the page has saved, and removes it.
    pub(crate) fn saved(&self) -> String {
        let directory = self.browser.downloads.path();
        // The browser reserves the name with an empty file.
        let finished = || {
            let paths = common::entries(directory)
                .into_iter()
                .map(|name| directory.join(name));
            let mut csv = paths.filter(|path| path.extension().is_some_and(|extension| extension == "csv"));
            csv.find(|path| fs::metadata(path).is_ok_and(|file| file.len() > 0))
        };
        common::until("a file is saved", || finished().is_some());
        let path = finished().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        fs::remove_file(path).unwrap();
        text
    }

    /// Lets the page save files and use the clipboard, as a person would.
    pub(crate) fn allow_saving(&self) {
        let downloads = json!({"behavior": "allow", "downloadPath": self.browser.downloads.path()});
        self.browser.devtools("Browser.setDownloadBehavior", downloads);
        let clipboard = json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]});
        self.browser.devtools("Browser.grantPermissions", clipboard);
    }

    pub(crate) fn clipboard(&self) -> String {
        let script = "const done = arguments[0]; navigator.clipboard.readText().then(done, error => done(String(error)))";
        self.eval_async(script).as_str().unwrap().to_owned()
    }
}

impl Drop for Page<'_> {
    fn drop(&mut self) {
        self.browser.close_tab();
    }
}

/// Writes a file that the browser made.
fn save(path: &Path, file: &Value) -> Vec<u8> {
    let bytes = BASE64_STANDARD.decode(file["data"].as_str().unwrap()).unwrap();
    fs::write(path, &bytes).unwrap();
    bytes
}
