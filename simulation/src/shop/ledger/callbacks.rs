//! The route for callbacks of a process that shares a ledger: 200 where the callback is kept, 503 where it is not.

use crate::promises::Promise;
use crate::world::World;
use crate::world::delivered::{Process, Server};
use crate::world::post::Post;
use futures_util::FutureExt as _;
use lipia::callback::Confirm;
use lipia::ledger::{LedgerStore as _, MemoryLedger};
use lipia::{Client, IncomingCallback, Verdict};

/// Takes in what was posted.
pub(super) async fn take_in(
    world: &World,
    server: Server,
    client: &Client,
    tables: &MemoryLedger,
    post: Post,
) {
    let process = Process::Server(server);
    world.step_of(process, "something was posted").await;
    let confirm = if world.plan().confirms {
        Confirm::Successes
    } else {
        Confirm::Never
    };
    let incoming = IncomingCallback::new(&post.path, &post.body);
    let received = client.receive_callback(incoming, confirm).await;
    world
        .step_of(process, "a callback is about to be answered")
        .await;
    let payment = match &received {
        Err(error) if error.code().starts_with("ledger_") => {
            world.tell(|| format!("{} is answered with 503", post.what));
            return world.post_again(post);
        }
        Err(error) => {
            world.tell(|| format!("{} is refused: {}", post.what, error.code()));
            if post.truth_about.is_some() {
                world.broke(Promise::NothingLost, Some(post.sale), || {
                    format!("a true callback is refused: {error}")
                });
            }
            error.payment_id().cloned()
        }
        Ok(received) => Some(received.payment_id.clone()),
    };
    let verdict = received.ok().and_then(|received| received.verdict);
    world.tell(|| {
        let verdict = verdict.map_or("not judged", Verdict::as_str);
        format!("{} is answered with 200: {verdict}", post.what)
    });
    let mut state = world.lock();
    // The address of a payment: what comes there is never dropped.
    let prompts = state.gateway.prompts().iter();
    let is_addressed = prompts
        .clone()
        .any(|prompt| prompt.callback_path == post.path);
    let ids = state.sales_of_payments.keys();
    let addressed = ids
        .clone()
        .find(|id| post.path.contains(id.as_str()))
        .cloned();
    if let (true, Some(id)) = (is_addressed, &addressed) {
        let key = (id.clone(), post.body.clone());
        if !state.ledger.kept.contains_key(&key) {
            let what = format!("{} is answered with 200, and was not kept", post.what);
            state.broke(Promise::CallbackKept, Some(post.sale), || what);
        }
        if post.truth_about.is_some() && verdict != Some(Verdict::Duplicate) {
            state.ledger.truths.insert(id.clone());
        }
    }
    if let (Some(prompt), Some(Verdict::Believed)) = (post.truth_about, verdict) {
        state.gateway.is_heard(prompt);
    }
    drop(state);
    let (Some(news), Some(id)) = (&post.news, payment) else {
        return;
    };
    let row = tables.load(&id).now_or_never();
    let Some(Ok(Some(row))) = row else { return };
    let is_kept = row.payment.flags().iter().any(|flag| {
        let body = flag.body.as_deref().unwrap_or_default();
        body.contains(news.as_str())
    });
    if !is_kept {
        world.broke(Promise::NewsKept, Some(post.sale), || {
            format!("{} is not kept with its payment", post.what)
        });
    }
}
