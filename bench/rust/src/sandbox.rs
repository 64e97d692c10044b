//! Lipia's sandbox, which prompts, breaks things on request, and counts. The driver speaks to its control API.

use lipia_sandbox::{Sandbox, SandboxOptions};

/// Serves until the process that started it ends; prints its port first.
pub fn serve(time_scale: f64) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let sandbox = Sandbox::start(SandboxOptions::default().time_scale(time_scale))
            .await
            .expect("a sandbox");
        println!("{}", sandbox.base_url().rsplit(':').next().expect("a port"));
        crate::end_with_parent();
        std::future::pending::<()>().await;
    });
}
