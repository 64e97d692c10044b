//! `lipia phone`: one line of JSON for each number.

use crate::exit::Exit;
use crate::{arguments, output};
use lipia::PhoneNumber;
use lipia::error::ErrorCode;
use std::ffi::OsStr;

pub(crate) fn run(arguments: &arguments::Phone) -> Exit {
    // What starts with a hyphen is an input too, so `--json` behind the first one lands among them.
    for input in arguments.inputs.iter().filter(|input| *input != "--json") {
        let (normalised, error) = match read(input) {
            Ok(phone) => (Some(phone.as_str().to_owned()), None),
            Err(code) => (None, Some(code)),
        };
        output::json_line(&serde_json::json!({
            "input": input.to_string_lossy(),
            "normalised": normalised,
            "error": error,
        }));
    }
    Exit::Done
}

fn read(input: &OsStr) -> Result<PhoneNumber, String> {
    let text = input.to_str().ok_or(ErrorCode::PhoneNotText)?;
    PhoneNumber::parse(text).map_err(|error| error.code().to_owned())
}
