//! Why a call gave nothing, and what to do about it.

use std::fmt;

use contract::admin::ProblemReply;

/// Why a call gave nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    #[error("the admin address `{given}` {rule}; give it as `--admin http://127.0.0.1:8081` or in MARQUETRY_ADMIN")]
    Address { given: String, rule: &'static str },
    #[error(
        "no composer answers at {admin}: {why}\n  next: start one with `marquetry serve`, or say where it is with `--admin URL` or MARQUETRY_ADMIN"
    )]
    Unreachable { admin: String, why: String },
    #[error(
        "no TLS connection to {admin} can be made: {why}\n  next: a certificate of your own is trusted with SSL_CERT_FILE=FILE"
    )]
    Tls { admin: String, why: String },
    #[error(
        "what answers at {admin} is not a composer's admin API: {why}\n  next: look for `admin_listen` in its composer.toml; pages are served elsewhere"
    )]
    Stranger { admin: String, why: String },
    #[error("{0}")]
    Refused(Box<Refused>),
}

impl ClientError {
    /// True when the same call may well succeed a moment later.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused(refused) => matches!(refused.problem.status, 408 | 429 | 500..),
            Self::Address { .. } | Self::Tls { .. } | Self::Stranger { .. } => false,
        }
    }

    /// The status of a refusal.
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(refused) => Some(refused.problem.status),
            _ => None,
        }
    }
}

/// A failure that the API told.
#[derive(Debug)]
pub(crate) struct Refused {
    /// What it said.
    pub(crate) problem: ProblemReply,
    /// The same as it came.
    pub(crate) text: String,
    /// True when a token was sent.
    pub(crate) had_token: bool,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problem = &self.problem;
        let detail = if problem.detail.is_empty() {
            &problem.title
        } else {
            &problem.detail
        };
        f.write_str(detail)?;
        // Where one finding says it all, the detail often is that finding.
        for finding in problem
            .findings
            .iter()
            .filter(|finding| !detail.contains(&finding.text))
        {
            write!(f, "\n  {finding}")?;
        }
        if let Some(next) = self.next() {
            write!(f, "\n  next: {next}")?;
        }
        match &problem.request_id {
            Some(id) if problem.status >= 500 => write!(f, "\n  the composer's log knows it as request {id}"),
            _ => Ok(()),
        }
    }
}

impl Refused {
    fn next(&self) -> Option<&'static str> {
        let lacks_instance = || self.problem.findings.iter().any(|finding| finding.rule == NO_INSTANCE);
        Some(match self.problem.status {
            401 if !self.had_token => {
                "give a token with `--token-file FILE` or in MARQUETRY_TOKEN; a composer writes its first into `platform.token` in its `data_dir`"
            }
            401 => "ask whoever runs the composer for a new token; `marquetry token issue` makes one",
            403 => "`marquetry token whoami` says what this token may do",
            409 => "`marquetry history` shows what changed; decide anew, then run this again",
            421 => "add the host of the address to `admin_hosts` in composer.toml, or use one that is there",
            422 if lacks_instance() => "start the BFF, or say where it runs with `--origin APP=http://HOST:PORT`",
            429 => "wait a moment, then try again",
            503 => "nothing was done and pages are served; `marquetry doctor` says what is wrong",
            _ => return None,
        })
    }
}

/// The rule that a version is released only where its BFF runs.
const NO_INSTANCE: &str = "no-instance";

#[cfg(test)]
mod tests {
    use contract::admin::{Finding, Severity};
    use expect_test::{Expect, expect};

    use super::*;

    fn check(status: u16, detail: &str, findings: Vec<Finding>, expected: Expect) {
        let problem = ProblemReply {
            kind: "about:blank".into(),
            title: "Refused".into(),
            status,
            detail: detail.into(),
            request_id: Some("01ab".into()),
            findings,
            revision: (status == 409).then_some(58),
        };
        let refused = Refused {
            problem,
            text: String::new(),
            had_token: false,
        };
        expected.assert_eq(&ClientError::Refused(Box::new(refused)).to_string());
    }

    #[test]
    fn a_refusal_tells_all_findings_and_what_to_do() {
        let finding = |rule: &str, text: &str| Finding {
            severity: Severity::Error,
            rule: rule.into(),
            at: "reviews".into(),
            text: text.into(),
        };
        check(
            422,
            "`reviews@1.0.0` can't be released",
            vec![
                finding("no-instance", "it has no instance"),
                finding("dry-render", "it answers 500"),
            ],
            expect![[r#"
                `reviews@1.0.0` can't be released
                  error[no-instance]: reviews: it has no instance
                  error[dry-render]: reviews: it answers 500
                  next: start the BFF, or say where it runs with `--origin APP=http://HOST:PORT`"#]],
        );
        check(
            409,
            "`reviews` has changed",
            vec![],
            expect![[r#"
                `reviews` has changed
                  next: `marquetry history` shows what changed; decide anew, then run this again"#]],
        );
        check(
            401,
            "",
            vec![],
            expect![[r#"
                Refused
                  next: give a token with `--token-file FILE` or in MARQUETRY_TOKEN; a composer writes its first into `platform.token` in its `data_dir`"#]],
        );
        check(
            503,
            "the disk is full",
            vec![],
            expect![[r#"
                the disk is full
                  next: nothing was done and pages are served; `marquetry doctor` says what is wrong
                  the composer's log knows it as request 01ab"#]],
        );
    }
}
