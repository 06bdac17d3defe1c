//! The attribute table of a fresh server (`ayon-api.md §3.1`, §3.2).

use serde_json::{Value, json};

use super::attributes::Attribute;
use super::fields::Object;

/// The table of a server with the shotgrid addon (§3.1, §3.2).
pub(super) fn table() -> Vec<Attribute> {
    const HIERARCHY: &[&str] = &["project", "folder", "task", "version", "representation"];
    const PLANNING: &[&str] = &["project", "folder", "task"];
    const ADDON: &[&str] = &["project", "folder", "task", "version"];
    let rows: Vec<(&str, &[&str], bool, Value)> = vec![
        (
            "priority",
            PLANNING,
            true,
            json!({"type": "string", "title": "Priority", "default": "normal", "enum": [
            {"value": "urgent", "label": "Urgent"}, {"value": "high", "label": "High"},
            {"value": "normal", "label": "Normal"}, {"value": "low", "label": "Low"}]}),
        ),
        (
            "fps",
            HIERARCHY,
            true,
            json!({"type": "float", "title": "FPS", "default": 25, "ge": 0}),
        ),
        (
            "resolutionWidth",
            HIERARCHY,
            true,
            json!({"type": "integer", "title": "Width", "default": 1920, "gt": 0}),
        ),
        (
            "resolutionHeight",
            HIERARCHY,
            true,
            json!({"type": "integer", "title": "Height", "default": 1080, "gt": 0}),
        ),
        (
            "pixelAspect",
            HIERARCHY,
            true,
            json!({"type": "float", "title": "Pixel aspect", "default": 1.0, "gt": 0}),
        ),
        (
            "clipIn",
            HIERARCHY,
            true,
            json!({"type": "integer", "title": "Clip In", "default": 1}),
        ),
        (
            "clipOut",
            HIERARCHY,
            true,
            json!({"type": "integer", "title": "Clip Out", "default": 1}),
        ),
        (
            "frameStart",
            HIERARCHY,
            true,
            json!({"type": "integer", "title": "Start frame", "default": 1001}),
        ),
        (
            "frameEnd",
            HIERARCHY,
            true,
            json!({"type": "integer", "title": "End frame", "default": 1001}),
        ),
        (
            "handleStart",
            HIERARCHY,
            true,
            json!({"type": "integer", "title": "Handle start", "default": 0}),
        ),
        (
            "handleEnd",
            HIERARCHY,
            true,
            json!({"type": "integer", "title": "Handle end", "default": 0}),
        ),
        (
            "startDate",
            PLANNING,
            true,
            json!({"type": "datetime", "title": "Start date"}),
        ),
        (
            "endDate",
            PLANNING,
            true,
            json!({"type": "datetime", "title": "End date"}),
        ),
        (
            "description",
            &["project", "folder", "task", "product", "version", "workfile"],
            true,
            json!({"type": "string", "title": "Description", "inherit": false}),
        ),
        (
            "fullName",
            &["user"],
            true,
            json!({"type": "string", "title": "Full name"}),
        ),
        (
            "email",
            &["user"],
            true,
            json!({"type": "string", "title": "Email"}),
        ),
        (
            "avatarUrl",
            &["user"],
            true,
            json!({"type": "string", "title": "Avatar URL"}),
        ),
        (
            "developerMode",
            &["user"],
            true,
            json!({"type": "boolean", "title": "Developer mode"}),
        ),
        (
            "productGroup",
            &["product"],
            true,
            json!({"type": "string", "title": "Product group"}),
        ),
        (
            "intent",
            &["version"],
            true,
            json!({"type": "string", "title": "Intent"}),
        ),
        (
            "source",
            &["version"],
            true,
            json!({"type": "string", "title": "Source"}),
        ),
        (
            "comment",
            &["version"],
            true,
            json!({"type": "string", "title": "Comment"}),
        ),
        (
            "machine",
            &["version"],
            true,
            json!({"type": "string", "title": "Machine"}),
        ),
        (
            "site",
            &["version"],
            true,
            json!({"type": "string", "title": "Site"}),
        ),
        (
            "families",
            &["version"],
            true,
            json!({"type": "list_of_strings", "title": "Families"}),
        ),
        (
            "colorSpace",
            &["version"],
            true,
            json!({"type": "string", "title": "Color space"}),
        ),
        (
            "extension",
            &["representation", "workfile"],
            true,
            json!({"type": "string", "title": "File extension"}),
        ),
        (
            "shotgridId",
            ADDON,
            false,
            json!({"type": "string", "title": "Shotgrid ID", "inherit": false}),
        ),
        (
            "shotgridType",
            ADDON,
            false,
            json!({"type": "string", "title": "Shotgrid Type", "inherit": false}),
        ),
        (
            "shotgridPush",
            &["project"],
            false,
            json!({"type": "boolean", "title": "Shotgrid Push", "default": false, "inherit": false}),
        ),
    ];
    let rows = rows.into_iter().zip(0..);
    rows.map(|((name, scope, builtin, data), position)| {
        let mut data = match data {
            Value::Object(data) => data,
            _ => Object::new(),
        };
        data.entry("inherit").or_insert(json!(true));
        Attribute {
            name: name.to_owned(),
            position,
            scope: scope.iter().map(|word| (*word).to_owned()).collect(),
            builtin,
            data,
        }
    })
    .collect()
}
