//! Tokens: how scripts get them, what they say, when they end (flow-api.md §4.2).

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;

use super::refusal::{Outcome, Refusal};
use super::schema::DataType;
use super::site::{Actor, Row, Site};
use super::view::View;

/// The script that may log in, and how long a token lasts.
#[derive(Clone, Debug)]
pub(super) struct Door {
    pub script_name: String,
    pub script_key: String,
    pub lifetime: Duration,
    /// Tokens by their text; expired ones stay, so that they can be told from unknown ones.
    tokens: HashMap<String, Token>,
    refresh: HashMap<String, Actor>,
    minted: u64,
}

#[derive(Clone, Debug)]
struct Token {
    actor: Actor,
    ends: Instant,
}

impl Door {
    pub fn new(script_name: String, script_key: String, lifetime: Duration) -> Self {
        Door {
            script_name,
            script_key,
            lifetime,
            tokens: HashMap::new(),
            refresh: HashMap::new(),
            minted: 0,
        }
    }

    /// Who a bearer token speaks for.
    pub fn actor(&self, token: &str) -> Outcome<Actor> {
        match self.tokens.get(token) {
            None => Err(Refusal::bearer("Token invalid")),
            Some(token) if token.ends <= Instant::now() => Err(Refusal::bearer("Token Expired")),
            Some(token) => Ok(token.actor.clone()),
        }
    }

    /// Ends every token now.
    pub fn expire_all(&mut self) {
        let now = Instant::now();
        self.tokens.values_mut().for_each(|token| token.ends = now);
    }

    /// The answer to `POST /auth/access_token`.
    pub fn grant(&mut self, site: &Site, form: &[(String, String)]) -> Outcome<Value> {
        let given = |name: &str| {
            form.iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
        };
        let mut actor = match given("grant_type").unwrap_or_default() {
            "client_credentials" => {
                let name = given("client_id").unwrap_or_default();
                let known = name == self.script_name && given("client_secret") == Some(&self.script_key);
                let script = known.then(|| script(site, name)).flatten();
                script.ok_or_else(|| Refusal::credentials(format!("Can't authenticate script '{name}'")))?
            }
            // Its people log in through an identity provider, which takes no passwords and knows no sessions here.
            "password" => {
                let name = given("username").unwrap_or_default();
                return Err(Refusal::credentials(format!("Can't authenticate user '{name}'")));
            }
            "session_token" => return Err(Refusal::credentials("Can't authenticate session token")),
            "refresh_token" => {
                let spent = || Refusal::bearer("Token invalid");
                self.refresh
                    .remove(given("refresh_token").unwrap_or_default())
                    .ok_or_else(spent)?
            }
            _ => return Err(Refusal::parameters("Unsupported grant_type")),
        };
        if let Some(login) = given("scope").and_then(|scope| scope.strip_prefix("sudo_as_login:")) {
            actor = impersonated(site, login, &actor)?;
        }
        if let Some(window) = given("session_uuid") {
            actor.session_uuid = Some(window.to_owned());
        }
        let access_token = self.mint(&actor, given("scope"), self.lifetime);
        let refresh_token = self.mint(&actor, given("scope"), self.lifetime * 144);
        self.tokens.insert(
            access_token.clone(),
            Token {
                actor: actor.clone(),
                ends: Instant::now() + self.lifetime,
            },
        );
        self.refresh.insert(refresh_token.clone(), actor);
        Ok(json!({
            "token_type": "Bearer",
            "access_token": access_token,
            "expires_in": self.lifetime.as_secs(),
            "refresh_token": refresh_token,
        }))
    }

    /// A signed token whose middle part can be read, as clients do to learn who they are.
    fn mint(&mut self, actor: &Actor, scope: Option<&str>, lifetime: Duration) -> String {
        self.minted += 1;
        let now = Timestamp::now().as_second();
        let claims = json!({
            "user": {"type": actor.kind, "id": actor.id},
            "auth_type": "api_key",
            "sudo_as_login": scope.and_then(|scope| scope.strip_prefix("sudo_as_login:")),
            "session_uuid": actor.session_uuid,
            "iat": now,
            "exp": now.saturating_add_unsigned(lifetime.as_secs()),
            "jti": self.minted,
        });
        let head = base64url(br#"{"alg":"HS256","typ":"JWT"}"#);
        let signed = format!("{head}.{}", base64url(claims.to_string().as_bytes()));
        #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.script_key.as_bytes()).expect("any length is a key");
        mac.update(signed.as_bytes());
        format!("{signed}.{}", base64url(&mac.finalize().into_bytes()))
    }
}

fn script(site: &Site, name: &str) -> Option<Actor> {
    let named = |row: &Row| {
        row.retired.is_none() && row.fields.get("firstname").and_then(Value::as_str) == Some(name)
    };
    let (id, row) = site.rows("ApiUser").find(|(_, row)| named(row))?;
    let projects = row.fields.get("projects").and_then(Value::as_array);
    let projects: BTreeSet<i64> = projects
        .into_iter()
        .flatten()
        .filter_map(|link| link["id"].as_i64())
        .collect();
    Some(Actor {
        kind: "ApiUser",
        id,
        role: role(site, row),
        // A script with projects sees only those (flow-api.md §8 row 24).
        projects: Some(projects).filter(|projects| !projects.is_empty()),
        session_uuid: None,
        logged: row.fields.get("generate_event_log_entries") == Some(&Value::Bool(true)),
    })
}

/// The person a script acts as, if the person allows it.
fn impersonated(site: &Site, login: &str, script: &Actor) -> Outcome<Actor> {
    let person = person_by_login(site, login);
    let (id, row) = person.ok_or_else(|| Refusal::credentials(format!("User '{login}' does not exist.")))?;
    if row.fields.get("sg_status_list").and_then(Value::as_str) != Some("act") {
        return Err(Refusal::credentials(format!("User '{login}' is not active.")));
    }
    if row.fields.get("can_impersonate_this_user") != Some(&Value::Bool(true)) {
        return Err(Refusal::credentials(format!(
            "User '{login}' cannot be impersonated."
        )));
    }
    let role = role(site, row);
    let view = View::new(site);
    let field = site
        .schema
        .field("HumanUser", "projects")
        .filter(|field| field.data_type == DataType::MultiEntity);
    let own = field.map(|field| {
        view.targets("HumanUser", id, field)
            .into_iter()
            .map(|(_, id)| id)
            .collect()
    });
    let sees_all = matches!(role.as_str(), "admin" | "manager");
    Ok(Actor {
        kind: "HumanUser",
        id,
        projects: if sees_all { None } else { own },
        role,
        session_uuid: None,
        logged: script.logged,
    })
}

fn person_by_login<'s>(site: &'s Site, login: &str) -> Option<(i64, &'s Row)> {
    let login = login.to_lowercase();
    site.rows("HumanUser").find(|(_, row)| {
        let own = row.fields.get("login").and_then(Value::as_str);
        row.retired.is_none() && own.is_some_and(|own| own.to_lowercase() == login)
    })
}

/// Code of the permission role of a person or script.
fn role(site: &Site, row: &Row) -> String {
    let rules = row
        .fields
        .get("permission_rule_set")
        .and_then(|link| site.target(link));
    let code = rules.and_then(|(kind, id)| site.row(kind, id)?.fields.get("code")?.as_str());
    code.unwrap_or_default().to_owned()
}

/// Base 64 in the alphabet of URLs, without padding, as tokens want it.
fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().enumerate().fold(0u32, |group, (at, byte)| {
            group | u32::from(*byte) << (16 - 8 * at)
        });
        for place in 0..=chunk.len() {
            let digit = (group >> (18 - 6 * place)) & 63;
            text.push(char::from(ALPHABET[digit as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_has_no_padding_and_the_url_alphabet() {
        assert_eq!(base64url(b""), "");
        assert_eq!(base64url(b"f"), "Zg");
        assert_eq!(base64url(b"fo"), "Zm8");
        assert_eq!(base64url(&[0xfb, 0xff, 0xfe]), "-__-");
    }
}
