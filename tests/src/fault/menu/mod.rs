//! All the ways in which a BFF can break.

mod silent;
mod cut;
mod heads;
mod bodies;
mod odd;

use std::time::Duration;

use super::{Answer, Framing, Script, Step};

/// How far a reply is of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breaks {
    /// There is no head in time.
    Late,
    /// There is a head that may not be used, or a connection that ends before.
    Head,
    /// The head is in order, and no byte of the body comes.
    Begun,
    /// It breaks within its body.
    Body,
    /// It is whole by the rules of HTTP, however odd.
    Nothing,
    /// The rules let a client take it or leave it.
    Either,
}

/// One way to spoil a good reply.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// What the BFF does.
    pub name: &'static str,
    /// How far it gets.
    pub breaks: Breaks,
    spoil: Spoil,
}

#[derive(Debug, Clone, Copy)]
enum Spoil {
    By(fn(&Answer) -> Script),
    Reset { at: usize, framing: Framing },
}

/// Lets what was sent arrive before the reset throws away what was not.
const SOON: Duration = Duration::from_millis(2);

impl Fault {
    const fn new(name: &'static str, breaks: Breaks, spoil: fn(&Answer) -> Script) -> Self {
        let spoil = Spoil::By(spoil);
        Self { name, breaks, spoil }
    }

    /// Resets its connection after `at` bytes of `answer`, framed like that.
    pub fn reset(answer: &Answer, framing: Framing, at: usize) -> Self {
        let answer = answer.framed(framing);
        let (head, all) = (answer.head().len(), answer.wire().len());
        let breaks = match at {
            _ if at < head => Breaks::Head,
            _ if at == head => Breaks::Begun,
            _ if at < all => Breaks::Body,
            _ => Breaks::Either,
        };
        Self {
            name: "resets",
            breaks,
            spoil: Spoil::Reset { at, framing },
        }
    }

    /// What the BFF does instead of sending `answer`.
    pub fn script(&self, answer: &Answer) -> Script {
        match self.spoil {
            Spoil::By(spoil) => spoil(answer),
            Spoil::Reset { at, framing } => {
                let wire = answer.framed(framing).wire();
                // Every other one throws away what the other side hasn't read yet.
                let pause = if at % 2 == 0 { SOON } else { Duration::ZERO };
                vec![
                    Step::Send(wire.slice(..at.min(wire.len()))),
                    Step::Wait(pause),
                    Step::Reset,
                ]
            }
        }
    }
}

/// Every fault of a reply.
pub fn all() -> Vec<Fault> {
    [silent::FAULTS, cut::FAULTS, heads::FAULTS, bodies::FAULTS].concat()
}

/// Every fault of a connection, which other requests to the same BFF feel too.
pub fn connections() -> Vec<Fault> {
    odd::FAULTS.to_vec()
}
