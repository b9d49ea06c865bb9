//! The one spelling of a host, and of a path. Pure text, and read by whoever fuzzes it, too.

use std::{borrow::Cow, fmt::Write as _};

/// Why a text has no spelling that all understand alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unspellable(pub(crate) &'static str);

/// Reads `host` or `host:port`: lower case, without a dot at its end; `None` when it is no such thing.
pub(crate) fn host(text: &str) -> Option<String> {
    let (name, port) = match text.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        _ => (text, None),
    };
    let good_port = port.is_none_or(|port| {
        let digits = port.bytes().all(|b| b.is_ascii_digit());
        digits && port.parse::<u16>().is_ok_and(|number| number > 0)
    });
    let name = name.strip_suffix('.').unwrap_or(name);
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    let good_name = match name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            name.bytes().all(plain)
                && !name.is_empty()
                && name.len() <= 253
                && !name.as_bytes().windows(2).any(|pair| pair == b"..")
                && !name.ends_with('.')
        }
    };
    (good_port && good_name).then(|| {
        let mut host = String::with_capacity(text.len());
        host.push_str(name);
        host.make_ascii_lowercase();
        if let Some(port) = port {
            host.push(':');
            host.push_str(port);
        }
        host
    })
}

/// True for a path that is the same decoded and encoded: most are.
pub(crate) fn is_plain(path: &str) -> bool {
    path.bytes().all(|byte| PLAIN[usize::from(byte)])
}

/// The bytes that stand for themselves in a path (RFC 3986 §3.3).
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0;
    while byte < plain.len() {
        plain[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let others = b"/-._~!$&'()*+,;=:@";
    let mut at = 0;
    while at < others.len() {
        plain[others[at] as usize] = true;
        at += 1;
    }
    plain
};

/// Decodes percent-encoding once.
pub(crate) fn decode(raw: &str) -> Result<Cow<'_, str>, Unspellable> {
    if !raw.starts_with('/') {
        return Err(Unspellable("the target is not a path"));
    }
    let path = if raw.contains('%') {
        Cow::Owned(unescape(raw)?)
    } else {
        Cow::Borrowed(raw)
    };
    if !is_plain(&path) && path.contains(|c: char| c.is_control() || c == '\\') {
        return Err(Unspellable("a control character or backslash in the path"));
    }
    let mut segments = path[1..].split('/').peekable();
    while let Some(segment) = segments.next() {
        let empty = segment.is_empty() && segments.peek().is_some();
        if empty || segment == "." || segment == ".." {
            return Err(Unspellable("an empty or dot segment in the path"));
        }
    }
    Ok(path)
}

fn unescape(raw: &str) -> Result<String, Unspellable> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|b| char::from(b).to_digit(16));
        let (Some(high), Some(low)) = (digit(), digit()) else {
            return Err(Unspellable("broken percent-encoding in the path"));
        };
        match u8::try_from(high * 16 + low) {
            Ok(b'/') => return Err(Unspellable("an encoded slash in the path")),
            Ok(byte) => bytes.push(byte),
            Err(_) => return Err(Unspellable("broken percent-encoding in the path")),
        }
    }
    String::from_utf8(bytes).map_err(|_| Unspellable("the path is not UTF-8"))
}

/// Percent-encodes what a path can't hold (RFC 3986 §3.3), and nothing else.
pub(crate) fn encode(path: &str, query: Option<&str>) -> String {
    let mut text = String::with_capacity(path.len() + query.map_or(0, |query| query.len() + 1));
    for byte in path.bytes() {
        if PLAIN[usize::from(byte)] {
            text.push(char::from(byte));
        } else {
            write!(text, "%{byte:02X}").expect("a String takes every text");
        }
    }
    if let Some(query) = query {
        text.push('?');
        text.push_str(query);
    }
    text
}
