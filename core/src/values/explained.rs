//! Closed lists of words that explain themselves.

/// Declares a list once: each variant, its word, what the word means, and what to do about it.
macro_rules! explained_words {
    (
        $(#[$kind:ident $($about:tt)*])+
        $visibility:vis enum $list:ident {
            $($name:ident = $word:literal, $meaning:literal, $advice:literal;)*
        }
    ) => {
        $(#[$kind $($about)*])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ::serde::Serialize, ::serde::Deserialize)]
        #[non_exhaustive]
        $visibility enum $list {
            $(#[doc = $meaning] #[serde(rename = $word)] $name,)*
        }

        impl $list {
            /// Every word of the list.
            $visibility const ALL: &[Self] = &[$(Self::$name,)*];

            /// The list as the languages declare it.
            pub(crate) const LIST: $crate::word_list::WordList = $crate::word_list::WordList {
                name: stringify!($list),
                doc: concat!($(doc_line!($kind $($about)*)),+),
                words: &[$($crate::word_list::Word {
                    variant: stringify!($name),
                    word: $word,
                    doc: $meaning,
                },)*],
            };

            /// The word, as it is written in JSON and every other language.
            #[must_use]
            $visibility const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What the word means.
            #[must_use]
            $visibility const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning,)* }
            }

            /// What to do about it.
            #[must_use]
            $visibility const fn advice(self) -> &'static str {
                match self { $(Self::$name => $advice,)* }
            }
        }
    };
}

pub(crate) use explained_words;
