//! Text as the value of an HTML attribute in double quotes.

/// Appends `text`, safe inside `"…"`.
pub(crate) fn push_attribute(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}

/// Appends ` name="value"`, the value escaped.
pub(crate) fn push(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    push_attribute(out, value);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_leave_its_quotes() {
        let mut out = String::new();
        push(&mut out, "src", "a/b?x=\"><script>&amp;");
        assert_eq!(out, r#" src="a/b?x=&quot;&gt;&lt;script&gt;&amp;amp;""#);
    }
}
