//! What may be kept, and for how long: one line a case.

use http::{HeaderName, HeaderValue};

use super::*;

const NOW_S: u64 = 1_800_000_000;

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(NOW_S)
}

fn date_at(seconds: u64) -> String {
    httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

/// The answer with these headers, one a line, with a body of known length.
fn judge(lines: &str) -> Result<(u64, u64, u64), Unkept> {
    judge_head(200, &format!("content-length: 3\n{lines}"))
}

fn judge_head(status: u16, lines: &str) -> Result<(u64, u64, u64), Unkept> {
    let mut headers = HeaderMap::new();
    for line in lines.lines().filter(|line| !line.trim().is_empty()) {
        let (name, value) = line.trim().split_once(": ").unwrap();
        let name: HeaderName = name.parse().unwrap();
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    let status = StatusCode::from_u16(status).unwrap();
    let head = ResponseHead { status, headers };
    Freshness::of(&head, now()).map(|found| {
        let seconds = |time: Duration| time.as_secs();
        (
            seconds(found.fresh),
            seconds(found.stale_while_revalidate),
            seconds(found.stale_if_error),
        )
    })
}

#[test]
fn what_a_shared_cache_may_keep_is_kept() {
    for (lines, expected) in [
        ("cache-control: max-age=60", (60, 0, 0)),
        ("cache-control: public, max-age=60, s-maxage=10", (10, 0, 0)),
        ("cache-control: s-maxage=10, max-age=0", (10, 0, 0)),
        ("cache-control: max-age=60\nvary: cookie, accept-language", (60, 0, 0)),
        ("cache-control: max-age=60\nage: 20", (40, 0, 0)),
        (
            "cache-control: max-age=60, stale-while-revalidate=5, stale-if-error=9",
            (60, 5, 9),
        ),
        ("cache-control: s-maxage=60, stale-while-revalidate=5", (60, 5, 0)),
        ("cache-control: max-age=0, stale-if-error=9", (0, 0, 9)),
        (
            "cache-control: max-age=10, stale-while-revalidate=30\nage: 20",
            (0, 20, 0),
        ),
        (
            "cache-control: max-age=60, must-revalidate, stale-while-revalidate=5",
            (60, 0, 0),
        ),
        (
            "cache-control: max-age=60, proxy-revalidate, stale-if-error=5",
            (60, 0, 0),
        ),
        ("cache-control: no-store\ncdn-cache-control: max-age=60", (60, 0, 0)),
        (
            "cdn-cache-control: max-age=60, stale-if-error=9\nexpires: 0",
            (60, 0, 9),
        ),
        ("cache-control: max-age=60\nexpires: 0\npragma: no-cache", (60, 0, 0)),
        ("cache-control: max-age=99999999999", (365 * 24 * 3600, 0, 0)),
    ] {
        assert_eq!(judge(lines), Ok(expected), "{lines}");
    }
    let dates = format!("date: {}\nexpires: {}", date_at(NOW_S - 10), date_at(NOW_S + 50));
    assert_eq!(judge(&dates), Ok((50, 0, 0)));
    let early = format!("cache-control: max-age=60\ndate: {}", date_at(NOW_S + 1_000));
    assert_eq!(
        judge(&early),
        Ok((60, 0, 0)),
        "a clock that is ahead makes nothing young"
    );
}

#[test]
fn what_may_be_one_visitors_own_or_broken_is_not() {
    for (lines, why) in [
        ("", Unkept::NoLifetime),
        ("cache-control: public", Unkept::NoLifetime),
        ("last-modified: Mon, 01 Jan 2001 00:00:00 GMT", Unkept::NoLifetime),
        ("cache-control: max-age=0", Unkept::NoLifetime),
        ("cache-control: max-age=oops", Unkept::NoLifetime),
        ("cache-control: max-age=60\nage: 60", Unkept::NoLifetime),
        ("cache-control: max-age=60, max-age=0", Unkept::NoLifetime),
        (
            "cache-control: max-age=60\ncdn-cache-control: stale-if-error=0",
            Unkept::NoLifetime,
        ),
        ("expires: 0", Unkept::NoLifetime),
        ("cache-control: max-age=60, Private", Unkept::Forbidden),
        ("cache-control: max-age=60, private=\"x-a, x-b\"", Unkept::Forbidden),
        ("cache-control: max-age=60\ncache-control: NO-STORE", Unkept::Forbidden),
        ("cache-control: max-age=60, no-cache", Unkept::Forbidden),
        ("cache-control: max-age=60, no-cache=\"set-cookie\"", Unkept::Forbidden),
        (
            "cache-control: max-age=60, must-understand, no-store",
            Unkept::Forbidden,
        ),
        (
            "cache-control: max-age=60\ncdn-cache-control: max-age=60, private",
            Unkept::Forbidden,
        ),
        ("cache-control: max-age=60, x=\"", Unkept::Unreadable),
        ("cache-control: max-age=60\nset-cookie: a=b", Unkept::SetCookie),
        ("cdn-cache-control: max-age=60\nset-cookie: a=b", Unkept::SetCookie),
        ("cache-control: max-age=60\nvary: *", Unkept::Varies),
        ("cache-control: max-age=60\nvary: accept-language, *", Unkept::Varies),
    ] {
        assert_eq!(judge(lines), Err(why), "{lines}");
    }
    let pragma = format!("pragma: no-cache\nexpires: {}", date_at(NOW_S + 50));
    assert_eq!(judge(&pragma), Err(Unkept::Forbidden));
}

#[test]
fn only_a_whole_200_is_kept() {
    for status in [201, 203, 204, 206, 301, 304, 404, 410, 500] {
        let judged = judge_head(status, "content-length: 3\ncache-control: max-age=60");
        assert_eq!(judged, Err(Unkept::Status), "{status}");
    }
    assert_eq!(judge_head(200, "cache-control: max-age=60"), Err(Unkept::Endless));
    assert!(judge_head(200, "transfer-encoding: chunked\ncache-control: max-age=60").is_ok());
}
