//! About how long the ticked operations take to be written: a guess for people, never a promise.
//!
//! The figures are AYON's as they were measured (`ayon-api.md §5.5`). Its speed depends on the project's size more
//! than on anything else: each new folder refreshes a view over all folders, and each change of one walks their tree.

use std::time::Duration;

use crate::model::System;

use super::operation::{Kind, On, Plan};

/// A new folder in an empty project, in milliseconds, and what each folder that is there already adds.
const CREATE_MS: f64 = 6.0;
const CREATE_MS_PER_FOLDER: f64 = 0.01;
/// A changed folder, likewise.
const UPDATE_MS: f64 = 1.0;
const UPDATE_MS_PER_FOLDER: f64 = 0.021;
/// A new or changed task.
const TASK_MS: f64 = 1.6;
/// Every request ends with the rebuilding of a list of all folders.
const REQUEST_MS: f64 = 50.0;
const REQUEST_MS_PER_FOLDER: f64 = 0.05;
const FOLDERS_A_REQUEST: f64 = 100.0;
const TASKS_A_REQUEST: f64 = 1000.0;
/// A type, a field or the project itself.
const SETUP_MS: f64 = 300.0;
/// A user who is made or changed (`ayon-api.md §7.2`), with eight under way at once.
const USER_MS: f64 = 25.0 / 8.0;
/// Flow hears of this many rows at once.
const ROWS_A_BATCH: f64 = 500.0;
const BATCH_MS: f64 = 500.0;
/// Both systems are read again before anything is written.
const LOOK_AGAIN_MS: f64 = 1000.0;
/// Where nobody counted, the project is a middling one.
const FOLDERS_UNKNOWN: usize = 500;

/// The writes to one AYON project.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Work {
    /// Folders that are there before.
    folders: usize,
    creates: usize,
    updates: usize,
    tasks: usize,
    setups: usize,
    users: usize,
    /// Rows that AYON has right, and that only Flow hears of.
    told: usize,
}

/// About how long applying the plan's default ticks takes; nothing when nothing is ticked.
pub fn estimate(plan: &Plan) -> Option<Duration> {
    let mut works: Vec<(&str, Work)> = Vec::new();
    for operation in plan.operations.iter().filter(|operation| operation.ticked) {
        let name = operation.project.as_str();
        let index = works.iter().position(|(known, _)| *known == name);
        let index = index.unwrap_or_else(|| {
            let planned = plan
                .projects
                .iter()
                .find(|project| project.ayon.as_deref() == Some(name));
            let folders = planned.and_then(|project| project.folders);
            works.push((
                name,
                Work {
                    folders: folders.unwrap_or(FOLDERS_UNKNOWN),
                    ..Work::default()
                },
            ));
            works.len() - 1
        });
        let work = &mut works[index].1;
        match (operation.system, operation.on, operation.kind) {
            (System::Flow, On::Folder | On::Task, _) => work.told += 1,
            (_, On::Folder, Kind::Create) => work.creates += 1,
            (_, On::Folder, Kind::Update | Kind::Move | Kind::Retire) => work.updates += 1,
            (_, On::Task, _) => work.tasks += 1,
            (_, On::Field | On::Project | On::Anatomy, _) => work.setups += 1,
            (_, On::User, _) => work.users += 1,
        }
    }
    if works.is_empty() {
        return None;
    }
    let total: f64 = works
        .iter()
        .map(|(_, work)| LOOK_AGAIN_MS + ayon_ms(*work) + flow_ms(*work))
        .sum();
    Some(Duration::from_secs_f64(total / 1000.0))
}

fn ayon_ms(work: Work) -> f64 {
    let [folders, creates, updates, tasks, setups, users] = [
        work.folders,
        work.creates,
        work.updates,
        work.tasks,
        work.setups,
        work.users,
    ]
    .map(|count| count as f64);
    // The project grows while it is written to; half of what comes is there on average.
    let while_creating = folders + creates / 2.0;
    let after = folders + creates;
    let requests = ((creates + updates) / FOLDERS_A_REQUEST).ceil() + (tasks / TASKS_A_REQUEST).ceil();
    creates * (CREATE_MS + CREATE_MS_PER_FOLDER * while_creating)
        + updates * (UPDATE_MS + UPDATE_MS_PER_FOLDER * after)
        + tasks * TASK_MS
        + setups * SETUP_MS
        + users * USER_MS
        + requests * (REQUEST_MS + REQUEST_MS_PER_FOLDER * after)
}

fn flow_ms(work: Work) -> f64 {
    let rows = (work.creates + work.updates + work.tasks + work.told) as f64;
    (rows / ROWS_A_BATCH).ceil() * BATCH_MS
}

/// A duration as people say it: `about 10 seconds`, `about 3 minutes`.
pub fn about(duration: Duration) -> String {
    const STEPS: [u64; 7] = [2, 5, 10, 15, 20, 30, 40];
    let seconds = duration.as_secs();
    if seconds < 55 {
        let step = STEPS.into_iter().find(|step| seconds <= step + step / 8);
        return format!("about {} seconds", step.unwrap_or(50));
    }
    let minutes = (seconds + 30) / 60;
    match minutes {
        1 => "about a minute".to_owned(),
        2..90 => format!("about {minutes} minutes"),
        _ => format!("about {} hours", (minutes + 30) / 60),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn work(folders: usize, creates: usize, updates: usize, tasks: usize) -> Work {
        Work {
            folders,
            creates,
            updates,
            tasks,
            ..Work::default()
        }
    }

    /// The sheet's table, in seconds (`ayon-api.md §5.5`).
    #[rstest]
    #[case(work(100, 100, 0, 0), 1.0)]
    #[case(work(0, 1000, 0, 0), 6.7)]
    #[case(work(0, 2000, 0, 0), 48.0)]
    #[case(work(10_000, 100, 0, 0), 10.5)]
    #[case(work(50, 0, 100, 0), 0.2)]
    #[case(work(50, 0, 1000, 0), 1.2)]
    #[case(work(10_000, 0, 100, 0), 21.7)]
    #[case(work(10_000, 0, 1000, 0), 204.0)]
    #[case(work(100, 0, 0, 1000), 1.6)]
    #[case(work(100, 0, 0, 5000), 9.4)]
    #[case(work(10_000, 0, 0, 300), 1.3)]
    #[case(work(10_000, 0, 0, 2000), 2.9)]
    fn the_guess_is_within_three_times_of_what_was_measured(#[case] work: Work, #[case] measured: f64) {
        let guess = ayon_ms(work) / 1000.0;
        assert!(
            guess < measured * 3.0 && guess > measured / 3.0,
            "{work:?}: {guess:.1} s, measured {measured} s"
        );
    }

    #[rstest]
    #[case(1, "about 2 seconds")]
    #[case(9, "about 10 seconds")]
    #[case(32, "about 30 seconds")]
    #[case(54, "about 50 seconds")]
    #[case(60, "about a minute")]
    #[case(170, "about 3 minutes")]
    #[case(7200, "about 2 hours")]
    fn durations_are_said_roundly(#[case] seconds: u64, #[case] said: &str) {
        assert_eq!(about(Duration::from_secs(seconds)), said);
    }
}
