//! Which posts are believed: every vector of `tests/data/ami_signatures.json`.

use amigo::ami::Vector;

/// The vectors of the file.
pub fn vectors() -> Vec<Vector> {
    let vectors: Vec<Vector> = serde_json::from_str(include_str!("../data/ami_signatures.json")).unwrap();
    assert!(vectors.len() >= 41);
    vectors
}

#[test]
fn every_vector_is_judged_as_it_should_be() {
    for vector in vectors() {
        assert_eq!(
            vector.judged(),
            vector.verdict,
            "{}: {}",
            vector.name,
            vector.reason
        );
    }
}
