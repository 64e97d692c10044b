//! Callbacks for phones, which have no address: kept until somebody asks who knows the URL.

use axum::body::Bytes;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// More than are open at any moment; who posts more pushes the oldest out.
const MAX_LETTERS: usize = 10_000;

/// A real server keeps them in its database.
#[derive(Default)]
pub(crate) struct Letterbox {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    letters: HashMap<String, Bytes>,
    oldest_first: VecDeque<String>,
    /// By a payment's id here, the token by which the phone asks.
    forwards: HashMap<String, String>,
}

impl Letterbox {
    /// From now on what comes for the payment is for who named that URL.
    pub(crate) fn forward(&self, payment_id: &str, url: &str) {
        if let Some((_, token)) = url.rsplit_once("/kept/") {
            self.kept()
                .forwards
                .insert(payment_id.to_owned(), token.to_owned());
        }
    }

    pub(crate) fn deliver(&self, payment_id: &str, body: Bytes) {
        let token = self.kept().forwards.remove(payment_id);
        if let Some(token) = token {
            self.keep(&token, body);
        }
    }

    pub(crate) fn keep(&self, token: &str, body: Bytes) {
        let mut kept = self.kept();
        if kept.letters.insert(token.to_owned(), body).is_none() {
            kept.oldest_first.push_back(token.to_owned());
        }
        if kept.oldest_first.len() > MAX_LETTERS
            && let Some(oldest) = kept.oldest_first.pop_front()
        {
            kept.letters.remove(&oldest);
        }
    }

    pub(crate) fn letter(&self, token: &str) -> Option<Bytes> {
        self.kept().letters.get(token).cloned()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
