//! Tables and their parts: what browsers imply between them is written out.

use super::{Found, Tree, Verdict, element::Element, element::Fix};
use crate::{error::ScanError, names::Name, piece::Context};

impl Tree {
    /// `<table>`: one that stands in a table but in no cell ends that table.
    pub(super) fn start_table(&mut self) -> Result<Verdict, ScanError> {
        if self.in_table_mode() {
            match self.find(|each| each.is_html(Name::Table), |each| each.is_html(Name::Template)) {
                Found::At(index) => self.pop_to(index),
                Found::Beyond => return self.push_ghost(Name::Table),
                Found::Nowhere => {}
            }
        }
        if !self.close_paragraph() {
            return self.push_ghost(Name::Table);
        }
        self.push_html(Name::Table)?;
        Ok(Verdict::Keep)
    }

    /// A part of a table; outside of one it means nothing, and in a surrounding cell it would end that.
    pub(super) fn start_table_part(&mut self, name: Name) -> Result<Verdict, ScanError> {
        let home = |each: &Element| each.is_html(Name::Table) || each.is_html(Name::Template);
        let Found::At(home) = self.find(home, |_| false) else {
            return Ok(Verdict::Drop);
        };
        let in_table = self.open[home].name == Name::Table;
        match name {
            Name::Col if !in_table => return Ok(Verdict::Drop),
            Name::Col => {
                let group = self.last_above(home, |name| name == Name::Colgroup);
                self.pop_to(group.unwrap_or(home) + 1);
                return Ok(Verdict::Keep);
            }
            Name::Tr => self.open_row_group(home, in_table)?,
            Name::Td | Name::Th => {
                if let Some(row) = self.last_above(home, |name| name == Name::Tr) {
                    self.pop_to(row + 1);
                } else {
                    self.open_row_group(home, in_table)?;
                    self.imply(Name::Tr, in_table)?;
                }
            }
            _ => self.pop_to(home + 1),
        }
        self.push_html(name)?;
        Ok(Verdict::Keep)
    }

    fn open_row_group(&mut self, home: usize, in_table: bool) -> Result<(), ScanError> {
        match self.last_above(home, Name::is_row_group) {
            Some(group) => {
                self.pop_to(group + 1);
                Ok(())
            }
            None => {
                self.pop_to(home + 1);
                self.imply(Name::Tbody, in_table)
            }
        }
    }

    fn imply(&mut self, name: Name, in_table: bool) -> Result<(), ScanError> {
        if in_table {
            self.push_html(name)?;
            self.fixes.push(Fix::Start(name));
        }
        Ok(())
    }

    fn last_above(&self, home: usize, wanted: impl Fn(Name) -> bool) -> Option<usize> {
        let above = &self.open[home + 1..];
        let found = above
            .iter()
            .rposition(|each| each.is_live_html() && wanted(each.name))?;
        Some(home + 1 + found)
    }

    /// Whether a table is open here, and no cell or caption in it.
    pub(super) fn in_table_mode(&self) -> bool {
        use Name::{Caption, Colgroup, Table, Td, Template, Th, Tr};
        let table = |each: &Element| {
            each.is_live_html() && (matches!(each.name, Table | Tr | Colgroup) || each.name.is_row_group())
        };
        let cell = |each: &Element| each.is_live_html() && matches!(each.name, Td | Th | Caption | Template);
        match self.find(table, cell) {
            Found::At(_) => true,
            Found::Nowhere => false,
            Found::Beyond => self.context.has(Context::TABLE),
        }
    }
}
