//! Overrides by the clock: opened, built anew, renewed, ended.

use contract::manifest::Manifest;

use super::*;

const NOW_S: u64 = 1_795_000_000;

fn files(hash: &str) -> Vec<VersionFile> {
    vec![VersionFile {
        path: "marquetry.toml".into(),
        sha256: hash.repeat(64).parse().unwrap(),
        bytes: 1,
    }]
}

fn app(version: &AppVersion) -> Arc<LoadedApp> {
    let text = format!(
        "[app]\nname = \"{}\"\nversion = \"{}\"\nowner = \"Team\"\n",
        version.app, version.version
    );
    let folder = tempfile::TempDir::new().unwrap();
    let source = folder.path().join("source");
    std::fs::create_dir(&source).unwrap();
    std::fs::write(source.join("marquetry.toml"), &text).unwrap();
    Manifest::parse("marquetry.toml", &text).unwrap();
    let packed = folder.path().join("out");
    composer_registry::pack_app(&source, None, &packed).unwrap();
    Arc::new(composer_registry::load_app(&packed, &contract::Prefix::default()).unwrap())
}

fn reviews() -> AppVersion {
    "reviews@1.0.0".parse().unwrap()
}

/// Plans and puts a build, and gives what was planned.
fn build(table: &mut Table, id: Option<&str>, hash: &str, owner: &str, now: Instant) -> Result<Planned, OverrideError> {
    let (version, files) = (reviews(), files(hash));
    let wanted = Wanted {
        version: &version,
        files: &files,
        origin: "http://127.0.0.1:4104",
        id,
        owner,
    };
    let planned = table.plan(&wanted, NOW_S)?;
    if planned.is_same {
        assert!(table.renew(&planned.id, now));
    } else {
        table.put(&planned, &wanted, app(&planned.version), now)?;
    }
    Ok(planned)
}

#[test]
fn every_build_has_a_name_of_its_own() {
    let (mut table, now) = (Table::default(), Instant::now());
    let first = build(&mut table, None, "a", "token", now).unwrap();
    assert!(first.is_new && is_build_of(&first.version, &first.id));
    assert_eq!(first.version.to_string(), format!("reviews@1.0.0-dev.{}.1", first.id));
    let same = build(&mut table, Some(&first.id), "a", "token", now).unwrap();
    assert_eq!(
        (same.is_new, same.is_same, &same.version),
        (false, true, &first.version)
    );
    let next = build(&mut table, Some(&first.id), "b", "token", now).unwrap();
    assert_eq!(next.version.to_string(), format!("reviews@1.0.0-dev.{}.2", first.id));
    assert_eq!(table.get(&first.id).unwrap().version, next.version);
    assert!(is_build_of(&first.version, &first.id) && !is_build_of(&reviews(), &first.id));
    assert!(!is_build_of(&first.version, "00000000"));
}

#[test]
fn an_override_is_its_owner_s() {
    let (mut table, now) = (Table::default(), Instant::now());
    let first = build(&mut table, None, "a", "token", now).unwrap();
    let id = first.id.clone();
    assert_eq!(
        build(&mut table, Some(&id), "a", "other", now),
        Err(OverrideError::NotYours { id })
    );
    assert_eq!(
        build(&mut table, Some("../x"), "a", "token", now),
        Err(OverrideError::Id)
    );
    // Nor is it anybody else's once it has ended: its browsers may still have the cookie.
    let id = first.id.clone();
    assert!(table.close(&id).is_some());
    let taken = build(&mut table, Some(&id), "a", "other", now);
    assert_eq!(taken, Err(OverrideError::NotYours { id: id.clone() }));
    assert!(build(&mut table, Some(&id), "a", "token", now).unwrap().is_new);
}

#[test]
fn what_was_planned_at_once_is_counted_when_it_is_shown() {
    let (mut table, now, version, files) = (Table::default(), Instant::now(), reviews(), files("a"));
    let wanted = |owner| Wanted {
        version: &version,
        files: &files,
        origin: "http://127.0.0.1:4104",
        id: None,
        owner,
    };
    let mut planned: Vec<Planned> = vec![];
    while planned.len() <= MOST_OF_ONE {
        let next = table.plan(&wanted("token"), NOW_S).unwrap();
        // Each is the first as yet, and might be called as another is.
        if planned.iter().all(|planned| planned.id != next.id) {
            planned.push(next);
        }
    }
    let (last, first) = planned.split_last().unwrap();
    for planned in first {
        table
            .put(planned, &wanted("token"), app(&planned.version), now)
            .unwrap();
    }
    let put = table.put(last, &wanted("token"), app(&last.version), now);
    assert_eq!(put, Err(OverrideError::TooManyOfOne));
    let id = first[0].id.clone();
    let put = table.put(&first[0], &wanted("other"), app(&first[0].version), now);
    assert_eq!(put, Err(OverrideError::NotYours { id }));
}

#[test]
fn of_two_builds_planned_at_once_one_is_shown() {
    let (mut table, now, version) = (Table::default(), Instant::now(), reviews());
    let first = build(&mut table, None, "a", "token", now).unwrap();
    let (left, right) = (files("b"), files("c"));
    let wanted = |files| Wanted {
        version: &version,
        files,
        origin: "http://127.0.0.1:4104",
        id: Some(&first.id),
        owner: "token",
    };
    let planned = [&left, &right].map(|files| (wanted(files), table.plan(&wanted(files), NOW_S).unwrap()));
    assert_eq!(planned[0].1.version, planned[1].1.version);
    let mut put = |(wanted, planned): &(Wanted<'_>, Planned)| table.put(planned, wanted, app(&planned.version), now);
    assert_eq!(put(&planned[0]), Ok(()));
    let id = first.id.clone();
    assert_eq!(put(&planned[1]), Err(OverrideError::Overtaken { id }));
    assert_eq!(put(&planned[0]), Ok(()), "the same files once more");
}

#[test]
fn the_name_of_an_override_is_fit_for_a_version() {
    let (table, version, files) = (Table::default(), reviews(), files("a"));
    let wanted = Wanted {
        version: &version,
        files: &files,
        origin: "http://127.0.0.1:4104",
        id: None,
        owner: "token",
    };
    // One of 430 was a number that begins with 0, which is no SemVer.
    for _ in 0..5_000 {
        let planned = table.plan(&wanted, NOW_S).unwrap();
        assert!(planned.id.starts_with(char::is_alphabetic));
    }
    let number = Wanted {
        id: Some("01234567"),
        ..wanted
    };
    assert_eq!(table.plan(&number, NOW_S), Err(OverrideError::Id));
}

#[test]
fn an_override_ends_unless_it_is_renewed_and_at_last_anyway() {
    let (mut table, now) = (Table::default(), Instant::now());
    let first = build(&mut table, None, "a", "token", now).unwrap();
    build(&mut table, Some(&first.id), "a", "token", now + RENEW).unwrap();
    assert!(table.expire(now + LEASE, NOW_S).is_empty());
    assert_eq!(table.expire(now + LEASE + RENEW, NOW_S).len(), 1);
    let back = build(&mut table, Some(&first.id), "b", "token", now).unwrap();
    assert!(back.is_new && back.id == first.id && back.version != first.version);
    assert!(back.version.to_string().ends_with(&format!(".{NOW_S}")));
    assert_eq!(table.expire(now, NOW_S + LONGEST_S).len(), 1);
    assert!(table.is_empty());
}

#[test]
fn no_token_opens_more_than_its_share() {
    let (mut table, now) = (Table::default(), Instant::now());
    for _ in 0..MOST_OF_ONE {
        build(&mut table, None, "a", "token", now).unwrap();
    }
    assert_eq!(
        build(&mut table, None, "a", "token", now),
        Err(OverrideError::TooManyOfOne)
    );
    for other in 0..MOST - MOST_OF_ONE {
        build(&mut table, None, "a", &format!("t{}", other / MOST_OF_ONE), now).unwrap();
    }
    assert_eq!(build(&mut table, None, "a", "last", now), Err(OverrideError::Full));
}
