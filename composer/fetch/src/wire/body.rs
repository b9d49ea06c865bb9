//! The body of a response, piece by piece as its bytes come.

use bytes::{Buf, Bytes, BytesMut};

use super::{WireError, chunk::Chunk};

/// The body of a response, as far as it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    /// So many bytes are left.
    Length(u64),
    Chunked(Chunk),
    /// It ends with the connection.
    UntilClosed,
}

/// What the bytes that have come hold of a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Content(Bytes),
    /// Nothing but framing, if that: more has to come.
    More,
    End,
}

impl Body {
    pub(crate) fn none() -> Self {
        Self::Length(0)
    }

    pub(crate) fn of(bytes: u64) -> Self {
        Self::Length(bytes)
    }

    pub(crate) fn chunked() -> Self {
        Self::Chunked(Chunk::Size(0, 0))
    }

    pub(crate) fn until_closed() -> Self {
        Self::UntilClosed
    }

    /// Its length, where that was said.
    pub(crate) fn length(&self) -> Option<u64> {
        match self {
            Self::Length(bytes) => Some(*bytes),
            Self::Chunked(_) | Self::UntilClosed => None,
        }
    }

    /// True when all of it has been taken.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self, Self::Length(0) | Self::Chunked(Chunk::Over))
    }

    /// Takes its next piece out of `buffer`.
    ///
    /// # Errors
    /// When its framing is broken.
    pub(crate) fn take(&mut self, buffer: &mut BytesMut) -> Result<Piece, WireError> {
        match self {
            Self::Length(left) => Ok(content(left, buffer)),
            Self::UntilClosed => Ok(content(&mut { u64::MAX }, buffer)),
            Self::Chunked(chunk) => chunked(chunk, buffer),
        }
    }

    /// The connection was closed.
    ///
    /// # Errors
    /// When something is missing.
    pub(crate) fn closed(&self) -> Result<(), WireError> {
        match self {
            Self::Length(0) | Self::Chunked(Chunk::Over) | Self::UntilClosed => Ok(()),
            Self::Length(_) | Self::Chunked(_) => Err(WireError::Closed),
        }
    }
}

/// All of `buffer` that belongs to the `left` bytes.
fn content(left: &mut u64, buffer: &mut BytesMut) -> Piece {
    if *left == 0 {
        return Piece::End;
    }
    let here = usize::try_from(*left).unwrap_or(usize::MAX).min(buffer.len());
    if here == 0 {
        return Piece::More;
    }
    *left -= here as u64;
    Piece::Content(buffer.split_to(here).freeze())
}

fn chunked(chunk: &mut Chunk, buffer: &mut BytesMut) -> Result<Piece, WireError> {
    let mut framing = 0;
    let mut here = buffer.iter();
    while !matches!(chunk, Chunk::Content(_) | Chunk::Over)
        && let Some(byte) = here.next()
    {
        *chunk = chunk.after(*byte).ok_or(WireError::Chunk)?;
        framing += 1;
    }
    buffer.advance(framing);
    match chunk {
        Chunk::Over => Ok(Piece::End),
        Chunk::Content(left) => {
            let piece = content(left, buffer);
            if *left == 0 {
                *chunk = Chunk::ContentReturn;
            }
            Ok(piece)
        }
        _ => Ok(Piece::More),
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    /// All of a body that comes in these pieces; what is left of them; whether it is over.
    fn read(mut body: Body, pieces: &[&[u8]]) -> Result<(Vec<u8>, Vec<u8>, bool), WireError> {
        let (mut buffer, mut content) = (BytesMut::new(), vec![]);
        for piece in pieces {
            buffer.extend_from_slice(piece);
            while let Piece::Content(bytes) = body.take(&mut buffer)? {
                content.extend_from_slice(&bytes);
            }
        }
        Ok((content, buffer.to_vec(), body.is_over()))
    }

    #[test]
    fn a_body_of_known_length_leaves_what_follows() {
        let (content, rest, is_over) = read(Body::of(4), &[b"<p", b">x</", b"p>"]).unwrap();
        assert_eq!(
            (content.as_slice(), rest.as_slice(), is_over),
            (&b"<p>x"[..], &b"</p>"[..], true)
        );
        let (content, _, is_over) = read(Body::of(5), &[b"<p>x"]).unwrap();
        assert_eq!((content.as_slice(), is_over), (&b"<p>x"[..], false));
        assert!(Body::of(1).closed().is_err() && Body::none().closed().is_ok() && Body::chunked().closed().is_err());
    }

    #[test]
    fn chunks_that_are_none_are_refused() {
        for text in [
            "\r\n",
            ";x\r\n",
            "zz\r\n",
            "-1\r\n",
            "0x1\r\na\r\n",
            "1\n",
            "1\r\r",
            "1;x\n",
            "1\r\nab",
            "1\r\na\n",
            "11111111111111111\r\n",
            "0\r\n\n",
            "0\r\nx: y\n",
            "0\r\nx: y\r\r",
            "0\r\n\r\r",
        ] {
            assert!(read(Body::chunked(), &[text.as_bytes()]).is_err(), "{text:?}");
        }
        let huge = read(Body::chunked(), &[b"ffffffffffffffff\r\n<p>"]).unwrap();
        assert_eq!(huge, (b"<p>".to_vec(), vec![], false));
    }

    proptest! {
        #[test]
        fn a_chunked_body_is_the_same_wherever_it_is_cut(
            chunks in vec((vec(any::<u8>(), 1..40), "(;[a-z=\"]{0,9}| [a-z]{0,3})?", any::<bool>()), 0..6),
            trailer in "([a-z]{1,5}: [a-z]{0,5}\r\n){0,3}",
            cuts in vec(any::<prop::sample::Index>(), 0..8),
        ) {
            let (mut wire, mut plain) = (vec![], vec![]);
            for (content, extension, is_padded) in &chunks {
                let zeros = if *is_padded { "000" } else { "" };
                wire.extend_from_slice(format!("{zeros}{:X}{extension}\r\n", content.len()).as_bytes());
                wire.extend_from_slice(content);
                wire.extend_from_slice(b"\r\n");
                plain.extend_from_slice(content);
            }
            wire.extend_from_slice(format!("0\r\n{trailer}\r\n").as_bytes());
            wire.extend_from_slice(b"next");
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(wire.len())).collect();
            cuts.extend([0, wire.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|two| &wire[two[0]..two[1]]).collect();
            let (content, rest, is_over) = read(Body::chunked(), &pieces).unwrap();
            prop_assert_eq!((content, rest, is_over), (plain, b"next".to_vec(), true));
        }
    }
}
