//! A shop that keeps only the acceptance of a push, and learns the outcome by queries.

use super::Shop;
use super::sale::{says_unsent, sleep_ms};
use crate::fault::FaultKind;
use crate::plan::Sale;
use crate::promises::Promise;
use crate::time::HORIZON_MS;
use crate::world::order::End;
use lipia::Acceptance;

/// How long such a shop waits before each question.
const ASKS_EVERY_MS: u64 = 12_000;

impl Shop {
    /// Pushes and asks until the gateway tells.
    pub(super) async fn push_and_ask(&self, number: usize, sale: &Sale) -> End {
        self.note_order(number);
        self.world.suffers(number, FaultKind::ByAcceptance);
        for again in 0..=sale.pushes_again {
            let Some(ask) = self.ask(number) else {
                return End::NotPrompted;
            };
            if again > 0 {
                sleep_ms(ASKS_EVERY_MS).await;
            }
            self.told(number, false);
            let timeout_ms = self.world.plan().timeout_ms;
            let pushing = self.client.stk_push(ask);
            let pushed = self
                .timed(Some(number), "stk_push", timeout_ms, pushing)
                .await;
            match pushed {
                Ok(acceptance) => return self.ask_until_told(number, &acceptance).await,
                Err(error) if says_unsent(&error) => {
                    self.mind_token(number, &error);
                    self.told(number, true);
                    self.mind_guard(number, &error);
                }
                Err(error) => {
                    return match self.of_error(&error) {
                        Some(payment) => self.wait(number, &payment).await,
                        None => End::Open,
                    };
                }
            }
        }
        End::NotPrompted
    }

    async fn ask_until_told(&self, number: usize, acceptance: &Acceptance) -> End {
        while self.world.now_ms() + ASKS_EVERY_MS < HORIZON_MS {
            sleep_ms(ASKS_EVERY_MS).await;
            let timeout_ms = self.world.plan().timeout_ms;
            let asking = self.client.stk_query(acceptance.id());
            let asked = self
                .timed(Some(number), "stk_query", timeout_ms, asking)
                .await;
            let Ok(status) = asked.inspect_err(|error| {
                self.world
                    .tell(|| format!("the question about sale {number} fails: {}", error.code()));
            }) else {
                continue;
            };
            if status.outcome.is_paid() {
                self.mind_success(number);
                return End::Paid;
            }
            if status.is_final {
                return End::NotPaid;
            }
        }
        End::Open
    }

    /// A success that a question brought must be one.
    fn mind_success(&self, number: usize) {
        let mut state = self.world.lock();
        let is_paid = state.gateway.of_sale(number).any(|prompt| prompt.is_paid());
        if !is_paid {
            state.broke(Promise::NothingForged, Some(number), || {
                "an answer to a question tells of a success that nobody paid".to_owned()
            });
        }
    }
}
