//! A page of which all is known but a few holes: its compressed form is put together once, and copied each time.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU32, Ordering},
};

use bytes::Bytes;

use crate::{
    coding::{Coding, Effort},
    crc::{KeptSum, Sum},
    format,
    piece::{self, Piece},
};

/// After so many uses it pays to compress what stands between two holes as a whole.
const USES_BEFORE_WHOLE: u32 = 64;
/// Room for what the formats put around a fill, and around the body.
const STORED_BYTES: usize = 16;
const AROUND_BYTES: usize = 32;

/// What a ready page is made of.
#[derive(Debug, Clone)]
pub enum Part {
    /// A text that is this page's alone.
    Text(Bytes),
    /// A text of other pages, too.
    Kept(Arc<Piece>),
    /// What each response fills in: the n-th of its fills, which may stand in several places.
    Hole(usize),
}

/// A page of which all is known but a few holes.
///
/// ```
/// use composer_coding::{Coding, Part, Ready};
///
/// let page = Ready::new(vec![Part::Text("<script nonce=".into()), Part::Hole(0), Part::Text("></script>".into())]);
/// assert_eq!(page.body(None, &[b"abc"]), "<script nonce=abc></script>");
/// assert!(page.body(Some(Coding::Gzip), &[b"abc"]).starts_with(&[0x1f, 0x8b]));
/// ```
#[derive(Debug)]
pub struct Ready {
    parts: Vec<Part>,
    forms: [Form; 3],
}

/// The page in one coding.
#[derive(Debug, Default)]
struct Form {
    uses: AtomicU32,
    /// Of the copies that its long pieces have, the rest compressed once for this page.
    quick: OnceLock<Stitched>,
    /// Each run compressed as a whole.
    whole: OnceLock<Stitched>,
}

#[derive(Debug, Default)]
struct Stitched {
    runs: Vec<Run>,
    bytes: usize,
}

/// The longest run of blocks without a hole, and the hole behind it; the last has none.
#[derive(Debug)]
struct Run {
    blocks: Vec<u8>,
    sum: KeptSum,
    hole: Option<usize>,
}

impl Ready {
    /// A page of these parts.
    pub fn new(parts: Vec<Part>) -> Self {
        let forms = Default::default();
        Self { parts, forms }
    }

    /// The whole body; a hole whose fill is missing stays empty.
    ///
    /// Nothing is compressed but for the first response in a coding, and once more, better, when the page has proved to
    /// be asked for often.
    pub fn body(&self, coding: Option<Coding>, fills: &[&[u8]]) -> Bytes {
        match coding {
            Some(coding) => self.form(coding).body(coding, fills),
            None => self.plain(fills),
        }
    }

    /// Bytes that its own compressed forms take until now.
    pub fn weight(&self) -> usize {
        let forms = self.forms.iter().flat_map(|form| [form.quick.get(), form.whole.get()]);
        forms.flatten().map(|stitched| stitched.bytes).sum()
    }

    fn plain(&self, fills: &[&[u8]]) -> Bytes {
        let texts = || self.parts.iter().map(|part| part.text(fills));
        let mut out = Vec::with_capacity(texts().map(<[u8]>::len).sum());
        texts().for_each(|text| out.extend_from_slice(text));
        out.into()
    }

    fn form(&self, coding: Coding) -> &Stitched {
        let form = &self.forms[coding.index()];
        if let Some(whole) = form.whole.get() {
            return whole;
        }
        if form.uses.fetch_add(1, Ordering::Relaxed) < USES_BEFORE_WHOLE {
            form.quick.get_or_init(|| Stitched::quick(coding, &self.parts))
        } else {
            form.whole.get_or_init(|| Stitched::whole(coding, &self.parts))
        }
    }
}

impl Part {
    fn is_spliced(&self) -> bool {
        matches!(self, Self::Kept(piece) if Piece::pays(piece.text()))
    }

    fn text<'a>(&'a self, fills: &[&'a [u8]]) -> &'a [u8] {
        match self {
            Self::Text(text) => text,
            Self::Kept(piece) => piece.text(),
            Self::Hole(hole) => fills.get(*hole).copied().unwrap_or_default(),
        }
    }
}

impl Stitched {
    fn quick(coding: Coding, parts: &[Part]) -> Self {
        Self::of(parts, |group, out, sum| {
            for kind in group.chunk_by(|one, next| !one.is_spliced() && !next.is_spliced()) {
                if let [Part::Kept(piece)] = kind
                    && kind[0].is_spliced()
                {
                    out.extend_from_slice(piece.copy(coding));
                    if coding == Coding::Gzip {
                        sum.join(piece.sum());
                    }
                } else {
                    let text = joined(kind);
                    out.extend_from_slice(&format::blocks(coding, &text, Effort::Quick));
                    sum.join(&KeptSum::of(&text));
                }
            }
        })
    }

    fn whole(coding: Coding, parts: &[Part]) -> Self {
        Self::of(parts, |group, out, sum| {
            let text = joined(group);
            out.extend_from_slice(&piece::blocks(coding, &text));
            *sum = KeptSum::of(&text);
        })
    }

    fn of(parts: &[Part], compress: impl Fn(&[Part], &mut Vec<u8>, &mut KeptSum)) -> Self {
        let mut runs = Vec::new();
        let mut rest = parts;
        while !rest.is_empty() {
            let end = rest.iter().position(|part| matches!(part, Part::Hole(_)));
            let (group, after) = rest.split_at(end.unwrap_or(rest.len()));
            let mut blocks = Vec::new();
            let mut sum = KeptSum::EMPTY;
            compress(group, &mut blocks, &mut sum);
            let hole = match after.first() {
                Some(Part::Hole(hole)) => Some(*hole),
                _ => None,
            };
            runs.push(Run { blocks, sum, hole });
            rest = after.get(1..).unwrap_or_default();
        }
        let bytes = runs.iter().map(|run| run.blocks.len()).sum();
        Self { runs, bytes }
    }

    fn body(&self, coding: Coding, fills: &[&[u8]]) -> Bytes {
        let fill_of = |run: &Run| run.hole.and_then(|hole| fills.get(hole)).copied().unwrap_or_default();
        let filled: usize = self.runs.iter().map(|run| fill_of(run).len() + STORED_BYTES).sum();
        let mut out = Vec::with_capacity(self.bytes + filled + AROUND_BYTES);
        out.extend_from_slice(format::header(coding));
        let mut sum = Sum::default();
        for run in &self.runs {
            let fill = fill_of(run);
            out.extend_from_slice(&run.blocks);
            format::stored(coding, fill, &mut out);
            if coding == Coding::Gzip {
                sum.join(&run.sum);
                sum.add(fill);
            } else {
                sum.count(run.blocks.len() + fill.len());
            }
        }
        format::end(coding, sum, &mut out);
        out.into()
    }
}

fn joined(parts: &[Part]) -> Vec<u8> {
    parts.iter().flat_map(|part| part.text(&[])).copied().collect()
}
