//! What decides besides the rows: the addon's settings, and amigo's own policy.

use std::collections::BTreeSet;

use crate::model::{FlowType, Parenting, PlacementPolicy, SyncOptions, SyncPolicy};

use super::snapshot::FlowSchema;

/// Everything that decides the outcome besides the rows themselves.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Host of the Flow site; part of every derived id.
    pub site: String,
    /// Address of the AYON server, as Flow's `sg_ayon_server_url` tells it.
    pub ayon_url: String,
    /// `shotgrid_enabled_entities`: the Flow types that are synced.
    pub enabled: BTreeSet<FlowType>,
    /// Task type of Tasks without a pipeline step.
    pub default_task_type: String,
    /// Preset for new AYON projects; `None` is the server's own.
    pub anatomy_preset: Option<String>,
    /// Where rows go instead of below their Flow parent.
    pub parenting: Parenting,
    pub placement: PlacementPolicy,
    /// The attribute map's rows that name a Flow field, in its order. Snapshots hold values by position in here.
    pub attributes: Vec<MappedAttribute>,
    /// What this sync carries.
    pub options: SyncOptions,
    pub policy: SyncPolicy,
    /// Our script user and the addon's, when they differ.
    pub foreign_script: Option<(String, String)>,
}

/// One row of `custom_attribs_map` together with what AYON says of the attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappedAttribute {
    /// Name in AYON.
    pub ayon: String,
    /// Name in Flow as the settings give it, with or without `sg_`.
    pub flow: String,
    /// The Flow types that the row speaks of.
    pub scope: BTreeSet<FlowType>,
    pub kind: AttributeKind,
    /// Whether folders and tasks take the value of what is above them.
    pub inherits: bool,
    /// Where AYON knows it: what is not live there would be dropped silently (`ayon-api.md §3.2`).
    pub live: LiveOn,
}

/// Where an attribute can be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LiveOn {
    pub project: bool,
    pub folder: bool,
    pub task: bool,
}

impl LiveOn {
    /// Whether rows of this type can carry it.
    pub fn knows(self, kind: FlowType) -> bool {
        match kind {
            FlowType::Project => self.project,
            FlowType::Task => self.task,
            FlowType::Version => false,
            _ => self.folder,
        }
    }
}

/// What kind of value AYON wants (`ayon-api.md §3.1`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeKind {
    Text,
    Integer,
    Float,
    Boolean,
    Datetime,
    Texts,
    Integers,
    /// A kind that Flow has nothing for, by AYON's word.
    Other(String),
}

impl AttributeKind {
    /// Reads AYON's word.
    pub fn of(word: &str) -> Self {
        match word {
            "string" => Self::Text,
            "integer" => Self::Integer,
            "float" => Self::Float,
            "boolean" => Self::Boolean,
            "datetime" => Self::Datetime,
            "list_of_strings" => Self::Texts,
            "list_of_integers" => Self::Integers,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl MappedAttribute {
    /// The Flow field of a type that holds the value: `sg_<name>` where the type has it, else `<name>`
    /// (`ayon-shotgrid-behaviour.md §7.1`); nothing where the map's scope leaves the type out.
    pub fn field_on(&self, kind: FlowType, schema: &FlowSchema) -> Option<String> {
        if !self.scope.contains(&kind) || !self.live.knows(kind) {
            return None;
        }
        let fields = schema.fields.get(&kind)?;
        let prefixed = format!("sg_{}", self.flow);
        [prefixed, self.flow.clone()]
            .into_iter()
            .find(|name| fields.contains_key(name))
    }
}

impl Rules {
    /// For a type, the mapped attributes it carries, by position, each with its Flow field.
    pub fn carried(&self, kind: FlowType, schema: &FlowSchema) -> Vec<(usize, String)> {
        if !self.options.attributes {
            return Vec::new();
        }
        self.attributes
            .iter()
            .enumerate()
            .filter_map(|(index, attribute)| Some((index, attribute.field_on(kind, schema)?)))
            .collect()
    }
}
