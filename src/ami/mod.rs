//! The front door, pure: ordered form pairs → signature → typed payload → Selection.

mod post;
mod refusal;
mod signature;

pub use post::{AmiPost, MAX_BODY_BYTES, MAX_IDS, form_pairs};
pub use refusal::Refusal;
pub use signature::{Verified, sign, verify};
