//! Plain data across the border.

use lipia::{Acceptance, Event, Payment, Progress, Status};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value of the core as dicts, lists, texts and numbers.
pub(crate) fn to_python<'py>(
    py: Python<'py>,
    value: &impl Serialize,
) -> PyResult<Bound<'py, PyAny>> {
    Ok(pythonize::pythonize(py, value)?)
}

/// Data from Python's own half of the package. A form that does not fit is a mistake in it, not the user's.
pub(crate) fn from_python<T: DeserializeOwned>(value: &Bound<'_, PyAny>) -> PyResult<T> {
    Ok(pythonize::depythonize(value)?)
}

/// What can be handed to Python when a call has ended.
pub(crate) trait Handover: Send + 'static {
    fn hand_over(self, py: Python<'_>) -> PyResult<Py<PyAny>>;
}

impl Handover for Acceptance {
    fn hand_over(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Ok(to_python(py, &self)?.unbind())
    }
}

impl Handover for Status {
    fn hand_over(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Ok(to_python(py, &self)?.unbind())
    }
}

impl Handover for Payment {
    /// With the JSON text that `to_json` gives, which Python keeps beside the fields.
    fn hand_over(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let data = to_python(py, &self)?.cast_into::<PyDict>()?;
        data.set_item("json", self.to_json())?;
        Ok(data.into_any().unbind())
    }
}

impl Handover for Event {
    fn hand_over(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let data = to_python(py, &self)?.cast_into::<PyDict>()?;
        data.set_item("result_desc", self.result_desc.as_deref())?;
        Ok(data.into_any().unbind())
    }
}

impl Handover for Option<Progress> {
    fn hand_over(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let Some(progress) = self else {
            return Ok(py.None());
        };
        let data = PyDict::new(py);
        let (kind, elapsed) = match progress {
            Progress::Asked { elapsed, status } => {
                data.set_item("status", status.hand_over(py)?)?;
                ("asked", Some(elapsed))
            }
            Progress::NotTold { elapsed, error } => {
                data.set_item("error", crate::errors::exception(py, &error)?)?;
                ("not_told", Some(elapsed))
            }
            Progress::News { elapsed } => ("news", Some(elapsed)),
            Progress::Settled(payment) => {
                data.set_item("payment", payment.hand_over(py)?)?;
                ("settled", None)
            }
            Progress::StillOpen(payment) => {
                data.set_item("payment", payment.hand_over(py)?)?;
                ("still_open", None)
            }
            other => {
                // A kind of news that this version of the package has no name for is still news.
                let _ = other;
                ("news", None)
            }
        };
        data.set_item("kind", kind)?;
        data.set_item("elapsed", elapsed.map(|elapsed| elapsed.as_secs_f64()))?;
        Ok(data.into_any().unbind())
    }
}
