//! Why a row goes where it goes, step by step: tracking settings, chain, enabled types, mode, preset, category, parent,
//! name.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::model::{FlowType, ModeName};
use crate::plan::Input;
use crate::plan::grouping::{Helper, Role};
use crate::plan::operation::Reasons;
use crate::plan::placement::{ASSET_CATEGORY, ASSET_TYPE_FIELD};
use crate::plan::places::{Place, Placed, PlacedBy, TypeRule};
use crate::plan::snapshot::{FlowRow, ParentValue};

/// Tells traces. What is the same for all rows of a type is put into words once.
pub(super) struct Tracer<'a> {
    rules: &'a BTreeMap<FlowType, TypeRule<'a>>,
    words: BTreeMap<FlowType, TypeWords>,
    /// Traces of rows that stay: siblings share one.
    shared: HashMap<(FlowType, String, String), Reasons>,
    by: HashMap<(FlowType, PlacedBy), Arc<str>>,
    nobody: Reasons,
}

struct TypeWords {
    tracking: String,
    enabled: String,
    mode: String,
    preset: String,
}

impl<'a> Tracer<'a> {
    pub fn new(input: &Input<'_>, rules: &'a BTreeMap<FlowType, TypeRule<'a>>) -> Self {
        let words = rules
            .iter()
            .map(|(kind, rule)| (*kind, words(input, *kind, rule)));
        Self {
            rules,
            words: words.collect(),
            shared: HashMap::new(),
            by: HashMap::new(),
            nobody: ["in AYON already".to_owned()].into(),
        }
    }

    /// The trace of a row that stays below `parent`, which its siblings share.
    pub fn of_staying(&mut self, row: &FlowRow, placed: &Placed, parent: &str) -> Reasons {
        let value = match &row.parent {
            ParentValue::Empty => String::new(),
            ParentValue::Many => "*".to_owned(),
            ParentValue::Text(text) => text.clone(),
            ParentValue::Row { kind, id, .. } => format!("{kind} {id}"),
        };
        let key = (row.key.kind, value, parent.to_owned());
        if let Some(known) = self.shared.get(&key) {
            return known.clone();
        }
        let mut trace = self.steps(row, placed, parent);
        trace.push("name: as AYON has it".to_owned());
        let trace: Reasons = trace.into();
        self.shared.insert(key, trace.clone());
        trace
    }

    /// What is said of a folder that no row stands for.
    pub fn of_nobody(&self) -> Reasons {
        self.nobody.clone()
    }

    /// The rule by which rows are found on the page.
    pub fn rule_of(&mut self, kind: FlowType, by: PlacedBy) -> Arc<str> {
        self.by
            .entry((kind, by))
            .or_insert_with(|| rule_of(kind, by).into())
            .clone()
    }

    /// The trace of a row that ends below `parent` under `name`.
    pub fn of(&self, row: &FlowRow, placed: &Placed, parent: &str, name: &str) -> Reasons {
        let mut trace = self.steps(row, placed, parent);
        trace.push(format!("name: {name}"));
        trace.into()
    }

    fn steps(&self, row: &FlowRow, placed: &Placed, parent: &str) -> Vec<String> {
        let kind = row.key.kind;
        let (Some(rule), Some(words)) = (self.rules.get(&kind), self.words.get(&kind)) else {
            return placed.trace.clone();
        };
        let mut trace = vec![words.tracking.clone(), chain(row, rule), words.enabled.clone()];
        // What was passed by on the way up belongs to the types.
        trace.extend(
            placed
                .trace
                .iter()
                .filter(|step| step.contains("are not synced"))
                .cloned(),
        );
        trace.push(words.mode.clone());
        trace.push(words.preset.clone());
        let helpers: &[Helper] = match &placed.place {
            Place::Helpers(helpers) => helpers,
            Place::Root | Place::Row(_) | Place::Nowhere(_) => &[],
        };
        trace.push(category(row, helpers));
        let parent = if parent.is_empty() {
            "the project's root"
        } else {
            parent
        };
        trace.push(format!("parent: {parent}"));
        trace
    }
}

fn words(input: &Input<'_>, kind: FlowType, rule: &TypeRule<'_>) -> TypeWords {
    let parenting = &input.rules.parenting;
    let tracking = match input.flow.project.chains.get(&kind).map(String::as_str) {
        None | Some("" | "__flat__") => {
            format!("tracking settings: {} directly below the project", kind.plural())
        }
        Some(chain) => format!("tracking settings: {} by {chain}", kind.plural()),
    };
    let enabled = match input.rules.enabled.contains(&kind) {
        true => format!("enabled types: {} are enabled", kind.plural()),
        false => format!("enabled types: {} are not enabled", kind.plural()),
    };
    let mode = match parenting.mode() {
        None => "mode: neither root_relocate nor type_grouping is switched on".to_owned(),
        Some((mode, _)) => match rule.chain.as_ref().is_some_and(|chain| chain.keeps) {
            true => format!("mode: {mode}, keeping Flow's hierarchy"),
            false => format!("mode: {mode}"),
        },
    };
    let preset = match &rule.chain {
        None => format!("preset: none for {}", kind.plural()),
        Some(chain) => {
            let names: Vec<&str> = chain.parents.iter().map(|folder| folder.name.as_str()).collect();
            let names = names.join("/");
            match chain.of == kind {
                true => format!("preset: the first for {} → {names}", kind.plural()),
                false => format!(
                    "preset: the first for {}, which hang below {} → {names}",
                    chain.of.plural(),
                    kind.plural()
                ),
            }
        }
    };
    TypeWords {
        tracking,
        enabled,
        mode,
        preset,
    }
}

/// What the parent field holds.
fn chain(row: &FlowRow, rule: &TypeRule<'_>) -> String {
    let kind = row.key.kind;
    let Some(field) = rule.field.name() else {
        return "chain: no parent field".to_owned();
    };
    match &row.parent {
        ParentValue::Empty => format!("chain: {kind}.{field} is empty"),
        ParentValue::Many => format!("chain: {kind}.{field} may hold several rows, which names no parent"),
        ParentValue::Text(text) if kind == FlowType::Asset && field == ASSET_TYPE_FIELD => {
            format!("chain: {kind}.{field} → {text}")
        }
        ParentValue::Text(_) => format!("chain: {kind}.{field} is a list, which names no row"),
        ParentValue::Row { name, .. } => format!("chain: {kind}.{field} → {name}"),
    }
}

fn category(row: &FlowRow, helpers: &[Helper]) -> String {
    let category = helpers.iter().find_map(|helper| match &helper.role {
        Role::Category(text) => Some(format!("category: {text} → {}", helper.name)),
        Role::Chain => None,
    });
    category.unwrap_or_else(|| match row.key.kind {
        FlowType::Asset => format!("category: no {ASSET_CATEGORY} folder"),
        kind => format!("category: none for {}", kind.plural()),
    })
}

fn rule_of(kind: FlowType, by: PlacedBy) -> String {
    match by {
        PlacedBy::Preset(ModeName::RootRelocate) => format!("root_relocate for {}", kind.plural()),
        PlacedBy::Preset(ModeName::TypeGrouping) => format!("type_grouping for {}", kind.plural()),
        PlacedBy::Category => "asset type".to_owned(),
        PlacedBy::Tracking => format!("tracking settings for {}", kind.plural()),
    }
}
