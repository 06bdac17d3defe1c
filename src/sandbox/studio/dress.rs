//! What planners fill in: tags, frame ranges, dates, descriptions. The same for the same row at every start.

use serde_json::json;

use super::Row;
use super::vocabulary::{CLIENT_REVIEW, HERO, LIGHTING, REUSE};

/// Fills a row's tags and mapped fields by its number.
pub(super) fn dress(row: &mut Row) {
    let id = row.id;
    match row.kind {
        "Shot" => {
            let cut_in = if id % 10 == 0 { 0 } else { 1009 };
            let cut_out = cut_in + 40 + id % 50;
            row.values.extend([
                ("sg_cut_in", json!(cut_in)),
                ("sg_cut_out", json!(cut_out)),
                ("sg_head_in", json!(1001)),
                ("sg_tail_out", json!(cut_out + 8)),
            ]);
            match id % 8 {
                0 => row.values.push(("sg_fps", json!(24.0))),
                // What the AYON project has anyway.
                1 => row.values.push(("sg_fps", json!(25.0))),
                _ => {}
            }
            if id % 5 == 0 {
                row.values
                    .push(("description", json!(format!("Dusk, take {id}"))));
            }
            if id % 4 == 0 {
                row.tags.push(HERO);
            }
            if id % 6 == 0 {
                row.tags.push(CLIENT_REVIEW);
            }
        }
        "Asset" if id % 3 == 0 => row.tags.push(REUSE),
        "Task" => {
            let day = 1 + id % 24;
            row.values.extend([
                ("start_date", json!(format!("2026-02-{day:02}"))),
                ("due_date", json!(format!("2026-03-{day:02}"))),
            ]);
            if id % 11 == 0 && !row.in_ayon {
                row.groups.push(LIGHTING);
            }
        }
        "Sequence" => row
            .values
            .push(("description", json!(format!("Part {} of the story", id % 10)))),
        _ => {}
    }
}
