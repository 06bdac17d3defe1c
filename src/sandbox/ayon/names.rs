//! The forms AYON accepts for names, labels, ids and topics (`ayon-api.md §0.9`, §4.1, §7.2, §9.1).

/// The pattern of entity names, as the server prints it in its complaints.
pub(super) const ENTITY_NAME: &str = r"^[a-zA-Z0-9_]([a-zA-Z0-9_\.\-]*[a-zA-Z0-9_])?$";
/// The pattern of labels.
pub(super) const LABEL: &str = "^[^';]*$";
/// The pattern of user names.
pub(super) const USER_NAME: &str = r"^[a-zA-Z0-9][a-zA-Z0-9_\.\-]*[a-zA-Z0-9]$";
/// The pattern of entity ids; the range `0-f` is the server's own slip and lets capitals through.
pub(super) const ENTITY_ID: &str = "^[0-f]{32}$";
/// The pattern of event topics.
pub(super) const TOPIC: &str = r"^[a-zA-Z][a-zA-Z0-9_\.\*]{2,64}$";
/// The pattern of attribute names.
pub(super) const ATTRIBUTE_NAME: &str = "^[a-zA-Z0-9]{2,64}$";

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_inner(byte: u8) -> bool {
    is_word(byte) || byte == b'.' || byte == b'-'
}

/// Whether folders, tasks, products, secrets and senders may be called so.
pub(super) fn is_entity_name(name: &str) -> bool {
    match name.as_bytes() {
        [] => false,
        [only] => is_word(*only),
        [first, inner @ .., last] => is_word(*first) && is_word(*last) && inner.iter().copied().all(is_inner),
    }
}

pub(super) fn is_label(label: &str) -> bool {
    !label.contains(['\'', ';'])
}

/// At least two characters, neither the first nor the last may be an underscore.
pub(super) fn is_user_name(name: &str) -> bool {
    match name.as_bytes() {
        [first, inner @ .., last] => {
            first.is_ascii_alphanumeric()
                && last.is_ascii_alphanumeric()
                && inner.iter().copied().all(is_inner)
        }
        _ => false,
    }
}

/// Project names and codes; the empty text passes, as it does on the real server.
pub(super) fn is_project_word(text: &str) -> bool {
    text.bytes().all(is_word)
}

pub(super) fn is_attribute_name(name: &str) -> bool {
    (2..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

pub(super) fn is_topic(topic: &str) -> bool {
    let bytes = topic.as_bytes();
    (3..=65).contains(&bytes.len())
        && bytes[0].is_ascii_alphabetic()
        && bytes[1..]
            .iter()
            .all(|byte| is_word(*byte) || *byte == b'.' || *byte == b'*')
}

/// Type and status names that GraphQL filters let pass (§2.3).
pub(super) fn is_filter_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    match bytes {
        [first, inner @ .., last] if (1..=64).contains(&inner.len()) => {
            is_word(*first)
                && is_word(*last)
                && inner
                    .iter()
                    .all(|byte| is_word(*byte) || *byte == b' ' || *byte == b'-')
        }
        _ => false,
    }
}

/// Whether the id has the 32 characters that REST asks for.
pub(super) fn is_entity_id(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| (b'0'..=b'f').contains(&byte))
}

/// The id in its stored form (32 lower-case hex digits), from any form the server understands.
pub(super) fn stored_id(id: &str) -> Option<String> {
    let plain: String = id.chars().filter(|c| *c != '-').collect();
    let is_hex = plain.len() == 32 && plain.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| plain.to_ascii_lowercase())
}

/// The id with dashes, which is how the database quotes it in its complaints.
pub(super) fn dashed_id(id: &str) -> String {
    if id.len() != 32 || !id.is_ascii() {
        return id.to_owned();
    }
    format!(
        "{}-{}-{}-{}-{}",
        &id[..8],
        &id[8..12],
        &id[12..16],
        &id[16..20],
        &id[20..]
    )
}

/// Whether `pattern` names `name` the way SQL `ILIKE` does when only `_` is special (§2.5).
pub(super) fn is_like(pattern: &str, name: &str) -> bool {
    pattern.len() == name.len()
        && pattern
            .bytes()
            .zip(name.bytes())
            .all(|(p, n)| p == b'_' || p.eq_ignore_ascii_case(&n))
}
