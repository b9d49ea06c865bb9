//! A connection that is reset at any byte of a reply.

use anyhow::Result;
use tests::fault::{Fault, Framing, Role, menu, stage::SHORT};

use super::{
    all,
    case::{Case, Keeping},
    stage,
};

#[tokio::test(flavor = "multi_thread")]
async fn an_optional_fragment_that_is_reset_at_any_byte_leaves_its_page_whole() -> Result<()> {
    at_any_byte(Role::Optional, Keeping::Never, Framing::Length).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_fragment_that_is_reset_at_any_byte_of_its_chunks_is_kept() -> Result<()> {
    at_any_byte(Role::Optional, Keeping::Kept, Framing::Chunked).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_reset_at_any_byte_ends_whole_or_as_an_error_page() -> Result<()> {
    at_any_byte(Role::Primary, Keeping::Kept, Framing::Length).await
}

async fn at_any_byte(role: Role, keeping: Keeping, framing: Framing) -> Result<()> {
    let case = |at: usize, fault: Fault| Case {
        fault,
        role,
        keeping,
        key: format!("c{at:04}"),
    };
    // All keys are of one length, and so all replies.
    let answer = case(0, menu::all()[0]).edition(2);
    let bytes = answer.framed(framing).wire().len();
    let cases = (0..=bytes).map(|at| case(at, Fault::reset(&answer, framing, at)));
    all(stage(SHORT).await?, cases.collect(), |stage, case: Case, nth| {
        case.run(stage, nth)
    })
    .await
}
