//! Who works on a run, and which run may write to a project.

use std::time::Duration;

use amigo::run::{State, Ticks};

use super::{Place, id, only, plan, run};

#[tokio::test]
async fn a_silent_owner_loses_its_run() {
    let place = Place::new();
    let store = place.open().await;
    let lease = Duration::from_secs(30);
    let id = id(1);
    store.create(&run(1), None).await.unwrap();
    assert!(
        store
            .abandoned(State::Queued, lease, 30_999)
            .await
            .unwrap()
            .is_empty(),
        "young"
    );
    assert_eq!(
        store.abandoned(State::Queued, lease, 31_000).await.unwrap(),
        only(&id)
    );

    assert!(
        store
            .claim(&id, State::Queued, "one", lease, 2_000)
            .await
            .unwrap()
    );
    assert!(
        !store
            .claim(&id, State::Queued, "two", lease, 3_000)
            .await
            .unwrap(),
        "it has an owner"
    );
    assert!(
        !store
            .claim(&id, State::Queued, "one", lease, 3_000)
            .await
            .unwrap(),
        "nor twice by one owner"
    );
    assert!(store.beat(&id, "one", 10_000).await.unwrap());
    assert!(!store.beat(&id, "two", 10_000).await.unwrap());
    assert!(
        !store
            .claim(&id, State::Queued, "two", lease, 39_999)
            .await
            .unwrap()
    );
    assert!(
        store
            .abandoned(State::Queued, lease, 39_999)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        store.abandoned(State::Queued, lease, 40_000).await.unwrap(),
        only(&id)
    );
    assert!(
        store
            .claim(&id, State::Queued, "two", lease, 40_000)
            .await
            .unwrap()
    );
    assert!(
        !store.beat(&id, "one", 40_001).await.unwrap(),
        "the first owner hears that it lost"
    );

    assert!(
        store
            .step(&id, State::Queued, State::Planning, 41_000)
            .await
            .unwrap()
    );
    assert!(
        !store
            .claim(&id, State::Queued, "three", lease, 900_000)
            .await
            .unwrap(),
        "a plan under way is queued again first"
    );
    assert_eq!(
        store.abandoned(State::Planning, lease, 71_000).await.unwrap(),
        only(&id)
    );
    assert!(
        store
            .step(&id, State::Planning, State::Queued, 71_000)
            .await
            .unwrap()
    );
    assert!(!store.beat(&id, "two", 71_001).await.unwrap());
    assert!(
        store
            .claim(&id, State::Queued, "three", lease, 71_002)
            .await
            .unwrap()
    );

    assert!(
        store
            .step(&id, State::Queued, State::Planning, 72_000)
            .await
            .unwrap()
    );
    assert!(
        store
            .save_plan(&run(1), &plan([1]), &serde_json::Value::Null, 73_000)
            .await
            .unwrap()
    );
    assert!(store.begin_apply(&id, &Ticks::default(), 74_000).await.unwrap());
    assert!(
        store
            .claim(&id, State::Applying, "four", lease, 74_001)
            .await
            .unwrap(),
        "apply starts without an owner"
    );
    assert_eq!(
        store.abandoned(State::Applying, lease, 104_001).await.unwrap(),
        only(&id)
    );
    assert!(store.end(&id, State::Failed, None, None, 105_000).await.unwrap());
    assert!(!store.beat(&id, "four", 105_001).await.unwrap(), "it has ended");
    assert!(
        !store
            .claim(&id, State::Applying, "four", lease, 999_000)
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn a_project_is_leased_to_one_run() {
    let place = Place::new();
    let store = place.open().await;
    for n in 1..=2 {
        store.create(&run(n), None).await.unwrap();
    }
    let (one, two) = (id(1), id(2));
    assert!(store.lease("site/188", &one, 5_000, 1_000).await.unwrap());
    assert!(!store.lease("site/188", &two, 6_000, 4_999).await.unwrap());
    assert!(
        store.lease("site/189", &two, 6_000, 4_999).await.unwrap(),
        "another project"
    );
    assert!(
        store.lease("site/188", &one, 9_000, 4_999).await.unwrap(),
        "renewed"
    );
    assert!(!store.lease("site/188", &two, 9_000, 8_999).await.unwrap());
    store.release("site/188", &two).await.unwrap();
    assert!(
        !store.lease("site/188", &two, 9_000, 8_999).await.unwrap(),
        "only the holder gives it back"
    );
    assert!(
        store.lease("site/188", &two, 12_000, 9_000).await.unwrap(),
        "run out"
    );
    store.release("site/188", &two).await.unwrap();
    assert!(store.lease("site/188", &one, 12_000, 9_001).await.unwrap());
}
