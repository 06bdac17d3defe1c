//! The life of one run, step by step.

use std::collections::BTreeMap;
use std::time::Duration;

use amigo::plan::OpId;
use amigo::run::{EventBody, Failure, Outcome, State, Ticks, ViewId};
use amigo::store::Created;

use super::{Place, calls, id, plan, planned, row, run, states};

#[tokio::test]
async fn a_run_lives_from_post_to_report() {
    let place = Place::new();
    let store = place.open().await;
    store.check().await.unwrap();
    let mut run = run(1);
    assert_eq!(store.create(&run, Some("signature")).await.unwrap(), Created::New);
    let queued = store.run(&run.id).await.unwrap().unwrap();
    assert_eq!(format!("{queued:?}"), format!("{run:?}"));
    assert!(store.memory(&run.id).await.unwrap().is_none());

    assert!(
        store
            .claim(&run.id, State::Queued, "one", Duration::from_secs(30), 1_050)
            .await
            .unwrap()
    );
    assert!(
        store
            .step(&run.id, State::Queued, State::Planning, 1_100)
            .await
            .unwrap()
    );
    assert!(
        !store
            .step(&run.id, State::Queued, State::Planning, 1_100)
            .await
            .unwrap()
    );
    assert!(
        store.beat(&run.id, "one", 1_150).await.unwrap(),
        "the owner goes on"
    );

    run.requested_by.name = "Mira Kowalski".to_owned();
    run.calls = calls(4);
    let plan = plan([1, 2, 3, 4]);
    let memory = serde_json::json!({"script": {"id": 12}});
    assert!(store.save_plan(&run, &plan, &memory, 1_200).await.unwrap());
    assert!(
        !store.save_plan(&run, &plan, &memory, 1_200).await.unwrap(),
        "only once"
    );
    let saved = store.run_of_view(&run.view).await.unwrap().unwrap();
    assert_eq!(saved.id, run.id);
    assert_eq!(saved.state, State::Planned);
    assert_eq!(saved.plan.as_ref(), Some(&plan));
    assert_eq!(saved.projects, plan.projects);
    assert_eq!(saved.requested_by.name, "Mira Kowalski");
    assert_eq!(saved.calls, calls(4));
    assert!(saved.report.is_none());
    assert_eq!(store.memory(&run.id).await.unwrap(), Some(memory));

    let ticks = Ticks(BTreeMap::from([(OpId("op4".to_owned()), false)]));
    assert!(store.begin_apply(&run.id, &ticks, 1_300).await.unwrap());
    assert!(
        store
            .claim(&run.id, State::Applying, "two", Duration::from_secs(30), 1_301)
            .await
            .unwrap()
    );
    store.progress(&run.id, "folders", 1, 4, 1_310).await.unwrap();
    store
        .record(&run.id, &[row(3, Outcome::Done), row(1, Outcome::Failed)], 1_320)
        .await
        .unwrap();
    store
        .record(
            &run.id,
            &[row(4, Outcome::Unchanged), row(1, Outcome::Done)],
            1_330,
        )
        .await
        .unwrap();
    store.record(&run.id, &[], 1_335).await.unwrap();
    let under_way = store.run(&run.id).await.unwrap().unwrap();
    assert_eq!(
        under_way.report.unwrap().counts.done,
        2,
        "a report while it grows"
    );
    store
        .record(&run.id, &[row(2, Outcome::Failed)], 1_340)
        .await
        .unwrap();

    assert!(store.finish(&run.id, &calls(9), 1_400).await.unwrap());
    assert!(!store.finish(&run.id, &calls(9), 1_400).await.unwrap());
    let done = store.run(&run.id).await.unwrap().unwrap();
    assert_eq!((done.state, done.finished_at), (State::Done, Some(1_400)));
    assert_eq!((done.calls, done.ticks), (calls(9), ticks));
    let report = done.report.unwrap();
    let expected = [
        row(1, Outcome::Done),
        row(2, Outcome::Failed),
        row(3, Outcome::Done),
        row(4, Outcome::Unchanged),
    ];
    assert_eq!(report.operations, expected, "in the plan's order");
    assert_eq!(store.outcomes(&run.id).await.unwrap(), expected);

    let events = store.events_after(&run.id, 0, 100).await.unwrap();
    assert_eq!(
        events.iter().map(|event| event.number).collect::<Vec<_>>(),
        (1..=9).collect::<Vec<_>>()
    );
    use State::{Applying, Done, Planned, Planning, Queued};
    assert_eq!(states(&events), [Queued, Planning, Planned, Applying, Done]);
    assert_eq!(
        events[5].body,
        EventBody::Operations(vec![row(3, Outcome::Done), row(1, Outcome::Failed)])
    );
}

#[tokio::test]
async fn a_run_that_is_done_without_operations_has_an_empty_report() {
    let place = Place::new();
    let store = place.open().await;
    let id = planned(&store, 1, &plan([])).await;
    assert!(store.begin_apply(&id, &Ticks::default(), 1_300).await.unwrap());
    assert!(store.finish(&id, &calls(1), 1_400).await.unwrap());
    let report = store.run(&id).await.unwrap().unwrap().report.unwrap();
    assert!(report.operations.is_empty());
}

#[tokio::test]
async fn nothing_is_known_of_an_unknown_run() {
    let place = Place::new();
    let store = place.open().await;
    let nobody = id(404);
    assert!(store.run(&nobody).await.unwrap().is_none());
    assert!(
        store
            .run_of_view(&ViewId("nobody".to_owned()))
            .await
            .unwrap()
            .is_none()
    );
    assert!(store.state(&nobody).await.unwrap().is_none());
    assert!(store.events_after(&nobody, 0, 10).await.unwrap().is_empty());
    assert!(store.outcomes(&nobody).await.unwrap().is_empty());
    assert!(
        !store
            .step(&nobody, State::Queued, State::Planning, 1)
            .await
            .unwrap()
    );
    assert!(!store.end(&nobody, State::Failed, None, None, 1).await.unwrap());
    assert!(!store.beat(&nobody, "one", 1).await.unwrap());
    store.progress(&nobody, "folders", 1, 2, 1).await.unwrap();
    let error = store
        .record(&nobody, &[row(1, Outcome::Done)], 1)
        .await
        .unwrap_err();
    assert!(!error.to_string().contains(&nobody.0), "{error}");
}

#[tokio::test]
async fn a_run_ends_once_and_only_as_its_machine_allows() {
    let place = Place::new();
    let store = place.open().await;
    let failure = Failure {
        code: "flow-unreachable".to_owned(),
        message: "Flow did not answer.".to_owned(),
        remedy: "Try again.".to_owned(),
    };
    store.create(&run(1), None).await.unwrap();
    let id = id(1);
    for to in State::ALL {
        let allowed = to.is_final() && State::Queued.may_become(to);
        if !allowed {
            assert!(!store.end(&id, to, None, None, 2_000).await.unwrap(), "{to}");
        }
    }
    assert!(
        store
            .end(&id, State::Failed, Some(&failure), Some(&calls(2)), 2_000)
            .await
            .unwrap()
    );
    assert!(!store.end(&id, State::Cancelled, None, None, 2_001).await.unwrap());
    let ended = store.run(&id).await.unwrap().unwrap();
    assert_eq!(ended.failure, Some(failure));
    assert_eq!((ended.calls, ended.finished_at), (calls(2), Some(2_000)));
    for (from, to) in State::ALL
        .into_iter()
        .flat_map(|from| State::ALL.map(|to| (from, to)))
    {
        assert!(!store.step(&id, from, to, 3_000).await.unwrap(), "{from} → {to}");
    }
    store.progress(&id, "folders", 1, 2, 2_002).await.unwrap();
    let events = store.events_after(&id, 0, 100).await.unwrap();
    assert_eq!(states(&events), [State::Queued, State::Failed]);
    assert_eq!(events.len(), 2, "nothing is told after the end");
}

#[tokio::test]
async fn plans_expire() {
    let place = Place::new();
    let store = place.open().await;
    let one = planned(&store, 1, &plan([1])).await;
    let two = planned(&store, 2, &plan([1])).await;
    store.begin_apply(&two, &Ticks::default(), 1_300).await.unwrap();
    assert_eq!(store.expire(99_999).await.unwrap(), 0);
    assert_eq!(store.expire(100_000).await.unwrap(), 1);
    assert_eq!(store.expire(100_001).await.unwrap(), 0);
    assert_eq!(store.state(&one).await.unwrap(), Some(State::Expired));
    assert_eq!(store.state(&two).await.unwrap(), Some(State::Applying));
    assert!(!store.begin_apply(&one, &Ticks::default(), 100_002).await.unwrap());
    let events = store.events_after(&one, 3, 10).await.unwrap();
    assert_eq!(states(&events), [State::Expired]);
}
