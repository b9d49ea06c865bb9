//! Reads what a BFF sent: lifts its head, and keeps the rest inside its slot.

use bytes::Bytes;
use memchr::memchr_iter;

use crate::{
    emit::Emitter,
    error::{Limits, ScanError},
    head::{Head, HeadStep},
    lex::{
        Kind, Lexer, Part, Token,
        raw::prefix,
        tag::{Tag, is_delimiter, is_space},
        whole::ShortName,
    },
    names::Name,
    piece::{Context, Piece},
    slot,
    tree::{Fix, Tree, Verdict},
};

/// A fragment that is being read.
#[derive(Debug)]
pub(crate) struct Fragment {
    tree: Tree,
    phase: Phase,
    /// The raw text element that is open.
    raw: Option<OpenRaw>,
    limits: Limits,
}

#[derive(Debug)]
enum Phase {
    /// Before anything that tells whether there is a head. Comments are kept, as some frameworks need them.
    Prelude {
        held: Vec<Bytes>,
        held_bytes: usize,
    },
    Head(Head),
    Body,
}

#[derive(Debug, Clone, Copy)]
struct OpenRaw {
    name: Name,
    kept: bool,
}

impl Fragment {
    pub(crate) fn new(slots: bool, limits: Limits) -> Self {
        Self {
            tree: Tree::new(slots, limits.depth),
            phase: Phase::Prelude {
                held: Vec::new(),
                held_bytes: 0,
            },
            raw: None,
            limits,
        }
    }

    pub(crate) fn set_context(&mut self, context: Context) {
        self.tree.set_context(context);
    }

    pub(crate) fn is_foreign(&self) -> bool {
        self.tree.is_foreign()
    }

    /// Takes the next token.
    pub(crate) fn take(&mut self, token: Token, lexer: &mut Lexer, emit: &mut Emitter<'_>) -> Result<(), ScanError> {
        match self.phase {
            Phase::Prelude { .. } => self.prelude(token, lexer, emit),
            Phase::Head(_) => self.head(token, lexer, emit),
            Phase::Body => self.body(token, lexer, emit),
        }
    }

    /// Takes, from `at` on, text and whole tags of the body, as far as there is nothing else.
    pub(crate) fn take_plain(
        &mut self,
        chunk: &[u8],
        at: &mut usize,
        lexer: &mut Lexer,
        emit: &mut Emitter<'_>,
    ) -> Result<(), ScanError> {
        self.skip_prelude(&chunk[*at..], lexer, emit);
        if !matches!(self.phase, Phase::Body) {
            return Ok(());
        }
        let mut kept = *at;
        while lexer.is_between_tokens() {
            let (rest, tag) = self.tree.take_plain(&chunk[*at..], lexer.tag_bytes());
            let from = chunk.len() - rest.len();
            *at = from;
            let Some(whole) = tag else {
                break;
            };
            *at += whole.length;
            emit.keep_range(kept..from);
            let tag = whole.read(rest);
            let stays = if whole.is_end {
                self.end(&tag, lexer, emit)
            } else {
                self.start(&tag, lexer, emit)?
            };
            kept = if stays { from } else { *at };
        }
        emit.keep_range(kept..*at);
        Ok(())
    }

    /// Begins the body at once where a tag of its own comes next, as in most fragments.
    fn skip_prelude(&mut self, rest: &[u8], lexer: &Lexer, emit: &mut Emitter<'_>) {
        if matches!(self.phase, Phase::Prelude { .. })
            && lexer.is_between_tokens()
            && rest.starts_with(b"<")
            && let Some(short) = ShortName::at(rest, 1)
            && is_delimiter(short.delimiter)
            && !matches!(Name::of_word(short.word), Name::Html | Name::Head | Name::Other)
        {
            self.begin_body(emit);
        }
    }

    /// Ends the fragment: `text` closes a token of `kind` that was cut.
    pub(crate) fn finish(&mut self, (kind, text): (Kind, &'static str), emit: &mut Emitter<'_>) {
        if !matches!(self.phase, Phase::Body) {
            if kind == Kind::Comment
                && let Phase::Prelude { held, .. } = &mut self.phase
            {
                held.push(Bytes::from_static(text.as_bytes()));
            }
            self.begin_body(emit);
            return;
        }
        match (self.raw.take(), kind) {
            (Some(OpenRaw { name, kept: true }), _) => {
                emit.text(text);
                emit.text(name.end_tag());
            }
            (None, Kind::Comment | Kind::Cdata) if !self.tree.in_noscript() => emit.text(text),
            _ => {}
        }
        self.tree.close_all();
        self.mend(emit);
    }

    fn prelude(&mut self, token: Token, lexer: &mut Lexer, emit: &mut Emitter<'_>) -> Result<(), ScanError> {
        let Phase::Prelude { held, held_bytes } = &mut self.phase else {
            return Ok(());
        };
        let view = emit.view(&token.part);
        match token.kind {
            Kind::Bogus => return Ok(()),
            Kind::End if Tag::new(view, false).name != Name::Br => return Ok(()),
            Kind::Start { .. } => match Tag::new(view, false).name {
                Name::Html => return Ok(()),
                Name::Head => {
                    self.phase = Phase::Head(Head::default());
                    return Ok(());
                }
                _ => {}
            },
            Kind::Comment | Kind::Text
                if *held_bytes + view.len() <= self.limits.head_bytes
                    && (token.kind == Kind::Comment || view.iter().all(|&byte| is_space(byte))) =>
            {
                *held_bytes += view.len();
                held.push(emit.bytes(&token.part));
                return Ok(());
            }
            Kind::Comment | Kind::Text | Kind::LessThan | Kind::Cdata | Kind::Raw | Kind::End => {}
        }
        self.begin_body(emit);
        self.body(token, lexer, emit)
    }

    fn head(&mut self, token: Token, lexer: &mut Lexer, emit: &mut Emitter<'_>) -> Result<(), ScanError> {
        let Phase::Head(head) = &mut self.phase else {
            return Ok(());
        };
        let step = head.take(token.kind, &emit.bytes(&token.part), &self.limits)?;
        match step {
            HeadStep::Taken(part) => {
                if let Some(part) = part {
                    emit.piece(Piece::Head(part));
                }
            }
            HeadStep::Raw(name) => lexer.raw(name.text(), false),
            HeadStep::End => self.begin_body(emit),
            HeadStep::Over => {
                self.begin_body(emit);
                self.body(without_leading_space(token, emit), lexer, emit)?;
            }
        }
        Ok(())
    }

    fn begin_body(&mut self, emit: &mut Emitter<'_>) {
        emit.piece(Piece::HeadEnd);
        if let Phase::Prelude { held, .. } = std::mem::replace(&mut self.phase, Phase::Body) {
            for bytes in held {
                emit.markup(bytes);
            }
        }
    }

    fn body(&mut self, token: Token, lexer: &mut Lexer, emit: &mut Emitter<'_>) -> Result<(), ScanError> {
        match token.kind {
            Kind::Text => emit.keep(token.part),
            // As it stands it would begin a tag where what follows it is dropped.
            Kind::LessThan => emit.text("&lt;"),
            Kind::Comment | Kind::Cdata if self.tree.in_noscript() => {}
            Kind::Comment | Kind::Cdata => emit.keep(token.part),
            Kind::Bogus => {}
            Kind::Raw if self.raw.is_some_and(|raw| !raw.kept) => {}
            Kind::Raw => emit.keep(token.part),
            Kind::Start { self_closing } => {
                let bytes = emit.bytes(&token.part);
                if self.start(&Tag::new(&bytes, self_closing), lexer, emit)? {
                    emit.keep(token.part);
                }
            }
            Kind::End => {
                let bytes = emit.bytes(&token.part);
                if self.end(&Tag::new(&bytes, false), lexer, emit) {
                    emit.keep(token.part);
                }
            }
        }
        Ok(())
    }

    /// Tells whether the tag is kept as it stands.
    fn start(&mut self, tag: &Tag<'_>, lexer: &mut Lexer, emit: &mut Emitter<'_>) -> Result<bool, ScanError> {
        let in_noscript = self.tree.in_noscript();
        if in_noscript && hides_noscript_end(tag.bytes) {
            return Ok(false);
        }
        let verdict = self.tree.start(tag);
        self.mend(emit);
        match verdict? {
            Verdict::Keep => return Ok(true),
            Verdict::Drop => {}
            Verdict::Raw(name) => {
                lexer.raw(name.text(), in_noscript);
                self.raw = Some(OpenRaw { name, kept: true });
                return Ok(true);
            }
            Verdict::DropRaw(name) => {
                lexer.raw(name.text(), in_noscript);
                self.raw = Some(OpenRaw { name, kept: false });
            }
            Verdict::Slot => {
                let slot = slot::read(tag, self.tree.context());
                emit.piece(Piece::Slot(slot));
            }
            Verdict::IdleSlot => {
                let written = slot::idle(tag);
                emit.markup(written);
            }
        }
        Ok(false)
    }

    /// Tells whether the tag is kept as it stands.
    fn end(&mut self, tag: &Tag<'_>, lexer: &Lexer, emit: &mut Emitter<'_>) -> bool {
        if let Some(raw) = self.raw.take() {
            let own = tag.name == raw.name;
            match (own, raw.kept) {
                (true, true) if !self.tree.in_noscript() => return true,
                (_, true) => {
                    emit.text(if own { "" } else { lexer.before_raw_end() });
                    emit.text(raw.name.end_tag());
                }
                (_, false) => {}
            }
            if own {
                return false;
            }
        }
        let verdict = self.tree.end(tag);
        self.mend(emit);
        verdict == Verdict::Keep
    }

    /// Writes what keeps the markup balanced.
    #[inline]
    fn mend(&mut self, emit: &mut Emitter<'_>) {
        if self.tree.has_fixes() {
            self.write_fixes(emit);
        }
    }

    fn write_fixes(&mut self, emit: &mut Emitter<'_>) {
        for fix in self.tree.take_fixes() {
            match fix {
                Fix::Start(name) => emit.text(name.start_tag()),
                Fix::End(name) => emit.text(name.end_tag()),
                Fix::OtherEnd(bytes) => emit.markup(bytes),
                Fix::SlotEnd => emit.piece(Piece::SlotEnd),
            }
        }
    }
}

/// The token that ends a head; white space before its text still belongs to the head.
fn without_leading_space(token: Token, emit: &Emitter<'_>) -> Token {
    match token {
        Token {
            kind: Kind::Text,
            part: Part::Chunk(range),
        } => {
            let whole = Part::Chunk(range.clone());
            let space = emit.view(&whole).iter().take_while(|&&byte| is_space(byte)).count();
            Token {
                kind: Kind::Text,
                part: Part::Chunk(range.start + space..range.end),
            }
        }
        token => token,
    }
}

/// Whether a browser that runs scripts, to which `<noscript>` is text, would see its end inside the tag.
fn hides_noscript_end(tag: &[u8]) -> bool {
    memchr_iter(b'<', tag).any(|at| prefix(&tag[at..], "</noscript") == Some(true))
}
