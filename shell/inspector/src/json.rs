//! JSON, written bit by bit.

/// An object under way.
#[derive(Debug, Default)]
pub(crate) struct Object(String);

impl Object {
    /// A field with what is JSON already.
    pub(crate) fn raw(mut self, name: &str, json: &str) -> Self {
        if !self.0.is_empty() {
            self.0.push(',');
        }
        push(&mut self.0, name);
        self.0.push(':');
        self.0.push_str(json);
        self
    }

    pub(crate) fn text(self, name: &str, text: &str) -> Self {
        self.raw(name, &string(text))
    }

    /// A field with text, unless that is empty.
    pub(crate) fn some(self, name: &str, text: &str) -> Self {
        if text.is_empty() { self } else { self.text(name, text) }
    }

    /// A number with a tenth, unless there is none.
    pub(crate) fn number(self, name: &str, number: Option<f64>) -> Self {
        let Some(number) = number else { return self };
        let tenths = (number.clamp(-1e14, 1e14) * 10.0).round() as i64;
        let text = match tenths % 10 {
            0 => format!("{}", tenths / 10),
            rest => format!(
                "{}{}.{}",
                if tenths < 0 { "-" } else { "" },
                tenths.abs() / 10,
                rest.abs()
            ),
        };
        self.raw(name, &text)
    }

    pub(crate) fn list<T>(self, name: &str, items: &[T], each: impl Fn(&T) -> String) -> Self {
        let all: Vec<String> = items.iter().map(each).collect();
        self.raw(name, &format!("[{}]", all.join(",")))
    }

    pub(crate) fn end(self) -> String {
        format!("{{{}}}", self.0)
    }
}

/// Text as JSON.
pub(crate) fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push(&mut out, text);
    out
}

fn push(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c < ' ' => {
                let code = u32::from(c);
                out.push_str("\\u00");
                out.extend(
                    [code / 16, code % 16]
                        .into_iter()
                        .filter_map(|digit| char::from_digit(digit, 16)),
                );
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_quotes() {
        let json = Object::default()
            .text("a", "\"\\\n\u{1f}ä")
            .some("b", "")
            .number("c", Some(-1.25))
            .number("d", Some(1_700_000_000_000.0))
            .number("e", None)
            .list("f", &["x", "y"], |each| string(each))
            .end();
        assert_eq!(
            json,
            r#"{"a":"\"\\\n\u001fä","c":-1.3,"d":1700000000000,"f":["x","y"]}"#
        );
    }
}
