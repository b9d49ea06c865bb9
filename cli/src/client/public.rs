//! Asks the public listener for a page, as a browser whose tab stays on one composition.

use contract::header;

use super::{Client, ClientError};
use crate::settings::Server;

/// The HTML at `path`, made of the versions that `lock` names.
pub(crate) fn fetch_page(public: &str, path: &str, lock: &str) -> Result<String, ClientError> {
    let server = Server {
        admin: public.to_owned(),
        token: None,
    };
    Client::new(&server)?.get_text(path, &[(header::COMPOSITION, lock), ("accept", "text/html")])
}
