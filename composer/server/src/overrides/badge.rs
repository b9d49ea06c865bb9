//! The badge of a page that shows a developer's version.

use bytes::Bytes;

use super::Override;
use crate::security::Nonce;

const STYLE: &str = include_str!("badge.css");
const SCRIPT: &str = include_str!("badge.js");
const SCHEMAS: &str = include_str!("schemas.js");

/// The badge's HTML; `problem` says why the page shows the live version all the same.
pub(crate) fn badge(shown: &Override, problem: Option<&str>, prefix: &str, nonce: &Nonce) -> Bytes {
    let nonce = nonce.as_str();
    let (app, version, id) = (shown.app_name(), &shown.version.version, &shown.id);
    let (hour, minute) = (shown.expires_at_s / 3_600 % 24, shown.expires_at_s / 60 % 60);
    let problem = problem
        .map(|text| format!("<pre>{}</pre>", escaped(text)))
        .unwrap_or_default();
    let html = format!(
        "<aside id=\"marquetry-override\" aria-label=\"Override {id}\" data-version=\"{version}\" \
         data-events=\"{prefix}/override/events\" data-schemas=\"{prefix}/override/schemas\">\n<style nonce=\"{nonce}\">{STYLE}</style>\n\
         <p><strong>Override</strong> {app} {version}<br>ends <time>{hour:02}:{minute:02} UTC</time></p>{problem}\n\
         <form method=\"post\" action=\"{prefix}/override/close\"><button>Close override</button></form>\n\
         <script type=\"module\" nonce=\"{nonce}\">{SCRIPT}</script>\n\
         <script type=\"module\" nonce=\"{nonce}\">{SCHEMAS}</script>\n</aside>\n"
    );
    html.into()
}

/// Text for HTML, as far as it is worth showing.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().take(2_000) {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            c => out.push(c),
        }
    }
    out
}
