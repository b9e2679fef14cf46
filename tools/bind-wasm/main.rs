//! `bind-wasm LIBRARY FOLDER` writes the wasm and its glue into the folder, as
//! `wasm-bindgen --target web --no-typescript --omit-default-module-path` does.

use std::env;

use anyhow::Context;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> anyhow::Result<()> {
    let mut paths = env::args_os().skip(1);
    let library = paths.next().context("the first argument must be the compiled library")?;
    let folder = paths.next().context("the second argument must be the folder to write into")?;
    Bindgen::new().web(true)?.typescript(false).omit_default_module_path(true).input_path(library).generate(folder)
}
