//! Entities that somebody else made first: whatever was to go below ours goes below theirs.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use crate::model::{AyonId, FlowField};
use crate::plan::WriteBack;

/// Our ids, and those that stand for the same Flow rows.
#[derive(Default)]
pub(super) struct Instead(BTreeMap<String, String>);

impl Instead {
    /// From here on `theirs` is meant where `ours` is said.
    pub fn put(&mut self, ours: &str, theirs: &str) {
        if ours != theirs {
            self.0.insert(ours.to_owned(), theirs.to_owned());
        }
    }

    /// A row of a bulk write with the right parent.
    pub fn row<'b>(&self, body: &'b Value) -> Cow<'b, Value> {
        let mut body = Cow::Borrowed(body);
        for parent in ["parentId", "folderId"] {
            let theirs = body["data"]
                .get(parent)
                .and_then(Value::as_str)
                .and_then(|ours| self.0.get(ours));
            if let Some(theirs) = theirs {
                body.to_mut()["data"][parent] = Value::String(theirs.clone());
            }
        }
        body
    }

    /// What stands for an entity of ours that somebody else made.
    pub fn of(&self, ours: AyonId) -> Option<&str> {
        self.0.get(&ours.to_string()).map(String::as_str)
    }
}

/// What Flow hears of a row that is `theirs`, also when it holds our id already and was to hear no other.
pub(super) fn told_of(mut back: WriteBack, theirs: &str) -> WriteBack {
    match back
        .values
        .iter_mut()
        .find(|(field, _)| *field == FlowField::AyonId)
    {
        Some((_, id)) => theirs.clone_into(id),
        None => back.values.push((FlowField::AyonId, theirs.to_owned())),
    }
    back
}
