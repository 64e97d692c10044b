//! The sandbox, in the process of a user's own tests, in a thread of its own.

use crate::answer::{data, json};
use lipia_sandbox::{Ending, Fault, Gateway, Sandbox, SandboxOptions, Scenario};
use napi::bindgen_prelude::{Error, Result};
use napi_derive::napi;
use serde::Deserialize;
use std::fmt::Display;
use std::sync::{Mutex, PoisonError};
use tokio::runtime::{Builder, Handle, Runtime};

/// A sandbox that runs until it is stopped.
#[napi]
pub struct NativeSandbox {
    handle: Handle,
    /// Taken out when it is dropped.
    runtime: Option<Runtime>,
    /// Taken out when it is stopped.
    sandbox: Mutex<Option<Sandbox>>,
}

impl Drop for NativeSandbox {
    /// Garbage is collected in a thread that must not wait.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn wrong(why: impl Display) -> Error {
    Error::from_reason(why.to_string())
}

/// One of the sandbox's words.
fn word<'de, T: Deserialize<'de>>(name: &str, value: &'de serde_json::Value) -> Result<T> {
    T::deserialize(value).map_err(|error| wrong(format!("{name}: {error}")))
}

/// A fault as the package describes it; what is not said is as usual for its kind.
#[derive(Deserialize)]
struct FaultData {
    step: serde_json::Value,
    kind: serde_json::Value,
    gateway: Option<serde_json::Value>,
    /// `None` is for ever.
    times: Option<u32>,
    seconds: Option<f64>,
    after_acting: Option<bool>,
    status: Option<u16>,
}

impl FaultData {
    fn fault(&self) -> Result<Fault> {
        let mut fault = Fault::new(word("step", &self.step)?, word("kind", &self.kind)?);
        if let Some(gateway) = &self.gateway {
            fault = fault.gateway(word("gateway", gateway)?);
        }
        fault = match self.times {
            Some(times) => fault.times(times),
            None => fault.forever(),
        };
        if let Some(seconds) = self.seconds {
            fault = fault.seconds(seconds);
        }
        if let Some(acts) = self.after_acting {
            fault = fault.after_acting(acts);
        }
        if let Some(status) = self.status {
            fault = fault.status(status);
        }
        Ok(fault)
    }
}

/// Starts a sandbox. Tokens live as many seconds of the clock's.
#[napi]
pub fn start_sandbox(
    port: u16,
    time_scale: f64,
    token_lifetime_seconds: u32,
) -> Result<NativeSandbox> {
    let options = SandboxOptions::default()
        .port(port)
        .time_scale(time_scale)
        .token_lifetime_seconds(token_lifetime_seconds);
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("lipia-sandbox")
        .enable_all()
        .build()
        .map_err(wrong)?;
    let sandbox = runtime
        .block_on(Sandbox::start(options))
        .map_err(|error| wrong(format!("The sandbox could not start: {error}")))?;
    Ok(NativeSandbox {
        handle: runtime.handle().clone(),
        runtime: Some(runtime),
        sandbox: Mutex::new(Some(sandbox)),
    })
}

/// Keys that the sandbox accepts, by the names of the core's settings, as JSON text.
#[napi]
pub fn sandbox_keys(gateway: String) -> String {
    let keys = Gateway::from_name(&gateway).map(Gateway::keys);
    json(&keys.unwrap_or_default())
}

/// What a gateway's base URL has after the sandbox's own address.
#[napi]
pub fn sandbox_base_path(gateway: String) -> &'static str {
    Gateway::from_name(&gateway).map_or("", Gateway::base_path)
}

impl NativeSandbox {
    fn with<T>(&self, ask: impl FnOnce(&Sandbox) -> Result<T>) -> Result<T> {
        // What a sandbox does may start tasks.
        let _runtime = self.handle.enter();
        let sandbox = self.sandbox.lock().unwrap_or_else(PoisonError::into_inner);
        match sandbox.as_ref() {
            Some(sandbox) => ask(sandbox),
            None => Err(wrong("This sandbox was stopped.")),
        }
    }

    fn tell(&self, order: impl FnOnce(&Sandbox)) -> Result<()> {
        self.with(|sandbox| {
            order(sandbox);
            Ok(())
        })
    }
}

#[napi]
impl NativeSandbox {
    #[napi(getter)]
    pub fn base_url(&self) -> Result<String> {
        self.with(|sandbox| Ok(sandbox.base_url()))
    }

    #[napi(getter)]
    pub fn phone_url(&self) -> Result<String> {
        self.with(|sandbox| Ok(sandbox.phone_url()))
    }

    #[napi(getter)]
    pub fn port(&self) -> Result<u16> {
        self.with(|sandbox| Ok(sandbox.port()))
    }

    /// Stops it. A second time does nothing.
    #[napi]
    pub fn stop(&self) {
        let sandbox = self
            .sandbox
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(sandbox) = sandbox {
            self.handle.block_on(sandbox.stop());
        }
    }

    #[napi]
    pub fn counters(&self) -> Result<String> {
        self.with(|sandbox| Ok(json(&sandbox.counters())))
    }

    #[napi]
    pub fn payments(&self) -> Result<String> {
        self.with(|sandbox| Ok(json(&sandbox.payments())))
    }

    #[napi]
    pub fn requests(&self) -> Result<String> {
        self.with(|sandbox| Ok(json(&sandbox.requests())))
    }

    #[napi]
    pub fn script_phone(&self, phone_number: String, scenario: String) -> Result<()> {
        let scenario = Scenario::from_name(&scenario)
            .ok_or_else(|| wrong(format!("There is no scenario {scenario:?}.")))?;
        self.tell(|sandbox| sandbox.script_phone(&phone_number, scenario))
    }

    /// Something that goes wrong, described as JSON text.
    #[napi]
    pub fn inject(&self, fault: String) -> Result<()> {
        let fault = data::<FaultData>(&fault)?.fault()?;
        self.with(|sandbox| sandbox.inject(fault).map_err(wrong))
    }

    #[napi]
    pub fn clear_faults(&self) -> Result<()> {
        self.tell(Sandbox::clear_faults)
    }

    #[napi]
    pub fn act(&self, id: String, ending: String) -> Result<()> {
        let ending = Ending::from_name(&ending)
            .ok_or_else(|| wrong(format!("There is no ending {ending:?}.")))?;
        self.with(|sandbox| sandbox.act(&id, ending).map_err(wrong))
    }

    #[napi]
    pub fn kill_tokens(&self) -> Result<()> {
        self.tell(Sandbox::kill_tokens)
    }

    #[napi]
    pub fn reset(&self) -> Result<()> {
        self.tell(Sandbox::reset)
    }
}
