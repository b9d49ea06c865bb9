//! The element names that HTML's rules know, and the classes they fall into.

macro_rules! names {
    ($($variant:ident $text:literal)*) => {
        /// An element's name; `Other` is any that no rule knows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Name { $($variant,)* Other }

        impl Name {
            /// The name in small letters; empty for `Other`.
            pub(crate) fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* Self::Other => "" }
            }

            /// `<name>`; empty for `Other`.
            pub(crate) fn start_tag(self) -> &'static str {
                match self { $(Self::$variant => concat!("<", $text, ">"),)* Self::Other => "" }
            }

            /// `</name>`; empty for `Other`.
            pub(crate) fn end_tag(self) -> &'static str {
                match self { $(Self::$variant => concat!("</", $text, ">"),)* Self::Other => "" }
            }

        }

        pub(crate) const KNOWN: &[(Name, &str)] = &[$((Name::$variant, $text)),*];
    };
}

names! {
    A "a" Address "address" AnnotationXml "annotation-xml" Applet "applet" Area "area" Article "article" Aside "aside"
    B "b" Base "base" Basefont "basefont" Bgsound "bgsound" Big "big" Blockquote "blockquote" Body "body" Br "br"
    Button "button" Caption "caption" Center "center" Code "code" Col "col" Colgroup "colgroup" Dd "dd" Desc "desc"
    Details "details" Dialog "dialog" Dir "dir" Div "div" Dl "dl" Dt "dt" Em "em" Embed "embed" Fieldset "fieldset"
    Figcaption "figcaption" Figure "figure" Font "font" Footer "footer" ForeignObject "foreignobject" Form "form"
    FragmentSlot "fragment-slot" Frame "frame" Frameset "frameset" H1 "h1" H2 "h2" H3 "h3" H4 "h4" H5 "h5" H6 "h6"
    Head "head" Header "header" Hgroup "hgroup" Hr "hr" Html "html" I "i" Iframe "iframe" Image "image" Img "img"
    Input "input" Keygen "keygen" Label "label" Li "li" Link "link" Listing "listing" Main "main" Malignmark "malignmark"
    Marquee "marquee" Math "math" Menu "menu" Meta "meta" Mglyph "mglyph" Mi "mi" Mn "mn" Mo "mo" Ms "ms" Mtext "mtext"
    Nav "nav" Nobr "nobr" Noembed "noembed" Noframes "noframes" Noscript "noscript" Object "object" Ol "ol"
    Optgroup "optgroup" Option "option" P "p" Param "param" Path "path" Plaintext "plaintext" Pre "pre" Rb "rb" Rp "rp"
    Rt "rt" Rtc "rtc" Ruby "ruby" S "s" Script "script" Search "search" Section "section" Select "select" Small "small"
    Source "source" Span "span" Strike "strike" Strong "strong" Style "style" Sub "sub" Summary "summary" Sup "sup"
    Svg "svg" Table "table" Tbody "tbody" Td "td" Template "template" Textarea "textarea" Tfoot "tfoot" Th "th"
    Thead "thead" Title "title" Tr "tr" Track "track" Tt "tt" U "u" Ul "ul" Var "var" Wbr "wbr" Xmp "xmp"
}

const SLOTS: usize = 256;

/// Names of at most eight bytes, each in the first free slot from its own on; free slots have the key 0.
static TABLE: [(u64, Name); SLOTS] = {
    let mut table = [(0, Name::Other); SLOTS];
    let mut at = 0;
    while at < KNOWN.len() {
        let (name, text) = KNOWN[at];
        at += 1;
        if text.len() > WORD {
            continue;
        }
        let key = word(text.as_bytes());
        let mut slot = slot(key);
        while table[slot].0 != 0 {
            slot = (slot + 1) % SLOTS;
        }
        table[slot] = (key, name);
    }
    table
};

const WORD: usize = size_of::<u64>();

static WORDS: [u64; KNOWN.len() + 1] = {
    let mut words = [0; KNOWN.len() + 1];
    let mut at = 0;
    while at < KNOWN.len() {
        let (name, text) = KNOWN[at];
        if text.len() <= WORD {
            words[name as usize] = word(text.as_bytes());
        }
        at += 1;
    }
    words
};

/// Names of more bytes: the word, and the letters behind it.
static LONG: [(u64, &[u8], Name); 7] = {
    let mut long: [(u64, &[u8], Name); 7] = [(0, &[], Name::Other); 7];
    let (mut at, mut count) = (0, 0);
    while at < KNOWN.len() {
        let (name, text) = KNOWN[at];
        if let Some((_, more)) = text.as_bytes().split_first_chunk::<WORD>()
            && !more.is_empty()
        {
            long[count] = (word(text.as_bytes()), more, name);
            count += 1;
        }
        at += 1;
    }
    long
};

/// The first eight bytes in small letters, the first one lowest; spaces, which no name has, where there are no more.
const fn word(name: &[u8]) -> u64 {
    let mut bytes = [b' '; WORD];
    let mut at = 0;
    while at < name.len() && at < WORD {
        bytes[at] = name[at].to_ascii_lowercase();
        at += 1;
    }
    u64::from_le_bytes(bytes)
}

/// The same eight bytes, capital letters made small.
const fn lower(word: u64) -> u64 {
    const EACH: u64 = u64::from_ne_bytes([1; WORD]);
    // Bit 7 of a byte says that it is no less than `A`, or more than `Z`: no sum reaches into the next byte.
    let low = word & (0x7f * EACH);
    let from_a = low + (0x80 - b'A' as u64) * EACH;
    let beyond_z = low + (0x7f - b'Z' as u64) * EACH;
    word | (from_a & !beyond_z & !word & (0x80 * EACH)) >> 2
}

const fn slot(key: u64) -> usize {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize
}

/// How an element's start tag is judged where no rule is about its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Plain,
    Block,
    Heading,
    Void,
    Raw,
    TablePart,
}

impl Name {
    pub(crate) const fn class(self) -> Class {
        match self {
            name if name.is_raw() => Class::Raw,
            name if name.is_table_part() => Class::TablePart,
            name if name.is_void() => Class::Void,
            name if name.is_block() => Class::Block,
            name if name.is_heading() => Class::Heading,
            _ => Class::Plain,
        }
    }

    /// The name written in `text`, in any case.
    pub(crate) fn of(text: &[u8]) -> Self {
        let word = text
            .first_chunk()
            .map_or_else(|| word(text), |eight| lower(u64::from_le_bytes(*eight)));
        match text.get(WORD..) {
            None | Some([]) => Self::of_word(word),
            Some(more) => {
                let is_it =
                    |(known, letters, _): &&(u64, &[u8], Self)| *known == word && letters.eq_ignore_ascii_case(more);
                LONG.iter().find(is_it).map_or(Self::Other, |(_, _, name)| *name)
            }
        }
    }

    /// The word that [`Self::of_word`] knows it by; 0 for longer names.
    #[inline]
    pub(crate) fn word(self) -> u64 {
        WORDS[self as usize]
    }

    /// The name in `word`: small letters, the first one lowest, and spaces behind them.
    #[inline]
    pub(crate) fn of_word(word: u64) -> Self {
        let mut slot = slot(word);
        loop {
            match TABLE[slot] {
                (key, name) if key == word => return name,
                (0, _) => return Self::Other,
                _ => slot = (slot + 1) % SLOTS,
            }
        }
    }

    /// Whether the element never has content.
    pub(crate) const fn is_void(self) -> bool {
        use Name::*;
        matches!(
            self,
            Area | Base
                | Basefont
                | Bgsound
                | Br
                | Col
                | Embed
                | Frame
                | Hr
                | Image
                | Img
                | Input
                | Keygen
                | Link
                | Meta
                | Param
                | Source
                | Track
                | Wbr
        )
    }

    /// Whether the element's content is raw text.
    pub(crate) const fn is_raw(self) -> bool {
        use Name::*;
        matches!(
            self,
            Iframe | Noembed | Noframes | Script | Style | Textarea | Title | Xmp
        )
    }

    /// Whether its start tag first ends an open paragraph, and nothing else.
    pub(crate) const fn is_block(self) -> bool {
        use Name::*;
        matches!(
            self,
            Address
                | Article
                | Aside
                | Blockquote
                | Center
                | Details
                | Dialog
                | Dir
                | Div
                | Dl
                | Fieldset
                | Figcaption
                | Figure
                | Footer
                | Header
                | Hgroup
                | Listing
                | Main
                | Menu
                | Nav
                | Ol
                | P
                | Pre
                | Search
                | Section
                | Summary
                | Ul
        )
    }

    pub(crate) const fn is_heading(self) -> bool {
        use Name::*;
        matches!(self, H1 | H2 | H3 | H4 | H5 | H6)
    }

    /// <https://html.spec.whatwg.org/multipage/parsing.html#formatting>
    pub(crate) fn is_formatting(self) -> bool {
        use Name::*;
        matches!(
            self,
            A | B | Big | Code | Em | Font | I | Nobr | S | Small | Strike | Strong | Tt | U
        )
    }

    /// Whether formatting elements outside don't reach into it.
    pub(crate) fn is_marker(self) -> bool {
        use Name::*;
        matches!(self, Applet | Marquee | Object | Caption | Td | Th | Template)
    }

    /// Whether it is a part of a table: means nothing outside one.
    pub(crate) const fn is_table_part(self) -> bool {
        use Name::*;
        matches!(self, Caption | Col | Colgroup | Tbody | Td | Tfoot | Th | Thead | Tr)
    }

    pub(crate) const fn is_row_group(self) -> bool {
        use Name::*;
        matches!(self, Tbody | Tfoot | Thead)
    }

    /// Whether it ends by itself where another element ends.
    pub(crate) fn is_implied_end(self) -> bool {
        use Name::*;
        matches!(self, Dd | Dt | Li | Optgroup | Option | P | Rb | Rp | Rt | Rtc)
    }

    /// <https://html.spec.whatwg.org/multipage/parsing.html#special>, but for `<search>`: it is so in newer browsers only,
    /// and what crosses it is written out either way.
    pub(crate) fn is_special(self) -> bool {
        use Name::*;
        self.is_void() && self != Image
            || self.is_raw()
            || self.is_block() && !matches!(self, Dialog | Search)
            || self.is_heading()
            || self.is_table_part()
            || self.is_marker()
            || matches!(
                self,
                Body | Button | Dd | Dt | Form | Frameset | Head | Html | Li | Noscript | Plaintext | Select | Table
            )
    }

    /// Elements that end SVG or MathML (<https://html.spec.whatwg.org/multipage/parsing.html#parsing-main-inforeign>).
    pub(crate) fn breaks_out(self) -> bool {
        use Name::*;
        self.is_heading()
            || matches!(
                self,
                B | Big
                    | Blockquote
                    | Body
                    | Br
                    | Center
                    | Code
                    | Dd
                    | Div
                    | Dl
                    | Dt
                    | Em
                    | Embed
                    | Head
                    | Hr
                    | I
                    | Img
                    | Li
                    | Listing
                    | Menu
                    | Meta
                    | Nobr
                    | Ol
                    | P
                    | Pre
                    | Ruby
                    | S
                    | Small
                    | Span
                    | Strong
                    | Strike
                    | Sub
                    | Sup
                    | Table
                    | Tt
                    | U
                    | Ul
                    | Var
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capital_letters_are_made_small_and_nothing_else() {
        for byte in 0..=u8::MAX {
            for neighbour in [0, b'@', b'A', b'Z', b'[', 0xff] {
                let bytes = [neighbour, byte, neighbour, byte, byte, neighbour, b'-', byte];
                assert_eq!(lower(u64::from_le_bytes(bytes)), word(&bytes), "{bytes:?}");
            }
        }
    }

    #[test]
    fn names_are_known_in_any_case_and_never_by_a_part() {
        assert_eq!(Name::of(b"FrAgMeNt-SlOt"), Name::FragmentSlot);
        assert_eq!(Name::of(b"h1"), Name::H1);
        for other in [
            &b""[..],
            b"h7",
            b"\0p",
            b"p\0",
            b"fragment-slots",
            b"annotation-xml-and-more",
        ] {
            assert_eq!(Name::of(other), Name::Other);
        }
    }
}
