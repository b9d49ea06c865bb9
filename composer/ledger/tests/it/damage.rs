//! Files that are cut, flipped or torn, at many places.

use std::{fs, path::Path};

use composer_ledger::{Actor, AppendError, Entry, StoreHealth};

use crate::support::{Folder, acts_of, does, fill, fold, is_recovery, publish};

/// A folder as a crash leaves it, and the entries that were acknowledged. With `checkpointed` the database is in one file, else
/// everything is still in its WAL.
async fn crashed(checkpointed: bool, count: usize) -> (Folder, Vec<Entry>) {
    let folder = Folder::new();
    let ledger = folder.open().await;
    fill(&ledger, count).await;
    let entries = acts_of(&ledger);
    if checkpointed {
        drop(ledger);
        let weight = || fs::metadata(folder.file("ledger.db-wal")).map_or(0, |wal| wal.len());
        crate::support::until("the end of the WAL", || weight() == 0).await;
        return (folder.crash(), entries);
    }
    let copy = folder.crash();
    assert!(fs::metadata(copy.file("ledger.db-wal")).unwrap().len() > 0);
    (copy, entries)
}

/// Opens a damaged folder: the acts are a former list, all of it if `whole`; then it takes acts, and opens well.
async fn check(folder: &Folder, before: &[Entry], whole: bool, what: &str) {
    let ledger = folder.open().await;
    let acts = acts_of(&ledger);
    assert!(
        acts.len() <= before.len() && acts[..] == before[..acts.len()],
        "{what}: not a former state"
    );
    assert!(
        !whole || acts.len() == before.len(),
        "{what}: {} of {} entries",
        acts.len(),
        before.len()
    );
    assert_eq!(fold(&ledger.entries()).stable(), ledger.state().stable(), "{what}");
    assert_eq!(ledger.health().store, StoreHealth::Good, "{what}");
    let entry = does(&ledger, crate::support::team(&format!("reviews x{}", acts.len()))).await;
    drop(ledger);
    let ledger = folder.open().await;
    let entries = ledger.entries();
    assert_eq!(entries.last(), Some(&entry), "{what}: not mended for good");
    assert!(
        entries.iter().filter(|entry| is_recovery(entry)).count() <= 1,
        "{what}: mended twice"
    );
}

/// Places all over a file: closer together at its beginning, where headers are, and at its end.
fn offsets(length: u64, step: usize) -> impl Iterator<Item = u64> {
    let beginning = (0..length.min(100)).step_by(3);
    let end = (length.saturating_sub(40)..length).step_by(3);
    beginning.chain((100..length).step_by(step)).chain(end)
}

fn flip(path: &Path, offset: u64) {
    let mut bytes = fs::read(path).unwrap();
    bytes[usize::try_from(offset).unwrap()] ^= 0x15;
    fs::write(path, bytes).unwrap();
}

fn cut(path: &Path, length: u64) {
    fs::File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_len(length)
        .unwrap();
}

async fn damage_everywhere(checkpointed: bool, name: &str, step: usize, damage: fn(&Path, u64)) {
    let (folder, before) = crashed(checkpointed, 12).await;
    let length = fs::metadata(folder.file(name)).unwrap().len();
    for offset in offsets(length, step) {
        let copy = folder.crash();
        damage(&copy.file(name), offset);
        check(&copy, &before, true, &format!("{name} at {offset}")).await;
    }
}

#[tokio::test]
async fn a_database_cut_anywhere_comes_back_whole() {
    damage_everywhere(true, "ledger.db", 499, cut).await;
}

#[tokio::test]
async fn a_database_with_a_flipped_byte_comes_back_whole() {
    damage_everywhere(true, "ledger.db", 251, flip).await;
}

/// Bits of SQLite's header decide how the file is read and whether it is written.
#[tokio::test]
async fn a_database_with_a_flipped_byte_in_its_header_comes_back_whole() {
    let (folder, before) = crashed(true, 2).await;
    for offset in 0..100 {
        let copy = folder.crash();
        flip(&copy.file("ledger.db"), offset);
        check(&copy, &before, true, &format!("header at {offset}")).await;
    }
}

#[tokio::test]
async fn a_wal_cut_anywhere_comes_back_whole() {
    damage_everywhere(false, "ledger.db-wal", 6007, cut).await;
}

#[tokio::test]
async fn a_wal_with_a_flipped_byte_comes_back_whole() {
    damage_everywhere(false, "ledger.db-wal", 5003, flip).await;
}

#[tokio::test]
async fn a_journal_cut_anywhere_comes_back_whole() {
    damage_everywhere(true, "journal.jsonl", 211, cut).await;
}

#[tokio::test]
async fn a_journal_with_a_flipped_byte_comes_back_whole() {
    damage_everywhere(true, "journal.jsonl", 151, flip).await;
}

/// Cuts the last line off, as a crash between both writes does.
fn drop_last_line(folder: &Folder) -> String {
    let path = folder.file("journal.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let (kept, last) = text.trim_end().rsplit_once('\n').unwrap();
    fs::write(&path, format!("{kept}\n")).unwrap();
    last.to_owned()
}

#[tokio::test]
async fn a_crash_before_the_journal_loses_nothing() {
    for checkpointed in [true, false] {
        let (folder, before) = crashed(checkpointed, 3).await;
        drop_last_line(&folder);
        let ledger = folder.open().await;
        assert_eq!(acts_of(&ledger), before);
        assert_eq!(folder.journal_lines(), before.len());
        assert!(folder.evidence().is_empty());
    }
}

#[tokio::test]
async fn a_torn_last_line_of_the_journal_is_no_damage() {
    let (folder, before) = crashed(true, 3).await;
    let last = drop_last_line(&folder);
    for end in (0..last.len()).step_by(41) {
        let copy = folder.crash();
        let mut text = fs::read_to_string(copy.file("journal.jsonl")).unwrap();
        text.push_str(&last[..end]);
        fs::write(copy.file("journal.jsonl"), text).unwrap();
        let ledger = copy.open().await;
        assert_eq!(acts_of(&ledger), before);
        assert_eq!(copy.journal_lines(), before.len());
        assert!(copy.evidence().is_empty(), "{end}");
    }
}

/// The last entry is in the database alone, and the database is damaged elsewhere: the entry is found. The end of a WAL is an
/// exception: SQLite can't tell damage there from a commit that never ended.
async fn last_entry_survives(checkpointed: bool, name: &str, step: usize) {
    let (folder, before) = crashed(checkpointed, 12).await;
    let last = drop_last_line(&folder);
    let bytes = fs::read(folder.file(name)).unwrap();
    let ends = bytes
        .windows(last.len())
        .enumerate()
        .filter(|(_, window)| *window == last.as_bytes());
    let starts: Vec<u64> = ends.map(|(at, _)| at as u64).collect();
    assert!(!starts.is_empty());
    let alone = |offset: u64| {
        starts
            .iter()
            .all(|start| (*start..*start + last.len() as u64).contains(&offset))
    };
    for offset in offsets(bytes.len() as u64, step) {
        let copy = folder.crash();
        flip(&copy.file(name), offset);
        let end = name.ends_with("-wal") && offset > bytes.len() as u64 / 2;
        check(&copy, &before, !alone(offset) && !end, &format!("{name} at {offset}")).await;
    }
}

#[tokio::test]
async fn what_only_a_damaged_database_knows_survives() {
    last_entry_survives(true, "ledger.db", 503).await;
}

#[tokio::test]
async fn what_only_a_damaged_wal_knows_survives() {
    last_entry_survives(false, "ledger.db-wal", 5003).await;
}

#[tokio::test]
async fn both_damaged_give_a_former_state_and_say_what_is_lost() {
    let (folder, before) = crashed(true, 12).await;
    let line = fs::read_to_string(folder.file("journal.jsonl")).unwrap();
    let tenth = line.lines().nth(9).unwrap().to_owned();
    for name in ["journal.jsonl", "ledger.db"] {
        let path = folder.file(name);
        let mut bytes = fs::read(&path).unwrap();
        let at = bytes
            .windows(tenth.len())
            .position(|window| window == tenth.as_bytes())
            .unwrap();
        bytes[at + 100] ^= 1;
        fs::write(path, bytes).unwrap();
    }
    let ledger = folder.open().await;
    assert_eq!(acts_of(&ledger)[..], before[..9]);
    let told = ledger.entries().last().unwrap().act.to_string();
    assert_eq!(told, "recovered the ledger, without 16 entries");
    let evidence = folder.evidence();
    assert_eq!(evidence.len(), 1, "{evidence:?}");
    assert!(evidence[0].join("ledger.db").exists() && evidence[0].join("journal.jsonl").exists());
    let health = ledger.health();
    assert!(health.takes_acts() && health.recovered.is_some());
    assert!(
        health.to_string().contains("what was damaged is in `damaged/"),
        "{health}"
    );
}

#[tokio::test]
async fn a_database_damaged_while_it_is_used_is_rebuilt_by_the_next_act() {
    for damage in [
        |path: &Path| fs::write(path, vec![0x5a; 65_536]).unwrap(),
        |path: &Path| fs::remove_file(path).unwrap(),
        |path: &Path| fs::write(path, "").unwrap(),
        |path: &Path| {
            fs::remove_file(path).unwrap();
            fs::write(
                path,
                "not a database at all, but it is longer than the hundred bytes of a header that is looked at first",
            )
            .unwrap();
        },
    ] {
        let folder = Folder::new();
        let ledger = folder.open().await;
        fill(&ledger, 3).await;
        let before = acts_of(&ledger);
        damage(&folder.file("ledger.db"));
        for number in 0..3 {
            does(&ledger, publish(&format!("reviews@2.0.{number}"))).await;
        }
        let after = acts_of(&ledger);
        assert_eq!(after[..before.len()], before[..]);
        assert_eq!(after.len(), before.len() + 3);
        let entries = ledger.entries();
        drop(ledger);
        let ledger = folder.open().await;
        assert_eq!(acts_of(&ledger), after);
        assert!(ledger.entries().len() <= entries.len() + 1);
    }
}

#[tokio::test]
async fn a_damaged_database_that_cant_be_rebuilt_yet_holds_up_acts_only() {
    let (folder, before) = crashed(true, 3).await;
    // What is in the way of the new file stands for any disk that can't take it.
    fs::create_dir(folder.file("ledger.db.new")).unwrap();
    fs::write(folder.file("ledger.db"), "damaged").unwrap();
    let ledger = folder.open().await;
    assert_eq!(acts_of(&ledger), before, "the journal is served");
    let seen = ledger.state().revision();
    let refused = ledger
        .append(seen, Actor::new("ci"), publish("reviews@2.0.0"), None)
        .await;
    let error = refused.unwrap_err();
    assert!(matches!(error, AppendError::Damaged { .. }), "{error}");
    assert!(error.to_string().contains("rebuilt by itself"), "{error}");
    assert!(matches!(ledger.health().store, StoreHealth::Damaged { .. }));
    let kept = fs::read(folder.file("ledger.db")).unwrap() == b"damaged";
    assert!(kept, "nothing is moved before it can be replaced");
    fs::remove_dir(folder.file("ledger.db.new")).unwrap();
    crate::support::until("the rebuilding", || ledger.health().takes_acts()).await;
    does(&ledger, publish("reviews@2.0.0")).await;
    assert_eq!(acts_of(&ledger).len(), before.len() + 1);
    assert!(ledger.health().recovered.is_some());
}
