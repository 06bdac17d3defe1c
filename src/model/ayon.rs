//! AYON's side: entity ids.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

/// Id of an AYON folder or task: 32 hexadecimal digits without dashes (`ayon-api.md §4.1`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AyonId(u128);

impl AyonId {
    /// The id amigo gives to an entity it creates: the first 128 bits of a SHA-256 over what the entity is.
    ///
    /// Derived, so that a crash, a retry or a second writer arrives at the same id and can never make a twin.
    pub fn derived(parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.finalize()[..16]);
        Self(u128::from_be_bytes(bytes))
    }
}

impl fmt::Display for AyonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// A text that is no AYON id.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not an AYON id: 32 hexadecimal digits are expected")]
pub struct WrongAyonId(String);

impl FromStr for AyonId {
    type Err = WrongAyonId;

    fn from_str(text: &str) -> Result<Self, WrongAyonId> {
        if text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            u128::from_str_radix(text, 16)
                .map(Self)
                .map_err(|_| WrongAyonId(text.to_owned()))
        } else {
            Err(WrongAyonId(text.to_owned()))
        }
    }
}

impl Serialize for AyonId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AyonId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}
