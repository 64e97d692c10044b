//! Conversion between the core's values and Python's plain data.

use crate::payment::Told;
use lipia::client::Checkup;
use lipia::error::Spelling;
use lipia::guard::Standing;
use lipia::{Acceptance, Event, Payment, Progress, Status};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value of the core as dicts, lists, texts and numbers.
pub(crate) fn to_python<'py>(
    py: Python<'py>,
    value: &impl Serialize,
) -> PyResult<Bound<'py, PyAny>> {
    Ok(pythonize::pythonize(py, value)?)
}

/// Data from Python's own half of the package.
///
/// # Errors
/// `TypeError` where its form does not fit: an argument of a wrong type, or one that there is not.
pub(crate) fn from_python<T: DeserializeOwned>(value: &Bound<'_, PyAny>) -> PyResult<T> {
    pythonize::depythonize(value).map_err(|error| PyTypeError::new_err(error.to_string()))
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

impl Handover for Option<Standing> {
    /// With the time at which all of it is open again.
    fn hand_over(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let Some(standing) = self else {
            return Ok(py.None());
        };
        let data = to_python(py, &standing)?.cast_into::<PyDict>()?;
        let opens_at = standing.opens_at().map(lipia::values::EatTime::to_iso);
        data.set_item("opens_at", opens_at)?;
        Ok(data.into_any().unbind())
    }
}

impl Handover for Checkup {
    fn hand_over(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let spelled = self.spelled(Spelling::Python);
        Ok(to_python(py, &spelled)?.unbind())
    }
}

impl Handover for Payment {
    /// With the JSON text that `to_json` gives, which Python keeps beside the fields.
    fn hand_over(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let data = to_python(py, &self)?.cast_into::<PyDict>()?;
        data.set_item("json", self.to_json())?;
        data.set_item(
            "look_again_at",
            self.look_again_at().map(lipia::values::EatTime::to_iso),
        )?;
        data.set_item(
            "order_free_at",
            self.order_free_at().map(lipia::values::EatTime::to_iso),
        )?;
        if let Some(error) = self.last_error() {
            // It is saved without its remedy, which the core knows.
            data.set_item("last_error", crate::errors::data(py, error)?)?;
        }
        Ok(data.into_any().unbind())
    }
}

impl Handover for Event {
    /// A tuple in the order of Python's `Event`, without the body: a server makes one for every callback, and a dict
    /// costs as much as reading the body.
    fn hand_over(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let warnings: Vec<&str> = self
            .warnings
            .iter()
            .map(|warning| warning.as_str())
            .collect();
        let amount = self.amount.map(|amount| amount.to_string());
        let date = self.date.map(lipia::values::EatTime::to_iso);
        let fields = [
            self.gateway.as_str().into_bound_py_any(py)?,
            self.outcome.as_str().into_bound_py_any(py)?,
            self.is_final.into_bound_py_any(py)?,
            self.complete.into_bound_py_any(py)?,
            self.result_code.into_bound_py_any(py)?,
            self.result_desc.into_bound_py_any(py)?,
            self.receipt.map(String::from).into_bound_py_any(py)?,
            amount.into_bound_py_any(py)?,
            self.phone
                .as_ref()
                .map(lipia::PhoneNumber::as_str)
                .into_bound_py_any(py)?,
            self.phone_raw.into_bound_py_any(py)?,
            date.into_bound_py_any(py)?,
            self.checkout_request_id
                .map(String::from)
                .into_bound_py_any(py)?,
            self.merchant_request_id
                .map(String::from)
                .into_bound_py_any(py)?,
            self.reference.into_bound_py_any(py)?,
            warnings.into_bound_py_any(py)?,
        ];
        Ok(PyTuple::new(py, fields)?.into_any().unbind())
    }
}

impl Handover for Told {
    fn hand_over(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let Self {
            progress,
            payment,
            ended,
        } = self;
        let Some(progress) = progress else {
            return Ok(py.None());
        };
        let data = PyDict::new(py);
        let (kind, elapsed) = match progress {
            Progress::Queried { elapsed, status } => {
                data.set_item("status", status.hand_over(py)?)?;
                ("queried", Some(elapsed))
            }
            Progress::QueryFailed { elapsed, error } => {
                data.set_item(
                    "error",
                    crate::errors::exception_about(py, &error, payment.as_ref(), None)?,
                )?;
                ("query_failed", Some(elapsed))
            }
            Progress::CallbackReceived { elapsed } => ("callback_received", Some(elapsed)),
            Progress::Settled(_) => ("settled", None),
            Progress::TimedOut(_) => ("timed_out", None),
            other => {
                // A kind of news that this version of the package has no name for is still news.
                let _ = other;
                ("callback_received", None)
            }
        };
        if let Some(ended) = ended {
            data.set_item("payment", ended.hand_over(py)?)?;
        }
        data.set_item("kind", kind)?;
        data.set_item("elapsed", elapsed.map(|elapsed| elapsed.as_secs_f64()))?;
        Ok(data.into_any().unbind())
    }
}
