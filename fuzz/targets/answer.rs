//! What a BFF writes: no bytes panic, and a response is the same wherever it is cut.
#![no_main]

use composer_fetch::wire::read;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((&step, wire)) = data.split_first() else {
        return;
    };
    let step = usize::from(step).max(1);
    // Broken framing after some content is seen sooner or later, which is all that pieces change.
    if let (Some(whole), Some(cut)) = (read([wire]), read(wire.chunks(step))) {
        assert_eq!(whole, cut);
    }
});
