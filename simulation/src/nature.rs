//! What happens by itself: requests arrive, answers come back, customers decide, callbacks are posted, strangers try.

use crate::fault::FaultKind;
use crate::gateway::{Answered, Ask, Claims, Face, Prompt, Trouble, face_of};
use crate::network::Delivered;
use crate::plan::{ForgedPath, Spoiled};
use crate::promises::Promise;
use crate::shop::{End, Shop};
use crate::world::{Due, Event, HORIZON_MS, Post, Reply, World};
use std::sync::Arc;
use std::time::Duration;

/// For so long the guard of a client for UpesiPay counts a push whose outcome nobody learns.
const UNSETTLED_COUNTS_MS: u64 = 900_000;

/// So long after it was paid a failure is posted.
const CONTRADICTED_AFTER_MS: u64 = 150_000;

/// A callback that comes so long after the decision is late.
const LATE_MS: u64 = 120_000;

/// Lets happen what happens until nothing more will and `shop` is done; for as long as the process lives.
pub(crate) async fn run(world: &World, shop: &Arc<Shop>) {
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
        post_again(world, post);
    }
    loop {
        match world.take_due() {
            Due::Now(event) => {
                if let Some(post) = happen(world, event) {
                    world.tell(|| format!("{} finds nobody", post.what));
                    post_again(world, post);
                }
            }
            Due::At(at_ms) if at_ms <= to_ms => world.pass(at_ms),
            Due::At(_) | Due::Nothing => break,
        }
    }
    world.pass(to_ms);
}

/// A gateway that was not answered tries again, some more often than others.
fn post_again(world: &World, mut post: Post) {
    if let [after_ms, further @ ..] = post.again_after_ms {
        post.again_after_ms = further;
        world.schedule(world.now_ms() + after_ms, Event::Posts(post));
    }
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
        Event::Answers { answered, reply } => {
            if let Some(result) = answered.result {
                let delivered = Delivered {
                    result,
                    token: answered.token,
                    refuses_token: answered.refused.is_some(),
                    banned_until_ms: answered.banned_until_ms,
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
        Event::Posts(post) => Some(post),
        Event::TokensEnd => {
            let mut state = world.lock();
            state.gateway.end_all_tokens();
            let open: Vec<usize> = state.open_sales().collect();
            for sale in open {
                state.suffers(sale, FaultKind::TokensEnd);
            }
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
        if state
            .orders
            .get(&prompt.sale)
            .is_some_and(|order| order.was_told_unsent)
        {
            state.broke(Promise::OnePrompt, Some(prompt.sale), || {
                "a push that the shop was told had not been sent opens a prompt".to_owned()
            });
        }
        let decides_at_ms = now_ms + prompt.behaviour.after_ms();
        state.schedule(decides_at_ms, Event::Decides { prompt: number });
        let face = face_of(world.plan());
        // Of a sale that is posted about more than once, the first time already while it is open.
        let is_talked_about = world
            .plan()
            .sales
            .get(prompt.sale)
            .is_some_and(|sale| sale.callbacks_after_ms.len() > 1);
        if let (true, Some(body)) = (is_talked_about, face.early_callback(&prompt, now_ms)) {
            let post = Post {
                path: prompt.callback_path,
                body,
                truth_about: None,
                sale: Some(prompt.sale),
                what: "a callback that it is open",
                again_after_ms: &[],
            };
            state.schedule(now_ms + 10 + (now_ms * 71) % 400, Event::Posts(post));
        }
    }
    let at_ms = now_ms + 15 + (now_ms * 53) % 60 + answered.after_ms;
    if answered.result.is_some() {
        state.schedule(at_ms, Event::Answers { answered, reply });
    }
}

/// What went wrong with a push at the gateway. One that is turned away earlier never meets what the plan has for it.
fn met_by_push(answered: &Answered, trouble: Trouble) -> Option<FaultKind> {
    if answered.refused.is_some() {
        return Some(FaultKind::TokenRefused);
    }
    if answered.phone_is_busy {
        return Some(FaultKind::SubscriberBusy);
    }
    if answered.banned_until_ms.is_some() {
        return Some(FaultKind::Banned);
    }
    match trouble {
        Trouble::Push(fault) => Some(fault.into()),
        _ => None,
    }
}

fn decide(world: &World, number: usize) {
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
    let face = face_of(world.plan());
    let body = face.callback(&prompt, now_ms);
    match sale.callbacks_after_ms.as_slice() {
        [] => state.suffers(prompt.sale, FaultKind::NoCallback),
        [_] => {}
        _ => state.suffers(prompt.sale, FaultKind::ManyCallbacks),
    }
    for after_ms in &sale.callbacks_after_ms {
        if *after_ms >= LATE_MS {
            state.suffers(prompt.sale, FaultKind::LateCallback);
        }
        let post = Post {
            path: prompt.callback_path.clone(),
            body: body.clone(),
            truth_about: Some(number),
            sale: Some(prompt.sale),
            what: "the callback",
            again_after_ms: face.posts_again_after_ms(),
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
        && (prompt.decided == Some(0) || face.names_the_money())
        && other.sale != prompt.sale
        && (other.amount, &other.phone_number) != (prompt.amount, &prompt.phone_number)
    {
        let post = Post {
            path: other.callback_path,
            body,
            truth_about: None,
            sale: Some(other.sale),
            what: "another sale's callback",
            again_after_ms: &[],
        };
        state.suffers(other.sale, FaultKind::Misdirected);
        state.schedule(now_ms, Event::Posts(post));
    }
    if sale.contradicted && prompt.decided == Some(0) {
        let event = Event::Contradicts { prompt: number };
        state.schedule(now_ms + CONTRADICTED_AFTER_MS, event);
    }
    if let Some(spoiled) = sale.spoiled {
        state.suffers(prompt.sale, FaultKind::Spoiled);
        let post = Post {
            path: prompt.callback_path.clone(),
            body: spoil(face, &prompt, spoiled, now_ms),
            truth_about: None,
            sale: Some(prompt.sale),
            what: "a callback that is wrong",
            again_after_ms: &[],
        };
        state.schedule(now_ms.saturating_sub(1), Event::Posts(post));
    }
}

/// A failure of what was paid, to its own address. Only where the shop knows that it was paid: before that it would be all
/// that is known.
fn contradict(world: &World, number: usize) -> Option<Post> {
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
    let now_ms = state.now_ms();
    Some(Post {
        body: face_of(world.plan()).callback(&failure, now_ms),
        path: prompt.callback_path,
        truth_about: None,
        sale: Some(prompt.sale),
        what: "a failure of what was paid",
        again_after_ms: &[],
    })
}

/// A success that is not this one.
fn spoil(face: &dyn Face, prompt: &Prompt, spoiled: Spoiled, now_ms: u64) -> Vec<u8> {
    let mut claims = Claims::of(prompt);
    claims.receipt = "XXXXXXXXXX";
    match spoiled {
        // Where a success has neither there is nothing to be wrong.
        Spoiled::Amount | Spoiled::Phone if !face.successes_name_the_money() => {
            return face.bare_success(&claims, now_ms);
        }
        Spoiled::Amount => claims.amount += 1,
        Spoiled::Phone => claims.phone_number = "254700000000",
        Spoiled::Prompt => {
            // Where the prompt's id is not known, nothing tells this one from the true one.
            claims.checkout_request_id = "ws_CO_21112026000000000000";
            claims.amount += 1;
        }
        Spoiled::Incomplete => {
            return face.bare_success(&claims, now_ms);
        }
    }
    face.success(&claims, now_ms)
}

/// A stranger who knows the form of the address, phone and amount posts a success.
fn forge(world: &World, number: usize) -> Option<Post> {
    let plan = world.plan();
    let forgery = plan.forgeries.get(number)?;
    let sale = plan.sales.get(forgery.sale)?;
    let now_ms = world.now_ms();
    let mut state = world.lock();
    let last = state
        .gateway
        .prompts()
        .iter()
        .rposition(|prompt| prompt.sale == forgery.sale);
    let own = last.and_then(|last| state.gateway.prompt(last)).cloned();
    let another = state
        .gateway
        .prompts()
        .iter()
        .find(|prompt| prompt.sale != forgery.sale)
        .map(|prompt| prompt.callback_path.clone());
    let own_path = own.as_ref().map(|prompt| prompt.callback_path.as_str());
    let made_up = format!("{:032x}", 0x5eed_0000_u64 + number as u64);
    let segments = |path: &str| {
        let segment = path.rsplit('/').next().unwrap_or_default();
        let (id, seal) = segment.split_once('-').unwrap_or((segment, ""));
        (id.to_owned(), seal.to_owned())
    };
    let path = match (forgery.path, own_path) {
        (ForgedPath::Leaked, Some(path)) => path.to_owned(),
        (ForgedPath::Id, Some(path)) => format!("/pay/{}-{made_up}{made_up}", segments(path).0),
        (ForgedPath::SealOfAnother, Some(path)) => {
            let seal =
                another.map_or_else(|| format!("{made_up}{made_up}"), |path| segments(&path).1);
            format!("/pay/{}-{seal}", segments(path).0)
        }
        (ForgedPath::Form, _) | (_, None) => format!("/pay/{made_up}-{made_up}{made_up}"),
    };
    if let (ForgedPath::Leaked, Some(last)) = (forgery.path, last) {
        state.gateway.leak(last);
    }
    state.suffers(forgery.sale, forgery.path.into());
    let phone_number = crate::shop::phone_number(sale.customer);
    let reference = format!("S{}", forgery.sale);
    let body = face_of(plan).success(
        &Claims {
            own_id: "fa98a577-0000-4000-8000-999999999999",
            reference: &reference,
            merchant_request_id: "29115-99999999-1",
            checkout_request_id: "ws_CO_22112026999999999",
            amount: sale.amount,
            phone_number: &phone_number,
            receipt: "FORGED0000",
        },
        now_ms,
    );
    Some(Post {
        path,
        body,
        truth_about: None,
        sale: Some(forgery.sale),
        what: "a forged success",
        again_after_ms: &[],
    })
}
