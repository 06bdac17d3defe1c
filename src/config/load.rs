//! From default.toml, the file and the environment to checked [`Settings`].

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::Url;
use secrecy::SecretString;

use crate::ami::MAX_BODY_BYTES;
use crate::model::{
    DisabledParents, NameRule, PlacementPolicy, RootRelocate, SyncPolicy, UnknownStatuses, UserLevel,
    UserPolicy,
};
use crate::permission::Permissions;

use super::error::ConfigError;
use super::keys::{self, Key, Shape};
use super::layer::{self, Given, Layer, Raw, shown};
use super::{
    AmiSecrets, AmiSettings, AyonSettings, FlowSettings, Limits, LogFormat, NetworkSettings, Settings,
};

/// The manual, which holds every default.
const DEFAULT_TOML: &str = include_str!("../../config/default.toml");
/// The file that is read when none is named, if it is there.
const USUAL_FILE: &str = "config/amigo.toml";

impl Settings {
    /// The manual: every key with its meaning and its default, as `config/default.toml` ships it.
    pub fn default_toml() -> &'static str {
        DEFAULT_TOML
    }

    /// Puts together the defaults, a file and the environment; each wins over the one before.
    ///
    /// `path` is the file of `--config`, which must exist; without it `config/amigo.toml` is read when present.
    /// `env` is the whole environment: the table of interface.md says which names count.
    pub fn load(path: Option<&Path>, env: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let mut values = layer::from_toml("the built-in default.toml", DEFAULT_TOML)?;
        let file = path.unwrap_or(Path::new(USUAL_FILE));
        let name = file.display().to_string();
        match std::fs::read_to_string(file) {
            Ok(text) => layer::lay_over(&mut values, layer::from_toml(&name, &text)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound && path.is_none() => {}
            Err(error) => {
                return Err(ConfigError::Unreadable {
                    file: name,
                    cause: error.to_string(),
                });
            }
        }
        layer::lay_over(&mut values, layer::from_environment(env)?);
        check(&values)
    }

    /// The defaults and these variables, whatever file lies about: for the demo and for tests.
    pub fn of_environment(env: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let mut values = layer::from_toml("the built-in default.toml", DEFAULT_TOML)?;
        layer::lay_over(&mut values, layer::from_environment(env)?);
        check(&values)
    }
}

fn check(values: &Layer) -> Result<Settings, ConfigError> {
    let values = Values(values);
    let listen = values.need(&keys::LISTEN, listen)?;
    Ok(Settings {
        listen,
        public_url: values
            .text(&keys::PUBLIC_URL, address)?
            .unwrap_or_else(|| format!("http://{listen}")),
        database_url: values.need(&keys::DATABASE_URL, database)?,
        ayon: AyonSettings {
            url: values.text(&keys::AYON_URL, address)?,
            api_key: values.text(&keys::AYON_API_KEY, secret)?,
            act_as_person: values.switch(&keys::AYON_ACT_AS_PERSON)?,
        },
        contact: values.text(&keys::CONTACT, contact)?,
        flow: FlowSettings {
            url: values.text(&keys::FLOW_URL, address)?,
            script_name: values.text(&keys::FLOW_SCRIPT_NAME, plain)?,
            script_key: values.text(&keys::FLOW_SCRIPT_KEY, secret)?,
            aliases: values.set(&keys::FLOW_ALIASES, host)?,
        },
        permissions: values.policy()?,
        limits: Limits {
            planners: values.need(&keys::LIMITS_PLANNERS, count)?,
            plans: values.need(&keys::LIMITS_PLANS, count)?,
            plans_per_person: values.need(&keys::LIMITS_PLANS_PER_PERSON, count)?,
            plans_per_project: values.need(&keys::LIMITS_PLANS_PER_PROJECT, count)?,
            connections: values.need(&keys::LIMITS_CONNECTIONS, count)?,
            body_time: values.need(&keys::LIMITS_BODY_TIME, duration)?,
            body_memory: values.need(&keys::LIMITS_BODY_MEMORY, body_memory)?,
        },
        network: NetworkSettings {
            ca_file: values.text(&keys::NETWORK_CA_FILE, plain)?.map(PathBuf::from),
            proxy: values.text(&keys::NETWORK_PROXY, proxy)?,
            no_proxy: values.set(&keys::NETWORK_NO_PROXY, one_host)?,
        },
        ami: AmiSettings {
            secrets: values.secrets(),
            allow_unsigned: values.switch(&keys::AMI_ALLOW_UNSIGNED)?,
            max_age: values.need(&keys::AMI_MAX_AGE, duration)?,
        },
        sync: SyncPolicy {
            unknown_statuses: values.need(&keys::SYNC_UNKNOWN_STATUSES, unknown_statuses)?,
            never_create: values.set(&keys::SYNC_NEVER_CREATE_STATUSES, status_code)?,
            expand_groups: values.switch(&keys::SYNC_EXPAND_GROUPS)?,
            clear_empty: values.switch(&keys::SYNC_CLEAR_EMPTY)?,
            repeat_inherited: values.switch(&keys::SYNC_REPEAT_INHERITED)?,
            label_replacement: values.text(&keys::SYNC_LABEL_REPLACEMENT, label_replacement)?,
        },
        placement: PlacementPolicy {
            disabled_parents: values.need(&keys::PLACEMENT_DISABLED_PARENTS, disabled_parents)?,
            root_relocate: values.need(&keys::PLACEMENT_ROOT_RELOCATE, root_relocate)?,
        },
        users: UserPolicy {
            names: values.need(&keys::USERS_NAMES, name_rule)?,
            roles: values.table(&keys::USERS_ROLES, access_groups)?,
            levels: values.table(&keys::USERS_LEVELS, user_level)?,
            left_out: values.set(&keys::USERS_LEFT_OUT, |text| Ok(text.to_lowercase()))?,
            at_once: values.need(&keys::USERS_AT_ONCE, users_at_once)?,
        },
        log: values.need(&keys::LOG, plain)?,
        log_format: values.need(&keys::LOG_FORMAT, log_format)?,
    })
}

/// What a text must be, when it is not.
type Expected = &'static str;

/// The merged layers, asked for one key at a time.
struct Values<'a>(&'a Layer);

impl Values<'_> {
    fn text<T>(
        &self,
        key: &Key,
        understand: impl FnOnce(&str) -> Result<T, Expected>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(given) = self.0.get(key.path) else {
            return Ok(None);
        };
        let Raw::Text(text) = &given.raw else {
            return Err(wrong(given, None, "a text"));
        };
        // What is wrong about a secret may be the rest of it.
        let shown = Some(text.as_str()).filter(|_| key.shape != Shape::Secret);
        understand(text)
            .map(Some)
            .map_err(|expected| wrong(given, shown, expected))
    }

    fn need<T>(
        &self,
        key: &Key,
        understand: impl FnOnce(&str) -> Result<T, Expected>,
    ) -> Result<T, ConfigError> {
        self.text(key, understand)?
            .ok_or(ConfigError::Missing { key: key.path })
    }

    fn switch(&self, key: &Key) -> Result<bool, ConfigError> {
        if let Some(Given {
            raw: Raw::Switch(on), ..
        }) = self.0.get(key.path)
        {
            return Ok(*on);
        }
        self.need(key, |text| match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err("true or false"),
        })
    }

    /// The items of a list, in no order.
    fn set(
        &self,
        key: &Key,
        understand: impl Fn(&str) -> Result<String, Expected>,
    ) -> Result<BTreeSet<String>, ConfigError> {
        match self.0.get(key.path) {
            Some(
                given @ Given {
                    raw: Raw::Texts(texts),
                    ..
                },
            ) => texts
                .iter()
                .map(|text| understand(text).map_err(|expected| wrong(given, Some(text), expected)))
                .collect(),
            Some(given) => Err(wrong(given, None, "a list of texts")),
            None => Err(ConfigError::Missing { key: key.path }),
        }
    }

    /// A table: what each of its lists means.
    fn table<T>(
        &self,
        key: &Key,
        understand: impl Fn(&[String]) -> Result<T, Expected>,
    ) -> Result<BTreeMap<String, T>, ConfigError> {
        let Some(given) = self.0.get(key.path) else {
            return Err(ConfigError::Missing { key: key.path });
        };
        let Raw::Table(lists) = &given.raw else {
            return Err(wrong(given, None, "a table of keys"));
        };
        lists
            .iter()
            .map(|(name, texts)| {
                let told = format!("{name} = {}", texts.join(", "));
                let meant = understand(texts).map_err(|expected| wrong(given, Some(&told), expected))?;
                Ok((name.clone(), meant))
            })
            .collect()
    }

    fn policy(&self) -> Result<Permissions, ConfigError> {
        match self.0.get(keys::POLICY.path).map(|given| &given.raw) {
            Some(Raw::Policy(permissions)) => Ok(permissions.clone()),
            _ => Err(ConfigError::Missing {
                key: keys::POLICY.path,
            }),
        }
    }

    fn secrets(&self) -> AmiSecrets {
        match self.0.get(keys::AMI_SECRETS.path).map(|given| &given.raw) {
            Some(Raw::Secrets(secrets)) => secrets.clone(),
            Some(Raw::Text(_) | Raw::Switch(_) | Raw::Texts(_) | Raw::Policy(_) | Raw::Table(_)) | None => {
                AmiSecrets::default()
            }
        }
    }
}

fn wrong(given: &Given, text: Option<&str>, expected: Expected) -> ConfigError {
    ConfigError::Wrong {
        place: given.place.clone(),
        value: text.and_then(shown).map(|text| format!("{text:?}")),
        expected,
    }
}

fn plain(text: &str) -> Result<String, Expected> {
    Ok(text.to_owned())
}

fn secret(text: &str) -> Result<SecretString, Expected> {
    Ok(SecretString::from(text))
}

fn listen(text: &str) -> Result<SocketAddr, Expected> {
    text.parse()
        .map_err(|_| "an IP address and a port, such as 127.0.0.1:8090")
}

/// A line that fits into every refusal.
fn contact(text: &str) -> Result<String, Expected> {
    if text.chars().count() > 120 || text.contains(char::is_control) {
        return Err("one line of at most 120 characters, such as the pipeline team, pipeline@example.com");
    }
    plain(text)
}

/// A count above nothing.
fn count(text: &str) -> Result<usize, Expected> {
    text.parse()
        .ok()
        .filter(|count| (1..=1_000_000).contains(count))
        .ok_or("a whole number from 1 to 1000000")
}

/// More at once would only make AYON slow for everybody.
fn users_at_once(text: &str) -> Result<usize, Expected> {
    text.parse()
        .ok()
        .filter(|count| (1..=64).contains(count))
        .ok_or("a whole number from 1 to 64")
}

fn name_rule(text: &str) -> Result<NameRule, Expected> {
    match text {
        "before-at" => Ok(NameRule::BeforeAt),
        "first.last" => Ok(NameRule::FirstLast),
        "login" => Ok(NameRule::Login),
        _ => Err("before-at, first.last or login"),
    }
}

/// Names of access groups, as AYON accepts them.
fn access_groups(texts: &[String]) -> Result<Vec<String>, Expected> {
    let usable = |text: &String| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
    };
    match texts.iter().all(usable) {
        true => Ok(texts.to_vec()),
        false => Err("a list of AYON access groups in quotes, such as [\"artist\"], or [] for none"),
    }
}

fn user_level(texts: &[String]) -> Result<UserLevel, Expected> {
    match texts {
        [word] => word.parse().map_err(|()| "user, manager or admin"),
        _ => Err("user, manager or admin"),
    }
}

/// Megabytes, at least as many as the largest form has; given in bytes.
fn body_memory(text: &str) -> Result<usize, Expected> {
    const MEGABYTE: usize = 1024 * 1024;
    text.parse::<usize>()
        .ok()
        .filter(|megabytes| (MAX_BODY_BYTES / MEGABYTE..=4096).contains(megabytes))
        .map(|megabytes| megabytes * MEGABYTE)
        .ok_or("a whole number of megabytes from 8 to 4096")
}

/// The name of a host, in lower case; a port does not count.
fn host(text: &str) -> Result<String, Expected> {
    const EXPECTED: Expected =
        "the name of a host, such as example.shotgunstudio.com, without https:// and path";
    let name = text.rsplit_once(':').map_or(text, |(name, _)| name);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if name.is_empty()
        || !name.chars().all(plain)
        || !Url::parse(&format!("https://{text}")).is_ok_and(|url| url.path() == "/")
    {
        return Err(EXPECTED);
    }
    Ok(name.to_ascii_lowercase())
}

/// A comma tells that somebody wrote several hosts into one text.
fn one_host(text: &str) -> Result<String, Expected> {
    if text.contains([',', ' ']) {
        return Err(
            "one host, domain or network such as .example.com or 10.0.0.0/8; in the file a list of them",
        );
    }
    plain(text)
}

/// A proxy's address may carry a name and a password.
fn proxy(text: &str) -> Result<SecretString, Expected> {
    const EXPECTED: Expected = "the address of a proxy, such as http://proxy.example.com:3128";
    let url = Url::parse(text).map_err(|_| EXPECTED)?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() {
        secret(text)
    } else {
        Err(EXPECTED)
    }
}

/// An address of a web server, without the slash at its end.
fn address(text: &str) -> Result<String, Expected> {
    const EXPECTED: Expected =
        "an address such as https://ayon.example.com, without user name, query or fragment";
    let url = Url::parse(text).map_err(|_| EXPECTED)?;
    let usable = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if usable {
        Ok(url.as_str().trim_end_matches('/').to_owned())
    } else {
        Err(EXPECTED)
    }
}

fn database(text: &str) -> Result<String, Expected> {
    let known = ["sqlite:", "postgres://", "postgresql://"];
    if known.iter().any(|scheme| text.starts_with(scheme)) {
        Ok(text.to_owned())
    } else {
        Err("an address such as sqlite://amigo.db")
    }
}

/// `90s`, `5m`, `1h`: a whole number above 0 and its unit.
fn duration(text: &str) -> Result<Duration, Expected> {
    const EXPECTED: Expected = "a time such as 60s or 5m: a whole number above 0 and s, m or h";
    let number = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let seconds_each = match &text[number.len()..] {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        _ => return Err(EXPECTED),
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(seconds_each))
        .filter(|seconds| *seconds > 0)
        .map(Duration::from_secs)
        .ok_or(EXPECTED)
}

fn log_format(text: &str) -> Result<LogFormat, Expected> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("text or json"),
    }
}

fn unknown_statuses(text: &str) -> Result<UnknownStatuses, Expected> {
    match text {
        "create" => Ok(UnknownStatuses::Create),
        "warn" => Ok(UnknownStatuses::Warn),
        _ => Err("create or warn"),
    }
}

fn disabled_parents(text: &str) -> Result<DisabledParents, Expected> {
    match text {
        "block" => Ok(DisabledParents::Block),
        "nearest" => Ok(DisabledParents::Nearest),
        _ => Err("block or nearest"),
    }
}

fn root_relocate(text: &str) -> Result<RootRelocate, Expected> {
    match text {
        "flat" => Ok(RootRelocate::Flat),
        "keep-hierarchy" => Ok(RootRelocate::KeepHierarchy),
        _ => Err("flat or keep-hierarchy"),
    }
}

/// A comma tells that somebody wrote several codes into one text; that would silently match none of them.
fn status_code(text: &str) -> Result<String, Expected> {
    if text.contains(',') {
        return Err("one status code of Flow, or in the file a list of them, such as [\"na\", \"omt\"]");
    }
    plain(text)
}

/// It stands where AYON refused a character, so it must not hold one itself (`ayon-api.md §4.1`, `§1.5`).
fn label_replacement(text: &str) -> Result<String, Expected> {
    const MOST: usize = 8;
    if text.contains(['\'', ';', '\0']) || text.chars().count() > MOST {
        return Err("at most 8 characters, without ' and ; and NUL");
    }
    plain(text)
}
