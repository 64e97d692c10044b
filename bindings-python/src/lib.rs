//! The native half of the Python package `lipia`: thin, and without decisions of its own.
//!
//! Values and errors cross the border as plain data (dicts, texts, numbers); the package in `python/lipia` makes its
//! dataclasses and exceptions of them. What is here is what Python cannot do by itself: drive the core from a call
//! that blocks ([`blocking`]) or from asyncio ([`event_loop`]), survive `fork` ([`per_process`]), end with the
//! interpreter ([`ending`]), pass the log on ([`log`]), and what is
//! observed ([`telemetry`]).

mod blocking;
mod call;
mod claim;
mod client;
mod command_line;
mod data;
mod ending;
mod errors;
mod event_loop;
mod ledger;
mod log;
mod payment;
mod payments;
mod per_process;
mod runtime;
mod sandbox;
mod store;
mod telemetry;
mod values;

use pyo3::prelude::*;

/// Nothing here relies on the GIL: every shared thing is behind a lock of its own or never changes.
#[pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use crate::call::NativeCall;
    #[pymodule_export]
    use crate::claim::Claim;
    #[pymodule_export]
    use crate::client::NativeClient;
    #[pymodule_export]
    use crate::command_line::run_command_line;
    #[pymodule_export]
    use crate::event_loop::{Calls, Task};
    #[pymodule_export]
    use crate::ledger::{
        NativeLedger, NativeTelling, NativeTellings, after_fork, before_fork, for_customer,
    };
    #[pymodule_export]
    use crate::payment::{NativePayment, NativeWatch, gain_between, read_payment};
    #[pymodule_export]
    use crate::sandbox::NativeSandbox;
    #[pymodule_export]
    use crate::store::check_ledger_store;
    #[pymodule_export]
    use crate::telemetry::{pass_telemetry_on, set_telemetry};
    #[pymodule_export]
    use crate::values::{
        accepted_reply, check_event, customer_message, describe, event_value,
        parse_account_reference, parse_amount, parse_callback, parse_callback_url, parse_money,
        parse_phone_number, parse_transaction_desc, password, result_codes, wants_variable,
    };
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::per_process::tell_forks();
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        let close_gate = wrap_pyfunction!(crate::ending::close_gate, module)?;
        let atexit = module.py().import("atexit")?;
        atexit.call_method1("register", (close_gate,))?;
        Ok(())
    }
}
