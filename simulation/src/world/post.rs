//! A callback, true or not, that is posted to the shop.

/// Something that is posted to the shop.
#[derive(Clone)]
pub(crate) struct Post {
    pub(crate) path: String,
    pub(crate) body: Vec<u8>,
    /// The prompt that it tells the truth about, to the right address.
    pub(crate) truth_about: Option<usize>,
    /// What it says that nobody has said before, so that it must be kept.
    pub(crate) news: Option<String>,
    /// The sale that it is meant for.
    pub(crate) sale: usize,
    pub(crate) what: &'static str,
    /// After how long it is posted again, and again, while nobody takes it in.
    pub(crate) again_after_ms: &'static [u64],
}

impl Post {
    /// What is posted once, and settles nothing if the shop is right.
    pub(crate) fn once(sale: usize, path: String, body: Vec<u8>, what: &'static str) -> Self {
        Self {
            path,
            body,
            truth_about: None,
            news: None,
            sale,
            what,
            again_after_ms: &[],
        }
    }
}
