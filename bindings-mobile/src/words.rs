//! The core's closed lists of words, as enums of each language.

/// Makes an enum with the words of one of the core's. `otherwise` stands for words that the core may add later; a test
/// below checks that none is missing today.
macro_rules! words {
    (
        $(#[$doc:meta])*
        $name:ident of $theirs:ty $(, otherwise $otherwise:ident)?;
        $($(#[$variant_doc:meta])* $variant:ident = $core:ident,)*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, uniffi::Enum)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        #[uniffi::export]
        impl $name {
            /// The word for it in JSON, on the command line and in every other language.
            pub fn word(&self) -> String {
                <$theirs>::from(*self).as_str().to_owned()
            }
        }

        impl From<$theirs> for $name {
            fn from(core: $theirs) -> Self {
                match core {
                    $(<$theirs>::$core => Self::$variant,)*
                    $(_ => Self::$otherwise,)?
                }
            }
        }

        impl From<$name> for $theirs {
            fn from(ours: $name) -> Self {
                match ours {
                    $($name::$variant => Self::$core,)*
                }
            }
        }
    };
}

mod lists;

pub use lists::*;

#[uniffi::export]
impl Outcome {
    /// Whether the money was received.
    pub fn is_paid(&self) -> bool {
        lipia::Outcome::from(*self).is_paid()
    }

    /// Whether no later answer for the same push is expected to change it.
    pub fn is_final(&self) -> bool {
        lipia::Outcome::from(*self).is_final()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gateway_of_the_core_keeps_its_word() {
        for gateway in lipia::GatewayName::ALL {
            assert_eq!(GatewayName::from(gateway).word(), gateway.as_str());
        }
    }
}
