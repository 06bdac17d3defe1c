//! Where the database is, read from its address.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnectOptions;

use crate::store::StoreError;

/// A file, or memory for as long as the process lives.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Location {
    File(PathBuf),
    Memory,
}

impl Location {
    /// Reads `sqlite://amigo.db`, `sqlite:///abs/path.db` or `sqlite::memory:`. The path is taken to the letter.
    pub fn parse(url: &str) -> Result<Self, StoreError> {
        let wrong = || {
            // The address of another kind of database may carry a password before its `@`.
            let shown = if url.contains('@') { "the address" } else { url };
            StoreError::Open(format!(
                "{shown:?} names no database file; an address looks like sqlite://amigo.db or sqlite:///folder/amigo.db"
            ))
        };
        let rest = url.strip_prefix("sqlite:").ok_or_else(wrong)?;
        match rest.strip_prefix("//").unwrap_or(rest) {
            ":memory:" => Ok(Self::Memory),
            // Drivers take options after a question mark; amigo has none to offer, and a file of such a name is
            // surely not meant.
            path if path.is_empty() || path.contains('?') => Err(wrong()),
            path => Ok(Self::File(PathBuf::from(path))),
        }
    }

    /// Makes the file when it is missing, readable for its owner alone: run ids are capabilities.
    ///
    /// SQLite gives the files it puts beside it the same rights.
    pub fn make_private(&self) -> Result<(), StoreError> {
        let Self::File(path) = self else {
            return Ok(());
        };
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(path) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let folder = path.parent().unwrap_or(Path::new("")).display();
                Err(self.failed(format!("the folder {folder} does not exist")))
            }
            Err(error) => Err(self.failed(error.to_string())),
        }
    }

    /// What a driver needs to find the database.
    pub fn options(&self) -> SqliteConnectOptions {
        let options = SqliteConnectOptions::new();
        match self {
            Self::File(path) => options.filename(path),
            Self::Memory => options.in_memory(true),
        }
    }

    /// An error with the place in front.
    pub fn failed(&self, cause: String) -> StoreError {
        StoreError::Open(match self {
            Self::File(path) => format!("{}: {cause}", path.display()),
            Self::Memory => format!("in memory: {cause}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_a_file_or_memory() {
        for (url, path) in [
            ("sqlite://amigo.db", "amigo.db"),
            ("sqlite:amigo.db", "amigo.db"),
            ("sqlite://data/amigo.db", "data/amigo.db"),
            ("sqlite:///var/lib/amigo/a b.db", "/var/lib/amigo/a b.db"),
        ] {
            assert_eq!(
                Location::parse(url).unwrap(),
                Location::File(path.into()),
                "{url}"
            );
        }
        for url in ["sqlite::memory:", "sqlite://:memory:"] {
            assert_eq!(Location::parse(url).unwrap(), Location::Memory, "{url}");
        }
    }

    #[test]
    fn other_addresses_are_refused() {
        for url in [
            "",
            "amigo.db",
            "sqlite:",
            "sqlite://",
            "sqlite://amigo.db?mode=ro",
            "mysql://x",
        ] {
            let text = Location::parse(url).unwrap_err().to_string();
            assert!(
                text.contains(&format!("{url:?} names no database file")),
                "{text}"
            );
        }
    }
}
