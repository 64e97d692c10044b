//! The options of a push that only Daraja has.

/// `CustomerPayBillOnline` or `CustomerBuyGoodsOnline`.
pub(crate) const TRANSACTION_TYPE: &str = "transaction_type";
/// The till that receives the money.
pub(crate) const PARTY_B: &str = "party_b";
