//! Which live servers may be written to. Only these variables are read, and only here: the product's own configuration
//! never leads a test to a server (interface.md, "Configuration").

use std::collections::BTreeMap;

/// A live AYON server, and the key of a service user.
#[derive(Debug, PartialEq, Eq)]
pub struct AyonAccess {
    pub url: String,
    pub api_key: String,
}

/// A live Flow site, and a script that may change its schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowAccess {
    pub url: String,
    pub script_name: String,
    pub script_key: String,
    /// The Project to work in; without one the suite makes its own.
    pub project: Option<i64>,
}

const AYON_URL: &str = "AMIGO_CONTRACT_AYON_URL";
const AYON_API_KEY: &str = "AMIGO_CONTRACT_AYON_API_KEY";
const FLOW_URL: &str = "AMIGO_CONTRACT_FLOW_URL";
const FLOW_SCRIPT_NAME: &str = "AMIGO_CONTRACT_FLOW_SCRIPT_NAME";
const FLOW_SCRIPT_KEY: &str = "AMIGO_CONTRACT_FLOW_SCRIPT_KEY";
const FLOW_PROJECT: &str = "AMIGO_CONTRACT_FLOW_PROJECT";

type Variables = BTreeMap<&'static str, String>;

/// The live AYON server, if the environment names one.
pub fn ayon() -> Option<AyonAccess> {
    ayon_of(&environment()).unwrap_or_else(|half| panic!("{half}"))
}

/// The live Flow site, if the environment names one.
pub fn flow() -> Option<FlowAccess> {
    flow_of(&environment()).unwrap_or_else(|half| panic!("{half}"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the suite has no configuration but its environment"
)]
fn environment() -> Variables {
    [
        AYON_URL,
        AYON_API_KEY,
        FLOW_URL,
        FLOW_SCRIPT_NAME,
        FLOW_SCRIPT_KEY,
        FLOW_PROJECT,
    ]
    .into_iter()
    .filter_map(|name| Some((name, std::env::var(name).ok()?)))
    .filter(|(_, value)| !value.is_empty())
    .collect()
}

fn ayon_of(variables: &Variables) -> Result<Option<AyonAccess>, String> {
    let Some([url, api_key]) = all_or_none(variables, [AYON_URL, AYON_API_KEY])? else {
        return Ok(None);
    };
    Ok(Some(AyonAccess {
        url: without_slash(&url),
        api_key,
    }))
}

fn flow_of(variables: &Variables) -> Result<Option<FlowAccess>, String> {
    let names = [FLOW_URL, FLOW_SCRIPT_NAME, FLOW_SCRIPT_KEY];
    let Some([url, script_name, script_key]) = all_or_none(variables, names)? else {
        return match variables.get(FLOW_PROJECT) {
            Some(_) => Err(format!("{FLOW_PROJECT} is set; set {FLOW_URL} too.")),
            None => Ok(None),
        };
    };
    let whole = |text: &String| {
        text.parse()
            .map_err(|_| format!("{FLOW_PROJECT} is no number; set the id of a Project."))
    };
    Ok(Some(FlowAccess {
        url: without_slash(&url),
        script_name,
        script_key,
        project: variables.get(FLOW_PROJECT).map(whole).transpose()?,
    }))
}

/// All values, or none: a server that is named by halves would be passed over in silence.
fn all_or_none<const N: usize>(
    variables: &Variables,
    names: [&'static str; N],
) -> Result<Option<[String; N]>, String> {
    let missing: Vec<&str> = names
        .into_iter()
        .filter(|name| !variables.contains_key(name))
        .collect();
    match missing.len() {
        0 => Ok(Some(names.map(|name| variables[name].clone()))),
        all if all == N => Ok(None),
        _ => Err(format!(
            "a live server is named by halves; set {} too.",
            missing.join(" and ")
        )),
    }
}

fn without_slash(url: &str) -> String {
    url.trim_end_matches('/').to_owned()
}

fn set<const N: usize>(pairs: [(&'static str, &str); N]) -> Variables {
    pairs
        .into_iter()
        .map(|(name, value)| (name, value.to_owned()))
        .collect()
}

#[test]
fn a_server_is_named_whole_or_not_at_all() {
    assert_eq!(ayon_of(&set([])), Ok(None));
    assert_eq!(flow_of(&set([])), Ok(None));
    assert!(
        ayon_of(&set([(AYON_URL, "http://ayon")]))
            .unwrap_err()
            .contains(AYON_API_KEY)
    );
    let half = flow_of(&set([(FLOW_URL, "http://flow"), (FLOW_SCRIPT_KEY, "k")]));
    assert!(half.unwrap_err().contains(FLOW_SCRIPT_NAME));
    assert!(
        flow_of(&set([(FLOW_PROJECT, "7")]))
            .unwrap_err()
            .contains(FLOW_URL)
    );

    let whole = ayon_of(&set([(AYON_URL, "http://ayon/"), (AYON_API_KEY, "k")]));
    let access = AyonAccess {
        url: "http://ayon".to_owned(),
        api_key: "k".to_owned(),
    };
    assert_eq!(whole, Ok(Some(access)));
    let mut flow = set([
        (FLOW_URL, "http://flow"),
        (FLOW_SCRIPT_NAME, "s"),
        (FLOW_SCRIPT_KEY, "k"),
    ]);
    assert_eq!(flow_of(&flow).unwrap().unwrap().project, None);
    flow.insert(FLOW_PROJECT, "188".to_owned());
    assert_eq!(flow_of(&flow).unwrap().unwrap().project, Some(188));
    flow.insert(FLOW_PROJECT, "harbor".to_owned());
    assert!(flow_of(&flow).unwrap_err().contains(FLOW_PROJECT));
}

#[test]
fn nothing_else_reads_the_environment() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut readers = Vec::new();
    let mut folders = vec![root.join("src"), root.join("tests"), root.join("benches")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                // In two parts, so that this line is not found.
                if text.contains(concat!("std::env", "::var")) {
                    let below = path.strip_prefix(root).unwrap();
                    readers.push(below.to_str().unwrap().replace('\\', "/"));
                }
            }
        }
    }
    readers.sort();
    let known = [
        "src/cli/mod.rs",
        "tests/it/contract/live.rs",
        "tests/it/front_door/fuzz.rs",
        "tests/it/harness/window.rs",
    ];
    assert_eq!(
        readers, known,
        "a live server may only be named by AMIGO_CONTRACT_*"
    );
}
