//! The file itself: what survives, what is refused, who may read it.

use amigo::run::{Outcome, State, Ticks};
use amigo::store::{Created, Store, StoreError};
use sqlx::Connection;

use super::{Place, plan, planned, row, run};

#[tokio::test]
async fn everything_is_there_after_reopening() {
    let place = Place::new();
    let store = place.open().await;
    let plan = plan([2, 1]);
    let id = planned(&store, 1, &plan).await;
    store.begin_apply(&id, &Ticks::default(), 1_300).await.unwrap();
    store
        .record(&id, &[row(1, Outcome::Done), row(2, Outcome::Done)], 1_400)
        .await
        .unwrap();
    let before = format!("{:?}", store.run(&id).await.unwrap());
    let events = store.events_after(&id, 0, 100).await.unwrap();
    drop(store);

    let store = place.open().await;
    assert_eq!(format!("{:?}", store.run(&id).await.unwrap()), before);
    assert_eq!(store.events_after(&id, 0, 100).await.unwrap(), events);
    assert_eq!(
        store.memory(&id).await.unwrap(),
        Some(serde_json::json!({"n": 1}))
    );
    store.progress(&id, "write-back", 1, 2, 1_500).await.unwrap();
    let newer = store
        .events_after(&id, events.last().unwrap().number, 100)
        .await
        .unwrap();
    assert_eq!(newer[0].number, events.last().unwrap().number + 1);
}

#[tokio::test]
async fn unreadable_content_is_an_error() {
    let place = Place::new();
    let store = place.open().await;
    let id = planned(&store, 1, &plan([1])).await;
    store.record(&id, &[row(1, Outcome::Done)], 1_300).await.unwrap();
    let mut raw = place.raw().await;
    for (spoil, heal, expected) in [
        (
            "UPDATE plans SET plan = '{\"projects\": 7}'",
            "",
            "the database holds something amigo cannot read: plan: ",
        ),
        (
            "UPDATE runs SET state = 'asleep'",
            "UPDATE runs SET state = 'planned'",
            "the database holds something amigo cannot read: \"asleep\" is not a state of a run",
        ),
        (
            "UPDATE runs SET selection = 'nothing'",
            "",
            "the database holds something amigo cannot read: selection: ",
        ),
    ] {
        sqlx::query(spoil).execute(&mut raw).await.unwrap();
        let error = store.run(&id).await.unwrap_err();
        assert!(matches!(error, StoreError::Content(_)), "{error:?}");
        assert!(error.to_string().starts_with(expected), "{error}");
        assert!(
            !format!("{error} {error:?}").contains(&id.0),
            "an id is a capability"
        );
        sqlx::query(heal).execute(&mut raw).await.unwrap();
    }
    sqlx::query("UPDATE outcomes SET outcome = 'perhaps'")
        .execute(&mut raw)
        .await
        .unwrap();
    sqlx::query("UPDATE run_events SET body = '[]'")
        .execute(&mut raw)
        .await
        .unwrap();
    raw.close().await.unwrap();
    assert!(matches!(store.outcomes(&id).await, Err(StoreError::Content(_))));
    assert!(matches!(
        store.events_after(&id, 0, 9).await,
        Err(StoreError::Content(_))
    ));
}

#[tokio::test]
async fn what_cannot_be_opened_is_told_with_its_path() {
    let place = Place::new();
    let folder = place.folder.path().display().to_string();
    std::fs::write(
        place.folder.path().join("notes.txt"),
        "not a database, but long enough to be looked at ".repeat(9),
    )
    .unwrap();
    for (url, expected) in [
        (
            "postgres://amigo:hunter2@db/amigo".to_owned(),
            "the database could not be opened: this amigo keeps runs in SQLite only; PostgreSQL comes with a later \
             version. Use an address such as sqlite://amigo.db"
                .to_owned(),
        ),
        (
            "amigo.db".to_owned(),
            "the database could not be opened: \"amigo.db\" names no database file; an address looks like \
             sqlite://amigo.db or sqlite:///folder/amigo.db"
                .to_owned(),
        ),
        (
            format!("sqlite://{folder}/none/runs.db"),
            format!("the database could not be opened: {folder}/none/runs.db: the folder {folder}/none does not exist"),
        ),
        (
            format!("sqlite://{folder}/notes.txt"),
            format!("the database could not be opened: {folder}/notes.txt: file is not a database"),
        ),
        (
            format!("sqlite://{folder}"),
            format!("the database could not be opened: {folder}: unable to open database file"),
        ),
    ] {
        let error = Store::open(&url).await.err().unwrap();
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn a_database_of_a_newer_amigo_is_left_alone() {
    let place = Place::new();
    place.open().await;
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (99, 'later', true, x'00', 0)",
    )
    .execute(&mut place.raw().await)
    .await
    .unwrap();
    let error = Store::open(&place.url()).await.err().unwrap().to_string();
    assert!(
        error.ends_with("runs.db: it was made by a newer amigo; start that one"),
        "{error}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_file_is_readable_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let store = place.open().await;
    store.create(&run(1), None).await.unwrap();
    let mut seen = Vec::new();
    for entry in std::fs::read_dir(place.folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
        seen.push(entry.file_name());
    }
    assert!(seen.len() >= 2, "the database and its log: {seen:?}");
}

/// A database of the amigo before this one is brought up to date with all that is in it.
#[tokio::test]
async fn a_database_of_an_earlier_amigo_is_taken_over() {
    let place = Place::new();
    let id = planned(&place.open().await, 1, &plan([1])).await;
    let mut raw = place.raw().await;
    for back in [
        "DROP TABLE light_entries",
        "ALTER TABLE runs DROP COLUMN light",
        "ALTER TABLE runs DROP COLUMN barred",
        "DELETE FROM _sqlx_migrations WHERE version = 2",
    ] {
        sqlx::query(back).execute(&mut raw).await.unwrap();
    }
    drop(raw);
    let store = place.open().await;
    let old = store.run(&id).await.unwrap().unwrap();
    assert_eq!((old.state, old.light, old.barred), (State::Planned, None, None));
    assert_eq!(old.plan, Some(plan([1])));
    assert_eq!(store.create(&run(2), None).await.unwrap(), Created::New);
}
