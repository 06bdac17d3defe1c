//! Whom AYON's events name: always the run, and the person where that was configured and they may write.

use serde_json::Value;

use crate::harness::Stage;

/// Syncs one new Shot; gives the run's view and the events of folders and tasks that came of it.
async fn synced(stage: &Stage) -> (String, Vec<Value>) {
    let before = stage.ayon.events().len();
    let run = stage.right_click("Shot", &[1043]).await.planned().await;
    let run = run.apply().await.done().await;
    assert_eq!((run.ended("failed"), run.ended("skipped")), (0, 0));
    let about = |event: &Value, topic: &str| event["topic"].as_str().unwrap().starts_with(topic);
    let events = stage.ayon.events().split_off(before);
    let events: Vec<Value> = events
        .into_iter()
        .filter(|event| about(event, "entity.folder.") || about(event, "entity.task."))
        .collect();
    assert!(!events.is_empty());
    (run.data["view"].as_str().unwrap().to_owned(), events)
}

#[tokio::test(flavor = "multi_thread")]
async fn events_name_the_run_and_the_service_user() {
    let stage = Stage::open().await;
    let (view, events) = synced(&stage).await;
    for event in &events {
        assert_eq!(event["sender"], format!("amigo-{view}"), "{event}");
        assert_eq!(event["senderType"], "shotgrid", "{event}");
        assert_ne!(event["user"], "mira.kowalski", "{event}");
    }
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_stands_in_the_events_of_what_they_applied() {
    let stage = Stage::set(|setting| {
        setting
            .amigo
            .insert("AMIGO_AYON_ACT_AS_PERSON", "true".to_owned());
    })
    .await;
    let (view, events) = synced(&stage).await;
    for event in &events {
        assert_eq!(event["sender"], format!("amigo-{view}"), "{event}");
        assert_eq!(event["user"], "mira.kowalski", "{event}");
    }
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_write_in_ayon_for_certain_is_not_named() {
    for spoil in [
        |user: &mut amigo::sandbox::studio::User| user.role = None,
        |user: &mut amigo::sandbox::studio::User| user.active = false,
        |user: &mut amigo::sandbox::studio::User| user.flow_id = None,
    ] {
        let stage = Stage::set(|setting| {
            setting
                .amigo
                .insert("AMIGO_AYON_ACT_AS_PERSON", "true".to_owned());
            let users = setting.ayon.studio.users.iter_mut();
            users.filter(|user| user.name == "mira.kowalski").for_each(spoil);
        })
        .await;
        let (_, events) = synced(&stage).await;
        assert!(events.iter().all(|event| event["user"] != "mira.kowalski"));
        stage.nothing_else_was_sent().await;
    }
}
