//! Events: requests arrive, answers come back, customers decide, callbacks are posted, strangers forge.

mod decision;
mod forgery;

use self::decision::{contradict, decide, pay_after_all};
use self::forgery::forge;
use crate::fault::FaultKind;
use crate::gateway::messages::{Answered, Ask, Trouble};
use crate::gateway::protocol_of;
use crate::promises::Promise;
use crate::shop::Served;
use crate::time::HORIZON_MS;
use crate::world::World;
use crate::world::delivered::Delivered;
use crate::world::post::Post;
use crate::world::schedule::{Due, Event, Reply};
use std::sync::Arc;
use std::time::Duration;

/// Lets happen what happens until nothing more will and `shop` is done; for as long as the process lives.
pub(crate) async fn run(world: &World, shop: &Arc<impl Served>) {
    loop {
        match world.take_due() {
            Due::Now(event) => {
                if let Some(post) = happen(world, event) {
                    shop.is_posted_to(post);
                }
            }
            Due::At(at_ms) => {
                let wait = Duration::from_millis(at_ms.saturating_sub(world.now_ms()));
                tokio::select! {
                    biased;
                    () = world.news() => {}
                    () = tokio::time::sleep(wait) => {}
                }
            }
            Due::Nothing if shop.is_done() => return,
            Due::Nothing => {
                tokio::select! {
                    biased;
                    () = world.news() => {}
                    () = shop.done() => {}
                }
            }
        }
    }
}

/// Lets happen what happens while nobody is there to be posted to.
pub(crate) fn pass(world: &World, to_ms: u64) {
    let to_ms = to_ms.min(HORIZON_MS);
    let interrupted = std::mem::take(&mut world.lock().unacknowledged);
    for post in interrupted.into_values() {
        world.post_again(post);
    }
    loop {
        match world.take_due() {
            Due::Now(event) => {
                if let Some(post) = happen(world, event) {
                    world.tell(|| format!("{} finds nobody", post.what));
                    world.post_again(post);
                }
            }
            Due::At(at_ms) if at_ms <= to_ms => world.pass(at_ms),
            Due::At(_) | Due::Nothing => break,
        }
    }
    world.pass(to_ms);
}

fn happen(world: &World, event: Event) -> Option<Post> {
    match event {
        Event::Arrives {
            ask,
            trouble,
            reply,
        } => {
            arrive(world, &ask, trouble, reply);
            None
        }
        Event::Answers {
            answered, reply, ..
        } => {
            if let Some(result) = answered.result {
                let delivered = Delivered {
                    result,
                    token: answered.token,
                    refuses_token: answered.refused.is_some(),
                    banned_until_ms: answered.banned_until_ms,
                    is_announced: answered.is_announced,
                    named: answered.named,
                };
                // Whoever asked may be gone; then nobody learns it.
                let _ = reply.send(delivered);
            }
            None
        }
        Event::Decides { prompt } => {
            decide(world, prompt);
            None
        }
        Event::PaysAfterAll { prompt } => {
            pay_after_all(world, prompt);
            None
        }
        Event::Posts(post) => Some(post),
        Event::TokensEnd => {
            let mut state = world.lock();
            state.gateway.end_all_tokens();
            state.all_open_suffer(FaultKind::TokensEnd);
            state.tell(|| "the gateway forgets all tokens".to_owned());
            None
        }
        Event::Contradicts { prompt } => contradict(world, prompt),
        Event::Forges { forgery } => forge(world, forgery),
    }
}

fn arrive(world: &World, ask: &Ask, trouble: Trouble, reply: Reply) {
    let now_ms = world.now_ms();
    let mut state = world.lock();
    let answered = state.gateway.answer(ask, trouble, world.plan(), now_ms);
    state.tell(|| match answered.sale {
        Some(sale) => format!("the gateway {} (sale {sale})", answered.what),
        None => format!("the gateway {}", answered.what),
    });
    if let Ask::Push(push) = ask
        && let Some(fault) = met_by_push(&answered, trouble)
    {
        state.suffers(push.sale, fault);
    }
    if let (Some(what), sale) = (&answered.wrong, answered.sale) {
        state.broke(Promise::OnePrompt, sale, || what.clone());
    }
    if let Some(number) = answered.opened
        && let Some(prompt) = state.gateway.prompt(number).cloned()
    {
        let was_told_unsent = state
            .orders
            .get(&prompt.sale)
            .is_some_and(|order| order.was_told_unsent);
        let mut unsent = state.ledger.told_unsent.iter();
        if was_told_unsent || unsent.any(|id| prompt.callback_path.contains(id.as_str())) {
            state.broke(Promise::OnePrompt, Some(prompt.sale), || {
                "a push that the shop was told had not been sent opens a prompt".to_owned()
            });
        }
        if prompt.ids_left_out {
            state.suffers(prompt.sale, FaultKind::IdsLeftOut);
        }
        let decides_at_ms = now_ms + prompt.behaviour.after_ms();
        state.schedule(decides_at_ms, Event::Decides { prompt: number });
        let protocol = protocol_of(world.plan());
        // Of a sale that is posted about more than once, the first time already while it is open.
        let is_talked_about = world
            .plan()
            .sales
            .get(prompt.sale)
            .is_some_and(|sale| sale.callbacks_after_ms.len() > 1);
        if let (true, Some(body)) = (is_talked_about, protocol.early_callback(&prompt, now_ms)) {
            let what = "a callback that it is open";
            let post = Post::once(prompt.sale, prompt.callback_path, body, what);
            state.schedule(now_ms + 10 + (now_ms * 71) % 400, Event::Posts(post));
        }
    }
    let at_ms = now_ms + 15 + (now_ms * 53) % 60 + answered.after_ms;
    if let Some((after_ms, response)) = answered.second.clone() {
        let second = Answered {
            sale: answered.sale,
            ..Answered::second(response)
        };
        let event = Event::Answers {
            answered: Box::new(second),
            reply: reply.second,
            follows_on: Some(reply.connection),
        };
        state.schedule(at_ms + after_ms, event);
    }
    if answered.result.is_some() {
        state.schedule(at_ms, Event::answer(answered, reply.answer));
    }
}

/// What went wrong with a push at the gateway. One that is turned away earlier never meets what the plan has for it.
fn met_by_push(answered: &Answered, trouble: Trouble) -> Option<FaultKind> {
    if answered.refused.is_some() && answered.opened.is_none() {
        return Some(FaultKind::TokenRefused);
    }
    if answered.phone_is_busy {
        return Some(FaultKind::SubscriberBusy);
    }
    if answered.banned_until_ms.is_some() {
        return Some(if answered.is_announced {
            FaultKind::Blocked
        } else {
            FaultKind::Banned
        });
    }
    match trouble {
        Trouble::Push(fault) => Some(fault.into()),
        _ => None,
    }
}
