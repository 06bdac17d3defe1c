//! How a run does what it was asked for: the options of a menu item, of the command line and of the page.

use std::collections::BTreeMap;

use super::parenting::{WhatIf, WrongWhatIf};
use super::people::{Pairs, WrongPairs};

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// Bring AYON to what Flow has.
    Sync,
    /// Move the folders that AYON has to where the rules put them.
    Reparent,
    /// Bring AYON's users to what Flow has.
    Users,
}

impl Job {
    /// The action's word: in a menu item's address, in a run's data, in the policy.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Reparent => "reparent",
            Self::Users => "users",
        }
    }

    /// The switches that people see of it.
    pub fn switches(self) -> &'static [Switch] {
        match self {
            Self::Sync => SyncOptions::SWITCHES,
            Self::Reparent => ReparentOptions::SWITCHES,
            Self::Users => &[],
        }
    }
}

/// How a job is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Options {
    Sync(SyncOptions),
    Reparent(ReparentOptions),
    Users(UsersOptions),
}

impl Options {
    /// Reads `descendants=no&tasks=yes`; what is absent keeps its default.
    pub fn parse<'a>(
        job: Job,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, WrongOption> {
        Ok(match job {
            Job::Sync => Self::Sync(SyncOptions::parse(pairs)?),
            Job::Reparent => Self::Reparent(ReparentOptions::parse(pairs)?),
            Job::Users => Self::Users(UsersOptions::parse(pairs)?),
        })
    }

    /// The options that differ from their default, as a run's data show them; [`Self::parse`] reads them back.
    pub fn as_map(&self) -> BTreeMap<String, String> {
        match self {
            Self::Sync(options) => options.as_map(),
            Self::Reparent(options) => options.as_map(),
            Self::Users(options) => options.as_map(),
        }
    }

    /// What they are for.
    pub fn job(&self) -> Job {
        match self {
            Self::Sync(_) => Job::Sync,
            Self::Reparent(_) => Job::Reparent,
            Self::Users(_) => Job::Users,
        }
    }

    /// Whether a switch is on; a word that is no switch is off.
    pub fn is_on(&self, word: &str) -> bool {
        match self {
            Self::Sync(options) => options.is_on(word),
            Self::Reparent(options) => word == DESCENDANTS.word && options.descendants,
            Self::Users(_) => false,
        }
    }

    /// What is read of Flow's rows for it. Re-parenting looks at where rows are, and at nothing that they hold.
    pub fn reads(&self) -> SyncOptions {
        let places = SyncOptions {
            status: false,
            tags: false,
            assignees: false,
            attributes: false,
            tasks: false,
            descendants: false,
        };
        match self {
            Self::Sync(options) => *options,
            Self::Reparent(options) => SyncOptions {
                descendants: options.descendants,
                ..places
            },
            Self::Users(_) => places,
        }
    }
}

const DESCENDANTS: Switch = Switch::new("descendants", "What hangs below");

/// How far re-parenting looks, and by which rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReparentOptions {
    /// Also what hangs below the selected rows.
    pub descendants: bool,
    /// Other rules than the addon's settings, for this plan only.
    pub what_if: Option<WhatIf>,
    /// Whether those rules are tried for the whole project, whatever was selected.
    pub whole: bool,
}

impl Default for ReparentOptions {
    fn default() -> Self {
        Self {
            descendants: true,
            what_if: None,
            whole: false,
        }
    }
}

impl ReparentOptions {
    const SWITCHES: &[Switch] = &[DESCENDANTS];
    /// The option that holds other rules.
    pub const WHAT_IF: &str = "what-if";
    /// The option that tries them for the whole project.
    pub const WHOLE: &str = "whole";

    fn parse<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, WrongOption> {
        let mut options = Self::default();
        each_once(pairs, |word, value| {
            match word {
                Self::WHAT_IF => options.what_if = Some(value.parse().map_err(WrongOption::WhatIf)?),
                Self::WHOLE => options.whole = yes_or_no(word, value)?,
                word if word == DESCENDANTS.word => options.descendants = yes_or_no(word, value)?,
                _ => {
                    let besides = [Self::WHAT_IF, Self::WHOLE];
                    return Err(WrongOption::unknown(word, Job::Reparent, &besides));
                }
            }
            Ok(())
        })?;
        // What can be applied is what was selected.
        match options.whole && options.what_if.is_none() {
            true => Err(WrongOption::WholeWithoutWhatIf),
            false => Ok(options),
        }
    }

    fn as_map(&self) -> BTreeMap<String, String> {
        let mut map = BTreeMap::new();
        if !self.descendants {
            map.insert(DESCENDANTS.word.to_owned(), "no".to_owned());
        }
        if let Some(what_if) = &self.what_if {
            map.insert(Self::WHAT_IF.to_owned(), what_if.to_string());
        }
        if self.whole {
            map.insert(Self::WHOLE.to_owned(), "yes".to_owned());
        }
        map
    }
}

/// Who is whom, where somebody decided it by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsersOptions {
    pub pairs: Pairs,
}

impl UsersOptions {
    /// The option that holds the pairs.
    pub const PAIRS: &str = "pairs";

    fn parse<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, WrongOption> {
        let mut options = Self::default();
        each_once(pairs, |word, value| {
            match word {
                Self::PAIRS => options.pairs = value.parse().map_err(WrongOption::Pairs)?,
                _ => return Err(WrongOption::unknown(word, Job::Users, &[Self::PAIRS])),
            }
            Ok(())
        })?;
        Ok(options)
    }

    fn as_map(&self) -> BTreeMap<String, String> {
        let pairs = Some(&self.pairs).filter(|pairs| !pairs.is_empty());
        let option = pairs.map(|pairs| (Self::PAIRS.to_owned(), pairs.to_string()));
        option.into_iter().collect()
    }
}

/// One switch of an action: it rides in a menu item's URL (`?tags=no`), on the command line (`--no-tags`)
/// and stands on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switch {
    /// What people write.
    pub word: &'static str,
    /// What people read.
    pub title: &'static str,
}

/// What a sync carries over and how far it looks; all of it, until somebody switches a part off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncOptions {
    /// Statuses of folders and tasks.
    pub status: bool,
    pub tags: bool,
    /// Who works on a task.
    pub assignees: bool,
    /// The fields that the addon's settings map to attributes.
    pub attributes: bool,
    /// Also the Tasks of the selected rows and of what is below them.
    pub tasks: bool,
    /// Also what hangs below the selected rows.
    pub descendants: bool,
}

impl Default for SyncOptions {
    fn default() -> Self {
        Self {
            status: true,
            tags: true,
            assignees: true,
            attributes: true,
            tasks: true,
            descendants: true,
        }
    }
}

/// An option that cannot be understood.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongOption {
    #[error("The option {word:?} is not known; {action} knows {known}.")]
    Unknown {
        word: String,
        action: &'static str,
        known: String,
    },
    #[error("The option {0}={1:?} is neither yes nor no.")]
    Value(String, String),
    #[error("The option {0} is given twice.")]
    Twice(String),
    #[error("The option whole is for trying rules: it needs what-if.")]
    WholeWithoutWhatIf,
    #[error("The option what-if cannot be read: {0}.")]
    WhatIf(#[source] WrongWhatIf),
    #[error("The option pairs cannot be read: {0}.")]
    Pairs(#[source] WrongPairs),
}

impl WrongOption {
    /// A word that is no option of an action, whose options are its switches and these.
    fn unknown(word: &str, job: Job, besides: &[&str]) -> Self {
        let switches = job.switches().iter().map(|switch| switch.word);
        let known: Vec<&str> = switches.chain(besides.iter().copied()).collect();
        Self::Unknown {
            word: word.to_owned(),
            action: job.word(),
            known: known.join(", "),
        }
    }
}

/// Reads options that may each be given once.
fn each_once<'a>(
    pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    mut read: impl FnMut(&'a str, &'a str) -> Result<(), WrongOption>,
) -> Result<(), WrongOption> {
    let mut given: Vec<&str> = Vec::new();
    for (word, value) in pairs {
        if given.contains(&word) {
            return Err(WrongOption::Twice(word.to_owned()));
        }
        given.push(word);
        read(word, value)?;
    }
    Ok(())
}

fn yes_or_no(word: &str, value: &str) -> Result<bool, WrongOption> {
    match value.to_ascii_lowercase().as_str() {
        "yes" | "true" | "1" | "on" => Ok(true),
        "no" | "false" | "0" | "off" => Ok(false),
        _ => Err(WrongOption::Value(word.to_owned(), value.to_owned())),
    }
}

impl SyncOptions {
    /// Every switch, in the order in which people see them.
    pub const SWITCHES: &[Switch] = &[
        Switch::new("status", "Statuses"),
        Switch::new("tags", "Tags"),
        Switch::new("assignees", "Assignees"),
        Switch::new("attributes", "Attributes"),
        Switch::new("tasks", "Tasks"),
        DESCENDANTS,
    ];

    /// Whether a switch is on; a word that is no switch is off.
    pub fn is_on(&self, word: &str) -> bool {
        let mut copy = *self;
        copy.switch(word).is_ok_and(|on| *on)
    }

    /// Reads `descendants=no&tasks=yes`; what is absent keeps its default.
    pub fn parse<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, WrongOption> {
        let mut options = Self::default();
        each_once(pairs, |word, value| {
            *options.switch(word)? = yes_or_no(word, value)?;
            Ok(())
        })?;
        Ok(options)
    }

    /// The options that differ from their default, as a run's data show them; [`Self::parse`] reads them back.
    pub fn as_map(&self) -> BTreeMap<String, String> {
        let usual = Self::default();
        Self::SWITCHES
            .iter()
            .map(|switch| (switch.word, self.is_on(switch.word)))
            .filter(|(word, on)| *on != usual.is_on(word))
            .map(|(word, on)| (word.to_owned(), if on { "yes" } else { "no" }.to_owned()))
            .collect()
    }

    /// Where a switch is kept.
    fn switch(&mut self, word: &str) -> Result<&mut bool, WrongOption> {
        Ok(match word {
            "status" => &mut self.status,
            "tags" => &mut self.tags,
            "assignees" => &mut self.assignees,
            "attributes" => &mut self.attributes,
            "tasks" => &mut self.tasks,
            "descendants" => &mut self.descendants,
            _ => return Err(WrongOption::unknown(word, Job::Sync, &[])),
        })
    }
}

impl Switch {
    const fn new(word: &'static str, title: &'static str) -> Self {
        Self { word, title }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stops compiling when an option is added, and fails until the table has its switch.
    const ALL_OFF: SyncOptions = SyncOptions {
        status: false,
        tags: false,
        assignees: false,
        attributes: false,
        tasks: false,
        descendants: false,
    };

    fn words() -> impl Iterator<Item = &'static str> {
        SyncOptions::SWITCHES.iter().map(|switch| switch.word)
    }

    #[test]
    fn the_table_holds_every_switch() {
        assert_eq!(SyncOptions::parse(words().map(|word| (word, "no"))), Ok(ALL_OFF));
        assert!(words().all(|word| SyncOptions::default().is_on(word)));
        assert!(!words().any(|word| ALL_OFF.is_on(word)));
        assert!(!SyncOptions::default().is_on("force"));
    }

    #[test]
    fn each_switch_is_one_of_its_own_and_read_back_as_it_was() {
        assert_eq!(SyncOptions::default().as_map(), BTreeMap::new());
        for word in words() {
            let options = SyncOptions::parse([(word, "no")]).unwrap();
            let off: Vec<&str> = words().filter(|word| !options.is_on(word)).collect();
            assert_eq!(off, [word]);
            let map = options.as_map();
            assert_eq!(map, BTreeMap::from([(word.to_owned(), "no".to_owned())]));
            let pairs = map.iter().map(|(word, value)| (word.as_str(), value.as_str()));
            assert_eq!(SyncOptions::parse(pairs), Ok(options));
        }
    }

    #[test]
    fn what_is_no_option_is_told_with_the_words_that_are() {
        let unknown = SyncOptions::parse([("force", "yes")]).unwrap_err();
        assert_eq!(
            unknown.to_string(),
            "The option \"force\" is not known; sync knows status, tags, assignees, attributes, tasks, descendants."
        );
        assert_eq!(
            SyncOptions::parse([("tags", "perhaps")]),
            Err(WrongOption::Value("tags".to_owned(), "perhaps".to_owned()))
        );
        assert_eq!(
            SyncOptions::parse([("tags", "no"), ("tags", "no")]),
            Err(WrongOption::Twice("tags".to_owned()))
        );
    }

    #[test]
    fn options_of_re_parenting_are_read_back_as_they_were() {
        for (pairs, map) in [
            (vec![("descendants", "yes")], BTreeMap::new()),
            (
                vec![
                    ("descendants", "off"),
                    ("what-if", "root_relocate:Shot=a"),
                    ("whole", "yes"),
                ],
                BTreeMap::from([
                    ("whole", "yes"),
                    ("descendants", "no"),
                    ("what-if", "root_relocate: Shot = a[Folder]"),
                ]),
            ),
        ] {
            let options = Options::parse(Job::Reparent, pairs).unwrap();
            let told = options.as_map();
            let told: BTreeMap<&str, &str> = told.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            assert_eq!(told, map);
            assert_eq!(Options::parse(Job::Reparent, told), Ok(options));
        }
        let users = Options::parse(Job::Users, [("pairs", "58:+ 57:mira")]).unwrap();
        let told = users.as_map();
        assert_eq!(told["pairs"], "57:mira 58:+");
        assert_eq!(
            Options::parse(Job::Users, [("pairs", told["pairs"].as_str())]),
            Ok(users)
        );
        assert!(Options::parse(Job::Users, [("pairs", "57:a b")]).is_err());
        let alone = Options::parse(Job::Reparent, [("whole", "yes")]);
        assert_eq!(alone, Err(WrongOption::WholeWithoutWhatIf));
        let unknown = Options::parse(Job::Reparent, [("tags", "no")]).unwrap_err();
        assert_eq!(
            unknown.to_string(),
            "The option \"tags\" is not known; reparent knows descendants, what-if, whole."
        );
    }
}
