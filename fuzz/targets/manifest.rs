//! Manifest: whatever the text, each breach names a line of it; what is accepted is read again alike.
#![no_main]

use contract::manifest::Manifest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Manifest::parse("marquetry.toml", text) {
        Ok(manifest) => assert_eq!(Manifest::parse("marquetry.toml", text), Ok(manifest)),
        Err(breaches) => {
            assert!(!breaches.is_empty());
            let lines = text.split('\n').count();
            for breach in breaches {
                assert!((1..=lines).contains(&breach.line), "{breach} of {lines} lines");
                assert!(!breach.rule.is_empty());
            }
        }
    }
});
