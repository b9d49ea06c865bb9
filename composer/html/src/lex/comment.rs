//! Finds the end of a comment, in every form that browsers accept.

use memchr::memchr;

/// Where in a comment the next byte stands, after `<!--`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommentEnd {
    /// Right after `<!--`: `>` ends it already.
    Start,
    /// After `<!---`: `>` ends it too.
    StartDash,
    Text,
    Dash,
    DashDash,
    DashDashBang,
}

impl CommentEnd {
    /// The index after the comment's `>`, if `bytes` reach so far.
    pub(crate) fn find(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if *self == Self::Text {
                at += memchr(b'-', &bytes[at..])? + 1;
                *self = Self::Dash;
                continue;
            }
            at += 1;
            *self = match (*self, byte) {
                (Self::Start | Self::StartDash | Self::DashDash | Self::DashDashBang, b'>') => return Some(at),
                (Self::Start, b'-') => Self::StartDash,
                (Self::StartDash | Self::Dash | Self::DashDash, b'-') => Self::DashDash,
                (Self::DashDash, b'!') => Self::DashDashBang,
                (Self::DashDashBang, b'-') => Self::Dash,
                _ => Self::Text,
            };
        }
        None
    }
}
