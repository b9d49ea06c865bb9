//! Finds the end of raw text: of scripts, styles, text areas and the like.

use memchr::memchr;

use super::tag::is_delimiter;

/// How deep a script is in what looks like comments and scripts to old browsers.
///
/// See <https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Plain,
    Escaped,
    DoubleEscaped,
}

/// Raw text that is being read.
#[derive(Debug, Clone)]
pub(crate) struct RawText {
    name: &'static str,
    script: Script,
    dashes: u8,
    in_noscript: bool,
}

/// What the next bytes of raw text are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RawStep {
    /// So many bytes are content.
    Content(usize),
    /// An end tag begins here.
    End,
    /// What begins here can't be told yet.
    Undecided,
}

enum Mark {
    Nothing,
    Undecided,
    End,
    Turn { to: Script, length: usize, dashes: u8 },
}

impl RawText {
    /// `in_noscript`: the text also ends where a browser that runs scripts sees the end of `<noscript>`.
    pub(crate) fn new(name: &'static str, in_noscript: bool) -> Self {
        Self {
            name,
            script: Script::Plain,
            dashes: 0,
            in_noscript,
        }
    }

    /// What has to stand before the end tag, so that it is one.
    pub(crate) fn before_end(&self) -> &'static str {
        match self.script {
            Script::DoubleEscaped => "-->",
            Script::Plain | Script::Escaped => "",
        }
    }

    pub(crate) fn step(&mut self, bytes: &[u8]) -> RawStep {
        let mut at = 0;
        while at < bytes.len() {
            at += self.skip(&bytes[at..]);
            let rest = &bytes[at..];
            match (self.mark(rest), at) {
                _ if rest.is_empty() => {}
                (Mark::Nothing, _) => {
                    self.dashes = 0;
                    at += 1;
                }
                (Mark::Turn { to, length, dashes }, _) => {
                    (self.script, self.dashes) = (to, dashes);
                    at += length;
                }
                (Mark::End, 0) => return RawStep::End,
                (Mark::Undecided, 0) => return RawStep::Undecided,
                (Mark::End | Mark::Undecided, _) => break,
            }
        }
        RawStep::Content(at)
    }

    /// Skips to the next `<`, minding the `-->` that ends an escaped part.
    fn skip(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0;
        while self.script != Script::Plain {
            match bytes.get(at) {
                None | Some(b'<') => return at,
                Some(b'-') => self.dashes = (self.dashes + 1).min(2),
                Some(b'>') if self.dashes == 2 => self.script = Script::Plain,
                Some(_) => self.dashes = 0,
            }
            at += 1;
        }
        at + memchr(b'<', &bytes[at..]).unwrap_or(bytes.len() - at)
    }

    /// What the `<` at the beginning of `rest` stands for.
    fn mark(&self, rest: &[u8]) -> Mark {
        if self.in_noscript {
            match fit(rest, "</", "noscript") {
                Some(true) => return Mark::End,
                None => return Mark::Undecided,
                Some(false) => {}
            }
        }
        let turn = |to, length, dashes| Mark::Turn { to, length, dashes };
        let found = match (self.script, fit(rest, "</", self.name)) {
            (Script::DoubleEscaped, Some(true)) => turn(Script::Escaped, 9, 0),
            (_, Some(true)) => Mark::End,
            (_, None) => Mark::Undecided,
            (_, Some(false)) => Mark::Nothing,
        };
        match (self.script, found) {
            (Script::Escaped, Mark::Nothing) => match fit(rest, "<", "script") {
                Some(true) => turn(Script::DoubleEscaped, 8, 0),
                Some(false) => Mark::Nothing,
                None => Mark::Undecided,
            },
            (Script::Plain, Mark::Nothing) if self.name == "script" => match prefix(rest, "<!--") {
                Some(true) => turn(Script::Escaped, 4, 2),
                Some(false) => Mark::Nothing,
                None => Mark::Undecided,
            },
            (_, found) => found,
        }
    }
}

/// Whether `bytes` begin with `open`, `name` and a delimiter; `None` when they are too short to tell.
fn fit(bytes: &[u8], open: &str, name: &str) -> Option<bool> {
    let length = open.len() + name.len();
    if !prefix(bytes, open)? || !prefix(&bytes[open.len()..], name)? {
        return Some(false);
    }
    bytes.get(length).map(|&byte| is_delimiter(byte))
}

/// Whether `bytes` begin with `wanted` in any case; `None` when they are too short to tell.
pub(crate) fn prefix(bytes: &[u8], wanted: &str) -> Option<bool> {
    let length = bytes.len().min(wanted.len());
    if !bytes[..length].eq_ignore_ascii_case(&wanted.as_bytes()[..length]) {
        return Some(false);
    }
    (length == wanted.len()).then_some(true)
}
