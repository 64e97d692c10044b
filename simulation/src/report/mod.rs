//! Reports: the tally of many worlds as a table and as a picture, and one world as a story.

pub(crate) mod picture;
pub(crate) mod story;
pub(crate) mod table;
pub(crate) mod tally;
