//! A customer's decision, and what the gateway posts about it: callbacks, true or not.

use crate::fault::FaultKind;
use crate::gateway::prompt::{Claims, Prompt};
use crate::gateway::protocol::Protocol;
use crate::gateway::protocol_of;
use crate::plan::faults::Spoiled;
use crate::promises::Promise;
use crate::world::World;
use crate::world::order::End;
use crate::world::post::Post;
use crate::world::schedule::Event;

/// For so long the guard of a client for UpesiPay counts a push whose outcome nobody learns.
const UNSETTLED_COUNTS_MS: u64 = 900_000;

/// So long after it was paid a failure is posted.
const CONTRADICTED_AFTER_MS: u64 = 150_000;

/// A callback that comes so long after the decision is late.
const LATE_MS: u64 = 120_000;

/// A customer decides: the gateway notes it, and posts what the plan has it post.
pub(super) fn decide(world: &World, number: usize) {
    let now_ms = world.now_ms();
    let mut state = world.lock();
    let Some((prompt, blocked)) = state.gateway.decide(number, now_ms) else {
        return;
    };
    let prompt = prompt.clone();
    let Some(sale) = world.plan().sales.get(prompt.sale) else {
        return;
    };
    state.tell(|| match prompt.decided {
        Some(0) => format!("the customer of sale {} pays", prompt.sale),
        Some(code) => format!("the prompt of sale {} ends unpaid: {code}", prompt.sale),
        None => String::new(),
    });
    // A push whose outcome nobody learns counts for a quarter of an hour by default, so that a program which only
    // pushes is not shut out; later than that the guard knows less than the gateway.
    if let Some(what) = blocked
        && world.plan().guarded
        && prompt.made_at_ms < UNSETTLED_COUNTS_MS
    {
        state.broke(Promise::NeverBlocked, Some(prompt.sale), || what.to_owned());
    }
    if let (Some(after_ms), true) = (sale.pays_after_all_ms, runs_out(prompt.decided)) {
        let event = Event::PaysAfterAll { prompt: number };
        state.schedule(now_ms + after_ms, event);
    }
    let protocol = protocol_of(world.plan());
    if let Some(code) = sale.unknown_code {
        state.suffers(prompt.sale, FaultKind::UnknownCode);
        let body = protocol.unknown_callback(&prompt, code, now_ms);
        let what = "a callback with a code that nobody knows";
        let post = Post {
            news: Some(code.to_string()),
            ..Post::once(prompt.sale, prompt.callback_path.clone(), body, what)
        };
        state.schedule(now_ms.saturating_sub(1), Event::Posts(post));
    }
    let body = protocol.callback(&prompt, now_ms);
    match sale.callbacks_after_ms.as_slice() {
        [] => state.suffers(prompt.sale, FaultKind::NoCallback),
        [_] => {}
        _ => state.suffers(prompt.sale, FaultKind::ManyCallbacks),
    }
    for after_ms in &sale.callbacks_after_ms {
        if *after_ms >= LATE_MS {
            state.suffers(prompt.sale, FaultKind::LateCallback);
        }
        let path = prompt.callback_path.clone();
        let post = Post {
            truth_about: Some(number),
            again_after_ms: protocol.posts_again_after_ms(),
            ..Post::once(prompt.sale, path, body.clone(), "the callback")
        };
        state.schedule(now_ms + after_ms, Event::Posts(post));
    }
    let misdirected = sale.misdirected_to.and_then(|other| {
        state
            .gateway
            .prompts()
            .iter()
            .rev()
            .find(|prompt| prompt.sale == other)
            .cloned()
    });
    if let Some(other) = misdirected
        // Where a failure names nothing but its prompt, or phone and amount are the same, nobody could tell.
        && (prompt.is_paid() || protocol.names_the_money())
        && other.sale != prompt.sale
        && (other.amount, &other.phone_number) != (prompt.amount, &prompt.phone_number)
    {
        let what = "another sale's callback";
        let post = Post::once(other.sale, other.callback_path, body, what);
        state.suffers(other.sale, FaultKind::Misdirected);
        state.schedule(now_ms, Event::Posts(post));
    }
    if sale.contradicted && prompt.is_paid() {
        let event = Event::Contradicts { prompt: number };
        state.schedule(now_ms + CONTRADICTED_AFTER_MS, event);
    }
    if let Some(spoiled) = sale.spoiled {
        state.suffers(prompt.sale, FaultKind::Spoiled);
        let body = spoil(protocol, &prompt, spoiled, now_ms);
        let what = "a callback that is wrong";
        let post = Post::once(prompt.sale, prompt.callback_path, body, what);
        state.schedule(now_ms.saturating_sub(1), Event::Posts(post));
    }
}

/// Whether a prompt ended since nobody answered it.
fn runs_out(decided: Option<u32>) -> bool {
    matches!(decided, Some(1037 | 1019))
}

/// A customer pays whose prompt has ended. The gateway's books know it, and no callback says so.
pub(super) fn pay_after_all(world: &World, number: usize) {
    let now_ms = world.now_ms();
    let mut state = world.lock();
    let Some(sale) = state.gateway.pay_after_all(number, now_ms) else {
        return;
    };
    state.suffers(sale, FaultKind::PaidAfterAll);
    state.tell(|| format!("the customer of sale {sale} pays after all"));
}

/// A failure of what was paid, to its own address. Only where the shop knows that it was paid: before that it would be all
/// that is known.
pub(super) fn contradict(world: &World, number: usize) -> Option<Post> {
    let mut state = world.lock();
    let prompt = state.gateway.prompt(number)?.clone();
    let order = state.orders.get(&prompt.sale)?;
    let is_known = match &order.payment {
        Some(saved) => lipia::Payment::from_json(saved).is_ok_and(|payment| payment.is_paid()),
        None => order.end == Some(End::Paid),
    };
    if !is_known {
        return None;
    }
    state.suffers(prompt.sale, FaultKind::Contradicted);
    let failure = Prompt {
        decided: Some(1037),
        ..prompt.clone()
    };
    let body = protocol_of(world.plan()).callback(&failure, state.now_ms());
    let what = "a failure of what was paid";
    Some(Post::once(prompt.sale, prompt.callback_path, body, what))
}

/// A success that is not this one.
fn spoil(protocol: &dyn Protocol, prompt: &Prompt, spoiled: Spoiled, now_ms: u64) -> Vec<u8> {
    let mut claims = Claims::of(prompt);
    claims.receipt = "XXXXXXXXXX";
    match spoiled {
        // Where a success has neither there is nothing to be wrong.
        Spoiled::Amount | Spoiled::Phone if !protocol.successes_name_the_money() => {
            return protocol.bare_success(&claims, now_ms);
        }
        Spoiled::Amount => claims.amount += 1,
        Spoiled::Phone => claims.phone_number = "254700000000",
        Spoiled::Prompt => {
            // Where the prompt's id is not known, nothing tells this one from the true one.
            claims.checkout_request_id = "ws_CO_21112026000000000000";
            claims.amount += 1;
        }
        Spoiled::Incomplete => {
            return protocol.bare_success(&claims, now_ms);
        }
    }
    protocol.success(&claims, now_ms)
}
