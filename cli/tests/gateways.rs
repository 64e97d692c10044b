//! The same commands whichever gateway they speak to.

#![allow(clippy::indexing_slicing, reason = "a test stops where it fails")]

mod support;

use support::{push, run, sandbox};

#[tokio::test]
async fn every_gateway_is_pushed_waited_for_and_asked_alike() {
    for gateway in ["daraja", "palpluss", "upesipay"] {
        let sandbox = sandbox().await;
        let url = match gateway {
            "palpluss" => format!("{}/v1", sandbox.base_url()),
            _ => sandbox.base_url(),
        };
        let pushed = run(push(
            &url,
            &["--gateway", gateway, "--wait", "--query-every", "0.05"],
        ))
        .await;
        assert_eq!(
            pushed.status, 0,
            "{gateway}: {}{}",
            pushed.stdout, pushed.stderr
        );
        assert_eq!(pushed.json()[0]["gateway"], gateway);
        assert_eq!(pushed.json()[1]["outcome"], "success");

        let cancelled = run([
            "push",
            "--phone",
            "0712341032",
            "--amount",
            "10",
            "--reference",
            "INV-2",
            "--base-url",
            &url,
            "--gateway",
            gateway,
            "--json",
            "--wait",
        ])
        .await;
        assert_eq!(
            cancelled.status, 6,
            "{gateway}: {}{}",
            cancelled.stdout, cancelled.stderr
        );
        assert_eq!(cancelled.json()[1]["outcome"], "cancelled", "{gateway}");
        assert_eq!(sandbox.counters().prompts, 2);
        sandbox.stop().await;
    }
}
