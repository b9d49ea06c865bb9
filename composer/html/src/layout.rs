//! Reads a layout: hands it on as it stands, with its title and its slots cut out.

use bytes::Bytes;

use crate::{
    emit::Emitter,
    error::{Limits, ScanError},
    lex::{Kind, Lexer, Part, Token, tag::Tag},
    names::Name,
    piece::{HeadPart, Piece},
    slot,
    tree::{Fix, Tree, Verdict},
};

/// A layout that is being read.
#[derive(Debug)]
pub(crate) struct Layout {
    tree: Tree,
    in_head: bool,
    has_body: bool,
    in_raw: bool,
    title: Option<Vec<u8>>,
    slot: String,
    limits: Limits,
}

impl Layout {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            tree: Tree::new(true, limits.depth),
            in_head: true,
            has_body: false,
            in_raw: false,
            title: None,
            slot: String::new(),
            limits,
        }
    }

    pub(crate) fn is_foreign(&self) -> bool {
        self.tree.is_foreign()
    }

    /// Takes the next token.
    pub(crate) fn take(&mut self, token: Token, lexer: &mut Lexer, emit: &mut Emitter<'_>) -> Result<(), ScanError> {
        match token.kind {
            Kind::Start { self_closing } => self.start(token.part, self_closing, lexer, emit)?,
            Kind::End => self.end(token.part, emit)?,
            Kind::Raw if self.title.is_some() => self.take_title(emit.view(&token.part))?,
            _ => emit.keep(token.part),
        }
        Ok(())
    }

    /// Ends the layout: `text` closes a token that was cut.
    pub(crate) fn finish(&mut self, text: &'static str, emit: &mut Emitter<'_>) -> Result<(), ScanError> {
        emit.text(text);
        self.tree.close_all();
        let open_slot = self.tree.take_fixes().any(|fix| fix == Fix::SlotEnd);
        if open_slot {
            emit.piece(Piece::SlotEnd);
        }
        if self.in_head {
            emit.piece(Piece::HeadEnd);
            return Err(ScanError::LayoutHead);
        }
        match (self.has_body, open_slot) {
            (false, _) => Err(ScanError::LayoutBody),
            (true, true) => Err(self.open_slot()),
            (true, false) => Ok(()),
        }
    }

    fn start(
        &mut self,
        part: Part,
        self_closing: bool,
        lexer: &mut Lexer,
        emit: &mut Emitter<'_>,
    ) -> Result<(), ScanError> {
        let tag = Tag::new(emit.view(&part), self_closing);
        let name = tag.name;
        let verdict = self.tree.start(&tag)?;
        if self.tree.take_fixes().any(|fix| fix == Fix::SlotEnd) {
            return Err(self.open_slot());
        }
        match verdict {
            Verdict::Slot if self.in_head => return Err(ScanError::LayoutHead),
            Verdict::Slot => {
                let slot = slot::read(&tag, self.tree.context());
                self.slot.clone_from(&slot.src);
                emit.piece(Piece::Slot(slot));
                return Ok(());
            }
            Verdict::Raw(name) | Verdict::DropRaw(name) => {
                self.in_raw = true;
                lexer.raw(name.text(), false);
            }
            Verdict::Keep | Verdict::Drop | Verdict::IdleSlot => {}
        }
        match name {
            Name::Title if self.in_head && self.in_raw => {
                self.title = Some(Vec::new());
                return Ok(());
            }
            Name::Body if self.in_head => return Err(ScanError::LayoutHead),
            Name::Body => self.has_body = true,
            _ => {}
        }
        emit.keep(part);
        Ok(())
    }

    fn end(&mut self, part: Part, emit: &mut Emitter<'_>) -> Result<(), ScanError> {
        if std::mem::take(&mut self.in_raw) {
            match self.title.take() {
                Some(title) => emit.piece(Piece::Head(HeadPart::Title(Bytes::from(title)))),
                None => emit.keep(part),
            }
            return Ok(());
        }
        let tag = Tag::new(emit.view(&part), false);
        let name = tag.name;
        self.tree.end(&tag);
        let own_end = self.tree.fixes_end_a_slot_only() && name == Name::FragmentSlot;
        let slot_ends = self.tree.take_fixes().any(|fix| fix == Fix::SlotEnd);
        match (slot_ends, own_end) {
            (true, false) => return Err(self.open_slot()),
            (true, true) => {
                emit.piece(Piece::SlotEnd);
                return Ok(());
            }
            (false, _) => {}
        }
        if name == Name::Head && self.in_head {
            self.in_head = false;
            emit.piece(Piece::HeadEnd);
        }
        emit.keep(part);
        Ok(())
    }

    fn take_title(&mut self, text: &[u8]) -> Result<(), ScanError> {
        let limit = self.limits.title_bytes;
        let title = self.title.get_or_insert_default();
        if title.len() + text.len() > limit {
            return Err(ScanError::Title { limit });
        }
        title.extend_from_slice(text);
        Ok(())
    }

    fn open_slot(&self) -> ScanError {
        ScanError::LayoutSlot { src: self.slot.clone() }
    }
}
