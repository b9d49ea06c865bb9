//! Whether a page may go out in another order than its document's: only to browsers that show it to a person.

use composer_page::Order;
use contract::Prefix;
use http::{HeaderMap, Uri, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{hex::hex, visitor::cookie};

/// Header and cookie by which a client asks for the document's order.
pub(crate) const ORDER: &str = "marquetry-order";
/// Their value.
pub(crate) const DOCUMENT: &str = "document";

/// From this version on Chromium puts late content in place by itself.
const FEATURE_SINCE: u32 = 156;

/// Words in the names of programs that read pages for others: they take the document as it comes.
const CRAWLERS: [&[u8]; 12] = [
    b"bot",
    b"crawl",
    b"spider",
    b"slurp",
    b"archiver",
    b"preview",
    b"facebookexternalhit",
    b"mediapartners",
    b"inspectiontool",
    b"lighthouse",
    b"whatsapp",
    b"validator",
];

/// The order for a request of `uri` with these headers.
pub(crate) fn of(headers: &HeaderMap, uri: &Uri, prefix: &Prefix) -> Order {
    if !is_shown(headers) || wants_document(headers) || comes_back(headers, uri) {
        return Order::Document;
    }
    Order::OutOfOrder {
        names: names(),
        in_order: (!has_feature(headers)).then(|| way_out(uri, prefix)),
    }
}

/// The order for a tab with these headers that gets a part of a page: its shell puts late content in place.
pub(crate) fn of_tab(headers: &HeaderMap) -> Order {
    if headers.get(ORDER).is_some_and(|order| order == DOCUMENT) {
        return Order::Document;
    }
    Order::OutOfOrder {
        names: names(),
        in_order: None,
    }
}

/// 96 random bits.
fn names() -> String {
    let mut random = [0; 16];
    getrandom::fill(&mut random[..12]).expect("the operating system has randomness");
    let names = hex::<24>(u128::from_le_bytes(random));
    str::from_utf8(&names).unwrap_or_default().to_owned()
}

/// True for a browser's navigation: only browsers say so, and all of them do.
fn is_shown(headers: &HeaderMap) -> bool {
    let is_document = headers.get("sec-fetch-dest").is_some_and(|dest| dest == DOCUMENT);
    let agent = headers.get(header::USER_AGENT);
    is_document && agent.is_some_and(|agent| !is_crawler(agent.as_bytes()))
}

fn is_crawler(agent: &[u8]) -> bool {
    let has = |word: &&[u8]| agent.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    CRAWLERS.iter().any(has)
}

fn wants_document(headers: &HeaderMap) -> bool {
    headers.get(ORDER).is_some_and(|order| order == DOCUMENT) || cookie(headers, ORDER) == Some(DOCUMENT)
}

/// True for a page that leads to itself, as the way out does where cookies are refused: it must not do so again.
fn comes_back(headers: &HeaderMap, uri: &Uri) -> bool {
    let referer = headers.get(header::REFERER).and_then(|referer| referer.to_str().ok());
    let Some((_, rest)) = referer.and_then(|referer| referer.split_once("://")) else {
        return false;
    };
    let path = rest.find('/').map_or("/", |at| &rest[at..]);
    uri.path_and_query().is_some_and(|own| own.as_str() == path)
}

/// `Chrome/156.0.0.0` in `user-agent`. (`sec-ch-ua` says it too, but not over plain HTTP, and not where scripts are off.)
fn has_feature(headers: &HeaderMap) -> bool {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let version = agent.and_then(|agent| agent.split_once("Chrome/"));
    let version = version.and_then(|(_, rest)| rest.split_once('.')?.0.parse::<u32>().ok());
    version.is_some_and(|version| version >= FEATURE_SINCE)
}

fn way_out(uri: &Uri, prefix: &Prefix) -> String {
    let to = uri.path_and_query().map_or("/", |to| to.as_str());
    let to = utf8_percent_encode(to, NON_ALPHANUMERIC);
    format!("{}/order?to={to}", prefix.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHROME: &str =
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";

    fn order_of(fields: &[(&'static str, &'static str)]) -> Order {
        let mut headers = HeaderMap::new();
        for (name, value) in [("sec-fetch-dest", "document"), ("user-agent", CHROME)]
            .iter()
            .chain(fields)
        {
            headers.insert(*name, value.parse().unwrap());
        }
        of(&headers, &Uri::from_static("/a%20b?c=d&e"), &Prefix::default())
    }

    fn way_out_of(fields: &[(&'static str, &'static str)]) -> Option<String> {
        match order_of(fields) {
            Order::OutOfOrder { in_order, .. } => in_order,
            Order::Document => panic!("{fields:?} is out of order"),
        }
    }

    #[test]
    fn only_what_a_browser_shows_to_a_person_is_out_of_order() {
        assert!(matches!(order_of(&[]), Order::OutOfOrder { names, .. } if names.len() == 24));
        for fields in [
            [("sec-fetch-dest", "empty")],
            [("sec-fetch-dest", "iframe")],
            [(
                "user-agent",
                "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            )],
            [("user-agent", "facebookexternalhit/1.1")],
            [("marquetry-order", "document")],
            [("cookie", "a=b; marquetry-order=document")],
            [("referer", "https://shop.example/a%20b?c=d&e")],
        ] {
            assert_eq!(order_of(&fields), Order::Document, "{fields:?}");
        }
        assert_ne!(order_of(&[("referer", "https://shop.example/")]), Order::Document);
        assert_ne!(order_of(&[]), order_of(&[]), "names are of one response only");
    }

    #[test]
    fn who_may_not_know_late_content_gets_a_way_out() {
        let way_out = Some("/_m/order?to=%2Fa%2520b%3Fc%3Dd%26e".to_owned());
        for (agent, expected) in [
            (CHROME, None),
            ("Mozilla/5.0 (X11) HeadlessChrome/157.0.0.0 Safari/537.36", None),
            ("Mozilla/5.0 (X11) Chrome/155.0.0.0 Safari/537.36", way_out.clone()),
            (
                "Mozilla/5.0 (X11; rv:150.0) Gecko/20100101 Firefox/150.0",
                way_out.clone(),
            ),
        ] {
            assert_eq!(way_out_of(&[("user-agent", agent)]), expected, "{agent}");
        }
    }
}
