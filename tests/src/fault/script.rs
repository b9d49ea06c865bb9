//! What a BFF does with a request, step by step.

use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// One thing done with a connection, after the head of a request was read.
#[derive(Debug, Clone)]
pub enum Step {
    /// Sends bytes.
    Send(Bytes),
    /// Sends bytes one by one, with a pause after each.
    Drip(Bytes, Duration),
    /// Sends the same bytes again and again, so many times or until nobody takes them.
    Flood(Bytes, usize),
    /// Waits.
    Wait(Duration),
    /// Sends back whatever comes, until the other side ends.
    Echo,
    /// Says nothing more, until the other side ends.
    Hang,
    /// Ends the connection with a reset; nothing after it is done.
    Reset,
    /// Waits for the next request; without it the connection ends after the last step.
    Next,
}

/// The steps of one reply.
pub type Script = Vec<Step>;

/// What becomes of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    Next,
    Close,
}

/// Does what `script` says.
///
/// # Errors
/// When the other side has gone.
pub(super) async fn perform(script: Script, stream: &mut TcpStream, rest: &[u8]) -> Result<Then> {
    for step in script {
        match step {
            Step::Send(bytes) => stream.write_all(&bytes).await?,
            Step::Drip(bytes, pause) => {
                for byte in bytes.chunks(1) {
                    stream.write_all(byte).await?;
                    tokio::time::sleep(pause).await;
                }
            }
            Step::Flood(bytes, times) => {
                for _ in 0..times {
                    stream.write_all(&bytes).await?;
                }
            }
            Step::Wait(pause) => tokio::time::sleep(pause).await,
            Step::Echo => {
                stream.write_all(rest).await?;
                let (mut from, mut to) = stream.split();
                tokio::io::copy(&mut from, &mut to).await?;
            }
            Step::Hang => hang(stream).await?,
            Step::Reset => {
                stream.set_zero_linger()?;
                return Ok(Then::Close);
            }
            Step::Next => return Ok(Then::Next),
        }
    }
    stream.shutdown().await?;
    Ok(Then::Close)
}

/// Takes whatever comes, and answers nothing.
async fn hang(stream: &mut TcpStream) -> Result<()> {
    let mut ignored = [0; 4096];
    while stream.read(&mut ignored).await? > 0 {}
    Ok(())
}

/// A reply that is sent whole, after which the connection is kept.
pub(super) fn say(bytes: impl Into<Bytes>) -> Script {
    vec![Step::Send(bytes.into()), Step::Next]
}
