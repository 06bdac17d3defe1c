//! Many at once: one wins, all agree.

use std::collections::BTreeMap;
use std::time::Duration;

use amigo::plan::OpId;
use amigo::run::{State, Ticks};
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
