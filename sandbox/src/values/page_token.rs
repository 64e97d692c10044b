//! The token in the address of the page with the phone.

use std::fmt;
use std::io;

/// 128 random bits from the operating system, in hexadecimal digits. Whoever knows the token drives the sandbox, so its `Debug`
/// hides it.
#[derive(Clone)]
pub(crate) struct PageToken(String);

impl PageToken {
    pub(crate) fn new() -> io::Result<Self> {
        let mut bits = [0; 16];
        getrandom::getrandom(&mut bits)
            .map_err(|_| io::Error::other("the system has no random bytes to give"))?;
        Ok(Self(format!("{:032x}", u128::from_be_bytes(bits))))
    }

    /// The path of the page. It ends in a slash, so that the page's own files are named beside it.
    pub(crate) fn path(&self) -> String {
        format!("/phone/{}/", self.0)
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
        assert_ne!(one.path(), other.path());
        assert_eq!(one.path().len(), "/phone//".len() + 32);
        assert!(!format!("{one:?}").contains(&one.0));
    }
}
