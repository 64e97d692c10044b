//! Errors on their way to Python: plain data, of which `lipia._errors` makes its exceptions.

use crate::claim::Claim;
use crate::data::to_python;
use crate::payment::NativePayment;
use lipia::PaymentHandle;
use lipia::client::UntilClaimed;
use lipia::error::Spelling;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

static EXCEPTION_OF: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// An error's fields, and what to do about it.
pub(crate) fn data<'py>(py: Python<'py>, error: &lipia::Error) -> PyResult<Bound<'py, PyDict>> {
    let data = to_python(py, error)?.cast_into::<PyDict>()?;
    let hint = error.hint().map(|hint| Spelling::Python.of(hint));
    data.set_item("hint", hint)?;
    data.set_item("remedy", error.remedy().as_str())?;
    let said = error.customer_message();
    data.set_item("customer_message", (said.en, said.sw))?;
    Ok(data)
}

/// The exception for an error of the core. Where the error concerns a payment that this process holds, that is its
/// `payment`; and where nobody else knows that payment, `unclaimed` has it once the exception is gone and nobody has taken
/// the payment from there.
pub(crate) fn exception_about<'py>(
    py: Python<'py>,
    error: &lipia::Error,
    payment: Option<&PaymentHandle>,
    until_claimed: Option<UntilClaimed>,
) -> PyResult<Bound<'py, PyAny>> {
    let data = data(py, error)?;
    let payment = payment
        .map(|payment| {
            data.set_item("payment_id", payment.id().as_str())?;
            NativePayment::new(payment.clone()).into_pyobject(py)
        })
        .transpose()?;
    EXCEPTION_OF
        .get_or_try_init(py, || {
            py.import("lipia._errors")?
                .getattr("exception_of")
                .map(Bound::unbind)
        })?
        .bind(py)
        .call1((data, payment, until_claimed.map(Claim::new)))
}

/// A value, or the error raised.
pub(crate) fn or_raise<T>(py: Python<'_>, result: Result<T, lipia::Error>) -> PyResult<T> {
    or_raise_about(py, None, result)
}

/// A value, or the error that concerns this payment raised.
pub(crate) fn or_raise_about<T>(
    py: Python<'_>,
    payment: Option<&PaymentHandle>,
    result: Result<T, lipia::Error>,
) -> PyResult<T> {
    result.map_err(|error| raised(exception_about(py, &error, payment, None)))
}

/// An exception that is ready to be raised.
pub(crate) fn raised(exception: PyResult<Bound<'_, PyAny>>) -> PyErr {
    match exception {
        Ok(exception) => PyErr::from_value(exception),
        Err(trouble) => trouble,
    }
}
