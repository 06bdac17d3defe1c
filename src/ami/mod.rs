//! The front door, pure: ordered form pairs → signature → typed payload → Selection.

mod heard;
mod post;
mod refusal;
mod signature;
mod token;
mod vector;

pub use heard::{first_heard, heard_at};
pub use post::{AmiPost, Chosen, MAX_BODY_BYTES, MAX_FIELDS, MAX_IDS, RowsOf, age_of, check_age, form_pairs};
pub use refusal::Refusal;
pub use signature::{Proof, Signed, sign, verify};
pub use token::Token;
pub use vector::Vector;

use std::time::Duration;

/// Whether a post that is heard now is to be believed: its signature and its age. `now_ms` is in milliseconds since
/// 1970.
pub fn believe<'a>(
    pairs: &'a [(String, String)],
    tokens: &'a [Token],
    now_ms: i64,
    max_age: Duration,
) -> Result<Proof<'a>, Refusal> {
    let proof = verify(pairs, tokens, now_ms.div_euclid(1000))?;
    check_age(pairs, now_ms, max_age)?;
    Ok(proof)
}
