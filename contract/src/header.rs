//! Header names beyond the standard ones. `docs/http.md` says who sends which.

/// To the BFF: where the browser reaches this version's BFF, `/_m/app/checkout@1.4.2`.
pub const BASE: &str = "marquetry-base";
/// To the BFF: the fragment that is asked for, `checkout/mini-cart`.
pub const SLOT: &str = "marquetry-slot";
/// To the BFF: milliseconds until the composer gives up on the whole reply.
pub const DEADLINE_MS: &str = "marquetry-deadline-ms";
/// To the BFF and to the browser: one id a request, for people to quote.
pub const REQUEST_ID: &str = "x-request-id";
/// To the BFF: trace context (<https://www.w3.org/TR/trace-context/>).
pub const TRACEPARENT: &str = "traceparent";
/// From the browser: the composition that its page was assembled from, signed. It stays on these versions.
pub const COMPOSITION: &str = "marquetry-composition";
/// From the browser, with a fragment that it asks for: the one in which the slot stands, `decide/product`.
pub const WITHIN: &str = "marquetry-within";
/// To the browser: `current` or `behind`, when it asked for a composition.
pub const COMPOSITION_STATE: &str = "marquetry-composition-state";
/// To the browser: the version that it asked for and that has no instance any more, `checkout@1.4.2`.
pub const GONE: &str = "marquetry-gone";
/// From the browser, and back with a part of a page: what surrounds the slots of the page's layout.
pub const FRAME: &str = "marquetry-frame";
/// From the browser: the slots of the layout that stay where they are, `1.4.2:explore/header?current=stores`, a space between.
pub const KEEPS: &str = "marquetry-keeps";
/// From the browser: `tell` has the composer say in [`LOCATION`] where a redirect leads, instead of sending it.
pub const REDIRECT: &str = "marquetry-redirect";
/// To the browser: where a redirect leads, for the shell.
pub const LOCATION: &str = "marquetry-location";
/// From the BFF, with an answer to the browser: tags of the app's kept answers that are to go; it never reaches the browser.
pub const PURGE: &str = "marquetry-purge";
