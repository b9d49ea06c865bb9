//! What may keep a tag from simply opening or closing its element, in a few bits instead of a walk over what is open.

use crate::{
    names::{Class, KNOWN, Name},
    piece::Context,
};

/// Kinds of elements of which one is open or stands around the slot. None is missing; some may be out of reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marks(u16);

impl Marks {
    const HEADING: Self = Self(1 << 8);
    pub(super) const SELECT: Self = Self(1 << 9);
    pub(super) const FOREIGN: Self = Self(1 << 10);
    pub(super) const NOSCRIPT: Self = Self(1 << 11);
    pub(super) const GHOST: Self = Self(1 << 12);
    pub(super) const ENDED: Self = Self(1 << 13);
    /// In every tree: it stops what has rules of its own.
    const ALWAYS: Self = Self(1 << 15);

    /// Where one of these is, the end tag of the innermost element may be more than its end.
    pub(super) const STOP_ENDS: Self = Self::FOREIGN.or(Self::NOSCRIPT).or(Self::GHOST).or(Self::ENDED);
    const STOP_STARTS: Self = Self::FOREIGN.or(Self::NOSCRIPT).or(Self::SELECT);

    /// Those of a tree without elements.
    pub(super) const fn around(context: Context) -> Self {
        Self::ALWAYS.or(Self::of(context))
    }

    pub(super) const fn of(context: Context) -> Self {
        Self(context.bits() as u16)
    }

    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What the start tag of an HTML element does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    /// Where one of these is, it may do more than to open its element.
    pub(super) stops: Marks,
    /// What the element adds while it is open.
    pub(super) adds: Marks,
    /// Whether the element has content.
    pub(super) opens: bool,
}

static RULES: [Rule; KNOWN.len() + 1] = {
    let mut rules = [Rule::new(Name::Other); KNOWN.len() + 1];
    let mut at = 0;
    while at < KNOWN.len() {
        rules[KNOWN[at].0 as usize] = Rule::new(KNOWN[at].0);
        at += 1;
    }
    rules
};

impl Rule {
    pub(super) fn of(name: Name) -> &'static Self {
        &RULES[name as usize]
    }

    const fn new(name: Name) -> Self {
        let adds = match name {
            Name::Select => Marks::SELECT,
            Name::Noscript => Marks::NOSCRIPT,
            name if name.is_heading() => Marks::HEADING,
            name => Marks::of(closable(name)),
        };
        Self {
            stops: Marks::STOP_STARTS.or(stops(name)),
            adds,
            opens: !name.is_void(),
        }
    }
}

/// What the functions of `start` look for when they judge this start tag in HTML, outside of `<select>`.
const fn stops(name: Name) -> Marks {
    use Name::*;
    let block = Marks::of(Context::PARAGRAPH);
    match name {
        Html | Head | Body | Frameset | Frame | Base | Meta | Plaintext => Marks::ALWAYS,
        Option | Optgroup | Rb | Rtc | Rp | Rt => Marks::ALWAYS,
        Svg | Math | Noscript | Template | FragmentSlot | Other => Marks::ALWAYS,
        A | Nobr | Button => Marks::of(closable(name)),
        Li | Dd | Dt | Table => block.or(Marks::of(closable(name))),
        Form => block.or(Marks::of(Context::FORM.or(Context::TABLE))),
        Hr => block,
        name => match name.class() {
            Class::Plain | Class::Void => Marks(0),
            Class::Block => block,
            Class::Heading => block.or(Marks::HEADING),
            Class::Raw | Class::TablePart => Marks::ALWAYS,
        },
    }
}

/// What markup inside can close `name` as.
pub(super) const fn closable(name: Name) -> Context {
    use Name::{A, Button, Colgroup, Dd, Dt, Form, Li, Nobr, P, Table, Tr};
    match name {
        P => Context::PARAGRAPH,
        A => Context::LINK,
        Nobr => Context::NOBR,
        Button => Context::BUTTON,
        Form => Context::FORM,
        Li => Context::ITEM,
        Dd | Dt => Context::TERM,
        Table | Tr | Colgroup => Context::TABLE,
        name if name.is_row_group() => Context::TABLE,
        _ => Context::NONE,
    }
}
