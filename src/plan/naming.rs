//! Names: how Flow's free text becomes an AYON name, the addon's way (`ayon-shotgrid-behaviour.md §3.2`).

use unidecode::unidecode;

const SEPARATORS: &[char] = &[
    ' ', ',', '.', '/', '\\', ';', ':', '!', '|', '*', '^', '#', '@', '~', '+', '-', '_', '=',
];

/// What happens to the empty pieces between two separators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pieces {
    /// They stay, as repeated underscores: folders.
    KeepEmpty,
    /// They go: tasks, asset categories, projects.
    DropEmpty,
}

/// An AYON name made of Flow text; may be empty, which AYON refuses. Case is kept.
pub fn slug(text: &str, pieces: Pieces) -> String {
    unidecode(text)
        .split(SEPARATORS)
        .map(|piece| {
            piece
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .collect::<String>()
        })
        .filter(|piece| pieces == Pieces::KeepEmpty || !piece.is_empty())
        .collect::<Vec<_>>()
        .join("_")
}

/// Whether AYON accepts the text as the name of a folder or task (`ayon-api.md §0.9`).
pub fn entity_name_allowed(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let (Some(first), Some(last)) = (text.bytes().next(), text.bytes().last()) else {
        return false;
    };
    word(first) && word(last) && text.bytes().all(|byte| word(byte) || matches!(byte, b'.' | b'-'))
}

/// Whether AYON accepts the text as a label (`ayon-api.md §0.9`).
pub fn label_allowed(text: &str) -> bool {
    !text.contains(['\'', ';'])
}

/// The text without NUL, which AYON cannot store (`ayon-api.md §1.5`), and without space around it.
pub fn clean(text: &str) -> String {
    text.replace('\0', "").trim().to_owned()
}

/// The text without what would make it look like another one: control characters, and those that turn the direction of
/// writing.
pub fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !misleads(*c))
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Whether a character is not seen itself, and changes how others look.
pub fn misleads(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether AYON accepts the text as a project name or code (`ayon-api.md §2.2`).
pub fn project_name_allowed(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether AYON's look-up of `name` could find `other` instead: `_` reads as any character there, and case
/// does not count (`ayon-api.md §2.5`).
pub fn looked_up_as(name: &str, other: &str) -> bool {
    name.chars().count() == other.chars().count()
        && name
            .chars()
            .zip(other.chars())
            .all(|(n, o)| n == '_' || n.eq_ignore_ascii_case(&o))
}

#[cfg(test)]
mod tests {
    use super::{Pieces, entity_name_allowed, label_allowed, looked_up_as, slug};

    /// The table of `ayon-shotgrid-behaviour.md §3.2`: text, folder name, task name.
    const TABLE: &[(&str, &str, &str)] = &[
        ("sh_010", "sh_010", "sh_010"),
        ("SH-010", "SH_010", "SH_010"),
        ("sh.010", "sh_010", "sh_010"),
        ("my shot", "my_shot", "my_shot"),
        ("foo - bar", "foo___bar", "foo_bar"),
        ("_edit_shot", "_edit_shot", "edit_shot"),
        ("trail ", "trail_", "trail"),
        ("foo__bar", "foo__bar", "foo_bar"),
        ("my_asset (renamed)", "my_asset_renamed", "my_asset_renamed"),
        ("100%", "100", "100"),
        ("A&B", "AB", "AB"),
        ("it's", "its", "its"),
        ("Café", "Cafe", "Cafe"),
        ("北京", "Bei_Jing_", "Bei_Jing"),
        ("ß", "ss", "ss"),
        ("Comp/Roto", "Comp_Roto", "Comp_Roto"),
        ("v+1=2", "v_1_2", "v_1_2"),
        ("sh#10", "sh_10", "sh_10"),
        ("???", "", ""),
        ("", "", ""),
    ];

    #[test]
    fn slugs_are_the_addons() {
        for (text, folder, task) in TABLE {
            assert_eq!(&slug(text, Pieces::KeepEmpty), folder, "folder name of {text:?}");
            assert_eq!(&slug(text, Pieces::DropEmpty), task, "task name of {text:?}");
        }
    }

    #[test]
    fn names_refuse_what_ayon_refuses() {
        for name in ["a", "_a_", "a.b", "a-b", "All_Shots"] {
            assert!(entity_name_allowed(name), "{name}");
        }
        for name in ["", "my asset", "-abc", "abc-", ".abc", "abc.", "é", "a/b"] {
            assert!(!entity_name_allowed(name), "{name}");
        }
    }

    #[test]
    fn labels_refuse_what_ayon_refuses() {
        assert!(label_allowed("Café & \"co\" 🎬"));
        assert!(!label_allowed("it's"));
        assert!(!label_allowed("a;b"));
    }

    #[test]
    fn an_underscore_is_looked_up_as_any_character() {
        assert!(looked_up_as("zb_c", "zbxc"));
        assert!(looked_up_as("zb_c", "ZB_C"));
        assert!(!looked_up_as("zbxc", "zb_c"));
        assert!(!looked_up_as("zb_c", "zbxcd"));
    }
}
