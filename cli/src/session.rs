//! What a command works with: where its words go, and the composer it asks.

use crate::{
    client::Client,
    failure::Failure,
    output::Output,
    settings::{Global, Server},
};

/// One run of the program.
#[derive(Debug)]
pub(crate) struct Session {
    /// Where words go.
    pub(crate) output: Output,
    global: Global,
}

impl Session {
    pub(crate) fn new(global: Global) -> Self {
        Self {
            output: Output::new(global.manner()),
            global,
        }
    }

    /// The composer of `--admin`, or of the environment, or of this machine.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        self.connect(&self.global.server()?)
    }

    /// The composer at another address, with the same token.
    pub(crate) fn client_at(&self, admin: &str) -> Result<Client, Failure> {
        self.connect(&self.global.server_at(admin)?)
    }

    fn connect(&self, server: &Server) -> Result<Client, Failure> {
        let client = Client::new(server)?;
        if client.has_token() && client.address().is_open_to_others() {
            self.output.note(&format!(
                "warning: the token goes to {} unencrypted; use https, or a tunnel",
                client.address().as_str()
            ));
        }
        Ok(client)
    }
}
