//! The token in the address of a page.

use std::fmt;
use std::io;

/// 128 random bits from the operating system, in hexadecimal digits. Whoever knows the token is let in, so its `Debug` hides it.
#[derive(Clone)]
pub struct PageToken(String);

impl PageToken {
    /// A token of its own.
    ///
    /// # Errors
    /// Where the system has no random bytes to give.
    pub fn new() -> io::Result<Self> {
        let mut bits = [0; 16];
        getrandom::getrandom(&mut bits)
            .map_err(|_| io::Error::other("the system has no random bytes to give"))?;
        Ok(Self(format!("{:032x}", u128::from_be_bytes(bits))))
    }

    /// The path of the page with this name. It ends in a slash, so that the page's own files are named beside it.
    #[must_use]
    pub fn path(&self, page: &str) -> String {
        format!("/{page}/{}/", self.0)
    }
}

impl fmt::Debug for PageToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PageToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::PageToken;

    #[test]
    fn tokens_are_long_unlike_each_other_and_not_shown() {
        let (one, other) = (PageToken::new().unwrap(), PageToken::new().unwrap());
        assert_ne!(one.path("phone"), other.path("phone"));
        assert_eq!(one.path("phone").len(), "/phone//".len() + 32);
        assert!(!format!("{one:?}").contains(&one.0));
    }
}
