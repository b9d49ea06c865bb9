//! The sockets that a composer listens at: bound by itself, or given by a supervisor or by the composer before it.

use std::{io, net::SocketAddr};

use listenfd::ListenFd;
use tokio::{net::TcpListener, runtime::Handle};

/// Sockets that somebody else has opened.
#[derive(Debug, Default)]
pub struct Given {
    sockets: Vec<GivenSocket>,
}

/// A socket that somebody else has opened.
#[derive(Debug)]
pub(crate) struct GivenSocket {
    pub(crate) listener: std::net::TcpListener,
    pub(crate) address: SocketAddr,
    /// The key of the configuration that it is for, when that is known.
    pub(crate) key: Option<&'static str>,
    pub(crate) keeper: Keeper,
}

/// Who holds a socket open beside this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeper {
    /// Nobody: clients that wait in its queue are refused when it is closed.
    Nobody,
    /// A supervisor such as systemd: what waits in its queue waits for the next process.
    Supervisor,
}

/// A socket that is listened at.
#[derive(Debug)]
pub(crate) struct Bound {
    pub(crate) listener: TcpListener,
    pub(crate) address: SocketAddr,
    pub(crate) keeper: Keeper,
}

impl Given {
    /// The sockets that systemd, or another supervisor that speaks its protocol, has opened for this process.
    ///
    /// # Errors
    /// When one of them is no TCP socket that listens.
    pub fn by_supervisor() -> io::Result<Self> {
        let mut files = ListenFd::from_env();
        let mut sockets = Vec::new();
        for at in 0..files.len() {
            if let Some(listener) = files.take_tcp_listener(at)? {
                sockets.push(GivenSocket {
                    address: listener.local_addr()?,
                    listener,
                    key: None,
                    keeper: Keeper::Supervisor,
                });
            }
        }
        Ok(Self { sockets })
    }

    pub(crate) fn new(sockets: Vec<GivenSocket>) -> Self {
        Self { sockets }
    }

    /// The socket at `address`, or for `key` when any free port of that address will do.
    fn take(&mut self, key: &'static str, address: SocketAddr) -> Option<GivenSocket> {
        let is_it = |socket: &GivenSocket| {
            let any_port = address.port() == 0 && socket.key == Some(key) && socket.address.ip() == address.ip();
            socket.address == address || any_port
        };
        let at = self.sockets.iter().position(is_it)?;
        Some(self.sockets.swap_remove(at))
    }

    /// Where sockets are that nothing in the configuration asks for, and that only a mistake can have opened.
    pub(crate) fn unwanted(&self) -> impl Iterator<Item = SocketAddr> {
        let sockets = self.sockets.iter();
        let given = sockets.filter(|socket| socket.keeper == Keeper::Supervisor && socket.key.is_none());
        given.map(|socket| socket.address)
    }
}

impl Bound {
    /// The same socket, whose clients are taken by `runtime`.
    pub(crate) fn within(self, runtime: &Handle) -> io::Result<Self> {
        let listener = self.listener.into_std()?;
        let _entered = runtime.enter();
        Ok(Self {
            listener: TcpListener::from_std(listener)?,
            ..self
        })
    }
}

/// Listens at `address`, which `key` of the configuration says, by a socket that was given or by a new one.
pub(crate) async fn listen(key: &'static str, address: SocketAddr, given: &mut Given) -> io::Result<Bound> {
    if let Some(GivenSocket {
        listener,
        address,
        keeper,
        ..
    }) = given.take(key, address)
    {
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        return Ok(Bound {
            listener,
            address,
            keeper,
        });
    }
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    Ok(Bound {
        listener,
        address,
        keeper: Keeper::Nobody,
    })
}
