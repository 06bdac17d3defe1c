//! The people AYON knows at the start.

use serde_json::json;

use super::fields::Object;
use super::state::{State, now};
use super::users::User;
use crate::sandbox::studio;

/// Adds the studio's users after its projects, so that their access stands.
pub(super) fn add(state: &mut State, users: &[studio::User]) {
    for user in users {
        let (mut attrib, mut data) = (Object::new(), Object::new());
        attrib.insert("fullName".into(), json!(user.full_name));
        if let Some(email) = &user.email {
            attrib.insert("email".into(), json!(email));
        }
        if let Some(id) = &user.flow_id {
            data.insert("sg_user_id".into(), id.clone());
        }
        if let Some(role) = user.role {
            data.insert(role.into(), json!(true));
        }
        let access: Object = user
            .access
            .iter()
            .filter(|(project, _)| state.projects.iter().any(|known| known.name == *project))
            .map(|(project, groups)| ((*project).to_owned(), json!(groups)))
            .collect();
        data.insert("accessGroups".into(), json!(access));
        data.insert("defaultAccessGroups".into(), json!(user.default_access));
        let moment = now();
        state.users.insert(
            user.name.clone(),
            User {
                name: user.name.clone(),
                attrib,
                data,
                active: user.active,
                created_at: moment.clone(),
                updated_at: moment,
                api_key: None,
                password: None,
            },
        );
    }
}
