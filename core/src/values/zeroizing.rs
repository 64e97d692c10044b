//! Bytes that leave with a request and hold a secret: the memory that Lipia gives them is wiped when their last copy
//! goes. What the HTTP and TLS libraries copy out of it is theirs.

use bytes::Bytes;
use std::io;
use zeroize::Zeroize;

/// Bytes in the making. Growing leaves no copy behind.
pub(crate) struct ZeroizingBytes {
    bytes: Vec<u8>,
}

impl ZeroizingBytes {
    /// With room for so many bytes before they have to move.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
        }
    }

    /// Several pieces of text, one after the other.
    pub(crate) fn concat(pieces: &[&str]) -> Self {
        let mut whole = Self::with_capacity(pieces.iter().map(|piece| piece.len()).sum());
        for piece in pieces {
            whole.append(piece.as_bytes());
        }
        whole
    }

    /// The bytes, for as many owners as like: the last one wipes them.
    pub(crate) fn into_bytes(self) -> Bytes {
        Bytes::from_owner(self)
    }

    fn append(&mut self, more: &[u8]) {
        let length = self.bytes.len() + more.len();
        if length > self.bytes.capacity() {
            // A vector that grows by itself frees its old memory as it is.
            let mut larger = Vec::with_capacity(length.max(2 * self.bytes.capacity()));
            larger.extend_from_slice(&self.bytes);
            self.bytes.zeroize();
            self.bytes = larger;
        }
        self.bytes.extend_from_slice(more);
    }
}

impl AsRef<[u8]> for ZeroizingBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl io::Write for ZeroizingBytes {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        self.append(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for ZeroizingBytes {
    fn drop(&mut self) {
        self.bytes.as_mut_slice().zeroize();
        #[cfg(test)]
        let _ = tests::WIPED.try_with(|wiped| wiped.borrow_mut().push(self.bytes.clone()));
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::ZeroizingBytes;
    use std::cell::RefCell;
    use std::io::Write;

    thread_local! {
        /// What was left of everything that this thread dropped.
        pub(crate) static WIPED: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
    }

    #[test]
    fn bytes_are_wiped_when_their_last_copy_goes_and_not_before() {
        WIPED.take();
        let first = ZeroizingBytes::concat(&["Bearer ", "secret"]).into_bytes();
        let second = first.slice(7..);
        drop(first);
        assert_eq!((WIPED.take(), &second[..]), (Vec::new(), &b"secret"[..]));
        drop(second);
        assert_eq!(WIPED.take(), [vec![0; 13]]);
    }

    #[test]
    fn what_is_written_piece_by_piece_is_whole_however_often_it_grows() {
        let mut wiped = ZeroizingBytes::with_capacity(3);
        for piece in ["a", "bc", "", "defghijklmnop", "q"] {
            wiped.write_all(piece.as_bytes()).unwrap();
        }
        assert_eq!(&wiped.into_bytes()[..], b"abcdefghijklmnopq");
    }
}
