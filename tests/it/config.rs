//! Settings are put together as interface.md says, and every mistake is pointed at.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use amigo::config::{ConfigError, LogFormat, Settings};
use amigo::model::{DisabledParents, PlacementPolicy, RootRelocate, SyncPolicy, UnknownStatuses};
use rstest::rstest;
use secrecy::ExposeSecret;

fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// Loads a file of this content, and says what was wrong without the folder it happened to be in.
fn load(toml: &str, pairs: &[(&str, &str)]) -> Result<Settings, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("amigo.toml");
    std::fs::write(&file, toml).unwrap();
    Settings::load(Some(&file), &env(pairs)).map_err(|error| {
        error
            .to_string()
            .replace(&format!("{}/", folder.path().display()), "")
    })
}

fn secrets_of(settings: &Settings, action: &str) -> Vec<String> {
    settings
        .ami
        .secrets
        .of(action)
        .iter()
        .map(|token| token.secret().to_owned())
        .collect()
}

fn codes(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn nothing_said_means_the_defaults_of_the_manual() {
    let settings = load("", &[]).unwrap();
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8090");
    assert_eq!(settings.public_url, "http://127.0.0.1:8090");
    assert_eq!(settings.database_url, "sqlite://amigo.db");
    assert_eq!(settings.ayon.url, None);
    assert!(settings.ayon.api_key.is_none());
    assert_eq!(settings.flow.url, None);
    assert_eq!(settings.flow.script_name, None);
    assert!(settings.flow.script_key.is_none());
    assert_eq!(secrets_of(&settings, "sync"), Vec::<String>::new());
    assert!(!settings.ami.allow_unsigned);
    assert_eq!(settings.ami.max_age, Duration::from_secs(60));
    assert_eq!(
        settings.sync,
        SyncPolicy {
            unknown_statuses: UnknownStatuses::Create,
            never_create: codes(&["na", "omt"]),
            expand_groups: true,
            clear_empty: false,
            repeat_inherited: false,
            label_replacement: None,
        }
    );
    assert_eq!(settings.sync, SyncPolicy::default(), "the manual and core agree");
    assert_eq!(
        settings.placement,
        PlacementPolicy::default(),
        "so they do of places"
    );
    assert_eq!(settings.log, "info");
    assert_eq!(settings.log_format, LogFormat::Text);
}

#[test]
fn the_manual_names_every_key_and_variable() {
    let manual = Settings::default_toml();
    let table = load("nonsense = 1", &[]).unwrap_err();
    let known = table.split("it knows ").nth(1).unwrap();
    for key in known.split(", ").filter(|key| !key.starts_with('[')) {
        assert!(
            manual
                .lines()
                .any(|line| line.trim_start_matches("# ").starts_with(&format!("{key} ="))),
            "{key}"
        );
    }
    let variables = load("", &[("AMIGO_NONSENSE", "1")]).unwrap_err();
    for variable in variables.split("it knows ").nth(1).unwrap().split(", ") {
        assert!(manual.contains(&format!("# {variable}")), "{variable}");
    }
}

/// Each key of the manual that has no default, brought to life.
#[test]
fn the_manual_stays_right_when_its_comments_are_removed() {
    let manual: String = Settings::default_toml()
        .lines()
        // Secrets are a list or a table, not both.
        .filter(|line| !line.starts_with("# secrets = ["))
        .map(|line| match line.strip_prefix("# ") {
            Some(key) if key.contains(" = ") || key == "[ami.secrets]" => format!("{key}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let settings = load(&manual, &[]).unwrap();
    assert_eq!(settings.public_url, "https://amigo.example.com");
    assert!(settings.flow.script_key.is_some());
    assert_eq!(secrets_of(&settings, "sync"), ["…"]);
    assert_eq!(settings.sync.label_replacement.as_deref(), Some("_"));
}

#[test]
fn the_example_is_right() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/example.toml");
    let settings = Settings::load(Some(&example), &BTreeMap::new()).unwrap();
    assert_eq!(settings.log_format, LogFormat::Json);
    assert_eq!(secrets_of(&settings, "sync").len(), 1);
}

#[test]
fn the_environment_wins_over_the_file() {
    let file = r#"
        listen = "127.0.0.1:1"
        public_url = "https://file.example.com"
        database_url = "sqlite://file.db"
        log = "warn"
        log_format = "text"
        [ayon]
        url = "https://ayon.file.example.com"
        api_key = "key of the file"
        [flow]
        url = "https://flow.file.example.com"
        script_name = "file"
        script_key = "123456"
        [ami]
        allow_unsigned = false
        max_age = "1s"
        [ami.secrets]
        sync = ["one of the file"]
        [sync]
        unknown_statuses = "warn"
        never_create_statuses = ["hld", "omt"]
        expand_groups = false
        clear_empty = true
        repeat_inherited = true
        label_replacement = "’"
        [placement]
        disabled_parents = "nearest"
        root_relocate = "keep-hierarchy"
    "#;
    let settings = load(file, &[]).unwrap();
    assert_eq!(
        settings.ayon.url.as_deref(),
        Some("https://ayon.file.example.com")
    );
    assert_eq!(
        settings.flow.script_key.as_ref().unwrap().expose_secret(),
        "123456"
    );
    assert_eq!(
        settings.sync,
        SyncPolicy {
            unknown_statuses: UnknownStatuses::Warn,
            never_create: codes(&["hld", "omt"]),
            expand_groups: false,
            clear_empty: true,
            repeat_inherited: true,
            label_replacement: Some("’".to_owned()),
        }
    );
    assert_eq!(
        settings.placement,
        PlacementPolicy {
            disabled_parents: DisabledParents::Nearest,
            root_relocate: RootRelocate::KeepHierarchy,
        }
    );
    let settings = load(
        file,
        &[
            ("AMIGO_LISTEN", "127.0.0.1:2"),
            ("AMIGO_PUBLIC_URL", "https://Env.example.com:443/amigo/"),
            ("AMIGO_DATABASE_URL", "sqlite://env.db"),
            ("AMIGO_AYON_URL", " http://127.0.0.1:5000/ "),
            ("AMIGO_AYON_API_KEY", "0042"),
            ("AMIGO_FLOW_URL", "https://flow.env.example.com"),
            ("AMIGO_FLOW_SCRIPT_NAME", "env"),
            ("AMIGO_FLOW_SCRIPT_KEY", "0007"),
            ("AMIGO_AMI_SECRET", "99"),
            ("AMIGO_AMI_ALLOW_UNSIGNED", "true"),
            ("AMIGO_AMI_MAX_AGE", "5m"),
            ("AMIGO_SYNC_UNKNOWN_STATUSES", "create"),
            ("AMIGO_SYNC_NEVER_CREATE_STATUSES", " na "),
            ("AMIGO_SYNC_EXPAND_GROUPS", "true"),
            ("AMIGO_SYNC_CLEAR_EMPTY", "false"),
            ("AMIGO_SYNC_REPEAT_INHERITED", "false"),
            ("AMIGO_SYNC_LABEL_REPLACEMENT", "_"),
            ("AMIGO_LOG", "debug,amigo::flow=trace"),
            ("AMIGO_LOG_FORMAT", "json"),
            ("HOME", "/"),
        ],
    )
    .unwrap();
    assert_eq!(settings.listen.to_string(), "127.0.0.1:2");
    assert_eq!(settings.public_url, "https://env.example.com/amigo");
    assert_eq!(settings.database_url, "sqlite://env.db");
    assert_eq!(settings.ayon.url.as_deref(), Some("http://127.0.0.1:5000"));
    assert_eq!(settings.ayon.api_key.as_ref().unwrap().expose_secret(), "0042");
    assert_eq!(settings.flow.url.as_deref(), Some("https://flow.env.example.com"));
    assert_eq!(settings.flow.script_name.as_deref(), Some("env"));
    assert_eq!(settings.flow.script_key.as_ref().unwrap().expose_secret(), "0007");
    assert_eq!(secrets_of(&settings, "sync"), ["99"], "one secret for any action");
    assert!(settings.ami.allow_unsigned);
    assert_eq!(settings.ami.max_age, Duration::from_secs(300));
    assert_eq!(
        settings.sync,
        SyncPolicy {
            never_create: codes(&["na"]),
            label_replacement: Some("_".to_owned()),
            ..SyncPolicy::default()
        },
        "one code of the environment replaces the list"
    );
    assert_eq!(settings.log, "debug,amigo::flow=trace");
    assert_eq!(settings.log_format, LogFormat::Json);
}

#[test]
fn ayons_own_variables_stand_in() {
    let ayon = [
        ("AYON_SERVER_URL", "http://127.0.0.1:5000"),
        ("AYON_API_KEY", "ayon's"),
    ];
    let settings = load("", &ayon).unwrap();
    assert_eq!(settings.ayon.url.as_deref(), Some("http://127.0.0.1:5000"));
    assert_eq!(settings.ayon.api_key.unwrap().expose_secret(), "ayon's");
    let settings = load(
        "",
        &[ayon[0], ayon[1], ("AMIGO_AYON_URL", "http://127.0.0.1:6000")],
    )
    .unwrap();
    assert_eq!(settings.ayon.url.as_deref(), Some("http://127.0.0.1:6000"));
    let settings = load("", &[ayon[0], ("AMIGO_AYON_URL", "")]).unwrap();
    assert_eq!(settings.ayon.url.as_deref(), Some("http://127.0.0.1:5000"));
}

#[test]
fn empty_is_absent() {
    let settings = load(
        "listen = \"\"\npublic_url = \" \"\n[ayon]\napi_key = \"\"\n[ami]\nsecrets = [\"\", \" \"]\nallow_unsigned = \"\"",
        &[("AMIGO_LOG", ""), ("AMIGO_AMI_SECRET", ""), ("AMIGO_OLD", "")],
    )
    .unwrap();
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8090");
    assert_eq!(settings.public_url, "http://127.0.0.1:8090");
    assert!(settings.ayon.api_key.is_none());
    assert!(
        settings.ami.secrets.any.is_empty(),
        "an empty secret would let everybody in"
    );
    assert_eq!(settings.log, "info");
}

#[test]
fn secrets_are_for_any_action_or_for_one() {
    let list = load("[ami]\nsecrets = [\"new\", \"old\"]", &[]).unwrap();
    assert_eq!(secrets_of(&list, "sync"), ["new", "old"]);
    let table = load(
        "[ami.secrets]\nany = [\"a\"]\nsync = [\"12345\"]\nusers = [\"\"]",
        &[],
    )
    .unwrap();
    assert_eq!(secrets_of(&table, "sync"), ["12345"]);
    assert_eq!(secrets_of(&table, "users"), ["a"], "an empty one is none");
    assert_eq!(secrets_of(&table, "reparent"), ["a"]);
    let inline = load("[ami]\nsecrets = { sync = [\"s\"] }", &[]).unwrap();
    assert_eq!(secrets_of(&inline, "users"), Vec::<String>::new());
}

#[test]
fn statuses_that_are_never_made_are_a_list() {
    for (list, expected) in [
        ("[]", codes(&[])),
        ("[\" omt \", \"\", \"hld\", \"omt\"]", codes(&["hld", "omt"])),
    ] {
        let settings = load(&format!("[sync]\nnever_create_statuses = {list}"), &[]).unwrap();
        assert_eq!(settings.sync.never_create, expected, "{list}");
    }
    let settings = load("", &[("AMIGO_SYNC_NEVER_CREATE_STATUSES", " ")]).unwrap();
    assert_eq!(
        settings.sync,
        SyncPolicy::default(),
        "an empty variable is absent"
    );
}

#[test]
fn a_label_replacement_has_at_most_eight_characters() {
    for (text, expected) in [("’’’’’’’’", Some("’’’’’’’’")), ("", None), (" ", None)]
    {
        let settings = load(&format!("[sync]\nlabel_replacement = \"{text}\""), &[]).unwrap();
        assert_eq!(settings.sync.label_replacement.as_deref(), expected, "{text:?}");
    }
}

#[test]
fn secrets_do_not_show() {
    let settings = load(
        "database_url = \"postgres://amigo:hunter2@db/amigo\"\n[ami.secrets]\nsync = [\"sesame\"]",
        &[("AYON_API_KEY", "ayonkey"), ("AMIGO_FLOW_SCRIPT_KEY", "flowkey")],
    )
    .unwrap();
    for shown in [format!("{settings:?}"), format!("{settings:#?}")] {
        for secret in ["hunter2", "sesame", "ayonkey", "flowkey"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(shown.contains("postgres://(hidden)"), "{shown}");
    }
}

const KEYS: &str = "listen, public_url, database_url, contact, [ayon], [flow], [ami], [policy], [limits], [network], [sync], [placement], [users], log, log_format";
const URL: &str = "an address such as https://ayon.example.com, without user name, query or fragment";
const TEXTS: &str = "a list of texts in quotes, such as [\"…\"]";
const LIST: &str =
    "a list of texts in quotes, such as [\"…\"], or of { secret = \"…\", label = \"…\", until = 2026-12-31 }";
const CODES: &str = "one status code of Flow, or in the file a list of them, such as [\"na\", \"omt\"]";
const REPLACEMENT: &str = "at most 8 characters, without ' and ; and NUL";
const AGE: &str = "a time such as 60s or 5m: a whole number above 0 and s, m or h";

#[rstest]
#[case("listn = \"x\"", format!("amigo.toml, line 1, column 1: listn is not a key that amigo knows; it knows {KEYS}"))]
#[case(
    "log = \"info\"\n[ayon]\n  urll = \"x\"",
    "amigo.toml, line 3, column 3: ayon.urll is not a key that amigo knows; it knows url, api_key, act_as_person"
)]
#[case(
    "[flow]\nscript_kye = \"hunter2\"",
    "amigo.toml, line 2, column 1: flow.script_kye is not a key that amigo knows; it knows url, script_name, script_key, aliases"
)]
#[case("[flo]\nurl = \"x\"", format!("amigo.toml, line 1, column 2: flo is not a key that amigo knows; it knows {KEYS}"))]
#[case(
    "[ayon.more]\nurl = \"x\"",
    "amigo.toml, line 1, column 7: ayon.more is not a key that amigo knows; it knows url, api_key, act_as_person"
)]
#[case(
    "ayon = \"https://a\"",
    "amigo.toml, line 1, column 8: ayon is \"https://a\", but must be a table of keys"
)]
#[case(
    "listen = \"localhost\"",
    "amigo.toml, line 1, column 10: listen is \"localhost\", but must be an IP address and a port, such as 127.0.0.1:8090"
)]
#[case(
    "listen = 8090",
    "amigo.toml, line 1, column 10: listen is 8090, but must be a text in quotes"
)]
#[case("public_url = \"amigo.example.com\"", format!("amigo.toml, line 1, column 14: public_url is \"amigo.example.com\", but must be {URL}"))]
#[case("public_url = \"ftp://amigo.example.com\"", format!("amigo.toml, line 1, column 14: public_url is \"ftp://amigo.example.com\", but must be {URL}"))]
#[case("[ayon]\nurl = \"https://me:hunter2@ayon\"", format!("amigo.toml, line 2, column 7: ayon.url is not usable, but must be {URL}"))]
#[case("[flow]\nurl = \"https://a.example.com/?x=1\"", format!("amigo.toml, line 2, column 7: flow.url is \"https://a.example.com/?x=1\", but must be {URL}"))]
#[case(
    "database_url = \"mysql://me:hunter2@db\"",
    "amigo.toml, line 1, column 16: database_url is not usable, but must be an address such as sqlite://amigo.db"
)]
#[case(
    "database_url = \"amigo.db\"",
    "amigo.toml, line 1, column 16: database_url is \"amigo.db\", but must be an address such as sqlite://amigo.db"
)]
#[case(
    "log_format = \"xml\"",
    "amigo.toml, line 1, column 14: log_format is \"xml\", but must be text or json"
)]
#[case(
    "[ami]\nallow_unsigned = \"yes\"",
    "amigo.toml, line 2, column 18: ami.allow_unsigned is \"yes\", but must be true or false"
)]
#[case(
    "[ami]\nallow_unsigned = 1",
    "amigo.toml, line 2, column 18: ami.allow_unsigned is 1, but must be true or false"
)]
#[case(
    "[ami]\nmax_age = 60",
    "amigo.toml, line 2, column 11: ami.max_age is 60, but must be a text in quotes"
)]
#[case("[ami]\nmax_age = \"60\"", format!("amigo.toml, line 2, column 11: ami.max_age is \"60\", but must be {AGE}"))]
#[case("[ami]\nmax_age = \"0s\"", format!("amigo.toml, line 2, column 11: ami.max_age is \"0s\", but must be {AGE}"))]
#[case("[ami]\nmax_age = \"-5m\"", format!("amigo.toml, line 2, column 11: ami.max_age is \"-5m\", but must be {AGE}"))]
#[case("[ami]\nmax_age = \"9999999999999999999h\"", format!("amigo.toml, line 2, column 11: ami.max_age is \"9999999999999999999h\", but must be {AGE}"))]
#[case("[ami]\nsecrets = \"hunter2\"", format!("amigo.toml, line 2, column 11: ami.secrets is not usable, but must be {LIST}"))]
#[case("[ami]\nsecrets = [\"a\", 42]", format!("amigo.toml, line 2, column 17: ami.secrets is not usable, but must be {LIST}"))]
#[case("[ami.secrets]\nsync = \"hunter2\"", format!("amigo.toml, line 2, column 8: ami.secrets.sync is not usable, but must be {LIST}"))]
#[case(
    "[ami.secrets]\nSync = [\"hunter2\"]",
    "amigo.toml, line 2, column 1: ami.secrets is given for \"Sync\", but must be given for an action's word, such as sync, or for any"
)]
#[case(
    "[ayon]\napi_key = 4711",
    "amigo.toml, line 2, column 11: ayon.api_key is not usable, but must be a text in quotes"
)]
#[case(
    "[sync]\nunknown_status = \"warn\"",
    "amigo.toml, line 2, column 1: sync.unknown_status is not a key that amigo knows; it knows unknown_statuses, \
     never_create_statuses, expand_groups, clear_empty, repeat_inherited, label_replacement"
)]
#[case(
    "[placement]\ndisabled_parents = \"skip\"",
    "amigo.toml, line 2, column 20: placement.disabled_parents is \"skip\", but must be block or nearest"
)]
#[case(
    "[placement]\nroot_relocate = \"deep\"",
    "amigo.toml, line 2, column 17: placement.root_relocate is \"deep\", but must be flat or keep-hierarchy"
)]
#[case(
    "[sync]\nunknown_statuses = \"ignore\"",
    "amigo.toml, line 2, column 20: sync.unknown_statuses is \"ignore\", but must be create or warn"
)]
#[case(
    "[sync]\nunknown_statuses = false",
    "amigo.toml, line 2, column 20: sync.unknown_statuses is false, but must be a text in quotes"
)]
#[case("[sync]\nnever_create_statuses = \"na\"", format!("amigo.toml, line 2, column 25: sync.never_create_statuses is \"na\", but must be {TEXTS}"))]
#[case("[sync]\nnever_create_statuses = [\"na\", 7]", format!("amigo.toml, line 2, column 32: sync.never_create_statuses is 7, but must be {TEXTS}"))]
#[case("[sync]\nnever_create_statuses = [\"hld\", \"na,omt\"]", format!("amigo.toml, line 2, column 25: sync.never_create_statuses is \"na,omt\", but must be {CODES}"))]
#[case(
    "[sync]\nexpand_groups = \"yes\"",
    "amigo.toml, line 2, column 17: sync.expand_groups is \"yes\", but must be true or false"
)]
#[case(
    "[sync]\nclear_empty = 0",
    "amigo.toml, line 2, column 15: sync.clear_empty is 0, but must be true or false"
)]
#[case(
    "[sync]\nrepeat_inherited = []",
    "amigo.toml, line 2, column 20: sync.repeat_inherited is [], but must be true or false"
)]
#[case("[sync]\nlabel_replacement = \"it's\"", format!("amigo.toml, line 2, column 21: sync.label_replacement is \"it's\", but must be {REPLACEMENT}"))]
#[case("[sync]\nlabel_replacement = \";\"", format!("amigo.toml, line 2, column 21: sync.label_replacement is \";\", but must be {REPLACEMENT}"))]
#[case("[sync]\nlabel_replacement = \"a\\u0000b\"", format!("amigo.toml, line 2, column 21: sync.label_replacement is \"a\\0b\", but must be {REPLACEMENT}"))]
#[case("[sync]\nlabel_replacement = \"_________\"", format!("amigo.toml, line 2, column 21: sync.label_replacement is \"_________\", but must be {REPLACEMENT}"))]
fn a_wrong_file_is_pointed_at(#[case] toml: &str, #[case] expected: impl Into<String>) {
    assert_eq!(load(toml, &[]).unwrap_err(), expected.into());
}

#[rstest]
#[case("AMIGO_LISTEN", "8090", "AMIGO_LISTEN is \"8090\", but must be an IP address and a port, such as 127.0.0.1:8090".to_owned())]
#[case("AYON_SERVER_URL", "ayon", format!("AYON_SERVER_URL is \"ayon\", but must be {URL}"))]
#[case("AMIGO_FLOW_URL", "https://u:hunter2@flow", format!("AMIGO_FLOW_URL is not usable, but must be {URL}"))]
#[case("AMIGO_AMI_ALLOW_UNSIGNED", "1", "AMIGO_AMI_ALLOW_UNSIGNED is \"1\", but must be true or false".to_owned())]
#[case("AMIGO_AMI_MAX_AGE", "1d", format!("AMIGO_AMI_MAX_AGE is \"1d\", but must be {AGE}"))]
#[case("AMIGO_SYNC_UNKNOWN_STATUSES", "Create", "AMIGO_SYNC_UNKNOWN_STATUSES is \"Create\", but must be create or warn".to_owned())]
#[case("AMIGO_SYNC_NEVER_CREATE_STATUSES", "na,omt", format!("AMIGO_SYNC_NEVER_CREATE_STATUSES is \"na,omt\", but must be {CODES}"))]
#[case("AMIGO_SYNC_EXPAND_GROUPS", "no", "AMIGO_SYNC_EXPAND_GROUPS is \"no\", but must be true or false".to_owned())]
#[case("AMIGO_SYNC_CLEAR_EMPTY", "1", "AMIGO_SYNC_CLEAR_EMPTY is \"1\", but must be true or false".to_owned())]
#[case("AMIGO_SYNC_REPEAT_INHERITED", "on", "AMIGO_SYNC_REPEAT_INHERITED is \"on\", but must be true or false".to_owned())]
#[case("AMIGO_SYNC_LABEL_REPLACEMENT", "'", format!("AMIGO_SYNC_LABEL_REPLACEMENT is \"'\", but must be {REPLACEMENT}"))]
#[case("AMIGO_LOG_FORMAT", "JSON", "AMIGO_LOG_FORMAT is \"JSON\", but must be text or json".to_owned())]
#[case("AMIGO_SECRET", "hunter2", "AMIGO_SECRET is not a variable that amigo knows; it knows AMIGO_LISTEN, AMIGO_PUBLIC_URL, AMIGO_DATABASE_URL, \
     AMIGO_CONTACT, AMIGO_AYON_URL, AMIGO_AYON_API_KEY, AMIGO_AYON_ACT_AS_PERSON, AMIGO_FLOW_URL, AMIGO_FLOW_SCRIPT_NAME, AMIGO_FLOW_SCRIPT_KEY, \
     AMIGO_FLOW_ALIASES, AMIGO_AMI_SECRET, AMIGO_AMI_ALLOW_UNSIGNED, AMIGO_AMI_MAX_AGE, AMIGO_LIMITS_PLANNERS, \
     AMIGO_LIMITS_PLANS, AMIGO_LIMITS_PLANS_PER_PERSON, AMIGO_LIMITS_PLANS_PER_PROJECT, AMIGO_LIMITS_CONNECTIONS, \
     AMIGO_LIMITS_BODY_TIME, AMIGO_LIMITS_BODY_MEMORY, AMIGO_NETWORK_CA_FILE, AMIGO_NETWORK_PROXY, AMIGO_NETWORK_NO_PROXY, \
     AMIGO_SYNC_UNKNOWN_STATUSES, AMIGO_SYNC_NEVER_CREATE_STATUSES, AMIGO_SYNC_EXPAND_GROUPS, AMIGO_SYNC_CLEAR_EMPTY, \
     AMIGO_SYNC_REPEAT_INHERITED, AMIGO_SYNC_LABEL_REPLACEMENT, AMIGO_PLACEMENT_DISABLED_PARENTS, AMIGO_PLACEMENT_ROOT_RELOCATE, AMIGO_USERS_NAMES, AMIGO_USERS_LEFT_OUT, AMIGO_USERS_AT_ONCE, AMIGO_LOG, AMIGO_LOG_FORMAT".to_owned())]
fn a_wrong_variable_is_named(#[case] name: &str, #[case] value: &str, #[case] expected: String) {
    assert_eq!(load("", &[(name, value)]).unwrap_err(), expected);
}

#[test]
fn what_is_no_toml_is_pointed_at_without_its_text() {
    for (toml, place) in [
        (
            "listen = \"127.0.0.1:1\"\n[ayon]\napi_key = hunter2\n",
            "amigo.toml, line 3, column 11: this is not TOML: ",
        ),
        (
            "[ayon\napi_key = \"hunter2\"",
            "amigo.toml, line 1, column 6: this is not TOML: ",
        ),
        (
            "[ayon]\napi_key = \"hunter2\"\napi_key = \"hunter2\"",
            "amigo.toml, line 3, column 1: this is not TOML: ",
        ),
    ] {
        let error = load(toml, &[]).unwrap_err();
        assert!(error.starts_with(place), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn variables_of_the_test_suite_are_left_alone() {
    let pairs = [
        ("AMIGO_CONTRACT_AYON_URL", "x"),
        ("AMIGO_TEST_CHROMIUM", "/usr/bin/chromium"),
    ];
    assert!(load("", &pairs).is_ok());
}

#[test]
fn a_named_file_must_be_there() {
    let missing = PathBuf::from("no/such/amigo.toml");
    let error = Settings::load(Some(&missing), &BTreeMap::new()).unwrap_err();
    assert!(matches!(error, ConfigError::Unreadable { .. }), "{error:?}");
    assert!(
        error
            .to_string()
            .starts_with("no/such/amigo.toml cannot be read: "),
        "{error}"
    );
}

/// Tables of users: what a file names is added to what is built in, and what it says wrongly is pointed at.
#[test]
fn tables_of_users_are_read_and_laid_over() {
    let dir = tempfile::TempDir::new().unwrap();
    let file = dir.path().join("amigo.toml");
    let load = |text: &str| {
        std::fs::write(&file, text).unwrap();
        Settings::load(Some(&file), &BTreeMap::new()).map(|settings| settings.users)
    };
    let users = load(
        "[users]\nnames = \"first.last\"\nleft_out = [\"Render Bot\"]\n[users.roles]\n\"Layout Lead\" = [\"artist\", \"supervisor\"]\nartist = []\n[users.levels]\nManager = \"manager\"\n",
    )
    .unwrap();
    assert_eq!(users.names, amigo::model::NameRule::FirstLast);
    assert_eq!(users.roles["layout lead"], ["artist", "supervisor"]);
    assert_eq!(users.roles["artist"], [""; 0]);
    assert_eq!(users.roles["vendor"], ["freelancer"], "what is not named stays");
    assert_eq!(users.levels["manager"], amigo::model::UserLevel::Manager);
    assert!(users.left_out.contains("render bot"));
    assert_eq!(users.at_once, 8);
    for (text, told) in [
        (
            "[users]\nnames = \"shouting\"\n",
            "before-at, first.last or login",
        ),
        ("[users]\nat_once = 0\n", "a whole number from 1 to 64"),
        (
            "[users.roles]\nartist = [\"a b\"]\n",
            "a list of AYON access groups",
        ),
        ("[users.roles]\nartist = 3\n", "a list of texts"),
        ("[users.levels]\nartist = \"king\"\n", "user, manager or admin"),
        ("users = 3\n", "a table of keys"),
    ] {
        let error = load(text).unwrap_err().to_string();
        assert!(
            error.contains(told) && error.contains("amigo.toml, line"),
            "{error}"
        );
    }
}
