//! One chromedriver and one Chromium for all tests.

use std::{
    env, fmt,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use fantoccini::{
    Client, ClientBuilder,
    error::CmdError,
    wd::{Capabilities, WebDriverCompatibleCommand, WindowHandle},
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A start that takes longer hangs, even on a slow machine.
const HANG: Duration = Duration::from_secs(60);

/// axe takes long for a page with many rows.
const SCRIPT: Duration = Duration::from_secs(120);

pub(crate) enum StartError {
    Missing(&'static str),
    Failed(String),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(what) => write!(f, "there is no {what}; install it with .ci/browser --install"),
            Self::Failed(reason) => f.write_str(reason),
        }
    }
}

/// The process of chromedriver, which ends with this value.
struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) struct Browser {
    runtime: Runtime,
    client: Client,
    /// The window that stays open, because the session ends with the last one.
    first: WindowHandle,
    /// The source of axe-core.
    pub(crate) axe: String,
    /// Where pages save files.
    pub(crate) downloads: TempDir,
    _driver: Driver,
    _profile: TempDir,
}

impl Browser {
    pub(crate) fn start() -> Result<Self, StartError> {
        let driver = program("chromedriver").ok_or(StartError::Missing("chromedriver"))?;
        let chromium = program("chromium").or_else(|| program("google-chrome"));
        let chromium = chromium.ok_or(StartError::Missing("chromium"))?;
        let axe =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(axe).map_err(|_| StartError::Missing("axe-core"))?;
        let (driver, port) = start_driver(&driver).map_err(StartError::Failed)?;
        let profile = tempfile::tempdir().unwrap();
        let runtime = Runtime::new().unwrap();
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities(&chromium, profile.path()));
        let session = runtime.block_on(async {
            let address = format!("http://127.0.0.1:{port}");
            let client = tokio::time::timeout(HANG, builder.connect(&address)).await;
            let client = client.map_err(|_| "Chromium hangs".to_owned())?;
            let client = client.map_err(|error| format!("Chromium: {error}"))?;
            let first = client.window().await.map_err(|error| error.to_string())?;
            Ok((client, first))
        });
        let (client, first) = session.map_err(StartError::Failed)?;
        Ok(Self {
            runtime,
            client,
            first,
            axe,
            downloads: tempfile::tempdir().unwrap(),
            _driver: driver,
            _profile: profile,
        })
    }

    /// Waits for a command of the driver.
    #[track_caller]
    pub(crate) fn wait<T>(&self, command: impl AsyncFnOnce(Client) -> Result<T, CmdError>) -> T {
        match self.runtime.block_on(command(self.client.clone())) {
            Ok(value) => value,
            Err(error) => panic!("{error}"),
        }
    }

    /// Opens a tab and selects it.
    pub(crate) fn open_tab(&self) {
        self.wait(async |client| {
            let tab = client.new_window(true).await?;
            client.switch_to_window(tab.handle).await
        });
    }

    /// Closes the selected tab. An error would hide the one of the test.
    pub(crate) fn close_tab(&self) {
        self.runtime.block_on(async {
            let _ = self.client.dismiss_alert().await;
            let _ = self.client.close_window().await;
            let _ = self.client.switch_to_window(self.first.clone()).await;
        });
    }

    /// Sends a command of the Chrome DevTools Protocol to the selected tab.
    #[track_caller]
    pub(crate) fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.post("goog/cdp/execute", json!({"cmd": command, "params": parameters}))
    }

    /// What was logged since the last call: `browser` are messages of the console, `performance` events of the page.
    #[track_caller]
    pub(crate) fn log(&self, kind: &str) -> Vec<Value> {
        let log = self.post("se/log", json!({"type": kind}));
        log.as_array().cloned().unwrap_or_default()
    }

    #[track_caller]
    fn post(&self, path: &'static str, body: Value) -> Value {
        self.wait(async |client| client.issue_cmd(Post { path, body }).await)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends Chromium.
        let _ = self.runtime.block_on(self.client.clone().close());
    }
}

/// A command that only chromedriver has.
#[derive(Debug)]
struct Post {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Post {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}

fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let mut places = env::split_paths(&path).map(|directory| directory.join(name));
    places.find(|place| place.is_file())
}

/// Starts chromedriver, and returns the port that it has taken.
fn start_driver(program: &Path) -> Result<(Driver, u16), String> {
    let child = Command::new(program)
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = child.map_err(|error| format!("{}: {error}", program.display()))?;
    let output = BufReader::new(child.stdout.take().unwrap());
    let driver = Driver(child);
    let (found, port) = mpsc::channel();
    // It goes on reading, so that the pipe never fills up.
    thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            let words = line.rsplit_once("started successfully on port ");
            if let Some(port) = words.and_then(|(_, port)| port.trim_end_matches('.').parse().ok()) {
                let _ = found.send(port);
            }
        }
    });
    match port.recv_timeout(HANG) {
        Ok(port) => Ok((driver, port)),
        Err(_) => Err("chromedriver names no port".to_owned()),
    }
}

fn capabilities(chromium: &Path, profile: &Path) -> Capabilities {
    let flags = "--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-background-networking \
                 --no-first-run --no-proxy-server --hide-scrollbars";
    let mut flags: Vec<_> = flags.split(' ').map(str::to_owned).collect();
    flags.push(format!("--user-data-dir={}", profile.display()));
    let capabilities = json!({
        "browserName": "chrome",
        "goog:chromeOptions": {"binary": chromium, "args": flags},
        "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        "timeouts": {"script": SCRIPT.as_millis(), "pageLoad": HANG.as_millis()},
    });
    match capabilities {
        Value::Object(capabilities) => capabilities,
        _ => unreachable!("the literal is an object"),
    }
}
