//! Reads server-sent events out of bytes that a stranger sends (<https://html.spec.whatwg.org/#server-sent-events>).

use contract::feed::{AUDIENCE, LONGEST_VALUE_BYTES, MOST_AUDIENCES, TIME};

/// A longer event is none.
const LONGEST_BYTES: usize = LONGEST_VALUE_BYTES + (16 << 10);

/// One event, as it is on the wire.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) id: String,
    pub(super) event: String,
    /// Its lines, a line break between.
    pub(super) data: String,
    pub(super) time: Option<u64>,
    pub(super) audiences: Vec<String>,
}

/// Why bytes are no events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum WireError {
    #[error("an event has more than {LONGEST_BYTES} bytes")]
    Long,
    #[error("an event has more than {MOST_AUDIENCES} audiences")]
    Audiences,
    #[error("an event is not UTF-8")]
    NotText,
}

/// What has come of the event that is under way.
#[derive(Debug, Default)]
pub(super) struct Parser {
    line: Vec<u8>,
    block: Block,
    has_data: bool,
    bytes: usize,
    /// True after a `\r`: a `\n` behind it is the same line break.
    after_return: bool,
    has_begun: bool,
}

impl Parser {
    /// Reads on; `found` gets each event that is whole, and ends the reading with `false`.
    ///
    /// # Errors
    /// When these are no events.
    pub(super) fn push(&mut self, bytes: &[u8], mut found: impl FnMut(Block) -> bool) -> Result<bool, WireError> {
        for part in bytes.split_inclusive(|b| matches!(b, b'\n' | b'\r')) {
            let (text, end) = match part.split_last() {
                Some((end @ (b'\n' | b'\r'), text)) => (text, Some(*end)),
                _ => (part, None),
            };
            let is_second_half = end == Some(b'\n') && text.is_empty() && self.after_return;
            self.after_return = end == Some(b'\r');
            if is_second_half {
                continue;
            }
            self.bytes += part.len();
            if self.bytes > LONGEST_BYTES {
                return Err(WireError::Long);
            }
            self.line.extend_from_slice(text);
            if end.is_some()
                && let Some(block) = self.end_line()?
                && !found(block)
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn end_line(&mut self) -> Result<Option<Block>, WireError> {
        let line = std::mem::take(&mut self.line);
        let line = str::from_utf8(&line).map_err(|_| WireError::NotText)?;
        let line = if std::mem::replace(&mut self.has_begun, true) {
            line
        } else {
            line.trim_start_matches('\u{feff}')
        };
        if line.is_empty() {
            self.bytes = 0;
            let block = std::mem::take(&mut self.block);
            return Ok(std::mem::take(&mut self.has_data).then_some(block));
        }
        if line.starts_with(':') && self.block == Block::default() {
            // A beat stands alone: it isn't the beginning of a long event.
            self.bytes = 0;
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        self.field(name, value.strip_prefix(' ').unwrap_or(value))?;
        Ok(None)
    }

    fn field(&mut self, name: &str, value: &str) -> Result<(), WireError> {
        let block = &mut self.block;
        match name {
            "id" => value.clone_into(&mut block.id),
            "event" => value.clone_into(&mut block.event),
            "data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    block.data.push('\n');
                }
                block.data.push_str(value);
            }
            TIME => block.time = value.parse().ok(),
            AUDIENCE if block.audiences.len() >= MOST_AUDIENCES => return Err(WireError::Audiences),
            AUDIENCE => block.audiences.push(value.to_owned()),
            // A comment, or a field that nobody knows.
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parts: &[&[u8]]) -> Result<Vec<Block>, WireError> {
        let (mut parser, mut blocks) = (Parser::default(), vec![]);
        for part in parts {
            parser.push(part, |block| {
                blocks.push(block);
                true
            })?;
        }
        Ok(blocks)
    }

    #[test]
    fn events_are_the_same_however_they_are_cut() {
        let text = "\u{feff}: hello\r\nid: a-1\r\nevent:shop:count\rdata: {\ndata:  1}\naudience: x\naudience: y z\ntime: 7\nother\n\n\
            \nid: a-2\n\n:\n\ndata\n\r\nevent: unfinished\ndata: 1\n";
        let whole = read(&[text.as_bytes()]).unwrap();
        assert_eq!(whole.len(), 2, "{whole:?}");
        let first = Block {
            id: "a-1".into(),
            event: "shop:count".into(),
            data: "{\n 1}".into(),
            time: Some(7),
            audiences: vec!["x".into(), "y z".into()],
        };
        assert_eq!(whole, [first, Block::default()]);
        for at in 0..text.len() {
            let (one, other) = text.as_bytes().split_at(at);
            assert_eq!(read(&[one, other]).unwrap(), whole, "{at}");
        }
        let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        assert_eq!(read(&bytes).unwrap(), whole);
    }

    #[test]
    fn what_has_no_end_is_no_event() {
        assert_eq!(read(&[&[b'a'; LONGEST_BYTES + 1]]), Err(WireError::Long));
        let drips = vec![&b"data: 123456789\n"[..]; 3_000];
        assert_eq!(read(&drips), Err(WireError::Long));
        let beats = vec![&b":\n"[..]; 100_000];
        assert_eq!(read(&beats), Ok(vec![]), "beats may go on for ever");
        assert_eq!(read(&[b"data: \xff\n"]), Err(WireError::NotText));
        assert_eq!(read(&[&b"audience: a\n".repeat(65)]), Err(WireError::Audiences));
    }
}
