//! The addresses of the console's pages.

/// All apps.
pub const OVERVIEW: &str = "/_m/console";
/// What was done.
pub const HISTORY: &str = "/_m/console/history";
/// What a page is made of.
pub const PAGE: &str = "/_m/console/page";
/// Who is there?
pub const SIGN_IN: &str = "/_m/console/sign-in";
/// Asks before something is done.
pub const CONFIRM: &str = "/_m/console/confirm";

/// One app.
pub fn app(app: &str) -> String {
    format!("{OVERVIEW}/apps/{app}")
}
