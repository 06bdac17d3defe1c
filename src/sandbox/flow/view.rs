//! Reading values of rows: derived fields, links whose target is gone, dotted paths.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use serde_json::Value;

use super::schema::{DataType, Field, Kind};
use super::site::{Row, Site, link_parts};

/// The rows that point at each row through one field.
type Pointers = Rc<HashMap<(Kind, i64), Vec<i64>>>;

/// The site as one request reads it. Reverse links are indexed when first asked for and kept for the request.
pub(super) struct View<'s> {
    pub site: &'s Site,
    pointers: RefCell<HashMap<(Kind, &'static str), Pointers>>,
}

/// A field reached over links, such as `sg_sequence.Sequence.code`.
pub(super) struct Path<'s> {
    /// The links to follow, each with the type its target must have.
    hops: Vec<(&'s Field, Kind)>,
    pub field: &'s Field,
}

impl Path<'_> {
    /// Whether it leads through a field that may hold many links.
    pub fn is_through_many(&self) -> bool {
        self.hops
            .iter()
            .any(|(field, _)| field.data_type == DataType::MultiEntity)
    }
}

impl<'s> View<'s> {
    pub fn new(site: &'s Site) -> Self {
        View {
            site,
            pointers: RefCell::default(),
        }
    }

    /// The path that `dotted` spells from `kind`, if every part of it exists.
    pub fn path(&self, kind: Kind, dotted: &str) -> Option<Path<'s>> {
        let schema = &self.site.schema;
        let mut hops = Vec::new();
        let mut kind = kind;
        let mut parts = dotted.split('.');
        let mut field = schema.field(kind, parts.next()?)?;
        while let Some(next) = parts.next() {
            if !field.data_type.is_link() {
                return None;
            }
            kind = schema.of(next).ok()?.kind;
            hops.push((field, kind));
            field = schema.field(kind, parts.next()?)?;
        }
        Some(Path { hops, field })
    }

    /// The rows a path ends at, with the row itself for a plain field.
    pub fn ends(&self, path: &Path<'_>, kind: Kind, id: i64) -> Vec<(Kind, i64)> {
        let mut ends = vec![(kind, id)];
        for (field, wanted) in &path.hops {
            ends = ends
                .iter()
                .flat_map(|(kind, id)| self.targets(kind, *id, field))
                .collect();
            ends.retain(|(kind, _)| kind == wanted);
        }
        ends
    }

    /// The live rows that a link field points at.
    pub fn targets(&self, kind: Kind, id: i64, field: &Field) -> Vec<(Kind, i64)> {
        if let Some((far, far_field)) = field.mirrors {
            let ids = self
                .pointing(far, far_field)
                .get(&(kind, id))
                .cloned()
                .unwrap_or_default();
            return ids.into_iter().map(|id| (far, id)).collect();
        }
        let Some(value) = self
            .site
            .row(kind, id)
            .and_then(|row| row.fields.get(&field.name))
        else {
            return Vec::new();
        };
        match value {
            Value::Array(links) => links.iter().filter_map(|link| self.site.target(link)).collect(),
            link => self.site.target(link).into_iter().collect(),
        }
    }

    /// A value that is not a link, as attributes show it.
    pub fn scalar(&self, kind: Kind, id: i64, row: &Row, field: &Field) -> Value {
        match field.name.as_str() {
            "id" => id.into(),
            "cached_display_name" => self.display_name(kind, id),
            _ if field.write_only => Value::Null,
            name => match row.fields.get(name) {
                Some(value) => value.clone(),
                None if field.data_type == DataType::Checkbox => false.into(),
                None => Value::Null,
            },
        }
    }

    /// What links to the row call it.
    pub fn display_name(&self, kind: Kind, id: i64) -> Value {
        let identity = self.site.schema.of(kind).ok().and_then(|of| of.identity);
        let row = self.site.row(kind, id);
        match identity.and_then(|field| row?.fields.get(field)) {
            Some(Value::String(name)) => name.clone().into(),
            // flow-api.md §6, Task: a null name shows as a dash.
            _ if kind == "Task" => "-".into(),
            _ => Value::Null,
        }
    }

    fn pointing(&self, kind: Kind, field: &'static str) -> Pointers {
        if let Some(known) = self.pointers.borrow().get(&(kind, field)) {
            return Rc::clone(known);
        }
        let mut index: HashMap<(Kind, i64), Vec<i64>> = HashMap::new();
        for (id, row) in self.site.rows(kind).filter(|(_, row)| row.retired.is_none()) {
            let value = row.fields.get(field).unwrap_or(&Value::Null);
            let links = value
                .as_array()
                .map_or(std::slice::from_ref(value), Vec::as_slice);
            for (target, target_id) in links.iter().filter_map(link_parts) {
                if let Ok(of) = self.site.schema.of(target) {
                    index.entry((of.kind, target_id)).or_default().push(id);
                }
            }
        }
        let index = Rc::new(index);
        self.pointers
            .borrow_mut()
            .insert((kind, field), Rc::clone(&index));
        index
    }
}
