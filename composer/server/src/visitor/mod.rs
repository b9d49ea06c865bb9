//! What a browser's request says about its visitor: who it is, and which versions its page was made of.

mod groups;
mod cookies;
mod user;

use composer_ledger::Audience;
use contract::Composition;
use http::{HeaderMap, HeaderName};

pub(crate) use cookies::{cookie, ended, lasting};
pub(crate) use groups::{GroupReader, KeyFileError};
pub(crate) use user::{USER_COOKIE, UserId};

use crate::{config::AudienceConfig, keys::Signer, lock};

const COMPOSITION: HeaderName = HeaderName::from_static(contract::header::COMPOSITION);

/// By what visitors are told apart.
#[derive(Debug)]
pub(crate) struct Traits {
    cohort_header: HeaderName,
    groups: Option<GroupReader>,
}

/// One visitor, as far as canaries go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Guest {
    pub(crate) user: Option<UserId>,
    cohort: Option<String>,
    groups: Vec<String>,
}

impl Traits {
    /// Tells visitors apart as configured.
    ///
    /// # Errors
    /// When the key of group cookies can't be read.
    pub(crate) fn new(config: &AudienceConfig) -> Result<Self, KeyFileError> {
        Ok(Self {
            cohort_header: config.cohort_header.clone(),
            groups: config.group.as_ref().map(GroupReader::open).transpose()?,
        })
    }

    /// The header that names a visitor's cohort.
    pub(crate) fn cohort_header(&self) -> &HeaderName {
        &self.cohort_header
    }

    /// Reads what a request says about its visitor.
    pub(crate) fn read(&self, headers: &HeaderMap) -> Guest {
        let mut cohorts = headers.get_all(&self.cohort_header).iter();
        let cohort = match (cohorts.next(), cohorts.next()) {
            (Some(cohort), None) => cohort.to_str().ok().map(str::to_owned),
            _ => None,
        };
        Guest {
            user: cookie(headers, USER_COOKIE).and_then(|text| text.parse().ok()),
            cohort,
            groups: self
                .groups
                .as_ref()
                .map(|groups| groups.read(headers))
                .unwrap_or_default(),
        }
    }
}

impl Guest {
    /// As the ledger takes it.
    pub(crate) fn audience(&self) -> Audience<'_> {
        Audience {
            user_id: self.user.as_ref().map(UserId::as_str),
            cohort: self.cohort.as_deref(),
            groups: &self.groups,
        }
    }
}

/// The composition that a tab was made of, if it says so and that is signed and not too old.
pub(crate) fn locked(headers: &HeaderMap, signer: &Signer) -> Option<Composition> {
    let mut values = headers.get_all(COMPOSITION).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => lock::read(signer, value.to_str().ok()?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_visitor_is_known_by_cookie_and_header() {
        let traits = Traits::new(&AudienceConfig::default()).unwrap();
        let mut headers = HeaderMap::new();
        assert_eq!(traits.read(&headers), Guest::default());
        let id = "0123456789abcdef0123456789abcdef";
        let cookies = format!("cart=7; marquetry-user={id}");
        headers.insert("cookie", HeaderValue::try_from(cookies).unwrap());
        headers.insert("marquetry-cohort", HeaderValue::from_static("beta"));
        let visitor = traits.read(&headers);
        assert_eq!(visitor.audience().user_id, Some(id));
        assert_eq!(visitor.audience().cohort, Some("beta"));
        headers.append("marquetry-cohort", HeaderValue::from_static("alpha"));
        headers.insert("cookie", HeaderValue::from_static("marquetry-user=me"));
        assert_eq!(
            traits.read(&headers),
            Guest::default(),
            "two cohorts are none, and no text is an id"
        );
    }
}
