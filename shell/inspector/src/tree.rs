//! The slots of a page as a tree, and the way through it by keys (<https://www.w3.org/WAI/ARIA/apg/patterns/treeview/>).

use std::collections::BTreeSet;

/// A slot in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) id: u32,
    /// From 1.
    pub(crate) level: usize,
    /// Whether those in it are shown; `None` when there are none.
    pub(crate) is_open: Option<bool>,
    around: Option<u32>,
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    To(u32),
    Open(u32),
    Close(u32),
}

/// The rows of slots with the slots around them, in the document's order, without those in `closed` ones.
pub(crate) fn rows(slots: &[(u32, Option<u32>)], closed: &BTreeSet<u32>) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::with_capacity(slots.len());
    let mut hidden = BTreeSet::new();
    for (id, around) in slots {
        let around = around.filter(|around| slots.iter().any(|(other, _)| other == around));
        if around.is_some_and(|around| hidden.contains(&around) || closed.contains(&around)) {
            hidden.insert(*id);
            continue;
        }
        let parent = around.and_then(|around| rows.iter().find(|row| row.id == around));
        let has_more = slots.iter().any(|(_, other)| *other == Some(*id));
        rows.push(Row {
            id: *id,
            level: parent.map_or(1, |parent| parent.level + 1),
            is_open: has_more.then(|| !closed.contains(id)),
            around,
        });
    }
    rows
}

/// What `key` does at `current`, one of the rows.
pub(crate) fn step(rows: &[Row], current: u32, key: &str) -> Option<Step> {
    let at = rows.iter().position(|row| row.id == current)?;
    let row = rows[at];
    let to = |row: Option<&Row>| row.map(|row| Step::To(row.id));
    match key {
        "ArrowDown" => to(rows.get(at + 1)),
        "ArrowUp" => to(rows.get(at.checked_sub(1)?)),
        "Home" => to(rows.first()),
        "End" => to(rows.last()),
        "ArrowRight" => match row.is_open {
            Some(false) => Some(Step::Open(current)),
            Some(true) => to(rows.get(at + 1)),
            None => None,
        },
        "ArrowLeft" => match row.is_open {
            Some(true) => Some(Step::Close(current)),
            _ => row.around.map(Step::To),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOTS: [(u32, Option<u32>); 5] = [(1, None), (2, Some(1)), (3, Some(2)), (4, Some(9)), (5, Some(1))];

    fn told(closed: &[u32]) -> Vec<(u32, usize, Option<bool>)> {
        let rows = rows(&SLOTS, &closed.iter().copied().collect());
        rows.iter().map(|row| (row.id, row.level, row.is_open)).collect()
    }

    #[test]
    fn closed_slots_hide_all_that_is_in_them() {
        assert_eq!(
            told(&[]),
            [
                (1, 1, Some(true)),
                (2, 2, Some(true)),
                (3, 3, None),
                (4, 1, None),
                (5, 2, None)
            ]
        );
        assert_eq!(told(&[1]), [(1, 1, Some(false)), (4, 1, None)]);
        assert_eq!(told(&[2]).len(), 4);
    }

    #[test]
    fn keys_go_through_the_tree() {
        let all = rows(&SLOTS, &BTreeSet::new());
        let go = |from, key| step(&all, from, key);
        assert_eq!(go(1, "ArrowDown"), Some(Step::To(2)));
        assert_eq!(go(1, "ArrowUp"), None);
        assert_eq!(go(5, "ArrowDown"), None);
        assert_eq!(go(3, "ArrowLeft"), Some(Step::To(2)));
        assert_eq!(go(2, "ArrowLeft"), Some(Step::Close(2)));
        assert_eq!(go(2, "ArrowRight"), Some(Step::To(3)));
        assert_eq!(go(3, "ArrowRight"), None);
        assert_eq!(go(3, "End"), Some(Step::To(5)));
        assert_eq!(go(9, "Home"), None);
        let closed = rows(&SLOTS, &BTreeSet::from([1]));
        assert_eq!(step(&closed, 1, "ArrowRight"), Some(Step::Open(1)));
    }
}
