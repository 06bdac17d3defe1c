//! What amigo must not do beside the addon's services on the same site (`ayon-shotgrid-behaviour.md §5.1`, §5.9,
//! W27, W42): each guard names what would happen.

use crate::model::FlowType;
use crate::problem::{Code, Severity};

use super::Input;
use super::draft::Draft;
use super::snapshot::FlowProject;

/// The first server version that passes on where a change comes from (`ayon-api.md §11`).
const TELLS_SENDERS: (u32, u32, u32) = (1, 14, 4);

/// Tells what stands against a sync of the project; true when nothing blocks it.
///
/// `links` is whether the sync would link the AYON project with Flow now, `folder_types` are those the project has
/// or begins with.
pub(super) fn guard(
    input: &Input<'_>,
    draft: &mut Draft,
    project: &FlowProject,
    links: bool,
    folder_types: &[String],
) -> bool {
    let rules = input.rules;
    let flow = Some(super::preflight::named(project));
    let mut fit = true;
    let mut block = |draft: &mut Draft, code, message: String, remedy: &str| {
        draft.problem(Severity::Blocked, code, flow.clone(), None, message, remedy);
        fit = false;
    };
    if let Some(other) = project
        .server_url
        .as_deref()
        .filter(|url| !url.trim().is_empty() && !same_server(url, &rules.ayon_url))
    {
        block(
            draft,
            Code::OtherAyonServer,
            format!(
                "The Flow Project {} belongs to the AYON server {other}, and this one is {}. Its ids would be overwritten.",
                project.name, rules.ayon_url
            ),
            "Use the amigo of that server; or empty sg_ayon_server_url of the Flow Project if the server is gone or has another address now.",
        );
    }
    let pushes = input.ayon.project.as_ref().is_some_and(|ayon| ayon.push);
    if pushes && input.ayon.version < TELLS_SENDERS {
        let server = match input.ayon.version {
            (0, 0, 0) => "AYON does not tell its version and may".to_owned(),
            (major, minor, patch) => format!("AYON {major}.{minor}.{patch} does"),
        };
        block(
            draft,
            Code::AyonTooOld,
            format!(
                "{server} not pass on who changed something, and shotgridPush is on: the addon would send everything back to Flow."
            ),
            "Update AYON to 1.14.4 or later, or switch shotgridPush of the AYON project off.",
        );
    }
    if rules.parenting.contradicts_itself() {
        block(
            draft,
            Code::ReparentBothModes,
            "Both re-parenting modes are switched on, root_relocate and type_grouping; the addon fails on that and amigo does not choose."
                .to_owned(),
            "Switch one of root_relocate and type_grouping off in the settings of the shotgrid addon.",
        );
    }
    let hidden: Vec<&str> = FlowType::FOLDERS
        .into_iter()
        .filter(|kind| rules.enabled.contains(kind) && !input.flow.schema.visible.contains(kind))
        .map(FlowType::as_str)
        .filter(|kind| folder_types.iter().any(|name| name == kind))
        .collect();
    if links && !hidden.is_empty() {
        block(
            draft,
            Code::HiddenTypes,
            format!(
                "The AYON project would be linked while it has the folder types {}, which are enabled and hidden in Flow: the addon's processor stops for all projects then.",
                hidden.join(", ")
            ),
            "Show the types in the project's tracking settings in Flow, or remove them from the AYON project or preset.",
        );
    }
    if let Some(what) = project.instead_of_work {
        draft.problem(
            Severity::Warning,
            Code::ProjectTemplate,
            flow.clone(),
            None,
            format!(
                "Flow marks the Project {} as {what}: nobody works in it.",
                project.name
            ),
            "Leave the Project out, unless AYON should have it all the same.",
        );
    }
    if let Some((own, addon)) = &rules.foreign_script {
        draft.problem(
            Severity::Warning,
            Code::OtherScript,
            flow.clone(),
            None,
            format!(
                "amigo writes to Flow as {own}, and the addon as {addon}: the addon's leecher takes amigo's writes for news and looks at each row again."
            ),
            "Leave AMIGO_FLOW_SCRIPT_NAME out, so that amigo uses the addon's script user.",
        );
    }
    fit
}

/// Whether two addresses are one server: host and port count, not the spelling.
fn same_server(a: &str, b: &str) -> bool {
    server_of(a) == server_of(b)
}

fn server_of(url: &str) -> (String, String) {
    let lower = url.trim().to_lowercase();
    let (scheme, rest) = lower.split_once("://").unwrap_or(("https", lower.as_str()));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let usual = if scheme == "http" { "80" } else { "443" };
    match host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
    {
        Some((host, port)) => (host.trim_end_matches('.').to_owned(), port.to_owned()),
        None => (host.trim_end_matches('.').to_owned(), usual.to_owned()),
    }
}

/// Attributes of the settings' map that cannot be carried, said once.
pub(super) fn tell_attributes(input: &Input<'_>, draft: &mut Draft) {
    if !input.rules.options.attributes {
        return;
    }
    for attribute in &input.rules.attributes {
        let lacking: Vec<&str> = [
            (FlowType::Project, "projects"),
            (FlowType::Shot, "folders"),
            (FlowType::Task, "tasks"),
        ]
        .into_iter()
        .filter(|(kind, _)| {
            let in_scope = match kind {
                FlowType::Shot => FlowType::FOLDERS
                    .iter()
                    .any(|folder| attribute.scope.contains(folder)),
                kind => attribute.scope.contains(kind),
            };
            in_scope && !attribute.live.knows(*kind)
        })
        .map(|(_, what)| what)
        .collect();
        if !lacking.is_empty() {
            draft.problem(
                Severity::Warning,
                Code::AttributeUnknown,
                None,
                None,
                format!(
                    "AYON has no attribute {} on {}, and would drop the values of Flow's {} silently.",
                    attribute.ayon,
                    lacking.join(" and "),
                    attribute.flow
                ),
                "Add the attribute in AYON's settings and restart the server, or narrow its scope in the addon's settings.",
            );
        }
        let schema = &input.flow.schema;
        let reads = |kind: &FlowType| schema.fields.contains_key(kind) || *kind == FlowType::Project;
        let found = attribute
            .scope
            .iter()
            .any(|kind| attribute.field_on(*kind, schema).is_some());
        if attribute.scope.iter().any(reads) && lacking.is_empty() && !found {
            draft.problem(
                Severity::Warning,
                Code::FieldUnknown,
                None,
                None,
                format!(
                    "None of the Flow types in its scope has a field {} or sg_{}, so AYON's {} is left as it is.",
                    attribute.flow, attribute.flow, attribute.ayon
                ),
                "Make the field in Flow, or correct the map in the addon's settings.",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::same_server;

    #[rstest]
    #[case("https://ayon.example", "https://ayon.example/", true)]
    #[case("https://AYON.example:443/", "https://ayon.example", true)]
    #[case("ayon.example", "https://ayon.example", true)]
    #[case("http://ayon.example", "https://ayon.example", false)]
    #[case("http://ayon.example:5000", "http://ayon.example:5000/projects", true)]
    #[case("http://staging.example", "http://ayon.example", false)]
    fn a_server_is_its_host_and_port(#[case] a: &str, #[case] b: &str, #[case] expected: bool) {
        assert_eq!(same_server(a, b), expected);
    }
}
