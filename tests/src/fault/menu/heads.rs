//! What it says is no head of a reply, or none that may be used.

use std::{fmt::Write, iter};

use super::{Breaks, Fault};
use crate::fault::{Answer, Script, Step, answer::joined, script::say};

pub(super) const FAULTS: &[Fault] = &[
    Fault::new("sends noise", Breaks::Head, |_| {
        let noise: Vec<u8> = iter::repeat_with(|| fastrand::u8(..)).take(64 << 10).collect();
        vec![Step::Send(noise.into())]
    }),
    Fault::new("sends noise before its reply", Breaks::Head, |answer| {
        vec![Step::Send(joined("\u{0}\u{1}oops", &answer.wire()))]
    }),
    Fault::new("speaks SSH", Breaks::Head, |_| {
        vec![Step::Send("SSH-2.0-OpenSSH_9.9\r\n".into()), Step::Hang]
    }),
    Fault::new("speaks HTTP/0.9", Breaks::Head, |answer| {
        vec![Step::Send(answer.wire_body())]
    }),
    Fault::new("speaks HTTP/2", Breaks::Head, |_| {
        // An empty SETTINGS frame, and the acknowledgement of one.
        let frames = b"\0\0\0\x04\0\0\0\0\0\0\0\0\x04\x01\0\0\0\0";
        vec![Step::Send(frames.as_slice().into()), Step::Hang]
    }),
    Fault::new("speaks TLS", Breaks::Head, |_| {
        vec![Step::Send(b"\x15\x03\x03\0\x02\x02\x28".as_slice().into())]
    }),
    Fault::new("speaks HTTP/3.0", Breaks::Head, |answer| {
        say_line(answer, "HTTP/3.0 200 OK")
    }),
    Fault::new("speaks HTTP/1.0", Breaks::Nothing, |answer| {
        vec![Step::Send(answer.status("HTTP/1.0 200 OK").wire())]
    }),
    Fault::new("sends a request", Breaks::Head, |answer| {
        say_line(answer, "GET / HTTP/1.1")
    }),
    Fault::new("sends status 0", Breaks::Head, |answer| {
        say_line(answer, "HTTP/1.1 000 No")
    }),
    Fault::new("sends status 99", Breaks::Head, |answer| {
        say_line(answer, "HTTP/1.1 99 No")
    }),
    Fault::new("sends status abc", Breaks::Head, |answer| {
        say_line(answer, "HTTP/1.1 abc No")
    }),
    Fault::new("sends status 999", Breaks::Head, |answer| {
        say_line(answer, "HTTP/1.1 999 No")
    }),
    Fault::new("sends status 1000", Breaks::Head, |answer| {
        say_line(answer, "HTTP/1.1 1000 No")
    }),
    Fault::new("sends status 500", Breaks::Head, |answer| {
        say_line(answer, "HTTP/1.1 500 No")
    }),
    Fault::new("sends status 503 with a wish", Breaks::Head, |answer| {
        say_line(&answer.lines("retry-after: 3600\r\n"), "HTTP/1.1 503 Wait")
    }),
    Fault::new("sends status 204", Breaks::Head, |answer| {
        say(answer.status("HTTP/1.1 204 No Content").body("").wire())
    }),
    Fault::new("sends status 206", Breaks::Head, |answer| {
        say_line(
            &answer.lines("content-range: bytes 0-9/99\r\n"),
            "HTTP/1.1 206 Partial Content",
        )
    }),
    Fault::new("sends status 304 unasked", Breaks::Head, |answer| {
        say(answer
            .lines("etag: \"x\"\r\n")
            .status("HTTP/1.1 304 Not Modified")
            .body("")
            .wire())
    }),
    Fault::new("switches protocols unasked", Breaks::Head, |answer| {
        let lines = "connection: upgrade\r\nupgrade: websocket\r\n\r\n";
        vec![
            Step::Send(format!("HTTP/1.1 101 Switching Protocols\r\n{lines}").into()),
            Step::Send(answer.wire()),
            Step::Hang,
        ]
    }),
    Fault::new("redirects to another site", Breaks::Head, |answer| {
        let answer = answer.lines("location: https://evil.example/\r\n");
        say_line(&answer, "HTTP/1.1 302 Found")
    }),
    Fault::new("sends 10,000 early hints", Breaks::Head, |answer| {
        informed(answer, "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n", 10_000)
    }),
    Fault::new("sends 10,000 times 100", Breaks::Head, |answer| {
        informed(answer, "HTTP/1.1 100 Continue\r\n\r\n", 20_000)
    }),
    Fault::new("sends early hints for ever", Breaks::Head, |_| {
        let hints = "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(1 << 10);
        vec![Step::Flood(hints.into(), usize::MAX)]
    }),
    Fault::new("sends three early hints and its reply", Breaks::Nothing, |answer| {
        informed(answer, "HTTP/1.1 103 Early Hints\r\n\r\n", 3)
    }),
    Fault::new("sends a head of many fields", Breaks::Head, |answer| {
        say(fields(answer, "x", 200).wire())
    }),
    Fault::new("sends a head of 100,000 fields", Breaks::Head, |answer| {
        say(fields(answer, "x", 100_000).wire())
    }),
    Fault::new("sends a field of 100 kB", Breaks::Either, |answer| {
        say(answer.lines(&format!("x: {}\r\n", "y".repeat(100_000))).wire())
    }),
    Fault::new("sends a head of 1 MB", Breaks::Head, |answer| {
        let line = format!("x: {}\r\n", "y".repeat(1_000));
        say(answer.lines(&line.repeat(1_000)).wire())
    }),
    Fault::new("sends a head without end", Breaks::Head, |answer| {
        vec![
            Step::Send((answer.open_head() + "x: ").into()),
            Step::Flood("y".repeat(16 << 10).into(), usize::MAX),
        ]
    }),
    Fault::new("sends a status line without end", Breaks::Head, |_| {
        vec![
            Step::Send("HTTP/1.1 200 ".into()),
            Step::Flood("OK".repeat(8 << 10).into(), usize::MAX),
        ]
    }),
    Fault::new("sends 10,000 cookies", Breaks::Head, |answer| {
        say(fields(answer, "set-cookie: mine", 10_000).wire())
    }),
    Fault::new("sends cookies of 50 kB", Breaks::Nothing, |answer| {
        let cookie = format!("set-cookie: mine={}\r\n", "y".repeat(4_000));
        say(answer.lines(&cookie.repeat(12)).wire())
    }),
    Fault::new("sends bare line feeds", Breaks::Either, |answer| {
        say(joined(&answer.head().replace('\r', ""), &answer.wire_body()))
    }),
    Fault::new("sends a length and chunks", Breaks::Head, |answer| {
        say(answer.lines("transfer-encoding: chunked\r\n").wire())
    }),
    Fault::new("sends two lengths", Breaks::Head, |answer| {
        say(answer.lines("content-length: 1\r\n").wire())
    }),
    Fault::new("sends a length that is none", Breaks::Head, |answer| {
        say(joined(
            &(answer.open_head() + "content-length: -1\r\n\r\n"),
            &answer.wire_body(),
        ))
    }),
    Fault::new("sends a length beyond all numbers", Breaks::Head, |answer| {
        let length = "9".repeat(30);
        say(joined(
            &format!("{}content-length: {length}\r\n\r\n", answer.open_head()),
            &answer.wire_body(),
        ))
    }),
    Fault::new("sends an unknown transfer coding", Breaks::Either, |answer| {
        let head = answer.open_head() + "transfer-encoding: gzip\r\n\r\n";
        vec![Step::Send(joined(&head, &answer.wire_body()))]
    }),
    Fault::new("sends a NUL in a field", Breaks::Head, |answer| {
        say(answer.lines("x: a\0b\r\n").wire())
    }),
    Fault::new("sends a carriage return in a field", Breaks::Head, |answer| {
        say(answer.lines("set-cookie: mine=a\rset-cookie: evil=1\r\n").wire())
    }),
    Fault::new("sends a space in a field's name", Breaks::Head, |answer| {
        say(answer.lines("x y: z\r\n").wire())
    }),
    Fault::new("folds a field", Breaks::Either, |answer| {
        say(answer.lines("x: a\r\n set-cookie: mine=1\r\n").wire())
    }),
    Fault::new("sends bytes beyond ASCII in its fields", Breaks::Nothing, |answer| {
        say(answer.lines("x: äöü\r\nset-cookie: mine=ä\r\n").wire())
    }),
];

fn say_line(answer: &Answer, line: &str) -> Script {
    say(answer.status(line).wire())
}

fn informed(answer: &Answer, informs: &str, times: usize) -> Script {
    vec![Step::Send(joined(&informs.repeat(times), &answer.wire())), Step::Next]
}

fn fields(answer: &Answer, name: &str, count: usize) -> Answer {
    let mut lines = String::new();
    let separator = if name.contains(':') { "=" } else { ": " };
    for at in 0..count {
        let number = if name.contains(':') {
            String::new()
        } else {
            at.to_string()
        };
        let _ = write!(lines, "{name}{number}{separator}{at}\r\n");
    }
    answer.lines(&lines)
}
