//! A process that is killed while it acts.
//!
//! The child is this very test, in a folder with a file `acked`: there it opens the ledger, compares it with what was acknowledged
//! before, and acts until it is killed. `strace` can stand before it, too, and let system calls fail.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use composer_ledger::{Actor, AppendError, Ledger, SqliteStore};

use crate::support::{Folder, acts_of, publish, team};

const ACKED: &str = "acked";
const NAME: &str = "killed::no_acknowledged_act_is_lost_when_the_process_is_killed";

#[test]
fn no_acknowledged_act_is_lost_when_the_process_is_killed() {
    if Path::new(ACKED).exists() {
        return tokio::runtime::Runtime::new().unwrap().block_on(act());
    }
    let folder = Folder::new();
    File::create(folder.file(ACKED)).unwrap();
    for round in 0..15 {
        let wanted = acked(folder.path()).len() + 1 + round * 5 % 13;
        let own = std::env::current_exe().unwrap();
        let mut command = Command::new(own);
        let mut child = command
            .args(["--exact", NAME])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let end = Instant::now() + Duration::from_secs(30);
        while acked(folder.path()).len() < wanted {
            assert!(child.try_wait().unwrap().is_none(), "the child found something missing");
            assert!(Instant::now() < end, "the child does nothing");
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let known = tokio::runtime::Runtime::new()
        .unwrap()
        .block_on(verified(folder.path()))
        .1;
    assert!(folder.evidence().is_empty(), "a crash is no damage");
    assert!(
        known <= acked(folder.path()).len() + 15,
        "at most one act a crash was done and not acknowledged"
    );
}

fn acked(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join(ACKED)).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Opens the ledger, in which all that was acknowledged must be; tells how many acts there are.
async fn verified(folder: &Path) -> (Ledger, usize) {
    let store = SqliteStore::new(folder.join("ledger.db"));
    let ledger = Ledger::open(std::sync::Arc::new(store), folder).await.unwrap();
    let acts: Vec<String> = acts_of(&ledger).iter().map(|entry| entry.act.to_string()).collect();
    for act in acked(folder) {
        assert!(acts.contains(&act), "`{act}` was acknowledged and is gone");
    }
    (ledger, acts.len())
}

async fn act() {
    let (ledger, done) = verified(Path::new("")).await;
    let mut told = File::options().append(true).open(ACKED).unwrap();
    for number in 0..300 {
        let act = match ledger.state().teams().next() {
            None => team("reviews"),
            Some(_) => publish(&format!("reviews@{done}.0.{number}")),
        };
        let seen = ledger.state().revision();
        match ledger.append(seen, Actor::new("ci"), act.clone(), None).await {
            // In one call, so that no half of a line is there.
            Ok(_) => told.write_all(format!("{act}\n").as_bytes()).unwrap(),
            Err(AppendError::Unavailable { .. } | AppendError::Damaged { .. } | AppendError::Conflict { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
}
