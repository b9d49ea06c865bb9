//! A file does one job: at most 400 lines, tests apart.

use super::Crate;

const LIMIT: usize = 400;

pub(super) fn check(crates: &[Crate], findings: &mut Vec<String>) {
    for (path, text) in crates
        .iter()
        .filter(|each| each.folder != "tests")
        .flat_map(|each| &each.sources)
    {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = code.lines().count();
        if lines > LIMIT && !path.ends_with("tests.rs") && !path.iter().any(|part| part == "tests") {
            findings.push(format!(
                "{}: {lines} lines, at most {LIMIT}; what is its second job?",
                path.display()
            ));
        }
    }
}
