//! A Flow row as it was read, its attributes and relationships under one roof (`flow-api.md §4.5`).
//!
//! A page holds thousands of them, so what all rows have in common is kept once: the names of usual fields and types.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::model::{FlowId, FlowType};

/// Fields that most questions ask for.
const USUAL: [&str; 16] = [
    "project",
    "code",
    "content",
    "entity",
    "sg_sequence",
    "episode",
    "sg_asset_type",
    "sg_ayon_id",
    "sg_ayon_sync_status",
    "sg_status_list",
    "step.Step.code",
    "step.Step.short_name",
    "tags",
    "task_assignees",
    "name",
    "login",
];
/// Types that are linked to beside those that are synced.
const OTHER_TYPES: [&str; 3] = ["HumanUser", "Group", "Tag"];

/// A Flow row.
#[derive(Debug)]
pub struct Record {
    pub id: FlowId,
    cells: Vec<(Cow<'static, str>, Cell)>,
}

/// What one field holds.
#[derive(Debug)]
enum Cell {
    Value(Value),
    One(Option<Link>),
    Many(Vec<Link>),
}

/// A link to another row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub kind: Cow<'static, str>,
    pub id: FlowId,
    pub name: String,
}

impl Record {
    fn cell(&self, field: &str) -> Option<&Cell> {
        let (_, cell) = self.cells.iter().find(|(name, _)| name == field)?;
        Some(cell)
    }

    fn attribute(&self, field: &str) -> Option<&Value> {
        match self.cell(field)? {
            Cell::Value(value) => Some(value),
            Cell::One(_) | Cell::Many(_) => None,
        }
    }

    /// A text field; a number is given as text, an empty text as nothing.
    pub fn text(&self, field: &str) -> Option<String> {
        match self.attribute(field)? {
            Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    pub fn flag(&self, field: &str) -> bool {
        self.attribute(field).and_then(Value::as_bool).unwrap_or(false)
    }

    pub fn object(&self, field: &str) -> Option<&Map<String, Value>> {
        self.attribute(field)?.as_object()
    }

    /// The row that a single link points at.
    pub fn link(&self, field: &str) -> Option<&Link> {
        match self.cell(field)? {
            Cell::One(link) => link.as_ref(),
            Cell::Value(_) | Cell::Many(_) => None,
        }
    }

    /// The rows that a field links to, however many it may hold.
    pub fn links_of(&self, field: &str) -> &[Link] {
        match self.cell(field) {
            Some(Cell::One(link)) => link.as_slice(),
            Some(Cell::Many(links)) => links,
            Some(Cell::Value(_)) | None => &[],
        }
    }

    /// A field's value as it is; of links the names. Null where there is nothing.
    pub fn value(&self, field: &str) -> Value {
        let name = |link: &Link| Value::String(link.name.clone());
        match self.cell(field) {
            Some(Cell::Value(value)) => value.clone(),
            Some(Cell::One(link)) => link.as_ref().map_or(Value::Null, name),
            Some(Cell::Many(links)) => links.iter().map(name).collect(),
            None => Value::Null,
        }
    }

    /// Whether the field holds a list of rows.
    pub fn holds_many(&self, field: &str) -> bool {
        matches!(self.cell(field), Some(Cell::Many(_)))
    }

    /// Whether Flow knows the field: unknown ones are silently left out (`flow-api.md §8.12`).
    pub fn has(&self, field: &str) -> bool {
        self.cell(field).is_some()
    }
}

/// The word itself where it is a usual one.
fn shared(word: &str, usual: impl IntoIterator<Item = &'static str>) -> Cow<'static, str> {
    let known = usual.into_iter().find(|known| *known == word);
    known.map_or_else(|| Cow::Owned(word.to_owned()), Cow::Borrowed)
}

impl<'de> Deserialize<'de> for Record {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Row;

        impl<'de> Visitor<'de> for Row {
            type Value = Record;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a row")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Record, M::Error> {
                let (mut id, mut cells) = (None, Vec::new());
                while let Some(key) = map.next_key::<Cow<'_, str>>()? {
                    match key.as_ref() {
                        "id" => id = Some(map.next_value()?),
                        "attributes" => map.next_value_seed(Cells::<Attribute>::of(&mut cells))?,
                        "relationships" => map.next_value_seed(Cells::<Relationship>::of(&mut cells))?,
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                let id = id.ok_or_else(|| M::Error::missing_field("id"))?;
                Ok(Record {
                    id: FlowId(id),
                    cells,
                })
            }
        }

        deserializer.deserialize_map(Row)
    }
}

/// The fields of one half of a row, read into the cells of the whole.
struct Cells<'a, T> {
    cells: &'a mut Vec<(Cow<'static, str>, Cell)>,
    half: std::marker::PhantomData<T>,
}

impl<'a, T> Cells<'a, T> {
    fn of(cells: &'a mut Vec<(Cow<'static, str>, Cell)>) -> Self {
        Self {
            cells,
            half: std::marker::PhantomData,
        }
    }
}

impl<'de, T: Deserialize<'de> + Into<Cell>> DeserializeSeed<'de> for Cells<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: Deserialize<'de> + Into<Cell>> Visitor<'de> for Cells<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the fields of a row")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(name) = map.next_key::<Cow<'_, str>>()? {
            let name = shared(&name, USUAL);
            let value: T = map.next_value()?;
            self.cells.push((name, value.into()));
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Attribute(Value);

impl From<Attribute> for Cell {
    fn from(attribute: Attribute) -> Self {
        Self::Value(attribute.0)
    }
}

#[derive(Deserialize)]
struct Relationship {
    #[serde(default)]
    data: Linked,
}

/// One row, several, or none.
#[derive(Default)]
enum Linked {
    #[default]
    Nothing,
    One(WireLink),
    Many(Vec<WireLink>),
}

#[derive(Deserialize)]
struct WireLink {
    id: i64,
    #[serde(rename = "type")]
    kind: String,
    name: Option<String>,
}

impl From<WireLink> for Link {
    fn from(link: WireLink) -> Self {
        let types = FlowType::ALL.into_iter().map(FlowType::as_str).chain(OTHER_TYPES);
        Self {
            name: link.name.unwrap_or_else(|| format!("{} {}", link.kind, link.id)),
            kind: shared(&link.kind, types),
            id: FlowId(link.id),
        }
    }
}

impl From<Relationship> for Cell {
    fn from(relationship: Relationship) -> Self {
        match relationship.data {
            Linked::Nothing => Self::One(None),
            Linked::One(link) => Self::One(Some(link.into())),
            Linked::Many(links) => Self::Many(links.into_iter().map(Link::from).collect()),
        }
    }
}

impl<'de> Deserialize<'de> for Linked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;

        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Linked;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a row, a list of rows, or null")
            }

            fn visit_unit<E>(self) -> Result<Linked, E> {
                Ok(Linked::Nothing)
            }

            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Linked, M::Error> {
                WireLink::deserialize(MapAccessDeserializer::new(map)).map(Linked::One)
            }

            fn visit_seq<S: SeqAccess<'de>>(self, seq: S) -> Result<Linked, S::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(Linked::Many)
            }
        }

        deserializer.deserialize_any(OneOrMany)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Record;
    use crate::model::FlowId;

    #[test]
    fn attributes_and_relationships_stand_under_one_roof() {
        let record: Record = serde_json::from_value(json!({
            "type": "Task", "id": 7, "links": {"self": "/x"},
            "attributes": {"content": "anim", "sg_frames": 12, "empty": "", "none": null},
            "relationships": {
                "entity": {"data": {"id": 3, "name": "sh010", "type": "Shot"}, "links": {"self": "/y"}},
                "step": {"data": null},
                "tags": {"data": [{"id": 1, "name": "hero", "type": "Tag"}]},
                "users": {"data": []},
            },
        }))
        .unwrap();
        assert_eq!(record.id, FlowId(7));
        assert_eq!(record.text("content").as_deref(), Some("anim"));
        assert_eq!(record.text("sg_frames").as_deref(), Some("12"));
        assert_eq!(record.text("empty"), None);
        let entity = record.link("entity").unwrap();
        assert_eq!(
            (&*entity.kind, entity.id, entity.name.as_str()),
            ("Shot", FlowId(3), "sh010")
        );
        assert!(record.link("step").is_none() && record.link("tags").is_none());
        assert!(record.holds_many("tags") && record.holds_many("users"));
        assert_eq!(record.links_of("entity").len(), 1);
        assert_eq!(record.value("tags"), json!(["hero"]));
        assert_eq!(record.value("entity"), json!("sh010"));
        assert_eq!(record.value("step"), json!(null));
        assert!(record.has("none") && record.has("step") && !record.has("unknown"));
    }

    #[test]
    fn a_row_without_an_id_is_none() {
        assert!(serde_json::from_value::<Record>(json!({"attributes": {}})).is_err());
        assert!(
            serde_json::from_value::<Record>(json!({"id": 1, "relationships": {"a": {"data": 5}}})).is_err()
        );
    }
}
