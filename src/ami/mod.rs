//! The front door, pure: ordered form pairs → signature → typed payload → Selection.
//!
//! Beside it the recorder: what a post looks like ([`Seen`]), without whose it is ([`Scrubber`]), kept to be posted
//! again ([`Fixture`]).

mod fixture;
mod heard;
mod post;
mod questions;
mod refusal;
mod scrub;
mod seen;
mod signature;
mod token;
mod vector;
mod words;

pub use fixture::{Answered, Fixture, Recorded, SignatureSeen};
pub use heard::{first_heard, heard_at};
pub use post::{AmiPost, Chosen, MAX_BODY_BYTES, MAX_FIELDS, MAX_IDS, RowsOf, age_of, check_age, form_pairs};
pub use questions::answers;
pub use refusal::Refusal;
pub use scrub::{BOUNDARY, Scrubber};
pub use seen::{Light, Seen, shape_of};
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
    let proof = verify(pairs, tokens)?;
    proof.check_token(now_ms.div_euclid(1000))?;
    check_age(pairs, now_ms, max_age)?;
    Ok(proof)
}
