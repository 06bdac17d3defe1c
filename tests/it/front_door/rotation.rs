//! Changing a menu item's secret token without a gap: both count for a while, each by its name.

use crate::door::refuses;
use crate::harness::{AMI_SECRET, Stage};

use super::Form;

const NEWER: &str = "planted-newer-secret-55aa";
const OF_OTHERS: &str = "planted-secret-of-others-0c0c";

/// A post that is signed with this secret, and made at this moment of amigo's.
fn signed(stage: &Stage, secret: &str, at: Option<jiff::Timestamp>) -> Form {
    let mut form = stage.form("Shot", &[1062]);
    form.retain(|(name, _)| name != "signature");
    if let (Some(at), Some(field)) = (at, form.iter_mut().find(|(name, _)| name == "timestamp")) {
        field.1 = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    }
    let signature = amigo::sandbox::flow::sign(&form, secret);
    form.push(("signature".to_owned(), signature));
    form
}

/// amigo with the secrets of a file.
async fn with_secrets(file: String) -> Stage {
    Stage::set(|setting| {
        setting.amigo.insert("AMIGO_AMI_SECRET", String::new());
        setting.toml = Some(file);
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_older_secret_counts_until_its_end() {
    let end: jiff::Timestamp = "2031-05-01T12:00:00Z".parse().unwrap();
    let stage = with_secrets(format!(
        "[ami.secrets]\nany = [\"{OF_OTHERS}\"]\nsync = [\n  \
         {{ secret = \"{AMI_SECRET}\", label = \"the old one\", until = \"{end}\" }},\n  \"{NEWER}\",\n]\n"
    ))
    .await;
    let just_before = end - jiff::SignedDuration::from_secs(1);
    stage.clock.at(just_before);
    for secret in [AMI_SECRET, NEWER] {
        stage.begins(&signed(&stage, secret, Some(just_before))).await;
    }
    // An action with secrets of its own hears no others.
    let other = signed(&stage, OF_OTHERS, Some(just_before));
    refuses(stage.post("/ami/sync", &other).await, 401, "signature-wrong").await;

    stage.clock.at(end);
    stage.begins(&signed(&stage, NEWER, Some(end))).await;
    let ended = signed(&stage, AMI_SECRET, Some(end));
    let page = refuses(stage.post("/ami/sync", &ended).await, 401, "secret-ended").await;
    assert!(page.contains("the old one"), "{page}");
    stage.nothing_else_was_sent().await;
}

/// Without another secret nobody is heard any more, and whoever does not hold it learns nothing of its end. What was
/// heard while it counted leads to its run, as any post does at any later time.
#[tokio::test(flavor = "multi_thread")]
async fn after_its_end_it_opens_to_nobody() {
    let end: jiff::Timestamp = "2031-05-01T12:00:00Z".parse().unwrap();
    let stage = with_secrets(format!(
        "[ami]\nsecrets = [{{ secret = \"{AMI_SECRET}\", until = \"{end}\" }}]\n"
    ))
    .await;
    let before = end - jiff::SignedDuration::from_secs(5);
    stage.clock.at(before);
    let form = signed(&stage, AMI_SECRET, Some(before));
    let run = stage.begins(&form).await.path;
    stage.clock.at(end);
    assert_eq!(stage.begins(&form).await.path, run);
    let late = signed(&stage, AMI_SECRET, Some(end));
    refuses(stage.post("/ami/sync", &late).await, 401, "secret-ended").await;
    let forged = signed(&stage, "a guess", Some(end));
    refuses(stage.post("/ami/sync", &forged).await, 401, "signature-wrong").await;
    stage.nothing_else_was_sent().await;
}
