//! `wasm-bindgen` as trunk calls it, on the library version that the workspace pins: nothing to install, no drift.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Parser;
use wasm_bindgen_cli_support::Bindgen;

/// The options that trunk passes.
#[derive(Parser)]
#[command(name = "wasm-bindgen", version = "0.2.130")]
struct Arguments {
    #[arg(long, default_value = "web")]
    target: String,
    #[arg(long)]
    out_dir: PathBuf,
    #[arg(long)]
    out_name: String,
    #[arg(long)]
    no_typescript: bool,
    input: PathBuf,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.target != "web" {
        bail!("only `--target web` is built here, got `{}`", arguments.target);
    }
    Bindgen::new()
        .input_path(arguments.input)
        .web(true)?
        .typescript(!arguments.no_typescript)
        .remove_name_section(true)
        .remove_producers_section(true)
        .out_name(&arguments.out_name)
        .generate(arguments.out_dir)
}
