//! Connections: the arguments of a GraphQL list, its pages and its cursors (`ayon-api.md §6.2`).

use std::rc::Rc;

use serde_json::{Value, json};

use super::fields::{Object, as_flag, as_integer, as_text};
use super::names;
use super::refusal::Refusal;
use super::resolve::{Node, Out};

/// Rows of a page when nothing else is asked for.
const DEFAULT_PAGE: usize = 100;

/// The evaluated arguments of a field.
pub(super) struct Args(pub(super) Object);

impl Args {
    fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        as_text(self.get(name)?)
    }

    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        as_flag(self.get(name)?)
    }

    fn integer(&self, name: &str) -> Option<i64> {
        as_integer(self.get(name)?)
    }

    /// A list; a single value counts as a list of one.
    pub(super) fn list(&self, name: &str) -> Option<Vec<&Value>> {
        match self.get(name)? {
            Value::Array(items) => Some(items.iter().collect()),
            single => Some(vec![single]),
        }
    }

    pub(super) fn texts(&self, name: &str) -> Option<Vec<String>> {
        Some(self.list(name)?.into_iter().filter_map(as_text).collect())
    }

    /// A list of ids in their stored form.
    pub(super) fn ids(&self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        let Some(given) = self.texts(name) else {
            return Ok(None);
        };
        let ids = given.iter().map(|id| stored_id(id));
        Ok(Some(ids.collect::<Result<_, _>>()?))
    }

    /// Names of types or statuses, which these filters check (§2.3).
    pub(super) fn filter_names(&self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        let given = self.texts(name);
        match given.iter().flatten().find(|word| !names::is_filter_name(word)) {
            Some(bad) => Err(Refusal::bad_request(format!("Invalid name {bad}"))),
            None => Ok(given),
        }
    }

    /// `attributes:[{name, values}]`: all entries must fit, any of their values does.
    pub(super) fn attributes(&self) -> Vec<(String, Vec<String>)> {
        let entries = self.list("attributes").unwrap_or_default();
        let entries = entries.into_iter().filter_map(|entry| {
            let values = entry
                .get("values")?
                .as_array()?
                .iter()
                .filter_map(as_text)
                .collect();
            Some((entry.get("name")?.as_str()?.to_owned(), values))
        });
        entries.collect()
    }
}

/// An id in its stored form.
pub(super) fn stored_id(id: &str) -> Result<String, Refusal> {
    names::stored_id(id).ok_or_else(|| Refusal::bad_request(format!("Invalid entity ID {id}")))
}

/// One page of rows.
pub(super) struct Connection<'a> {
    /// `FoldersConnection`, …
    type_name: &'static str,
    /// Cursor and row.
    rows: Vec<(String, Node<'a>)>,
    full: bool,
    backwards: bool,
}

impl<'a> Connection<'a> {
    /// The page that the arguments ask for, of rows that come in the order of their numbers.
    pub(super) fn page(
        type_name: &'static str,
        args: &Args,
        mut rows: Vec<(u64, Node<'a>)>,
    ) -> Result<Out<'a>, Refusal> {
        let backwards = args.integer("last").is_some_and(|last| last != 0);
        let asked = args
            .integer(if backwards { "last" } else { "first" })
            .unwrap_or(0);
        let limit = match usize::try_from(asked) {
            Ok(0) => DEFAULT_PAGE,
            Ok(limit) => limit,
            Err(_) => return Err(Refusal::bad_request("LIMIT must not be negative")),
        };
        if let Some(after) = cursor(args, "after")? {
            rows.retain(|(number, _)| *number > after);
        }
        if let Some(before) = cursor(args, "before")? {
            rows.retain(|(number, _)| *number < before);
        }
        if backwards {
            rows.reverse();
        }
        rows.truncate(limit);
        let full = rows.len() == limit;
        // The real cursors are base64 of the same JSON; they are opaque, so hex does.
        let rows = rows
            .into_iter()
            .map(|(number, node)| (hex::encode(format!("[{number}]")), node))
            .collect();
        Ok(Out::One(Node::Connection(Rc::new(Self {
            type_name,
            rows,
            full,
            backwards,
        }))))
    }

    pub(super) fn type_name(&self) -> &str {
        self.type_name
    }

    pub(super) fn edges(&self) -> Vec<Node<'a>> {
        let edge = match self.type_name {
            "ProjectsConnection" => "ProjectEdge",
            "FoldersConnection" => "FolderEdge",
            "TasksConnection" => "TaskEdge",
            "ProductsConnection" => "ProductEdge",
            "VersionsConnection" => "VersionEdge",
            "WorkfilesConnection" => "WorkfileEdge",
            "UsersConnection" => "UserEdge",
            _ => "EventEdge",
        };
        let rows = self.rows.iter();
        rows.map(|(cursor, node)| Node::Edge(edge, cursor.clone(), Box::new(node.clone())))
            .collect()
    }

    /// A field of `pageInfo`. "There is more" means only that this page was full.
    pub(super) fn page_info(&self, name: &str) -> Value {
        match name {
            "hasNextPage" => json!(self.full && !self.backwards),
            "hasPreviousPage" => json!(self.full && self.backwards),
            "startCursor" => json!(self.rows.first().map(|(cursor, _)| cursor)),
            _ => json!(self.rows.last().map(|(cursor, _)| cursor)),
        }
    }
}

fn cursor(args: &Args, name: &str) -> Result<Option<u64>, Refusal> {
    let Some(text) = args.text(name).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let bytes = hex::decode(text).unwrap_or_default();
    match serde_json::from_slice::<[u64; 1]>(&bytes) {
        Ok([number]) => Ok(Some(number)),
        Err(_) => Err(Refusal::bad_request("Invalid cursor")),
    }
}
