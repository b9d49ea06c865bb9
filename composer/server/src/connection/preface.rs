//! Tells HTTP/2 from HTTP/1 by a connection's first bytes.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};

use super::stream::{First, Watched};

/// What every HTTP/2 client says first (RFC 9113 §3.4).
const PREFACE: &First = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// True for HTTP/2; `None` for a client that left without a word. All that was read can be read again.
pub(super) async fn is_http2<S, K>(stream: &mut Watched<S, K>) -> io::Result<Option<bool>>
where
    S: AsyncRead + AsyncWrite + Unpin,
    K: Unpin,
{
    let mut first = [0; PREFACE.len()];
    let mut filled = 0;
    while filled < PREFACE.len() && first[..filled] == PREFACE[..filled] {
        let read = stream.read(&mut first[filled..]).await?;
        if read == 0 {
            return Ok(None);
        }
        filled += read;
    }
    let is_http2 = first == *PREFACE;
    stream.unread(first, filled);
    Ok(Some(is_http2))
}
