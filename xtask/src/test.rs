//! `cargo xtask test`: everything that must hold on main, in the order in which it fails soonest.

use anyhow::Result;
use clap::Args;
use cli_bundle::WASM_TARGET;

use crate::{build, build::Profile, firefox, fuzz, place, sizes, step, tools};

/// For each target.
const FUZZ_SECONDS: u32 = 60;
const TARGETS: [&str; 3] = ["--lib", "--bins", "--tests"];

/// Options of `cargo xtask test`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Only tests whose names match this nextest filter expression; skips format, lints and docs.
    #[arg(long, short = 'E')]
    filter: Option<String>,
    /// The browser tests in Firefox instead of Chromium, and no others.
    #[arg(long)]
    firefox: bool,
}

/// Which tests run, where not all.
type Filter<'a> = Option<&'a str>;

/// Variables for tests.
type Variables = [(&'static str, String)];

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let filter = arguments.filter.as_deref();
    tools::for_building()?;
    tools::for_testing()?;
    let is_all = filter.is_none() && !arguments.firefox;
    if is_all {
        step::run("format", &mut step::cargo(&["fmt", "--all", "--check"]))?;
        lints()?;
    }
    // Servers and tests at once: they share one set of features, so nothing is compiled twice.
    let mut build = step::cargo(&["build", "--locked", "--workspace"]);
    step::run("cargo: build servers and tests", build.args(TARGETS))?;
    build::browser(Profile::Dev)?;
    sizes::check()?;
    if arguments.firefox {
        return in_firefox(filter);
    }
    nextest(filter, &[])?;
    if is_all {
        docs()?;
        fuzz::every_target(FUZZ_SECONDS)?;
    }
    Ok(())
}

fn in_firefox(filter: Filter) -> Result<()> {
    let variables = firefox::set_up()?;
    firefox::tell();
    let all = firefox::all();
    let both = filter.map(|filter| format!("({all}) & ({filter})"));
    nextest(Some(&both.unwrap_or(all)), &variables)
}

fn lints() -> Result<()> {
    let strict = ["--", "-D", "warnings"];
    let mut native = step::cargo(&["clippy", "--locked", "--workspace", "--all-targets"]);
    step::run("lints", native.args(strict))?;
    let wasm = ["clippy", "--locked", "--target", WASM_TARGET];
    // By itself, as it is built: others bring the standard library, which has a panic handler, too.
    let mut shell = step::cargo(&wasm);
    shell.args(["--package", "shell"]).args(strict);
    step::run("lints of the shell", &mut shell)?;
    let mut wasm = step::cargo(&wasm);
    for app in build::APPS {
        wasm.args([
            "--package",
            &format!("fragments-{app}"),
            "--features",
            &format!("fragments-{app}/hydrate"),
        ]);
    }
    let own = build::INSPECTOR;
    wasm.args(["--package", own, "--features", &format!("{own}/hydrate")]);
    step::run("lints of modules", wasm.args(strict))
}

fn nextest(filter: Filter, variables: &Variables) -> Result<()> {
    let mut nextest = step::cargo(&["nextest", "run", "--locked", "--workspace"]);
    nextest.args(TARGETS);
    nextest.env("PATH", place::path_with(&tools::folders()));
    nextest
        .env("MARQUETRY_BIN_DIR", Profile::Dev.folder())
        .env("MARQUETRY_DIST", place::dist());
    nextest
        .env("MARQUETRY_TEST_OUTPUT", place::target().join("test-output"))
        .env("MARQUETRY_AXE", tools::axe()?)
        .env("MARQUETRY_SCHEMATHESIS", tools::schemathesis()?);
    nextest.envs(variables.iter().map(|(name, value)| (name, value)));
    if let Some(filter) = filter {
        nextest.args(["-E", filter]);
    }
    // Its closing lines are the result: shown as they are.
    let status = nextest.status()?;
    anyhow::ensure!(
        status.success(),
        "tests failed ({status}); screenshots: {}/test-output",
        place::target().display()
    );
    Ok(())
}

fn docs() -> Result<()> {
    step::run(
        "examples in docs",
        &mut step::cargo(&["test", "--locked", "--doc", "--package", "bff-kit"]),
    )?;
    let mut doc = step::cargo(&["doc", "--locked", "--workspace", "--no-deps"]);
    step::run("docs", doc.env("RUSTDOCFLAGS", "-D warnings"))
}
