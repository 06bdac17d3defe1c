//! The form that Flow makes a browser post, from bytes to typed values (`flow-api.md §1.2`).

use std::collections::BTreeSet;
use std::time::Duration;

use crate::model::{FlowId, FlowType, Person, Selection};

use super::Refusal;

/// The largest body that is read, in bytes.
pub const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;
/// The most rows that one post may select.
pub const MAX_IDS: usize = 20_000;

/// A post that said everything amigo needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmiPost {
    pub selection: Selection,
    pub requested_by: Person,
    /// `server_hostname`, lower case, without port.
    pub site: String,
    pub session_uuid: Option<String>,
    /// Absent when the menu item has no secret token.
    pub signature: Option<String>,
    /// Seconds since 1970; comes with the signature.
    pub timestamp: Option<i64>,
}

/// Decodes an urlencoded body into its pairs, in order, as the signature needs them.
pub fn form_pairs(body: &[u8]) -> Result<Vec<(String, String)>, Refusal> {
    if std::str::from_utf8(body).is_err() {
        return Err(Refusal::Malformed("it is not text".to_owned()));
    }
    serde_urlencoded::from_bytes(body)
        .map_err(|_| Refusal::Malformed("it is not an urlencoded form".to_owned()))
}

struct Fields<'a>(&'a [(String, String)]);

impl<'a> Fields<'a> {
    /// All values of a key, whether it came once, repeated, or with `[]`.
    fn all(&self, key: &str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(name, _)| name == key || name.strip_suffix("[]").is_some_and(|bare| bare == key))
            .map(|(_, value)| value.as_str())
    }

    /// The first value of a key that says something; `undefined` is what a page without a title sends.
    fn one(&self, key: &str) -> Option<&'a str> {
        self.all(key)
            .map(str::trim)
            .find(|value| !value.is_empty() && *value != "undefined")
    }

    fn need(&self, key: &'static str) -> Result<&'a str, Refusal> {
        self.one(key).ok_or(Refusal::Missing { field: key })
    }
}

fn positive(field: &'static str, text: &str) -> Result<i64, Refusal> {
    text.parse::<i64>()
        .ok()
        .filter(|id| *id > 0)
        .ok_or_else(|| Refusal::Wrong {
            field,
            value: text.chars().take(40).collect(),
            expected: "a row id",
        })
}

impl AmiPost {
    /// Reads the pairs; the first field that cannot be understood is named.
    pub fn parse(pairs: &[(String, String)]) -> Result<Self, Refusal> {
        let fields = Fields(pairs);
        let entity_type = fields.need("entity_type")?;
        let host = fields.need("server_hostname")?;
        let user_id = positive("user_id", fields.need("user_id")?)?;
        let login = fields.need("user_login")?.to_owned();
        let project_id = fields
            .one("project_id")
            .map(|text| positive("project_id", text))
            .transpose()?;

        let mut seen = BTreeSet::new();
        let mut ids = Vec::new();
        for text in fields
            .all("selected_ids")
            .flat_map(|list| list.split(','))
            .map(str::trim)
        {
            if !text.is_empty() {
                let id = FlowId(positive("selected_ids", text)?);
                if seen.insert(id) {
                    ids.push(id);
                }
            }
        }
        if ids.len() > MAX_IDS {
            return Err(Refusal::TooMany {
                count: ids.len(),
                limit: MAX_IDS,
            });
        }
        if ids.is_empty() {
            return Err(Refusal::NothingSelected);
        }
        let entity_type: FlowType = entity_type
            .parse()
            .map_err(|_| Refusal::Type(entity_type.chars().take(40).collect()))?;
        let timestamp = fields
            .one("timestamp")
            .map(|text| {
                text.parse::<jiff::Timestamp>()
                    .map(jiff::Timestamp::as_second)
                    .map_err(|_| Refusal::Wrong {
                        field: "timestamp",
                        value: text.chars().take(40).collect(),
                        expected: "a time such as 2026-03-11T14:05:09Z",
                    })
            })
            .transpose()?;
        Ok(Self {
            selection: Selection {
                entity_type,
                ids,
                project_id: project_id.map(FlowId),
            },
            requested_by: Person {
                id: Some(user_id),
                name: login.clone(),
                login,
            },
            site: bare_host(host),
            session_uuid: fields.one("session_uuid").map(str::to_owned),
            signature: fields.one("signature").map(str::to_owned),
            timestamp,
        })
    }

    /// Refuses a signed post that is older than `limit`, or as far in the future.
    pub fn check_age(&self, now_ms: i64, limit: Duration) -> Result<(), Refusal> {
        let timestamp = self.timestamp.ok_or(Refusal::Missing { field: "timestamp" })?;
        let limit = i64::try_from(limit.as_secs()).unwrap_or(i64::MAX);
        let seconds = now_ms.div_euclid(1000).saturating_sub(timestamp);
        if seconds > limit {
            Err(Refusal::Stale { seconds, limit })
        } else if seconds < limit.saturating_neg() {
            Err(Refusal::Future {
                seconds: seconds.saturating_neg(),
                limit,
            })
        } else {
            Ok(())
        }
    }
}

/// A host name in lower case, without port.
fn bare_host(host: &str) -> String {
    let host = host.trim().to_ascii_lowercase();
    match host.rsplit_once(':') {
        Some((name, port)) if !name.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name.to_owned(),
        _ => host,
    }
}
