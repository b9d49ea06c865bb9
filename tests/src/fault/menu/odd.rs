//! The reply is good, and its connection is not.

use std::time::Duration;

use super::{Breaks, Fault};
use crate::fault::{Answer, Step, answer::joined};

/// About when the next request comes over the same connection.
const SOON: Duration = Duration::from_millis(3);

pub(super) const FAULTS: &[Fault] = &[
    Fault::new(
        "closes the connection that it said it keeps",
        Breaks::Nothing,
        |answer| vec![Step::Send(answer.wire())],
    ),
    Fault::new("closes the connection a little later", Breaks::Nothing, |answer| {
        vec![Step::Send(answer.wire()), Step::Wait(SOON)]
    }),
    Fault::new("resets the connection a little later", Breaks::Nothing, |answer| {
        vec![Step::Send(answer.wire()), Step::Wait(SOON), Step::Reset]
    }),
    Fault::new(
        "keeps the connection that it said it closes",
        Breaks::Nothing,
        |answer| vec![Step::Send(answer.lines("connection: close\r\n").wire()), Step::Hang],
    ),
    Fault::new("answers no second request on a connection", Breaks::Nothing, |answer| {
        vec![Step::Send(answer.wire()), Step::Hang]
    }),
    Fault::new("answers twice at once", Breaks::Nothing, |answer| {
        vec![
            Step::Send(joined(&String::from_utf8_lossy(&answer.wire()), &unasked().wire())),
            Step::Next,
        ]
    }),
    Fault::new(
        "answers twice, the second time a little later",
        Breaks::Nothing,
        |answer| {
            vec![
                Step::Send(answer.wire()),
                Step::Wait(SOON),
                Step::Send(unasked().wire()),
                Step::Next,
            ]
        },
    ),
    Fault::new("sends noise between two replies", Breaks::Nothing, |answer| {
        vec![
            Step::Send(answer.wire()),
            Step::Wait(SOON),
            Step::Send(b"\0\xff\r\n\r\n".as_slice().into()),
            Step::Next,
        ]
    }),
    Fault::new("times out an idle connection aloud", Breaks::Nothing, |answer| {
        vec![
            Step::Send(answer.wire()),
            Step::Wait(SOON),
            Step::Send("HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".into()),
        ]
    }),
];

/// A reply to nobody's request. When it crosses the next request on its way nobody can tell it from the answer, so it may be
/// seen, but only in a slot of the same BFF.
fn unasked() -> Answer {
    Answer::html("<b class=\"stolen\">stolen</b>")
}
