//! Many at once: one wins, all agree.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use amigo::plan::OpId;
use amigo::run::{LightPost, Run, RunId, State, Ticks};
use amigo::store::{Created, Store};

use super::{Place, id, plan, planned, run};

#[tokio::test(flavor = "multi_thread")]
async fn apply_has_one_winner() {
    let place = Place::new();
    let store = place.open().await;
    let id = planned(&store, 1, &plan([1])).await;
    let presses = (0..50).map(|n| {
        let (store, id) = (store.clone(), id.clone());
        tokio::spawn(async move {
            let ticks = Ticks(BTreeMap::from([(OpId(format!("op{n}")), true)]));
            store
                .begin_apply(&id, &ticks, 1_300 + n)
                .await
                .unwrap()
                .then_some(ticks)
        })
    });
    let mut winners = Vec::new();
    for press in presses.collect::<Vec<_>>() {
        winners.extend(press.await.unwrap());
    }
    assert_eq!(winners.len(), 1);
    assert_eq!(
        store.run(&id).await.unwrap().unwrap().ticks,
        winners[0],
        "the winner's ticks count"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_signature_makes_one_run() {
    let place = Place::new();
    // Two openings, as two processes on one file would have.
    let stores = [place.open().await, place.open().await];
    let posts = (0..200).map(|n| {
        let store = stores[n % 2].clone();
        tokio::spawn(async move { (n, store.create(&run(n), Some("signature")).await.unwrap()) })
    });
    let mut new = Vec::new();
    let mut known = Vec::new();
    for post in posts.collect::<Vec<_>>() {
        match post.await.unwrap() {
            (n, Created::New) => new.push(id(n)),
            (_, Created::Known(id)) => known.push(id),
            (_, Created::EntryUsed) => panic!("no post was light"),
        }
    }
    assert_eq!((new.len(), known.len()), (1, 199));
    assert!(known.iter().all(|id| *id == new[0]));
    let store = &stores[0];
    assert_eq!(
        store
            .run_of_signature("sync", "signature")
            .await
            .unwrap()
            .as_ref(),
        Some(&new[0])
    );
    assert!(
        store
            .run_of_signature("users", "signature")
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(queued(store).await, 1);

    let mut other = run(300);
    other.action = "users".to_owned();
    assert_eq!(
        store.create(&other, Some("signature")).await.unwrap(),
        Created::New
    );
}

/// Posts that come at once are stored in one transaction; none of them suffers for another.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_cannot_be_made_costs_no_other() {
    let place = Place::new();
    let store = place.open().await;
    store.create(&run(0), None).await.unwrap();
    // Every third takes an id that another one takes too, or that the first run has.
    let wanted: Vec<usize> = (0..150).map(|n| if n % 3 == 0 { n / 2 } else { n }).collect();
    let posts = wanted.iter().map(|n| {
        let (store, run) = (store.clone(), run(*n));
        tokio::spawn(async move { (run.id.clone(), store.create(&run, None).await) })
    });
    let mut made = Vec::new();
    for post in posts.collect::<Vec<_>>() {
        if let (id, Ok(created)) = post.await.unwrap() {
            assert_eq!(created, Created::New);
            made.push(id);
        }
    }
    made.sort();
    let others: BTreeSet<RunId> = wanted.iter().filter(|n| **n != 0).map(|n| id(*n)).collect();
    assert_eq!(made, others.into_iter().collect::<Vec<_>>(), "each id once");
    for id in &made {
        assert_eq!(store.state(id).await.unwrap(), Some(State::Queued));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_entry_begins_one_run_but_for_what_flow_signed() {
    let light = |n: usize, signed| Run {
        parent: None,
        selection: None,
        light: Some(LightPost {
            entry: 98_765,
            signed,
            heard_at: 1_000,
        }),
        ..run(n)
    };
    let place = Place::new();
    let stores = [place.open().await, place.open().await];
    let posts = (0..60).map(|n| {
        let (store, run) = (stores[n % 2].clone(), light(n, false));
        tokio::spawn(async move { store.create(&run, None).await.unwrap() })
    });
    let mut counts = (0, 0);
    for post in posts.collect::<Vec<_>>() {
        match post.await.unwrap() {
            Created::New => counts.0 += 1,
            Created::EntryUsed => counts.1 += 1,
            Created::Known(_) => panic!("no post was signed"),
        }
    }
    assert_eq!(counts, (1, 59));
    assert_eq!(queued(&stores[0]).await, 1);
    let signed = stores[0].create(&light(100, true), Some("signature")).await;
    assert_eq!(signed.unwrap(), Created::New);
    let again = stores[1].create(&light(101, false), None).await.unwrap();
    assert_eq!(again, Created::EntryUsed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_in_memory_serves_all_at_once() {
    let store = Store::open("sqlite::memory:").await.unwrap();
    let posts = (0..20).map(|n| {
        let store = store.clone();
        tokio::spawn(async move {
            store.create(&run(n), None).await.unwrap();
            store.run(&id(n)).await.unwrap().unwrap()
        })
    });
    for post in posts.collect::<Vec<_>>() {
        assert_eq!(post.await.unwrap().state, State::Queued);
    }
    let other = Store::open("sqlite://:memory:").await.unwrap();
    assert_eq!(queued(&other).await, 0, "each opening is a database of its own");
}

/// How many runs wait to be planned.
async fn queued(store: &Store) -> usize {
    store
        .abandoned(State::Queued, Duration::ZERO, i64::MAX)
        .await
        .unwrap()
        .len()
}
