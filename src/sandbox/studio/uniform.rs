//! The studio of the benchmarks: any size, no surprises, every field filled that a sync carries.

use super::draft::Draft;
use super::dress::dress;
use super::people::users_by_email;
use super::{Project, Studio};

const PROJECT: i64 = 500;
const SEQUENCES: usize = 10;

pub(super) fn uniform(shots: usize, tasks_per_shot: usize) -> Studio {
    let project = Project {
        id: PROJECT,
        name: "bench_show".to_owned(),
        code: Some("bench".to_owned()),
        navchains: vec![("Sequence", "__flat__"), ("Shot", "sg_sequence")],
        ..Project::default()
    };
    let mut draft = Draft::new(vec![project], 100_001);
    let steps: Vec<String> = draft
        .studio
        .steps
        .iter()
        .filter(|step| step.entity_type == "Shot")
        .map(|step| step.code.clone())
        .collect();
    for (sequence, id) in (1..=SEQUENCES).zip(1001..) {
        draft.row("Sequence", id, PROJECT, &format!("bs_{:03}", sequence * 10));
    }
    for (shot, id) in (0..shots).zip(10_001..) {
        let (sequence, sequence_id) = ((0..SEQUENCES).zip(1001..))
            .nth(shot % SEQUENCES)
            .unwrap_or((0, 1001));
        let name = format!("bs_{:03}_{:04}", (sequence + 1) * 10, (shot / SEQUENCES + 1) * 10);
        draft.row("Shot", id, PROJECT, &name).parent = Some(("Sequence", sequence_id));
        for task in 0..tasks_per_shot {
            let code = &steps[task % steps.len()];
            let name = match task / steps.len() {
                0 => code.to_lowercase(),
                round => format!("{}_{:02}", code.to_lowercase(), round + 1),
            };
            draft.task(PROJECT, ("Shot", id), code, &name);
        }
    }
    draft.studio.users = users_by_email();
    draft.studio.rows.iter_mut().for_each(dress);
    draft.studio
}
