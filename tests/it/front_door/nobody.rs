//! Whoever runs the command line is judged by nobody; whoever has no id is not taken for them.

use amigo::model::{FlowId, FlowType, Person, Selection};
use amigo::run::{Asked, Origin, Run, RunId, ViewId};
use amigo::store::Store;

use crate::harness::{RunPage, Stage};

#[tokio::test(flavor = "multi_thread")]
async fn only_the_command_line_asks_without_an_id() {
    let stage = Stage::open().await;
    let store = Store::open(&stage.variables()["AMIGO_DATABASE_URL"])
        .await
        .unwrap();
    for (origin, digit, state) in [(Origin::Ami, "a", "refused"), (Origin::Cli, "b", "planned")] {
        let asked = Asked {
            action: "sync".to_owned(),
            options: Default::default(),
            requested_by: Person::default(),
            site: "127.0.0.1".to_owned(),
            selection: Some(Selection {
                entity_type: FlowType::Shot,
                ids: vec![FlowId(1062)],
                project_id: None,
            }),
        };
        let (id, view) = (RunId(digit.repeat(32)), ViewId(format!("{digit}0").repeat(16)));
        let now = (stage.clock.services().now)();
        store
            .create(&Run::queued(id.clone(), view, origin, asked, now), None)
            .await
            .unwrap();
        // amigo finds what waits to be planned.
        let run = RunPage::at(&stage, &format!("/runs/{}", id.0));
        let run = run.reaches(&["planned", "refused"]).await;
        assert_eq!(run.data["state"], state, "{}", run.data["error"]);
        if state == "refused" {
            assert_eq!(run.error(), "person-unknown");
        }
    }
    stage.nothing_else_was_sent().await;
}
