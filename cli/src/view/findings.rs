//! What checks found.

use contract::admin::{Finding, Severity};

use crate::output::{Output, Tone, clean};

/// One line a finding, indented.
pub(crate) fn lines(output: Output, findings: &[Finding]) -> String {
    let line = |finding: &Finding| {
        let text = clean(&finding.to_string()).into_owned();
        let (head, rest) = text.split_once(": ").unwrap_or((&text, ""));
        let tone = match finding.severity {
            Severity::Error => Tone::Bad,
            Severity::Warning => Tone::Attention,
        };
        format!("  {}: {}\n", output.tone(tone, head), rest.replace('\n', "\n    "))
    };
    findings.iter().map(line).collect()
}

/// True when something is refused.
pub(crate) fn refuse(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}
