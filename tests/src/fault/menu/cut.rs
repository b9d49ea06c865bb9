//! It breaks off, or says another length than it has.

use std::time::Duration;

use bytes::Bytes;

use super::{Breaks, Fault};
use crate::fault::{Answer, Framing, Script, Step, answer::chunks, answer::joined};

/// Lets what was sent arrive before the reset throws away what was not.
const SOON: Duration = Duration::from_millis(5);

pub(super) const FAULTS: &[Fault] = &[
    Fault::new("closes without a word", Breaks::Head, |_| vec![]),
    Fault::new("resets without a word", Breaks::Head, |_| vec![Step::Reset]),
    Fault::new("closes within its head", Breaks::Head, |answer| {
        vec![Step::Send(answer.open_head().into())]
    }),
    Fault::new("resets within its head", Breaks::Head, |answer| {
        vec![Step::Send(answer.open_head().into()), Step::Wait(SOON), Step::Reset]
    }),
    Fault::new("closes after its head", Breaks::Begun, |answer| {
        vec![Step::Send(answer.head().into())]
    }),
    Fault::new("resets after its head", Breaks::Begun, |answer| {
        vec![Step::Send(answer.head().into()), Step::Wait(SOON), Step::Reset]
    }),
    Fault::new("closes within its body", Breaks::Body, |answer| {
        vec![Step::Send(answer.half())]
    }),
    Fault::new("resets within its body", Breaks::Body, |answer| {
        vec![Step::Send(answer.half()), Step::Wait(SOON), Step::Reset]
    }),
    Fault::new(
        "resets within a body that ends with its connection",
        Breaks::Body,
        |answer| {
            let half = answer.framed(Framing::Close).half();
            vec![Step::Send(half), Step::Wait(SOON), Step::Reset]
        },
    ),
    Fault::new("cuts a chunk's size", Breaks::Body, |answer| chunked(answer, b"1")),
    Fault::new("cuts a chunk's size line", Breaks::Body, |answer| {
        chunked(answer, b"1f\r")
    }),
    Fault::new("cuts a chunk's data", Breaks::Body, |answer| {
        chunked(answer, b"1f\r\n<p>")
    }),
    Fault::new("cuts a chunk's end", Breaks::Body, |answer| {
        chunked(answer, b"3\r\n<p>")
    }),
    Fault::new("cuts before the last chunk", Breaks::Body, |answer| {
        chunked(answer, b"")
    }),
    Fault::new("cuts the last chunk", Breaks::Body, |answer| chunked(answer, b"0\r\n")),
    Fault::new("cuts the trailers", Breaks::Body, |answer| {
        chunked(answer, b"0\r\nx: y\r\n")
    }),
    Fault::new("sends a chunk size that is none", Breaks::Body, |answer| {
        chunked(answer, b"zz\r\n<p>\r\n")
    }),
    Fault::new("sends a negative chunk size", Breaks::Body, |answer| {
        chunked(answer, b"-1\r\n<p>\r\n")
    }),
    Fault::new("sends a chunk size beyond all numbers", Breaks::Body, |answer| {
        chunked(answer, b"fffffffffffffffff\r\n<p>\r\n")
    }),
    Fault::new("sends the largest chunk size", Breaks::Body, |answer| {
        chunked(answer, b"ffffffffffffffff\r\n<p>\r\n")
    }),
    Fault::new("sends an endless chunk size", Breaks::Body, |answer| {
        flooded(answer, "0".repeat(16 << 10).into())
    }),
    Fault::new("sends an endless chunk extension", Breaks::Body, |answer| {
        let mut script = chunked(answer, b"3;x=");
        script.push(Step::Flood("y".repeat(16 << 10).into(), usize::MAX));
        script
    }),
    Fault::new("sends endless trailers", Breaks::Body, |answer| {
        let mut script = chunked(answer, b"0\r\n");
        script.push(Step::Flood("x: y\r\n".repeat(1 << 10).into(), usize::MAX));
        script
    }),
    Fault::new("says more than it has, and closes", Breaks::Body, |answer| {
        vec![Step::Send(lying(answer, answer.wire_body().len() + 1))]
    }),
    Fault::new("says more than it has, and hangs", Breaks::Body, |answer| {
        vec![Step::Send(lying(answer, answer.wire_body().len() + 1)), Step::Hang]
    }),
    Fault::new("says 10 GB", Breaks::Head, |answer| {
        vec![Step::Send(lying(answer, 10_000_000_000)), Step::Hang]
    }),
    Fault::new("says less than it has", Breaks::Nothing, |answer| {
        vec![Step::Send(lying(answer, answer.wire_body().len() / 2)), Step::Next]
    }),
    Fault::new("says it has nothing", Breaks::Either, |answer| {
        vec![Step::Send(lying(answer, 0)), Step::Next]
    }),
];

/// All of the body in chunks, then these bytes instead of the last one.
fn chunked(answer: &Answer, end: &[u8]) -> Script {
    let head = answer.framed(Framing::Chunked).head();
    let all = [&chunks(&answer.framed(Framing::Length).wire_body()), end].concat();
    vec![Step::Send(joined(&head, &all))]
}

fn flooded(answer: &Answer, with: Bytes) -> Script {
    let mut script = chunked(answer, b"");
    script.push(Step::Flood(with, usize::MAX));
    script
}

/// A reply whose `content-length` is `length`, whatever its body is.
fn lying(answer: &Answer, length: usize) -> Bytes {
    let answer = answer.framed(Framing::Length);
    let head = format!("{}content-length: {length}\r\n\r\n", answer.open_head());
    joined(&head, &answer.wire_body())
}
