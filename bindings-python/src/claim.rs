//! A payment on its way to the caller of the call that made it: `unclaimed` has the payment until the caller has it.
//!
//! Python can raise between any two steps of a program: Ctrl-C does. A result that is lost so, between the end of the
//! call here and the assignment over there, is dropped while an exception is being raised. Every other result that is
//! dropped is one that its caller had.

use crate::per_process::PerProcess;
use lipia::client::UntilClaimed;
use pyo3::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Lives as long as the result that its payment belongs to. Python keeps it in a hidden field of that result.
#[pyclass(frozen, module = "lipia._native")]
pub(crate) struct Claim {
    kept: PerProcess<Mutex<Option<UntilClaimed>>>,
    /// Whether the result was handed over: from then on its caller has it, unless it is dropped by an exception.
    handed_over: AtomicBool,
}

impl Claim {
    /// Not handed over: whoever drops this keeps the payment.
    pub(crate) fn new(until_claimed: UntilClaimed) -> Self {
        Self {
            kept: PerProcess::of(Mutex::new(Some(until_claimed))),
            handed_over: AtomicBool::new(false),
        }
    }
}

#[pymethods]
impl Claim {
    /// Somebody has taken the payment from what carries this.
    fn claimed(&self) {
        let Some(kept) = self.kept.get() else { return };
        let until_claimed = kept.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(until_claimed) = until_claimed {
            until_claimed.claimed();
        }
    }

    /// A copy of a result, in this process or another, has no claim.
    fn __reduce__<'py>(&self, py: Python<'py>) -> (Bound<'py, PyAny>, ()) {
        (py.None().into_bound(py).get_type().into_any(), ())
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let Some(kept) = self.kept.get() else { return };
        let until_claimed = kept.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(until_claimed) = until_claimed else {
            return;
        };
        let is_being_raised = Python::try_attach(PyErr::occurred).unwrap_or(false);
        if self.handed_over.load(Ordering::Acquire) && !is_being_raised {
            until_claimed.claimed();
        }
        // Else dropping it keeps the payment.
    }
}

/// Makes Python's result of plain data, and hands it over. No frame of Python's holds the claim when it counts as
/// handed over: a frame lives on with a traceback, and is dropped when nothing is being raised any more.
///
/// `make` is called with the data and the claim.
pub(crate) fn hand_over(
    py: Python<'_>,
    make: &Bound<'_, PyAny>,
    data: Py<PyAny>,
    until_claimed: UntilClaimed,
) -> PyResult<Py<PyAny>> {
    let claim = Bound::new(py, Claim::new(until_claimed))?;
    let result = make.call1((data, &claim))?;
    claim.get().handed_over.store(true, Ordering::Release);
    Ok(result.unbind())
}
