//! The durable form of entries, as `docs/ledger.md` shows it.

use composer_ledger::{
    Act, Actor, Entry, Revision, TokenRecord,
    chain::{Hash, Head, Sealed},
};
use contract::admin::{Action, AnalysisTerms, Audience, CanaryTerms, ReleaseId};

use crate::support::{publish, team};

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/ledger.md");

fn examples() -> Vec<Act> {
    let mut all = examples_of_things();
    all.extend(examples_of_releases());
    all
}

fn examples_of_things() -> Vec<Act> {
    vec![
        team("reviews"),
        Act::TokenIssued {
            token: TokenRecord {
                id: "3f9a12bc".parse().unwrap(),
                name: "ci of reviews".into(),
                sha256: "d".repeat(64).parse().unwrap(),
                team: Some("shop".parse().unwrap()),
                apps: None,
                actions: vec![Action::Publish, Action::Release],
                expires_at_ms: Some(1_803_201_018_000),
            },
        },
        Act::TokenRevoked {
            id: "3f9a12bc".parse().unwrap(),
        },
        publish("reviews@1.0.0"),
        Act::OriginsSet {
            version: "reviews@1.0.0".parse().unwrap(),
            origins: vec!["http://10.1.2.3:4103".into()],
        },
    ]
}

fn examples_of_releases() -> Vec<Act> {
    let canary = |audience, steps, every_s| {
        Some(CanaryTerms {
            audience,
            steps,
            every_s,
        })
    };
    let released = |canary| Act::Released {
        apps: vec!["reviews@1.0.0".parse().unwrap(), "decide@2.0.0".parse().unwrap()],
        canary,
        analysis: AnalysisTerms::default(),
    };
    let release = ReleaseId(7);
    vec![
        released(None),
        released(canary(Audience::Share, vec![500, 2500, 10_000], Some(600))),
        released(canary(Audience::Cohort("beta".into()), vec![], None)),
        Act::CanaryStepped { release, step: 1 },
        Act::CanaryPaused { release },
        Act::CanaryResumed { release },
        Act::Promoted { release },
        Act::RolledBack {
            apps: vec![],
            release: Some(release),
        },
        Act::RolledBack {
            apps: vec!["reviews@0.9.0".parse().unwrap()],
            release: None,
        },
        Act::VersionsForgotten {
            versions: vec!["reviews@0.8.0".parse().unwrap()],
        },
        Act::OverrideOpened {
            id: "o1f9a".into(),
            version: "reviews@1.1.0-dev.o1f9a.1".parse().unwrap(),
            expires_at_ms: 1_795_453_818_000,
        },
        Act::Recovered {
            lost: 0,
            evidence: "damaged/20261123-091018".into(),
        },
    ]
}

fn entry(number: u64, act: Act) -> Entry {
    Entry {
        revision: Revision(number),
        at_ms: 1_795_425_018_000 + number,
        by: Actor::new("ci-reviews (token 3f9a12bc)"),
        act,
        reason: (number == 1).then(|| "a new team".into()),
    }
}

#[test]
fn the_docs_show_every_act_as_it_is_written() {
    let docs = std::fs::read_to_string(DOCS).unwrap();
    for (at, act) in examples().into_iter().enumerate() {
        let entry = entry(at as u64 + 1, act);
        let json = serde_json::to_string(&entry).unwrap();
        assert_eq!(serde_json::from_str::<Entry>(&json).unwrap(), entry);
        assert!(
            json.contains(&format!(r#""what":{{"act":"{}""#, entry.act.kind())),
            "{json}"
        );
        assert!(docs.lines().any(|line| line == json), "docs/ledger.md lacks\n{json}");
        let mentioned = docs
            .lines()
            .any(|line| line.starts_with(&format!("* `{}`", entry.act.kind())));
        assert!(mentioned, "docs/ledger.md doesn't explain `{}`", entry.act.kind());
    }
}

#[test]
fn what_is_not_known_is_not_read() {
    for bad in [
        r#"{"revision":1,"at_ms":1,"by":"x","what":{"act":"danced"}}"#,
        r#"{"revision":1,"at_ms":1,"by":"x","what":{"act":"promoted","release":"r7","twice":true}}"#,
        r#"{"revision":1,"at_ms":1,"by":"x","mood":"good","what":{"act":"promoted","release":"r7"}}"#,
        r#"{"revision":1,"at_ms":1,"by":"x","what":{"act":"promoted","release":"7"}}"#,
    ] {
        assert!(serde_json::from_str::<Entry>(bad).is_err(), "{bad}");
    }
}

#[test]
fn the_chain_is_what_the_docs_say() {
    let mut head = Head::default();
    let json = serde_json::to_string(&entry(1, team("reviews"))).unwrap();
    let sealed = head.seal(&entry(1, team("reviews"))).unwrap();
    let mut bytes = vec![0_u8; 32];
    bytes.extend(json.as_bytes());
    let expected = <sha2::Sha256 as sha2::Digest>::digest(&bytes);
    let hex: String = expected.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(sealed.hash.to_string(), hex);
    assert_eq!(Hash::from_hex(&hex), Some(sealed.hash));
    assert_eq!(sealed.to_line(), format!(r#"{{"hash":"{hex}","entry":{json}}}"#));
    assert_eq!(Sealed::from_line(&sealed.to_line()), Some(sealed));
}

#[test]
fn a_line_cut_anywhere_is_no_line() {
    let line = Head::default().seal(&entry(1, team("reviews"))).unwrap().to_line();
    for end in 0..line.len() {
        let cut = Sealed::from_line(&line[..end]);
        assert!(cut.is_none_or(|cut| Head::default().follow(&cut).is_err()), "{end}");
    }
}

#[test]
fn names_of_actors_are_one_short_line() {
    let name = Actor::new(&format!("a\nb\u{7f}{}", "é".repeat(200)));
    assert!(name.as_str().starts_with("a b é") && name.as_str().len() <= Actor::MAX_BYTES);
}

#[test]
fn examples_have_different_kinds() {
    let kinds: std::collections::HashSet<_> = examples().iter().map(Act::kind).collect();
    assert_eq!(kinds.len(), 14);
}
