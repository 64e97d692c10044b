//! Daraja's transaction types.

use crate::error::codes::ErrorCode;
use crate::error::{Error, mask};

word_list! {
    /// Which of the merchant's products is paid.
    #[derive(Default)]
    pub enum TransactionType {
        /// `CustomerPayBillOnline`: a pay bill number.
        #[default]
        PayBill = "CustomerPayBillOnline",
        /// `CustomerBuyGoodsOnline`: a till. Needs `party_b`.
        BuyGoods = "CustomerBuyGoodsOnline",
    }
}

impl std::str::FromStr for TransactionType {
    type Err = Error;

    /// Reads Daraja's word, or `pay_bill` and `buy_goods`.
    ///
    /// # Errors
    /// `transaction_type_unknown` for anything else.
    fn from_str(word: &str) -> Result<Self, Error> {
        match word {
            "CustomerPayBillOnline" | "pay_bill" => Ok(Self::PayBill),
            "CustomerBuyGoodsOnline" | "buy_goods" => Ok(Self::BuyGoods),
            _ => Err(Error::invalid(
                "transaction_type",
                ErrorCode::TransactionTypeUnknown,
                format!("`{}` is not a transaction type.", mask::shown(word)),
            )
            .with_hint("Write CustomerPayBillOnline (pay bill) or CustomerBuyGoodsOnline (till).")),
        }
    }
}
