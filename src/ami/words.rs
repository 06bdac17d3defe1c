//! Words of Flow itself, which say nothing of anybody: only these survive scrubbing.

/// Values that stand for nothing, or for a choice of Flow's.
pub(super) const VALUES: [&str; 17] = [
    "undefined",
    "null",
    "None",
    "NaN",
    "true",
    "false",
    "True",
    "False",
    "yes",
    "no",
    "asc",
    "desc",
    "Default",
    "exact",
    "entitytype",
    "firstletter",
    "clustered",
];

/// Entity types (`flow-api.md §4.3`); those of a studio's own are told by [`is_custom_type`].
pub(super) const TYPES: [&str; 34] = [
    "ActionMenuItem",
    "ApiUser",
    "Asset",
    "Booking",
    "Camera",
    "ClientUser",
    "Cut",
    "CutItem",
    "Delivery",
    "Department",
    "Element",
    "Episode",
    "EventLogEntry",
    "Group",
    "HumanUser",
    "Launch",
    "Level",
    "MocapTake",
    "Note",
    "Page",
    "PermissionRuleSet",
    "Phase",
    "Playlist",
    "Project",
    "PublishedFile",
    "Reply",
    "Scene",
    "Sequence",
    "Shot",
    "Status",
    "Step",
    "Task",
    "TimeLog",
    "Version",
];

const CUSTOM_TYPES: [&str; 3] = ["CustomEntity", "CustomNonProjectEntity", "CustomThreadedEntity"];

/// Fields that every site has, or that AYON's addon makes. A field of a studio's own may be named after a show.
pub(super) const FIELDS: [&str; 48] = [
    "id",
    "type",
    "code",
    "content",
    "name",
    "title",
    "description",
    "image",
    "entity",
    "project",
    "step",
    "user",
    "login",
    "email",
    "assets",
    "shots",
    "sequences",
    "episode",
    "tasks",
    "task_assignees",
    "task_template",
    "notes",
    "open_notes",
    "open_notes_count",
    "tags",
    "tag_list",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "cached_display_name",
    "start_date",
    "due_date",
    "duration",
    "est_in_mins",
    "groups",
    "department",
    "permission_rule_set",
    "sg_status",
    "sg_status_list",
    "sg_sequence",
    "sg_episode",
    "sg_asset_type",
    "sg_task",
    "sg_published_files",
    "sg_cut_order",
    "sg_ayon_id",
    "sg_ayon_sync_status",
];

/// What paths of Flow's pages are made of, beside types.
pub(super) const PATHS: [&str; 17] = [
    "page",
    "page_id",
    "detail",
    "canvas",
    "my_tasks",
    "my_page",
    "overview",
    "projects",
    "people",
    "entity",
    "desk",
    "shots",
    "assets",
    "tasks",
    "sequences",
    "episodes",
    "versions",
];

/// Media types and character sets that forms come in.
pub(super) const MEDIA_TYPES: [&str; 4] = [
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "text/plain",
    "application/json",
];
pub(super) const CHARSETS: [&str; 4] = ["utf-8", "utf8", "iso-8859-1", "windows-1252"];

/// Whether it is a type that Flow itself names, a numbered one of a studio's own included.
pub(super) fn is_type(text: &str) -> bool {
    TYPES.contains(&text) || is_custom_type(text)
}

fn is_custom_type(text: &str) -> bool {
    let number = CUSTOM_TYPES.iter().find_map(|kind| text.strip_prefix(kind));
    number.is_some_and(|number| (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit()))
}
