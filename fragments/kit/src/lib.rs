//! What every fragment needs, on the server and in the browser.
