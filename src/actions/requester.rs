//! Who asks, as Flow knows them at this moment.

use crate::flow::{FlowReader, Record, if_shown};
use crate::model::{FlowId, Person};
use crate::permission::{Group, Requester, Standing};

use super::ActionError;

const GROUP: &str = "permission_rule_set";
const GROUP_CODE: &str = "permission_rule_set.PermissionRuleSet.code";
const GROUP_NAME: &str = "permission_rule_set.PermissionRuleSet.display_name";

/// What has to be read of a person to judge them.
pub(super) const FIELDS: [&str; 7] = [
    "name",
    "login",
    "sg_status_list",
    GROUP,
    GROUP_CODE,
    GROUP_NAME,
    "projects",
];

/// Looks a person up in Flow; never remembered, for people are disabled and change groups.
pub(super) async fn requester(
    flow: &FlowReader,
    person: &Person,
    operator: bool,
) -> Result<Requester, ActionError> {
    let Some(id) = person.id else {
        return Ok(judged(None, person, operator));
    };
    let records = flow.by_ids("HumanUser", &[FlowId(id)], &FIELDS).await;
    // A script that may not see people knows nobody.
    let records = if_shown(records)?.unwrap_or_default();
    Ok(judged(records.first(), person, operator))
}

/// Who somebody is that asks, by their own row in Flow, where it has one. Nobody is the operator by having no id.
pub(super) fn judged(record: Option<&Record>, person: &Person, operator: bool) -> Requester {
    let Some(record) = record else {
        let standing = match operator && person.id.is_none() {
            true => Standing::Operator,
            false => Standing::Unknown,
        };
        return Requester {
            person: person.clone(),
            standing,
        };
    };
    let standing = standing(record, person);
    let name = record.text("name").filter(|_| standing != Standing::Foreign);
    Requester {
        person: Person {
            name: name.unwrap_or_else(|| person.login.clone()),
            ..person.clone()
        },
        standing,
    }
}

/// What Flow says of somebody who asks, by the person's own row.
fn standing(record: &Record, person: &Person) -> Standing {
    let login = record.text("login").unwrap_or_default();
    if login.to_lowercase() != person.login.to_lowercase() {
        return Standing::Foreign;
    }
    if record.text("sg_status_list").as_deref() != Some("act") {
        return Standing::Disabled;
    }
    Standing::Active {
        group: group_of(record),
        projects: record.links_of("projects").iter().map(|link| link.id).collect(),
    }
}

/// The permission group of a person.
pub(super) fn group_of(record: &Record) -> Option<Group> {
    let link = record.link(GROUP);
    let named = record.text(GROUP_NAME).or_else(|| Some(link?.name.clone()));
    match (record.text(GROUP_CODE), named) {
        (None, None) => None,
        (code, name) => {
            let either = code.clone().or_else(|| name.clone()).unwrap_or_default();
            Some(Group {
                code: code.unwrap_or_else(|| either.clone()),
                name: name.unwrap_or(either),
            })
        }
    }
}
