//! The sandbox, in the process of a user's own tests. It has a thread of its own: a call that blocks in the test must
//! not keep it from answering.

use crate::data::{from_python, to_python};
use crate::per_process::PerProcess;
use lipia_sandbox::{Ending, Fault, Gateway, Sandbox, SandboxOptions, Scenario};
use pyo3::exceptions::{PyOSError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use tokio::runtime::{Handle, Runtime};

/// A sandbox that runs until it is stopped.
#[pyclass(frozen, module = "lipia._native")]
pub(crate) struct NativeSandbox {
    running: PerProcess<Running>,
}

struct Running {
    handle: Handle,
    /// Taken out when it is dropped.
    runtime: Option<Runtime>,
    /// Taken out when it is stopped.
    sandbox: Mutex<Option<Sandbox>>,
}

impl Drop for Running {
    /// Garbage is collected in any thread, also in that of another runtime, where to wait for this one is a panic.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl NativeSandbox {
    /// What the sandbox answers. Nothing of Python's may be made or dropped in there: that can collect garbage, and so
    /// run anything, while the lock is held.
    fn with<T>(&self, ask: impl FnOnce(&Sandbox) -> PyResult<T>) -> PyResult<T> {
        let running = self.running.get().ok_or_else(|| {
            PyRuntimeError::new_err(
                "This sandbox was started in another process; use it by its base_url.",
            )
        })?;
        // What a sandbox does may start tasks.
        let _runtime = running.handle.enter();
        let sandbox = running
            .sandbox
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match sandbox.as_ref() {
            Some(sandbox) => ask(sandbox),
            None => Err(PyRuntimeError::new_err("This sandbox was stopped.")),
        }
    }
}

/// One of the sandbox's words.
fn word<T: DeserializeOwned>(name: &str, value: &Bound<'_, PyAny>) -> PyResult<T> {
    from_python(value).map_err(|error| PyValueError::new_err(format!("{name}: {error}")))
}

fn refused(error: lipia_sandbox::Refused) -> PyErr {
    PyValueError::new_err(error.to_string())
}

#[pymethods]
impl NativeSandbox {
    #[new]
    fn new(
        py: Python<'_>,
        port: u16,
        time_scale: f64,
        token_lifetime_seconds: u32,
    ) -> PyResult<Self> {
        let options = SandboxOptions::default()
            .port(port)
            .time_scale(time_scale)
            .token_lifetime_seconds(token_lifetime_seconds);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("lipia-sandbox")
            .enable_all()
            .build()?;
        let sandbox = py
            .detach(|| runtime.block_on(Sandbox::start(options)))
            .map_err(|error| PyOSError::new_err(format!("The sandbox could not start: {error}")))?;
        Ok(Self {
            running: PerProcess::of(Running {
                handle: runtime.handle().clone(),
                runtime: Some(runtime),
                sandbox: Mutex::new(Some(sandbox)),
            }),
        })
    }

    /// Keys that the sandbox accepts, by the names of the settings.
    #[staticmethod]
    fn keys(gateway: &str) -> BTreeMap<&'static str, String> {
        Gateway::from_name(gateway)
            .map(Gateway::keys)
            .unwrap_or_default()
    }

    /// What a gateway's base URL has after the sandbox's own address.
    #[staticmethod]
    fn base_path(gateway: &str) -> &'static str {
        Gateway::from_name(gateway).map_or("", Gateway::base_path)
    }

    #[getter]
    fn base_url(&self) -> PyResult<String> {
        self.with(|sandbox| Ok(sandbox.base_url()))
    }

    #[getter]
    fn phone_url(&self) -> PyResult<String> {
        self.with(|sandbox| Ok(sandbox.phone_url()))
    }

    #[getter]
    fn port(&self) -> PyResult<u16> {
        self.with(|sandbox| Ok(sandbox.port()))
    }

    /// Stops it. A second time does nothing.
    fn stop(&self, py: Python<'_>) {
        let Some(running) = self.running.get() else {
            return;
        };
        let sandbox = running
            .sandbox
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(sandbox) = sandbox {
            py.detach(|| running.handle.block_on(sandbox.stop()));
        }
    }

    fn counters(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let counters = self.with(|sandbox| Ok(sandbox.counters()))?;
        Ok(to_python(py, &counters)?.unbind())
    }

    fn payments(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let payments = self.with(|sandbox| Ok(sandbox.payments()))?;
        Ok(to_python(py, &payments)?.unbind())
    }

    fn requests(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let requests = self.with(|sandbox| Ok(sandbox.requests()))?;
        Ok(to_python(py, &requests)?.unbind())
    }

    fn script_phone(&self, phone_number: &str, scenario: &str) -> PyResult<()> {
        let scenario = Scenario::from_name(scenario)
            .ok_or_else(|| PyValueError::new_err(format!("There is no scenario {scenario:?}.")))?;
        self.with(|sandbox| {
            sandbox.script_phone(phone_number, scenario);
            Ok(())
        })
    }

    /// Something that goes wrong; `times` of `None` is for ever.
    #[allow(
        clippy::too_many_arguments,
        reason = "Python's half gives each by its place"
    )]
    fn inject(
        &self,
        step: &Bound<'_, PyAny>,
        kind: &Bound<'_, PyAny>,
        gateway: Option<&Bound<'_, PyAny>>,
        times: Option<u32>,
        seconds: Option<f64>,
        after_acting: Option<bool>,
        status: Option<u16>,
    ) -> PyResult<()> {
        let mut fault = Fault::new(word("step", step)?, word("kind", kind)?);
        if let Some(gateway) = gateway {
            fault = fault.gateway(word("gateway", gateway)?);
        }
        fault = match times {
            Some(times) => fault.times(times),
            None => fault.forever(),
        };
        if let Some(seconds) = seconds {
            fault = fault.seconds(seconds);
        }
        if let Some(acts) = after_acting {
            fault = fault.after_acting(acts);
        }
        if let Some(status) = status {
            fault = fault.status(status);
        }
        self.with(|sandbox| sandbox.inject(fault).map_err(refused))
    }

    fn clear_faults(&self) -> PyResult<()> {
        self.with(|sandbox| {
            sandbox.clear_faults();
            Ok(())
        })
    }

    fn act(&self, id: &str, ending: &str) -> PyResult<()> {
        let ending = Ending::from_name(ending)
            .ok_or_else(|| PyValueError::new_err(format!("There is no ending {ending:?}.")))?;
        self.with(|sandbox| sandbox.act(id, ending).map_err(refused))
    }

    fn kill_tokens(&self) -> PyResult<()> {
        self.with(|sandbox| {
            sandbox.kill_tokens();
            Ok(())
        })
    }

    fn reset(&self) -> PyResult<()> {
        self.with(|sandbox| {
            sandbox.reset();
            Ok(())
        })
    }
}
