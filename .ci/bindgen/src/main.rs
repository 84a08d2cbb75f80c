//! `bindgen MODULE FOLDER` writes the JavaScript of a module, for Node, browsers and Workers, into a folder.

use std::env;
use std::error::Error;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1);
    let (Some(module), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("usage: bindgen MODULE FOLDER".into());
    };
    Ok(Bindgen::new()
        .input_path(module)
        .web(true)?
        .typescript(false)
        .generate(folder)?)
}
