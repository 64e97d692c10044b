//! Forgery: a stranger posts a success that nobody paid.

use crate::gateway::prompt::Claims;
use crate::gateway::protocol_of;
use crate::plan::ForgedPath;
use crate::world::World;
use crate::world::post::Post;

/// A stranger who knows the form of the address, phone and amount posts a success.
pub(super) fn forge(world: &World, number: usize) -> Option<Post> {
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
    let reference = plan.reference_of(forgery.sale);
    let body = protocol_of(plan).success(
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
    Some(Post::once(forgery.sale, path, body, "a forged success"))
}
