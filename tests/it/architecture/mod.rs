//! The rules of the house, which a compiler does not know: rings, small files, names that say something.

mod source;

use std::fs;
use std::path::Path;

use source::paths;

/// Files grow until somebody cannot hold them in the head.
const MOST_LINES: usize = 600;
/// Folders below `src`.
const MOST_FOLDERS: usize = 2;

const CORE: [&str; 6] = ["model", "ami", "permission", "plan", "run", "problem"];
const SYSTEMS: [&str; 5] = ["net", "flow", "ayon", "store", "config"];
/// What one system may use of another: the way to make calls, and how it is set up.
const SHARED_SYSTEMS: [&str; 2] = ["net", "config"];
const ACTIONS: [&str; 2] = ["actions", "runner"];
const EDGES: [&str; 4] = ["web", "cli", "sandbox", "telemetry"];
/// The stand-ins are written apart from what talks to them, so that a mistake made once shows.
const APART: &str = "sandbox";

/// The world, which the core does not know: no I/O, no clock, no randomness, no waiting.
const WORLD: [&str; 20] = [
    "tokio",
    "reqwest",
    "sqlx",
    "actix_web",
    "actix_web_lab",
    "futures_util",
    "std::fs",
    "std::env",
    "std::io",
    "std::net",
    "std::process",
    "std::thread",
    "std::time::SystemTime",
    "std::time::Instant",
    "Timestamp::now",
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
    "rand",
    "getrandom",
    "async",
];

/// The clock, however it was imported, and the modules that may read it: `runner::Services` hands it to everybody
/// else, so that tests can choose the time; the stand-ins have a clock of their own, as the real systems do.
const CLOCK: [&str; 3] = ["Timestamp::now", "Zoned::now", "SystemTime::now"];
const CLOCK_READERS: [&str; 2] = ["runner", "sandbox"];

/// What one file does against the rules; `file` is its path below `src`, with `/`.
fn violations(file: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut say = |rule: String| found.push(format!("src/{file}: {rule}"));
    let lines = text.lines().count();
    if lines > MOST_LINES {
        say(format!("{lines} lines; a file has at most {MOST_LINES}"));
    }
    let places: Vec<&str> = file.trim_end_matches(".rs").split('/').collect();
    if places.len() - 1 > MOST_FOLDERS {
        say(format!("folders are at most {MOST_FOLDERS} deep"));
    }
    if let Some(name) = places
        .iter()
        .find(|name| ["util", "utils", "helpers", "common", "misc"].contains(name))
    {
        say(format!("{name} says nothing of what is inside"));
    }
    let module = places[0];
    if is_root(file) || is_test(file) {
        return found;
    }
    if !is_known(module) {
        say(format!(
            "{module} is in no ring; tell lib.rs and this test where it belongs"
        ));
        return found;
    }
    for path in paths(text) {
        if let Some(used) = own_module(&path, depth(file))
            && let Err(rule) = may_use(module, used)
        {
            say(format!("{} is used, but {rule}", path.join("::")));
        }
        if !CORE.contains(&module)
            && !CLOCK_READERS.contains(&module)
            && let Some(clock) = CLOCK.iter().find(|clock| ends_with(&path, clock))
        {
            say(format!(
                "{clock} is used, but the time comes from runner::Services"
            ));
        }
        if CORE.contains(&module)
            && let Some(world) = WORLD.iter().find(|world| begins_with(&path, world))
        {
            say(format!(
                "{world} is used, but {module} is core: no I/O, no clock, no randomness, no waiting"
            ));
        }
    }
    found
}

/// The roots hold the map and the start, not code.
fn is_root(file: &str) -> bool {
    ["lib.rs", "main.rs"].contains(&file)
}

/// Whole files of test code, which may use anything.
fn is_test(file: &str) -> bool {
    file.split('/').any(|part| {
        let name = part.trim_end_matches(".rs");
        name == "tests" || name.starts_with("test_") || name.ends_with("_test")
    })
}

fn is_known(module: &str) -> bool {
    [&CORE[..], &SYSTEMS, &ACTIONS, &EDGES].concat().contains(&module)
}

fn may_use(module: &str, used: &str) -> Result<(), String> {
    let allowed = module == used
        || if CORE.contains(&module) {
            CORE.contains(&used)
        } else if SYSTEMS.contains(&module) {
            CORE.contains(&used) || SHARED_SYSTEMS.contains(&used)
        } else if ACTIONS.contains(&module) {
            CORE.contains(&used) || SYSTEMS.contains(&used) || ACTIONS.contains(&used)
        } else {
            module != APART
        };
    if allowed {
        return Ok(());
    }
    Err(if CORE.contains(&module) {
        format!("{module} is core, which knows only core")
    } else if SYSTEMS.contains(&module) {
        format!("{module} is a system, which knows core, net and config only")
    } else if ACTIONS.contains(&module) {
        format!("{module} is an action, which knows no edge")
    } else {
        format!("{module} stands in for the real systems, and knows nothing of ours")
    })
}

/// How many `super` lead from the file's module to the root.
fn depth(file: &str) -> usize {
    let places = file.trim_end_matches(".rs").split('/').count();
    if file.ends_with("/mod.rs") {
        places - 1
    } else {
        places
    }
}

/// The top-level module of ours that a path leads into, if it does.
fn own_module(path: &[String], depth: usize) -> Option<&str> {
    let from_root = if path.first()? == "crate" {
        1
    } else {
        let supers = path.iter().take_while(|word| *word == "super").count();
        if supers < depth {
            return None;
        }
        supers
    };
    path.get(from_root).map(String::as_str)
}

fn begins_with(path: &[String], start: &str) -> bool {
    let words: Vec<&str> = start.split("::").collect();
    path.len() >= words.len() && path.iter().zip(words).all(|(word, start)| word == start)
}

fn ends_with(path: &[String], end: &str) -> bool {
    let words: Vec<&str> = end.split("::").collect();
    path.len() >= words.len()
        && path
            .iter()
            .rev()
            .zip(words.iter().rev())
            .all(|(word, end)| word == end)
}

fn walk(folder: &Path, below: &str, seen: &mut dyn FnMut(&str, &str)) {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for entry in entries {
        let name = entry.file_name().unwrap().to_str().unwrap();
        if entry.is_dir() {
            walk(&entry, &format!("{below}{name}/"), seen);
        } else if name.ends_with(".rs") {
            seen(&format!("{below}{name}"), &fs::read_to_string(&entry).unwrap());
        }
    }
}

#[test]
fn the_house_keeps_its_rules() {
    let mut found = Vec::new();
    let mut files = 0;
    walk(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        "",
        &mut |file, text| {
            files += 1;
            found.extend(violations(file, text));
        },
    );
    assert!(files > 20, "the walk found only {files} files");
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn the_root_is_a_map_and_nothing_else() {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    for line in lib
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with("//!"))
    {
        let module = line
            .strip_prefix("pub mod ")
            .and_then(|rest| rest.strip_suffix(';'));
        assert!(
            module.is_some_and(is_known),
            "src/lib.rs: {line:?} is no module of a ring"
        );
    }
}

/// The checker has to catch what it is there for.
#[rstest::rstest]
#[case(
    "plan/mod.rs",
    "use crate::store::Store;",
    "src/plan/mod.rs: crate::store::Store is used, but plan is core, which knows only core"
)]
#[case(
    "run/state.rs",
    "fn now() { super::super::web::go() }",
    "src/run/state.rs: super::super::web::go is used, but run is core, which knows only core"
)]
#[case(
    "problem.rs",
    "use super::net::NetError;",
    "src/problem.rs: super::net::NetError is used, but problem is core, which knows only core"
)]
#[case(
    "flow/reader.rs",
    "use crate::{net::Client, ayon::Wire};",
    "src/flow/reader.rs: crate::ayon::Wire is used, but flow is a system, which knows core, net and config only"
)]
#[case(
    "store/mod.rs",
    "use crate::runner;",
    "src/store/mod.rs: crate::runner is used, but store is a system, which knows core, net and config only"
)]
#[case(
    "actions/sync.rs",
    "type X = crate::web::App;",
    "src/actions/sync.rs: crate::web::App is used, but actions is an action, which knows no edge"
)]
#[case(
    "sandbox/ayon/mod.rs",
    "use crate::model::AyonId;",
    "src/sandbox/ayon/mod.rs: crate::model::AyonId is used, but sandbox stands in for the real systems, and knows nothing of ours"
)]
#[case(
    "ami/post.rs",
    "use std::{collections::BTreeSet, time::{Duration, SystemTime}};",
    "src/ami/post.rs: std::time::SystemTime is used, but ami is core: no I/O, no clock, no randomness, no waiting"
)]
#[case(
    "model/mod.rs",
    "fn f() -> u8 { getrandom::fill(&mut []) }",
    "src/model/mod.rs: getrandom is used, but model is core: no I/O, no clock, no randomness, no waiting"
)]
#[case(
    "plan/mod.rs",
    "pub async fn f() {}",
    "src/plan/mod.rs: async is used, but plan is core: no I/O, no clock, no randomness, no waiting"
)]
#[case(
    "web/mod.rs",
    "use jiff::Timestamp; fn f() { Timestamp::now(); }",
    "src/web/mod.rs: Timestamp::now is used, but the time comes from runner::Services"
)]
#[case("web/utils.rs", "", "src/web/utils.rs: utils says nothing of what is inside")]
#[case("web/a/b/c.rs", "", "src/web/a/b/c.rs: folders are at most 2 deep")]
#[case(
    "extras/mod.rs",
    "",
    "src/extras/mod.rs: extras is in no ring; tell lib.rs and this test where it belongs"
)]
fn a_violation_is_named(#[case] file: &str, #[case] text: &str, #[case] expected: &str) {
    assert_eq!(violations(file, text), [expected]);
}

#[test]
fn a_long_file_is_named() {
    assert!(violations("web/mod.rs", &"\n".repeat(MOST_LINES)).is_empty());
    let found = violations("web/mod.rs", &"\n".repeat(MOST_LINES + 1));
    assert_eq!(found, ["src/web/mod.rs: 601 lines; a file has at most 600"]);
}

#[rstest::rstest]
#[case(
    "plan/sync.rs",
    "use crate::model::FlowId; use super::Plan; use std::time::Duration; use jiff::Timestamp;"
)]
#[case("ayon/mod.rs", "use crate::{net::Client, model::AyonId, config::Settings};")]
#[case("runner/mod.rs", "use crate::{actions::Sync, store::Store, run::Run};")]
#[case(
    "web/mod.rs",
    "use crate::{sandbox, runner, store, plan}; use std::time::SystemTime;"
)]
#[case(
    "sandbox/flow/mod.rs",
    "use super::studio; use crate::sandbox::controls; use tokio::net::TcpListener;"
)]
#[case("plan/mod.rs", "#[cfg(test)] mod tests { use crate::sandbox; } // crate::web")]
#[case("flow/tests.rs", "use crate::sandbox;")]
#[case("main.rs", "use amigo::cli; fn main() {}")]
fn what_is_allowed_passes(#[case] file: &str, #[case] text: &str) {
    assert_eq!(violations(file, text), Vec::<String>::new());
}
