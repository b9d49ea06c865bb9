//! What a command says: text for people on stdout, JSON for machines, notes on stderr, colours only where they are seen.

pub(crate) mod table;
pub(crate) mod time;
pub(crate) mod words;
mod progress;

use std::{
    borrow::Cow,
    io::{self, IsTerminal, Write},
};

use anstyle::{AnsiColor, Style};

use crate::settings::Manner;

pub(crate) use table::Table;

/// What a text means, which gives it its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Heading,
    Good,
    Attention,
    Bad,
    Minor,
}

/// Where a command's words go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
    quiet: bool,
    colours: bool,
    on_terminal: bool,
    notes_on_terminal: bool,
    width: Option<usize>,
}

impl Output {
    /// For this process's stdout and stderr.
    pub(crate) fn new(manner: Manner) -> Self {
        let terminal = io::stdout().is_terminal();
        Self {
            json: manner.json,
            quiet: manner.quiet,
            colours: terminal && manner.may_colour && !manner.json,
            on_terminal: terminal,
            notes_on_terminal: io::stderr().is_terminal(),
            width: terminal.then(width).flatten(),
        }
    }

    /// True when a machine reads stdout.
    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// True when only what was asked for is told.
    pub(crate) fn is_quiet(self) -> bool {
        self.quiet
    }

    /// True where a progress bar makes sense.
    pub(crate) fn shows_progress(self) -> bool {
        self.notes_on_terminal && !self.quiet && !self.json
    }

    /// True where the screen can be painted anew.
    pub(crate) fn paints(self) -> bool {
        self.on_terminal && !self.json
    }

    /// What was asked for: the API's JSON, or the text for people.
    pub(crate) fn result(self, json: &str, text: impl FnOnce() -> String) -> io::Result<()> {
        if self.json {
            self.print(json)
        } else {
            self.print(&text())
        }
    }

    /// What an act has done; nothing when it is to be quiet.
    pub(crate) fn done(self, json: &str, text: impl FnOnce() -> String) -> io::Result<()> {
        match (self.json, self.quiet) {
            (true, _) => self.print(json),
            (false, true) => Ok(()),
            (false, false) => self.print(&text()),
        }
    }

    /// Lines on stdout.
    pub(crate) fn print(self, text: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.trim_end_matches('\n').as_bytes())?;
        stdout.write_all(b"\n")?;
        stdout.flush()
    }

    /// A word beside what was asked for, on stderr.
    pub(crate) fn note(self, text: &str) {
        if !self.quiet {
            say(text);
        }
    }

    /// Why nothing was done, on stderr.
    pub(crate) fn error(self, text: &str) {
        say(&format!("error: {text}"));
    }

    /// `text` in the colour of its meaning.
    pub(crate) fn tone(self, tone: Tone, text: &str) -> String {
        if !self.colours || text.is_empty() {
            return text.to_owned();
        }
        let style = match tone {
            Tone::Heading => Style::new().bold(),
            Tone::Good => AnsiColor::Green.on_default(),
            Tone::Attention => AnsiColor::Yellow.on_default(),
            Tone::Bad => AnsiColor::Red.on_default().bold(),
            Tone::Minor => Style::new().dimmed(),
        };
        format!("{style}{text}{style:#}")
    }

    /// A table that fits the terminal.
    pub(crate) fn table<const N: usize>(self, headings: [&str; N]) -> Table {
        Table::new(headings.iter().map(|each| self.tone(Tone::Heading, each)), self.width)
    }
}

fn say(text: &str) {
    // Nobody is left to be told that stderr is closed.
    let _ = writeln!(io::stderr().lock(), "{}", clean(text));
}

/// What others wrote, without anything that would steer a terminal.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    let steers =
        |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if text.contains(steers) {
        Cow::Owned(text.replace(steers, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

fn width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_others_do_not_steer_the_terminal() {
        assert_eq!(
            clean("a\u{1b}[2Jb\u{9b}\r\u{202e}c\nd"),
            "a\u{fffd}[2Jb\u{fffd}\u{fffd}\u{fffd}c\nd"
        );
        assert_eq!(clean("plain — text"), "plain — text");
    }
}
