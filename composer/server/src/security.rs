//! Headers that keep a page to its own scripts, styles and origin.
