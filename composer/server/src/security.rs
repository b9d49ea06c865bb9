//! Headers that keep a page to its own scripts, styles and origin.

use std::sync::{
    LazyLock,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use base64ct::{Base64, Encoding};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use sha2::{Digest, Sha256};

/// Allows the scripts and styles of one response, and of no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Nonce(String);

impl Nonce {
    /// Makes a nonce that nobody can guess: a digest of a secret that lasts as long as the process, and of a number that is
    /// never used twice. Asking the kernel each time would take longer than all else that a ready page takes.
    pub(crate) fn new() -> Self {
        static SECRET: LazyLock<[u8; 32]> = LazyLock::new(|| {
            let mut secret = [0; 32];
            getrandom::fill(&mut secret).expect("the operating system has randomness");
            secret
        });
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Relaxed).to_le_bytes();
        let digest = Sha256::new().chain_update(*SECRET).chain_update(number).finalize();
        Self(Base64::encode_string(&digest[..18]))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Headers of a composed page: only scripts with `nonce`, and what these load, ever run.
pub(crate) fn page(headers: &mut HeaderMap, nonce: &Nonce) {
    page_with(headers, nonce, "");
}

/// The same for a page with the badge of an override, which has a style of its own.
pub(crate) fn page_with_badge(headers: &mut HeaderMap, nonce: &Nonce) {
    page_with(headers, nonce, &format!(" 'nonce-{}'", nonce.as_str()));
}

/// Of the headers of a composed page the one that says which scripts run; the others are [`beside_policy`].
pub(crate) fn policy(headers: &mut HeaderMap, nonce: &Nonce) {
    headers.insert(header::CONTENT_SECURITY_POLICY, policy_with(nonce, ""));
}

/// The headers of a composed page that are the same in every response.
pub(crate) fn beside_policy(headers: &mut HeaderMap) {
    common(headers);
}

fn page_with(headers: &mut HeaderMap, nonce: &Nonce, style: &str) {
    headers.insert(header::CONTENT_SECURITY_POLICY, policy_with(nonce, style));
    common(headers);
}

fn policy_with(nonce: &Nonce, style: &str) -> HeaderValue {
    let nonce = nonce.as_str();
    let policy = [
        "default-src 'self'; script-src 'nonce-",
        nonce,
        "' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'",
        style,
        "; img-src 'self' data:; connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'",
    ]
    .concat();
    ascii(policy)
}

/// Headers of an error page, which has one style sheet of its own and no script.
pub(crate) fn error_page(headers: &mut HeaderMap, nonce: &Nonce) {
    let policy = format!(
        "default-src 'self'; script-src 'none'; style-src 'nonce-{}'; object-src 'none'; base-uri 'none'; \
         frame-ancestors 'none'",
        nonce.as_str()
    );
    headers.insert(header::CONTENT_SECURITY_POLICY, ascii(policy));
    common(headers);
}

/// Headers of whatever else may end up in a browser's window: no script runs in it.
pub(crate) fn no_script(headers: &mut HeaderMap) {
    let policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; \
                  frame-ancestors 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    common(headers);
}

fn common(headers: &mut HeaderMap) {
    static COMMON: [(HeaderName, &str); 5] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in &COMMON {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

fn ascii(policy: String) -> HeaderValue {
    HeaderValue::try_from(policy).expect("a policy is plain ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_runs_scripts_of_its_own_nonce_only() {
        let (one, other) = (Nonce::new(), Nonce::new());
        assert_ne!(one, other);
        assert_eq!(one.as_str().len(), 24);
        let mut headers = HeaderMap::new();
        page(&mut headers, &one);
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains(&format!("script-src 'nonce-{}' 'strict-dynamic'", one.as_str())));
        assert!(!policy.contains("unsafe-inline"));
    }
}
