//! Reads the start tag of a slot element, and writes it anew without what only the composer may set.

use bytes::Bytes;
use contract::slot::{
    DATA_APP, DATA_FRAGMENT, DATA_HYDRATE, DATA_MODULE, DATA_STATE, DATA_VERSION, DATA_WASM, DATA_WASM_INTEGRITY,
    ELEMENT, PERSIST, SRC,
};

use crate::{
    entity::decode,
    lex::tag::{Attribute, Tag},
    piece::{Context, SlotTag},
};

const COMPOSERS_OWN: [&str; 8] = [
    DATA_APP,
    DATA_FRAGMENT,
    DATA_HYDRATE,
    DATA_MODULE,
    DATA_STATE,
    DATA_VERSION,
    DATA_WASM,
    DATA_WASM_INTEGRITY,
];

/// The slot that `tag` begins.
pub(crate) fn read(tag: &Tag<'_>, context: Context) -> SlotTag {
    let (mut src, mut persist) = (None, None);
    let attributes = kept(tag, |each| {
        if each.is(PERSIST) {
            persist.get_or_insert(each.value);
        }
        let is_src = each.is(SRC);
        if is_src {
            src.get_or_insert(each.value);
        }
        !is_src
    });
    // It may stand behind more attributes than are kept.
    let src = src.or_else(|| tag.attribute(SRC)).unwrap_or_default();
    SlotTag {
        src: decode(src),
        persist: persist.map(decode),
        attributes: attributes.into(),
        context,
    }
}

/// The start tag of a slot element that has no meaning.
pub(crate) fn idle(tag: &Tag<'_>) -> Bytes {
    let mut written = format!("<{ELEMENT}").into_bytes();
    written.extend(kept(tag, |_| true));
    // The space keeps an unquoted value from taking in what follows.
    written.extend_from_slice(b" >");
    written.into()
}

/// More attributes than this are not read: finding repeated ones takes the square of their number.
const MOST_ATTRIBUTES: usize = 64;

/// The attributes as written, each with a leading space: the first of a name, and none that is the composer's or a
/// handler.
fn kept<'a>(tag: &Tag<'a>, mut also: impl FnMut(&Attribute<'a>) -> bool) -> Vec<u8> {
    let mut written = Vec::new();
    let mut seen: Vec<&[u8]> = Vec::new();
    for each in tag.attributes().take(MOST_ATTRIBUTES) {
        let first = !seen.iter().any(|name| name.eq_ignore_ascii_case(each.name));
        seen.push(each.name);
        let handler = each
            .name
            .get(..2)
            .is_some_and(|start| start.eq_ignore_ascii_case(b"on"));
        let composers = COMPOSERS_OWN.iter().any(|name| each.is(name));
        if first && !handler && !composers && also(&each) {
            written.push(b' ');
            written.extend_from_slice(each.raw);
        }
    }
    written
}
