//! Tells systemd, or another supervisor that speaks its protocol, how far the composer is (`sd_notify(3)`).

use std::{
    ffi::OsString,
    io,
    os::{
        linux::net::SocketAddrExt,
        unix::{
            ffi::OsStrExt,
            net::{SocketAddr, UnixDatagram},
        },
    },
};

use tracing::warn;

use crate::config;

/// The supervisor that wants to know, if there is one.
#[derive(Debug, Default)]
pub struct Supervisor(Option<OsString>);

/// What a supervisor is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// The composer serves.
    Serving,
    /// The composer stops.
    Stopping,
    /// Another process has taken its place: its id.
    Succeeded(u32),
}

impl Supervisor {
    /// The one that the environment names.
    pub fn from_environment() -> Self {
        Self(config::notify_socket())
    }

    /// Tells it, if there is one.
    pub fn tell(&self, news: News) {
        let text = match news {
            News::Serving => "READY=1".to_owned(),
            News::Stopping => "STOPPING=1".to_owned(),
            News::Succeeded(id) => format!("MAINPID={id}"),
        };
        if let Err(error) = self.send(&text) {
            warn!(%error, text, "the supervisor can't be told");
        }
    }

    fn send(&self, text: &str) -> io::Result<()> {
        let Some(name) = &self.0 else { return Ok(()) };
        let address = match name.as_bytes() {
            [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
            _ => SocketAddr::from_pathname(name)?,
        };
        UnixDatagram::unbound()?.send_to_addr(text.as_bytes(), &address)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_supervisor_is_told_where_it_wants_to_be() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let heard = UnixDatagram::bind(&path).unwrap();
        let supervisor = Supervisor(Some(path.into_os_string()));
        supervisor.tell(News::Succeeded(7));
        let mut buffer = [0; 64];
        let length = heard.recv(&mut buffer).unwrap();
        assert_eq!(&buffer[..length], b"MAINPID=7");
        Supervisor::default().tell(News::Serving);
    }
}
