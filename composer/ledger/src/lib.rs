//! The ledger: an append-only list of acts, each checked against what the earlier ones add up to, kept in a store and a journal so that none is lost.
//!
//! [`Ledger`] is the way in: it opens a [`Store`], mends what is damaged, and takes acts. [`State`] is what all acts up to a revision
//! add up to; it has no clock and does no IO. `docs/ledger.md` shows the durable forms.

pub mod ledger;
mod recover;
mod journal;
mod log;
pub mod health;
pub mod store;
mod lock;
mod disk;
pub mod state;
pub mod refusal;
pub mod chain;
pub mod entry;
pub mod act;
pub mod moment;

pub use act::{Act, TokenRecord};
pub use entry::{Actor, Entry, Revision};
pub use health::{Health, StoreHealth};
pub use ledger::{AppendError, Ledger, OpenError};
pub use moment::Moment;
pub use refusal::{Checked, Missing, Refusal, Rule};
pub use state::{App, Audience, Canary, Course, Published, Release, State, Team, Token, TokenError, Touched};
pub use store::{SqliteStore, Store, StoreError};
