//! Every fault, in every role, kept or not.

use anyhow::Result;
use tests::fault::{Role, menu, stage::SHORT};

use super::{
    all,
    case::{Case, Keeping},
    stage,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_fragment_that_breaks_ends_as_a_whole_page_or_an_error_page() -> Result<()> {
    every_fault(Role::Primary).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_essential_fragment_that_breaks_ends_as_a_whole_page_or_an_error_page() -> Result<()> {
    every_fault(Role::Essential).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_optional_fragment_that_breaks_leaves_its_page_whole() -> Result<()> {
    every_fault(Role::Optional).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fragment_that_breaks_within_a_kept_one_leaves_both_page_and_kept_one_whole() -> Result<()> {
    every_fault(Role::Nested).await
}

async fn every_fault(role: Role) -> Result<()> {
    let faults = menu::all();
    let kept = Keeping::ALL
        .into_iter()
        .flat_map(|keeping| faults.iter().map(move |fault| (keeping, *fault)));
    let cases = kept.enumerate().map(|(at, (keeping, fault))| Case {
        fault,
        role,
        keeping,
        key: format!("c{at:04}"),
    });
    let cases: Vec<Case> = cases.collect();
    all(stage(SHORT).await?, cases, |stage, case: Case, nth| {
        case.run(stage, nth)
    })
    .await
}
