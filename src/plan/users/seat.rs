//! Where a person stands on the board of users.

use serde::{Deserialize, Serialize};

use crate::model::FlowId;

use super::matching::By;

/// The columns of the board, in the order in which people read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Column {
    /// Nobody knows for certain who they are in AYON.
    Decide,
    Create,
    /// They are a user who is not linked with them yet.
    Link,
    /// A user who is linked with them, and has something to change.
    Update,
    /// Both sides agree.
    Matched,
    /// They left Flow.
    Leavers,
    LeftOut,
}

impl Column {
    pub const ALL: [Self; 7] = [
        Self::Decide,
        Self::Create,
        Self::Link,
        Self::Update,
        Self::Matched,
        Self::Leavers,
        Self::LeftOut,
    ];
}

/// What a node of a plan of users holds besides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seat {
    pub column: Column,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The AYON user that they are or would be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// What says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// Whether somebody decided it for this plan.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_hand: bool,
    /// AYON users that they could be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
    /// Of the selected rows the Tasks that they are assigned to, where AYON could not know that before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<FlowId>,
}

impl Seat {
    pub fn at(column: Column) -> Self {
        Self {
            column,
            login: None,
            email: None,
            user: None,
            by: None,
            by_hand: false,
            candidates: Vec::new(),
            tasks: Vec::new(),
        }
    }
}

/// An AYON user that a person could be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    pub active: bool,
}
