//! What is told to those who watch.

use std::time::{Duration, Instant};

use amigo::run::{EventBody, Outcome, Ticks};

use super::{Place, plan, planned, row};

#[tokio::test]
async fn events_go_on_where_a_watcher_left() {
    let place = Place::new();
    let store = place.open().await;
    let id = planned(&store, 1, &plan([1])).await;
    store.begin_apply(&id, &Ticks::default(), 1_300).await.unwrap();
    for done in 1..=40 {
        store.progress(&id, "folders", done, 40, 1_400).await.unwrap();
    }
    store.progress(&id, "tasks", 0, 7, 1_500).await.unwrap();
    store.record(&id, &[row(1, Outcome::Done)], 1_600).await.unwrap();
    let all = store.events_after(&id, 0, 100).await.unwrap();
    assert!(all.windows(2).all(|pair| pair[0].number < pair[1].number));
    assert_eq!(
        all.last().unwrap().number,
        4 + 40 + 1 + 1,
        "numbers count what was forgotten"
    );
    let folders = EventBody::Progress {
        phase: "folders".to_owned(),
        done: 40,
        total: 40,
    };
    assert!(
        all.iter().any(|event| event.body == folders),
        "a phase's last word stays"
    );
    assert_eq!(all.len(), 4 + 2 + 1);

    let mut number = 0;
    let mut resumed = Vec::new();
    loop {
        let chunk = store.events_after(&id, number, 2).await.unwrap();
        assert!(chunk.len() <= 2);
        let Some(last) = chunk.last() else { break };
        number = last.number;
        resumed.extend(chunk);
    }
    assert_eq!(resumed, all);
}

#[tokio::test]
async fn thousands_of_outcomes_are_kept_quickly() {
    let place = Place::new();
    let store = place.open().await;
    let plan = plan(0..5_000);
    let id = planned(&store, 1, &plan).await;
    store.begin_apply(&id, &Ticks::default(), 1_300).await.unwrap();
    let started = Instant::now();
    let rows: Vec<_> = (0..5_000).rev().map(|n| row(n, Outcome::Done)).collect();
    for chunk in rows.chunks(100) {
        store.record(&id, chunk, 1_400).await.unwrap();
    }
    let outcomes = store.outcomes(&id).await.unwrap();
    let took = started.elapsed();
    assert!(
        outcomes
            .iter()
            .map(|row| &row.id)
            .eq(plan.operations.iter().map(|operation| &operation.id))
    );
    assert!(took < Duration::from_secs(10), "{took:?}");
}
