//! `marquetry history`: who did what, when and why.

use contract::admin::HistoryPage;

use crate::output::{
    Output, Tone,
    table::{cell, optional},
    time::ago,
};

/// The entries, newest first, and how to see older ones.
pub(crate) fn text(output: Output, page: &HistoryPage, now_ms: u64, older: &str) -> String {
    if page.entries.is_empty() {
        return "nothing has happened yet\n".into();
    }
    let mut table = output.table(["REVISION", "WHEN", "WHO", "WHAT", "WHY"]);
    for entry in &page.entries {
        table.row([
            entry.revision.to_string(),
            ago(entry.at_ms, now_ms),
            cell(&entry.by),
            cell(&entry.text),
            optional(entry.reason.as_deref()),
        ]);
    }
    let mut text = table.text("");
    if let Some(before) = page.before {
        text += &output.tone(Tone::Minor, &format!("older: {older} --before {before}\n"));
    }
    text
}
