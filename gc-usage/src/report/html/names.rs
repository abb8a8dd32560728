//! Names of the service in markup: they may contain anything.

use maud::{Markup, Render, html};

use crate::{labels::plain, text::escape_control};

/// A name for people. It does not change the direction of the text around it.
pub(super) fn name(text: &str) -> Markup {
    html! { bdi { (text) } }
}

/// The path of an endpoint. It may be broken after each slash.
pub(super) fn path(text: &str) -> Markup {
    html! { code dir="ltr" { (breakable(&plain("", text))) } }
}

/// A text that may contain the path of an endpoint.
pub(super) fn breakable(text: &str) -> Markup {
    let mut parts = text.split_inclusive('/').peekable();
    html! {
        @while let Some(part) = parts.next() {
            (part)
            @if parts.peek().is_some() { wbr; }
        }
    }
}

/// A sentence or a message. Each of its lines is one in the page.
pub(super) fn lines(text: &str) -> impl Render {
    let lines: Vec<_> = text.lines().map(|line| escape_control(line.trim())).collect();
    html! {
        @for (place, line) in lines.iter().enumerate() {
            @if place > 0 { br; }
            (line)
        }
    }
}

/// The fragment of a client: stable between reports, and made of letters and digits only.
pub(super) fn fragment(id: &str) -> String {
    use sha2::{Digest as _, Sha256};
    let hash = Sha256::digest(id.as_bytes());
    let hex: Vec<_> = hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("client-{}", hex.concat())
}
