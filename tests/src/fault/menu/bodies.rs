//! The head is in order, and the body is not what it should be.

use std::{io::Write, sync::LazyLock};

use bytes::Bytes;
use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};

use super::{Breaks, Fault};
use crate::fault::{
    Answer, Framing, Script, Step,
    answer::{chunks, joined},
    script::say,
};

const MEGABYTE: usize = 1 << 20;

static GZIP_BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    let _ = gzip.write_all(&vec![b' '; 16 * MEGABYTE]);
    gzip.finish().unwrap_or_default()
});

static DEFLATE_BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut deflate = ZlibEncoder::new(Vec::new(), Compression::fast());
    let _ = deflate.write_all(&vec![b' '; 16 * MEGABYTE]);
    deflate.finish().unwrap_or_default()
});

pub(super) const FAULTS: &[Fault] = &[
    Fault::new("sends an endless body", Breaks::Body, |answer| {
        endless(
            answer,
            Framing::Close,
            "<p>more <i>and</i> more</p>\n".repeat(500).into(),
        )
    }),
    Fault::new("sends an endless body in chunks", Breaks::Body, |answer| {
        let chunk = chunks("<p>more <i>and</i> more</p>\n".repeat(500).as_bytes());
        endless(answer, Framing::Chunked, chunk.into())
    }),
    Fault::new("sends endless chunks of one byte", Breaks::Body, |answer| {
        endless(answer, Framing::Chunked, "1\r\nx\r\n".repeat(2_000).into())
    }),
    Fault::new("sends an endless tag", Breaks::Body, |answer| {
        let mut script = vec![Step::Send(joined(
            &answer.framed(Framing::Close).head(),
            b"<p>x</p><p id='",
        ))];
        script.push(Step::Flood("y".repeat(16 << 10).into(), usize::MAX));
        script
    }),
    Fault::new("sends an endless comment", Breaks::Body, |answer| {
        let mut script = vec![Step::Send(joined(
            &answer.framed(Framing::Close).head(),
            b"<p>x</p><!--",
        ))];
        script.push(Step::Flood("y".repeat(16 << 10).into(), usize::MAX));
        script
    }),
    Fault::new("sends a gzip bomb", Breaks::Head, |answer| {
        bomb(answer, "gzip", &GZIP_BOMB)
    }),
    Fault::new("sends a deflate bomb", Breaks::Head, |answer| {
        bomb(answer, "deflate", &DEFLATE_BOMB)
    }),
    Fault::new("sends a gzip bomb as its transfer", Breaks::Either, |answer| {
        let wire = chunks(&GZIP_BOMB);
        let head = answer.open_head() + "transfer-encoding: gzip, chunked\r\n\r\n";
        vec![
            Step::Send(joined(&head, &wire)),
            Step::Send("0\r\n\r\n".into()),
            Step::Next,
        ]
    }),
    Fault::new("says it is compressed, twice", Breaks::Head, |answer| {
        say(answer.lines("content-encoding: gzip, gzip\r\n").wire())
    }),
    Fault::new("sends an image", Breaks::Head, |answer| {
        say(answer.content_type("image/png").wire())
    }),
    Fault::new("sends JSON", Breaks::Head, |answer| {
        say(answer.content_type("application/json").wire())
    }),
    Fault::new("sends no type", Breaks::Head, |answer| {
        say(answer.content_type("").wire())
    }),
    Fault::new("sends Latin-1", Breaks::Head, |answer| {
        say(answer.content_type("text/html; charset=iso-8859-1").wire())
    }),
    Fault::new("sends two types", Breaks::Either, |answer| {
        say(answer.lines("content-type: image/png\r\n").wire())
    }),
    Fault::new("sends an empty body", Breaks::Either, |answer| {
        say(answer.body("").wire())
    }),
    Fault::new("sends invalid UTF-8", Breaks::Nothing, |answer| {
        let body = [
            b"<p class=odd>\xff\xfe\xc0\x80\xed\xa0\x80\xf5</p><p id=\"\xff\">",
            &answer.wire_body()[..],
        ];
        say(answer.body(body.concat()).wire())
    }),
    Fault::new("sends noise as its body", Breaks::Either, |answer| {
        let noise: Vec<u8> = std::iter::repeat_with(|| fastrand::u8(..)).take(64 << 10).collect();
        say(answer.body(noise).wire())
    }),
    Fault::new("sends NULs", Breaks::Either, |answer| {
        say(answer.body(vec![0; 10_000]).wire())
    }),
    Fault::new("sends NULs in tags", Breaks::Nothing, |answer| {
        say(answer.body("<p\0 id\0='\0'>x</p\0></\0><!\0></div>").wire())
    }),
    Fault::new("closes more than it opened", Breaks::Nothing, |answer| {
        let ends = "</p></div></fragment-slot></main></body></html>".repeat(100);
        say(answer.body(format!("{}{ends}", answer.text())).wire())
    }),
    Fault::new("closes nothing", Breaks::Nothing, |answer| {
        let open = "<div><table><tr><td><select><option><svg><style><b><i><a href='x";
        say(answer.body(format!("{}{open}", answer.text())).wire())
    }),
    Fault::new("never closes a script", Breaks::Nothing, |answer| {
        say(answer.body(format!("{}<script>'<!--<script>", answer.text())).wire())
    }),
    Fault::new("nests 100,000 deep", Breaks::Either, |answer| {
        say(answer.body("<div>".repeat(100_000)).wire())
    }),
    Fault::new("nests 300 deep", Breaks::Either, |answer| {
        say(answer.body("<div>".repeat(300)).wire())
    }),
    Fault::new("sends a tag of 500 kB", Breaks::Either, |answer| {
        say(answer
            .body(format!("<p id='{}'>x</p>", "y".repeat(MEGABYTE / 2)))
            .wire())
    }),
    Fault::new("sends 10,000 attributes", Breaks::Either, |answer| {
        say(answer.body(format!("<p {}>x</p>", "a=b ".repeat(10_000))).wire())
    }),
    Fault::new("sends a head of 10,000 links", Breaks::Either, |answer| {
        let links = "<link rel=stylesheet href=/static/x.css>".repeat(10_000);
        say(answer.body(format!("<head>{links}</head><p>x</p>")).wire())
    }),
    Fault::new("sends 10,000 slots", Breaks::Either, |answer| {
        let slot = "<fragment-slot src=\"host/near\"></fragment-slot>";
        say(answer.body(slot.repeat(10_000)).wire())
    }),
    Fault::new("holds itself", Breaks::Nothing, |answer| {
        let slots = "<fragment-slot src=\"faulty/optional?q=x\"></fragment-slot>".repeat(3);
        say(answer.body(format!("{}{slots}", answer.text())).wire())
    }),
    Fault::new("speaks for other slots", Breaks::Nothing, |answer| {
        let patches = "<template for=\"s1\"><b>stolen</b></template><?start name=\"s1\"><?end>";
        say(answer.body(format!("{}{patches}", answer.text())).wire())
    }),
];

fn endless(answer: &Answer, framing: Framing, again: Bytes) -> Script {
    let answer = answer.framed(framing);
    vec![Step::Send(answer.head().into()), Step::Flood(again, usize::MAX)]
}

fn bomb(answer: &Answer, coding: &str, bytes: &[u8]) -> Script {
    let answer = answer.lines(&format!("content-encoding: {coding}\r\n"));
    say(answer.body(bytes.to_vec()).wire())
}
