//! `python -m lipia`: the same command line as the `lipia` binary.

use pyo3::prelude::*;
use std::ffi::OsString;

/// Runs the command line; the first argument is the command's own name. Returns its exit status.
#[pyfunction]
pub(crate) fn run_command_line(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    py.detach(|| lipia_cli::run(arguments))
}
