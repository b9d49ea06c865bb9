//! Whether a page is compressed, by what, and what its head says of it.

use composer_coding::Coding;
use composer_page::Plan;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::config::Pages;

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const USER: HeaderName = HeaderName::from_static("sec-fetch-user");
const BRANDS: HeaderName = HeaderName::from_static("sec-ch-ua");
const NO_TRANSFORM: HeaderValue = HeaderValue::from_static("no-transform");
const BY_ENCODING: HeaderValue = HeaderValue::from_static("accept-encoding");

/// How one response is encoded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Encoding {
    /// True when another request for the same would have got another one.
    varies: bool,
    /// `None` stands for the text as it is.
    pub(crate) coding: Option<Coding>,
    /// True when nobody on the way may encode it either.
    is_final: bool,
}

impl Encoding {
    /// The text as it is, whoever asks.
    const PLAIN: Self = Self {
        varies: false,
        coding: None,
        is_final: false,
    };

    /// The same, all the way to the browser.
    pub(crate) const FINAL: Self = Self {
        is_final: true,
        ..Self::PLAIN
    };

    /// The encoding of what is planned for a request with the headers `asked`.
    pub(crate) fn of(pages: &Pages, plan: &Plan, asked: &HeaderMap) -> Self {
        match (plan.compresses(), pages.compress) {
            (false, _) => Self::FINAL,
            (true, false) => Self::PLAIN,
            (true, true) => Self::compressed(asked),
        }
    }

    fn compressed(asked: &HeaderMap) -> Self {
        Self {
            varies: true,
            is_final: false,
            coding: Some(asked)
                .filter(|asked| !is_made_by_another_site(asked))
                .and_then(coding),
        }
    }

    /// The same for a response without a body.
    pub(crate) const fn bodiless(self) -> Self {
        Self { coding: None, ..self }
    }

    /// Writes it into a response's head, whose `Cache-Control` is there.
    pub(crate) fn tell(self, headers: &mut HeaderMap) {
        if self.varies {
            headers.append(header::VARY, BY_ENCODING);
        }
        if let Some(coding) = self.coding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.as_str()));
        }
        if self.is_final {
            forbid_transform(headers);
        }
    }
}

fn forbid_transform(headers: &mut HeaderMap) {
    let said = headers.get(header::CACHE_CONTROL).and_then(|said| said.to_str().ok());
    let all = said.map(|said| HeaderValue::try_from(format!("{said}, no-transform")));
    let all = all.and_then(Result::ok).unwrap_or(NO_TRANSFORM);
    headers.insert(header::CACHE_CONTROL, all);
}

fn coding(asked: &HeaderMap) -> Option<Coding> {
    let order = if reads_frames(asked) {
        Coding::ALL
    } else {
        Coding::WIDELY_READ
    };
    Coding::choose(order, asked.get_all(header::ACCEPT_ENCODING))
}

/// True when no person asked for this by a click: a script of another site did, or something that it shows.
///
/// Such a site can't read the response, but may see how long it is, and ask again and again with words of its own in
/// the address: the length of the compressed page would tell it what else stands there (BREACH).
fn is_made_by_another_site(asked: &HeaderMap) -> bool {
    asked.get(SITE).is_some_and(|site| site == "cross-site") && asked.get(USER).is_none_or(|user| user != "?1")
}

/// True for who is known to read Zstandard on after the first frame, as it has to. Several libraries stop there.
fn reads_frames(asked: &HeaderMap) -> bool {
    let agent = asked.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    asked.contains_key(BRANDS) || agent.is_some_and(|agent| agent.contains("Firefox/") || agent.starts_with("curl/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        let fields = fields
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        fields.collect()
    }

    fn coding(fields: &[(&'static str, &'static str)]) -> Option<&'static str> {
        let accept = [("accept-encoding", "gzip, deflate, br, zstd")];
        let encoding = Encoding::compressed(&asked(&[&accept[..], fields].concat()));
        encoding.coding.map(Coding::as_str)
    }

    #[test]
    fn zstandard_goes_to_who_is_known_to_read_all_frames() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0";
        let chromium = "\"Chromium\";v=\"156\", \"Not)A;Brand\";v=\"24\"";
        assert_eq!(coding(&[("user-agent", firefox)]), Some("zstd"));
        assert_eq!(coding(&[("sec-ch-ua", chromium)]), Some("zstd"));
        assert_eq!(coding(&[("user-agent", "curl/7.88.1")]), Some("zstd"));
        assert_eq!(coding(&[("user-agent", "node")]), Some("br"));
        assert_eq!(coding(&[]), Some("br"));
        let only = Encoding::compressed(&asked(&[("accept-encoding", "zstd")]));
        assert_eq!(only.coding, Some(Coding::Zstd));
    }

    #[test]
    fn what_another_site_asks_for_by_itself_is_not_compressed() {
        assert_eq!(coding(&[("sec-fetch-site", "cross-site")]), None);
        let clicked = [("sec-fetch-site", "cross-site"), ("sec-fetch-user", "?1")];
        assert_eq!(coding(&clicked), Some("br"));
        for site in ["none", "same-origin", "same-site"] {
            assert_eq!(coding(&[("sec-fetch-site", site)]), Some("br"), "{site}");
        }
    }

    #[test]
    fn the_head_names_coding_and_what_decided_it() {
        let mut headers = asked(&[("vary", "cookie")]);
        Encoding::compressed(&asked(&[("accept-encoding", "gzip")])).tell(&mut headers);
        let vary: Vec<&HeaderValue> = headers.get_all(header::VARY).iter().collect();
        assert_eq!(vary, ["cookie", "accept-encoding"]);
        assert_eq!(headers[header::CONTENT_ENCODING], "gzip");
        let mut headers = HeaderMap::new();
        Encoding::compressed(&HeaderMap::new()).tell(&mut headers);
        assert!(headers.contains_key(header::VARY) && !headers.contains_key(header::CONTENT_ENCODING));
        let mut headers = HeaderMap::new();
        Encoding::PLAIN.tell(&mut headers);
        assert!(headers.is_empty());
        Encoding::FINAL.tell(&mut headers);
        assert_eq!(headers[header::CACHE_CONTROL], "no-transform");
        let mut headers = asked(&[("cache-control", "private, no-cache")]);
        Encoding::FINAL.tell(&mut headers);
        assert_eq!(headers[header::CACHE_CONTROL], "private, no-cache, no-transform");
        assert_eq!(headers.len(), 1);
    }
}
