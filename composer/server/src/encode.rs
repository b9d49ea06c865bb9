//! Whether a page is compressed, by what, and what its head says of it.

use composer_coding::Coding;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::config::Pages;

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const USER: HeaderName = HeaderName::from_static("sec-fetch-user");
const BRANDS: HeaderName = HeaderName::from_static("sec-ch-ua");
const BY_ENCODING: HeaderValue = HeaderValue::from_static("accept-encoding");

/// How one response is encoded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Encoding {
    /// True when another request for the same would have got another one.
    varies: bool,
    /// `None` stands for the text as it is.
    pub(crate) coding: Option<Coding>,
}

impl Encoding {
    /// The text as it is, whoever asks.
    const PLAIN: Self = Self {
        varies: false,
        coding: None,
    };

    /// The encoding of a page for a request with the headers `asked`.
    pub(crate) fn of(pages: &Pages, asked: &HeaderMap) -> Self {
        if pages.compress {
            Self::compressed(asked)
        } else {
            Self::PLAIN
        }
    }

    fn compressed(asked: &HeaderMap) -> Self {
        Self {
            varies: true,
            coding: Some(asked)
                .filter(|asked| !is_made_by_another_site(asked))
                .and_then(coding),
        }
    }

    /// The same for a response without a body.
    pub(crate) const fn bodiless(self) -> Self {
        Self { coding: None, ..self }
    }

    /// Writes it into a response's head.
    pub(crate) fn tell(self, headers: &mut HeaderMap) {
        if self.varies {
            headers.append(header::VARY, BY_ENCODING);
        }
        if let Some(coding) = self.coding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.as_str()));
        }
    }
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
    }
}
