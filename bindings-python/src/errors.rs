//! Errors on their way to Python: plain data, of which `lipia._errors` makes its exceptions.

use crate::data::to_python;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

static EXCEPTION_OF: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// An error's fields, and what to do about it.
pub(crate) fn data<'py>(py: Python<'py>, error: &lipia::Error) -> PyResult<Bound<'py, PyDict>> {
    let data = to_python(py, error)?.cast_into::<PyDict>()?;
    data.set_item("remedy", error.remedy().as_str())?;
    Ok(data)
}

/// The exception for an error of the core.
pub(crate) fn exception<'py>(py: Python<'py>, error: &lipia::Error) -> PyResult<Bound<'py, PyAny>> {
    let data = data(py, error)?;
    EXCEPTION_OF
        .get_or_try_init(py, || {
            py.import("lipia._errors")?
                .getattr("exception_of")
                .map(Bound::unbind)
        })?
        .bind(py)
        .call1((data,))
}

/// The same, ready to be raised.
pub(crate) fn raised(py: Python<'_>, error: &lipia::Error) -> PyErr {
    match exception(py, error) {
        Ok(exception) => PyErr::from_value(exception),
        Err(trouble) => trouble,
    }
}

/// A value, or the error raised.
pub(crate) fn or_raise<T>(py: Python<'_>, result: Result<T, lipia::Error>) -> PyResult<T> {
    result.map_err(|error| raised(py, &error))
}
