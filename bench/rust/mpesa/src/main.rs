//! The crate `mpesa`. It takes another address as an environment of one's own.

use lipia_bench_worker::{Pusher, Where, run, sale};
use mpesa::{ApiEnvironment, Mpesa};

#[derive(Clone)]
struct Here(String);

impl ApiEnvironment for Here {
    fn base_url(&self) -> &str {
        &self.0
    }

    fn get_certificate(&self) -> &str {
        ""
    }
}

struct Crate {
    client: Mpesa<Here>,
    place: Where,
}

impl Pusher for Crate {
    async fn make(place: &Where) -> Result<Self, String> {
        let here = Here(place.base_url.clone());
        let client = Mpesa::new(&place.consumer_key, &place.consumer_secret, here);
        Ok(Self {
            client,
            place: place.clone(),
        })
    }

    async fn push(&self, reference: String) -> Result<(), String> {
        let push = self
            .client
            .express_request(&self.place.short_code)
            .pass_key(&self.place.pass_key)
            .phone_number(sale::PHONE_NUMBER_INTERNATIONAL)
            .party_a(sale::PHONE_NUMBER_INTERNATIONAL)
            .party_b(&self.place.short_code)
            .amount(sale::AMOUNT)
            .callback_url(&self.place.callback_url)
            .account_ref(&reference)
            .transaction_desc(sale::DESCRIPTION);
        // An answer is read into a struct that must have its fields; a code in it is not looked at.
        push.send()
            .await
            .map(drop)
            .map_err(|error| error.to_string())
    }
}

fn main() {
    run::<Crate>("mpesa 1.1.0", None);
}
