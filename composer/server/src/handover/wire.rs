//! What two composers say to each other while one takes the other's place: over a socket pair, in few words.

use std::{
    io::{self, IoSlice, IoSliceMut},
    mem::MaybeUninit,
    net::TcpListener,
    os::{
        fd::{BorrowedFd, OwnedFd},
        unix::net::UnixStream,
    },
};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::sockets::Keeper;

/// The greeting; another number stands for words that this program doesn't know.
const GREETING: &[u8] = b"marquetry hand-over 1 ";
/// The public listener and the admin one.
const SOCKETS: usize = 2;

/// One thing that is said after the greeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// The new one has started, and would serve.
    Ready = b'r' as isize,
    /// The old one takes nothing new: it is the new one's turn.
    Go = b'g' as isize,
    /// The new one serves.
    Serving = b's' as isize,
}

/// A listening socket, and who else holds it.
pub(super) type Passed<S> = (S, Keeper);

/// Passes both listeners, the public one first.
pub(super) fn pass(channel: &UnixStream, listeners: [Passed<BorrowedFd<'_>>; SOCKETS]) -> io::Result<()> {
    let files = listeners.map(|(file, _)| file);
    let keepers = listeners.map(|(_, keeper)| match keeper {
        Keeper::Nobody => b'-',
        Keeper::Supervisor => b's',
    });
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(SOCKETS))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !control.push(SendAncillaryMessage::ScmRights(&files)) {
        return Err(io::Error::other("the listeners don't fit into a message"));
    }
    let greeting = [IoSlice::new(GREETING), IoSlice::new(&keepers)];
    sendmsg(channel, &greeting, &mut control, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// Takes both listeners.
pub(super) fn take(channel: &UnixStream) -> io::Result<[Passed<TcpListener>; SOCKETS]> {
    let mut greeting = [0; GREETING.len() + SOCKETS];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(SOCKETS))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let received = recvmsg(
        channel,
        &mut [IoSliceMut::new(&mut greeting)],
        &mut control,
        RecvFlags::CMSG_CLOEXEC,
    )?;
    let files: Vec<OwnedFd> = control
        .drain()
        .filter_map(|message| match message {
            RecvAncillaryMessage::ScmRights(files) => Some(files),
            _ => None,
        })
        .flatten()
        .collect();
    let unknown = || io::Error::new(io::ErrorKind::InvalidData, "no greeting that this program knows");
    let [public, admin] = <[OwnedFd; SOCKETS]>::try_from(files).map_err(|_| unknown())?;
    let keepers = greeting
        .strip_prefix(GREETING)
        .filter(|_| received.bytes == greeting.len());
    let keeper = |kept: u8| match kept {
        b's' => Ok(Keeper::Supervisor),
        b'-' => Ok(Keeper::Nobody),
        _ => Err(unknown()),
    };
    match keepers {
        Some(&[first, second]) => Ok([(public.into(), keeper(first)?), (admin.into(), keeper(second)?)]),
        _ => Err(unknown()),
    }
}

/// Says a word.
pub(super) async fn say(channel: &mut tokio::net::UnixStream, word: Word) -> io::Result<()> {
    channel.write_all(&[word as u8]).await
}

/// Hears a word, and no other.
pub(super) async fn hear(channel: &mut tokio::net::UnixStream, word: Word) -> io::Result<()> {
    match channel.read_u8().await? {
        heard if heard == word as u8 => Ok(()),
        heard => {
            let text = format!("`{}` was said instead of {word:?}", heard.escape_ascii());
            Err(io::Error::new(io::ErrorKind::InvalidData, text))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Write, os::fd::AsFd};

    use super::*;

    #[test]
    fn listeners_arrive_as_they_were_passed() {
        let (old, new) = UnixStream::pair().unwrap();
        let [public, admin] = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let given = [(public.as_fd(), Keeper::Supervisor), (admin.as_fd(), Keeper::Nobody)];
        pass(&old, given).unwrap();
        let [(one, one_keeper), (other, other_keeper)] = take(&new).unwrap();
        assert_eq!(one.local_addr().unwrap(), public.local_addr().unwrap());
        assert_eq!(other.local_addr().unwrap(), admin.local_addr().unwrap());
        assert_eq!((one_keeper, other_keeper), (Keeper::Supervisor, Keeper::Nobody));
    }

    #[test]
    fn a_greeting_of_another_program_is_refused() {
        for said in [&b""[..], b"marquetry hand-over 1 --", b"marquetry hand-over 2 --"] {
            let (mut old, new) = UnixStream::pair().unwrap();
            old.write_all(said).unwrap();
            drop(old);
            assert!(take(&new).is_err());
        }
    }
}
