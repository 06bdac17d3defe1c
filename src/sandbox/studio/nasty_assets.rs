//! Nasty Assets: categories that are missing, spelled twice or taken.

use super::Link;
use super::demo::HARBOR;
use super::nasty::{Corner, Expect};

pub(super) fn add(corner: &mut Corner<'_>) {
    use Expect::{Lands, Problem, Unchanged};
    corner
        .row(
            "Sequence",
            305,
            "character",
            "F6: a Sequence with the name of a category",
            Unchanged,
        )
        .known_to_ayon();
    corner
        .only_in_ayon("Sequence", 3901, "vehicle", Link::Nobody)
        .drift
        .subtype = Some("Folder");
    for (id, name, category, why, expect) in [
        (901, "nc_hero", "", "F11: without a type, so at the root", Lands),
        (902, "nc_prop", "Prop", "F6: a clean one", Lands),
        (903, "nc_laser", "Sci-Fi Prop", "F7: its category's slug", Lands),
        (
            904,
            "nc_ray",
            "sci fi prop",
            "F7: the same category in another spelling",
            Lands,
        ),
        (
            905,
            "nc_chair",
            "Director's",
            "B: label with ' in its category",
            Problem,
        ),
        (
            906,
            "nc_extra",
            "Character",
            "B: duplicate name; its category's is a Sequence's",
            Problem,
        ),
        (
            907,
            "nc_shared",
            "Prop",
            "F35: at home here, shared with Harbor Lights",
            Lands,
        ),
        (
            908,
            "nc_gun",
            "Prop",
            "F7, B: duplicate name; as Asset 909 in another case",
            Problem,
        ),
        (
            909,
            "NC-Gun",
            "Prop",
            "F7, B: duplicate name; as Asset 908 in another case",
            Problem,
        ),
        (
            910,
            "nc_car",
            "Vehicle",
            "B: unlinked twin of its category, of another type",
            Problem,
        ),
    ] {
        let row = corner.row("Asset", id, name, why, expect);
        row.asset_type = Some(category.to_owned()).filter(|category| !category.is_empty());
        if id == 907 {
            row.linked_projects = vec![HARBOR];
        }
    }
}
