//! Closed lists of words: enums whose variants are written as the same words in JSON and in every language.
//!
//! Each list is declared once, by [`word_list!`]. `make documents` makes the lists of Python, Node, Kotlin and Swift
//! from the declarations.

/// Declares an enum by the words of its variants. It gains `ALL`, `as_str`, `Display`, serde by its words, and a
/// [`WordList`] for the languages.
macro_rules! word_list {
    (
        $(#[$kind:ident $($attribute:tt)*])+
        pub enum $name:ident {
            $($(#[$word_kind:ident $($word_attribute:tt)*])+ $variant:ident = $word:literal,)+
        }
    ) => {
        $(#[$kind $($attribute)*])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$word_kind $($word_attribute)*])+ $variant,)+
        }

        impl $name {
            /// Every word of the list, in the order of the documentation.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// The list as the languages declare it.
            pub(crate) const LIST: $crate::word_list::WordList = $crate::word_list::WordList {
                name: stringify!($name),
                doc: concat!($(doc_line!($kind $($attribute)*)),+),
                words: &[$($crate::word_list::Word {
                    variant: stringify!($variant),
                    word: $word,
                    doc: concat!($(doc_line!($word_kind $($word_attribute)*)),+),
                }),+],
            };

            /// The word, as it is written in JSON, logs and every other language.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

/// The text of a line of documentation; nothing for any other attribute.
macro_rules! doc_line {
    (doc = $line:literal) => {
        concat!($line, "\n")
    };
    ($($other:tt)*) => {
        ""
    };
}

/// A closed list of words, as the languages declare it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct WordList {
    /// The name of the list in Rust, such as `Outcome`.
    pub name: &'static str,
    /// What the list holds, with Rust's example where there is one.
    pub doc: &'static str,
    /// Its words, in the order of the documentation.
    pub words: &'static [Word],
}

/// One word of a closed list.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Word {
    /// The name of its variant in Rust, such as `WrongPin`.
    pub variant: &'static str,
    /// The word, such as `wrong_pin`.
    pub word: &'static str,
    /// What the word means.
    pub doc: &'static str,
}
