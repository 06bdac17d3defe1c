//! In what AYON differs from what the addon would have left there: what people and time do to a linked pair.

use serde_json::Value;

/// Empty when AYON holds the row as the addon would have left it.
#[derive(Clone, Debug, Default)]
pub struct Drift {
    /// AYON's id, where Flow's `sg_ayon_id` holds another one or nothing.
    pub id: Option<String>,
    /// The AYON name, where it is not made of Flow's.
    pub name: Option<&'static str>,
    /// Where it hangs in AYON instead.
    pub parent: Option<(&'static str, i64)>,
    /// Whether it hangs right below the project instead.
    pub at_root: bool,
    /// Id of the Flow Project in whose AYON project it is instead.
    pub project: Option<i64>,
    /// Folder type or task type instead.
    pub subtype: Option<&'static str>,
    pub link: Link,
    pub inactive: bool,
    /// Name of its AYON status instead.
    pub status: Option<&'static str>,
    /// Tags that Flow does not have.
    pub tags: Vec<&'static str>,
    /// Users that Flow does not name.
    pub assignees: Vec<&'static str>,
    /// Own attributes instead.
    pub attrib: Vec<(&'static str, Value)>,
}

/// Whom `shotgridId` and `shotgridType` name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// The row itself.
    #[default]
    Own,
    Nobody,
    Other(&'static str, i64),
}
