//! Which AYON project a Flow Project is, or would be.

use crate::model::FlowId;

use super::naming::{Pieces, clean, looked_up_as, project_name_allowed, slug};
use super::snapshot::{AyonProjectLine, FlowProject};

/// PostgreSQL cuts the schema name `project_<name>` at 63 bytes (`ayon-api.md §2.2`).
const LONGEST_NAME: usize = 55;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProjectMatch {
    /// AYON has it. `linked` when AYON's `shotgridId` says so itself.
    Found {
        name: String,
        linked: bool,
        how: &'static str,
    },
    /// AYON does not have it; it would get this name.
    New { name: String },
    /// No name can be made of Flow's.
    Unnameable,
    /// Several AYON projects could be meant.
    Candidates(Vec<String>),
    /// The one that is meant belongs to another Flow Project.
    LinkedElsewhere { name: String, to: String },
    /// AYON could confuse `name` with `other`.
    Ambiguous { name: String, other: String },
    /// AYON has a project of the name that a new one would get, and nothing says that it is this one.
    Taken { name: String },
}

/// Finds the AYON project by `shotgridId`, then by Flow's `sg_ayon_id`, then by the exact name.
pub fn find_project(flow: &FlowProject, projects: &[AyonProjectLine]) -> ProjectMatch {
    let FlowId(id) = flow.id;
    let own = id.to_string();
    let by_id: Vec<&AyonProjectLine> = projects
        .iter()
        .filter(|line| line.shotgrid_id.as_deref() == Some(own.as_str()))
        .collect();
    let stored = flow
        .ayon_id
        .as_deref()
        .and_then(|name| projects.iter().find(|line| line.name == name));
    let named = projects.iter().find(|line| line.name == flow.name);

    let (line, linked, how) = match (by_id.as_slice(), stored, named) {
        ([], Some(line), _) => (line, false, "Flow's sg_ayon_id"),
        ([], None, Some(line)) => (line, false, "the same name"),
        ([], None, None) => return unambiguous_new(flow, projects),
        ([line], Some(other), _) if other.name != line.name => {
            return ProjectMatch::Candidates(vec![line.name.clone(), other.name.clone()]);
        }
        ([line], _, _) => (*line, true, "AYON's shotgridId"),
        (several, _, _) => {
            return ProjectMatch::Candidates(several.iter().map(|line| line.name.clone()).collect());
        }
    };
    if let Some(to) = line
        .shotgrid_id
        .as_deref()
        .filter(|to| !linked && !to.is_empty() && *to != own)
    {
        return ProjectMatch::LinkedElsewhere {
            name: line.name.clone(),
            to: to.to_owned(),
        };
    }
    match confusable(&line.name, projects) {
        Some(other) => ProjectMatch::Ambiguous {
            name: line.name.clone(),
            other,
        },
        None => ProjectMatch::Found {
            name: line.name.clone(),
            linked,
            how,
        },
    }
}

fn unambiguous_new(flow: &FlowProject, projects: &[AyonProjectLine]) -> ProjectMatch {
    let wanted = clean(&flow.name);
    let name = if project_name_allowed(&wanted) {
        wanted
    } else {
        slug(&wanted, Pieces::DropEmpty)
    };
    if name.is_empty() || name.len() > LONGEST_NAME {
        return ProjectMatch::Unnameable;
    }
    // Only a name that had to be made of Flow's can be found here: the exact one was looked for before.
    if let Some(line) = projects.iter().find(|line| line.name == name) {
        return match line.shotgrid_id.as_deref().filter(|to| !to.is_empty()) {
            Some(to) => ProjectMatch::LinkedElsewhere {
                to: to.to_owned(),
                name,
            },
            None => ProjectMatch::Taken { name },
        };
    }
    match confusable(&name, projects) {
        Some(other) => ProjectMatch::Ambiguous { name, other },
        None => ProjectMatch::New { name },
    }
}

/// Another project that AYON may answer with when asked for `name`, or the other way round.
fn confusable(name: &str, projects: &[AyonProjectLine]) -> Option<String> {
    projects
        .iter()
        .filter(|line| line.name != name)
        .find(|line| looked_up_as(name, &line.name) || looked_up_as(&line.name, name))
        .map(|line| line.name.clone())
}

/// The code of a new project: Flow's own where AYON accepts it, else one made of it or of the name.
///
/// The second value tells whether it had to be made up.
pub fn project_code(flow: &FlowProject, name: &str) -> (String, bool) {
    let code = clean(flow.code.as_deref().unwrap_or_default());
    if project_name_allowed(&code) {
        return (code, false);
    }
    let made = slug(&code, Pieces::DropEmpty);
    if !made.is_empty() {
        return (made, true);
    }
    let initials: String = name.split('_').filter_map(|word| word.chars().next()).collect();
    let short: String = if initials.chars().count() > 1 {
        initials
    } else {
        name.chars().take(6).collect()
    };
    (short.to_lowercase(), true)
}
