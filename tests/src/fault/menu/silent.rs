//! It says nothing more, or hardly anything.

use std::time::Duration;

use super::{Breaks, Fault};
use crate::fault::{Framing, Step};

const PAUSE: Duration = Duration::from_millis(50);

pub(super) const FAULTS: &[Fault] = &[
    Fault::new("hangs before its head", Breaks::Late, |_| vec![Step::Hang]),
    Fault::new("hangs within its head", Breaks::Late, |answer| {
        vec![Step::Send(answer.open_head().into()), Step::Hang]
    }),
    Fault::new("hangs after its head", Breaks::Begun, |answer| {
        vec![Step::Send(answer.head().into()), Step::Hang]
    }),
    Fault::new("hangs within its body", Breaks::Body, |answer| {
        vec![Step::Send(answer.half()), Step::Hang]
    }),
    Fault::new("hangs within a chunk", Breaks::Body, |answer| {
        vec![Step::Send(answer.framed(Framing::Chunked).half()), Step::Hang]
    }),
    Fault::new("drips its head", Breaks::Late, |answer| {
        vec![Step::Drip(answer.wire(), PAUSE), Step::Hang]
    }),
    Fault::new("drips its body", Breaks::Body, |answer| {
        vec![
            Step::Send(answer.head().into()),
            Step::Drip(answer.wire_body(), PAUSE),
            Step::Hang,
        ]
    }),
    Fault::new("drips its chunks", Breaks::Body, |answer| {
        let answer = answer.framed(Framing::Chunked);
        vec![
            Step::Send(answer.half()),
            Step::Drip(answer.wire_body(), PAUSE),
            Step::Hang,
        ]
    }),
    Fault::new("drips early hints", Breaks::Late, |_| {
        let hints = "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100);
        vec![Step::Drip(hints.into(), Duration::from_millis(1)), Step::Hang]
    }),
];
