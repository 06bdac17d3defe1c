//! How a run does what it was asked for: the options of a menu item, of the command line and of the page.

use std::collections::BTreeMap;

/// One switch of the `sync` action: it rides in a menu item's URL (`?tags=no`), on the command line (`--no-tags`)
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
    #[error("The option {0:?} is not known; sync knows {known}.", known = SyncOptions::words())]
    Unknown(String),
    #[error("The option {0}={1:?} is neither yes nor no.")]
    Value(String, String),
    #[error("The option {0} is given twice.")]
    Twice(String),
}

impl SyncOptions {
    /// Every switch, in the order in which people see them.
    pub const SWITCHES: &[Switch] = &[
        Switch::new("status", "Statuses"),
        Switch::new("tags", "Tags"),
        Switch::new("assignees", "Assignees"),
        Switch::new("attributes", "Attributes"),
        Switch::new("tasks", "Tasks"),
        Switch::new("descendants", "What hangs below"),
    ];

    /// Whether a switch is on; a word that is no switch is off.
    pub fn is_on(&self, word: &str) -> bool {
        let mut copy = *self;
        copy.switch(word).is_ok_and(|on| *on)
    }

    /// Reads `descendants=no&tasks=yes`; what is absent keeps its default.
    pub fn parse<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, WrongOption> {
        let mut options = Self::default();
        let mut given: Vec<&str> = Vec::new();
        for (word, value) in pairs {
            if given.contains(&word) {
                return Err(WrongOption::Twice(word.to_owned()));
            }
            given.push(word);
            *options.switch(word)? = match value.to_ascii_lowercase().as_str() {
                "yes" | "true" | "1" | "on" => true,
                "no" | "false" | "0" | "off" => false,
                _ => return Err(WrongOption::Value(word.to_owned(), value.to_owned())),
            };
        }
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
            _ => return Err(WrongOption::Unknown(word.to_owned())),
        })
    }

    /// The words of all switches, for a sentence.
    fn words() -> String {
        let words: Vec<&str> = Self::SWITCHES.iter().map(|switch| switch.word).collect();
        words.join(", ")
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
}
