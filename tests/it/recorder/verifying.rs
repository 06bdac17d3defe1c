//! `amigo verify`: a file of vectors, and bodies by the configuration.

use std::fs;

use amigo::ami::{Signed, sign};
use serde_json::Value;
use tempfile::TempDir;

use super::{form, holds_none_of, signed, urlencoded, variables};
use crate::harness::{AMI_SECRET, Ended, Program, SECRETS};
use crate::signatures::vectors;

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/ami_signatures.json");

async fn vectors_of(file: &str) -> Ended {
    let folder = TempDir::new().unwrap();
    Program::run(folder.path(), &["verify", "--vectors", file], &variables(&[])).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_vector_agrees_and_a_tampered_one_is_named() {
    let count = vectors().len();
    let ended = vectors_of(VECTORS).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.out.lines().count(), count + 1, "{}", ended.out);
    assert!(
        ended.out.ends_with(&format!("{count} of {count} agree\n")),
        "{}",
        ended.out
    );

    let folder = TempDir::new().unwrap();
    let tampered = folder.path().join("vectors.json");
    let text = fs::read_to_string(VECTORS).unwrap();
    let first: Vec<Value> = serde_json::from_str(&text).unwrap();
    let body = first[0]["body"].as_str().unwrap();
    let other = body.replace("selected_ids=1043%2C1051", "selected_ids=1043%2C1052");
    assert_ne!(body, other);
    fs::write(&tampered, text.replacen(body, &other, 1)).unwrap();
    let ended = vectors_of(tampered.to_str().unwrap()).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let differs: Vec<&str> = ended
        .out
        .lines()
        .filter(|line| line.starts_with("differs"))
        .collect();
    assert_eq!(
        differs,
        ["differs  plain: signature-wrong instead of all-fields (vector A of the reference)"]
    );

    // Nothing is no proof.
    fs::write(&tampered, "[]").unwrap();
    assert_eq!(vectors_of(tampered.to_str().unwrap()).await.code, Some(1));
}

/// A body and what amigo says of it, with its own secret unless another is given.
async fn judged(body: &str, arguments: &[&str], more: &[(&str, &str)]) -> (Ended, Value) {
    let folder = TempDir::new().unwrap();
    let mut variables = variables(&[("AMIGO_AMI_SECRET", AMI_SECRET)]);
    variables.extend(super::variables(more));
    let run = async |arguments: &[&str]| {
        Program::run_on(body.as_bytes(), folder.path(), arguments, &variables).await
    };
    let arguments = [&["verify"], arguments].concat();
    let people = run(&arguments).await;
    let data = run(&[arguments.as_slice(), &["--json"]].concat()).await;
    assert_eq!(people.code, data.code);
    for secret in SECRETS {
        holds_none_of(&format!("{people:?}{data:?}"), &[secret]);
    }
    let told = serde_json::from_str(&data.out).unwrap();
    (people, told)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_on_standard_input_is_judged_by_the_configuration() {
    let fields = [
        ("user_login", "planted.person"),
        ("title", ""),
        ("selected_ids", "7654321"),
    ];
    for written in [Signed::AllFields, Signed::NonEmptyFields] {
        let body = urlencoded(&signed(form(&fields), written));
        // A line end that a shell added does no harm.
        let (people, data) = judged(&format!("{body}\n"), &[], &[]).await;
        assert_eq!(people.code, Some(0), "{people:?}");
        assert!(
            people.out.contains(&format!(
                "{}, by the secret \"AMIGO_AMI_SECRET\"",
                written.as_str()
            )),
            "{people:?}"
        );
        assert_eq!(data["verdict"], written.as_str());
        assert_eq!(data["token"], "AMIGO_AMI_SECRET");
        assert!((0..30).contains(&data["age_seconds"].as_i64().unwrap()), "{data}");
    }
    let good = urlencoded(&signed(form(&fields), Signed::AllFields));
    let signature = good.rsplit('=').next().unwrap();
    let odd_time = {
        let mut form = form(&[("user_login", "planted.person"), ("timestamp", "planted")]);
        form.push(("signature".to_owned(), sign(&form, AMI_SECRET, Signed::AllFields)));
        urlencoded(&form)
    };
    let unsigned = urlencoded(&form(&fields));
    let hidden = ["planted", "7654321", signature];
    for (body, arguments, more, code) in [
        (
            good.replace("7654321", "7654322"),
            vec![],
            vec![],
            "signature-wrong",
        ),
        (
            good.clone(),
            vec!["--now", "2020-01-01T00:00:00Z"],
            vec![],
            "post-in-the-future",
        ),
        (
            good.clone(),
            vec!["--now", "2120-01-01T00:00:00Z"],
            vec![],
            "post-stale",
        ),
        (good.clone(), vec![], vec![("AMIGO_AMI_SECRET", "")], "no-secret"),
        (
            good.clone(),
            vec!["--action", "destroy"],
            vec![],
            "action-unknown",
        ),
        (odd_time, vec![], vec![], "field-wrong"),
        (unsigned.clone(), vec![], vec![], "unsigned"),
        ("a=1&".repeat(600), vec![], vec![], "too-many-fields"),
    ] {
        let (people, data) = judged(&body, &arguments, &more).await;
        assert_eq!(people.code, Some(1), "{code}: {people:?}");
        assert!(people.out.contains(&format!("[{code}]")), "{code}: {people:?}");
        let error = &data["error"];
        assert_eq!(error["code"], code);
        for part in ["message", "remedy"] {
            assert!(
                people.out.contains(error[part].as_str().unwrap()),
                "{code}: {people:?}"
            );
        }
        holds_none_of(&format!("{people:?}{data}"), &hidden);
    }
    let allowed = [("AMIGO_AMI_ALLOW_UNSIGNED", "true")];
    let (people, data) = judged(&unsigned, &[], &allowed).await;
    assert_eq!(
        (people.code, &data["verdict"]),
        (Some(0), &"unsigned".into()),
        "{people:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_judged_by_the_secrets_of_its_action() {
    let folder = TempDir::new().unwrap();
    let settings = "[ami.secrets]\nany = [\"another\"]\nsync = [\"third\", { secret = \"planted-ami-secret-7f21\", label = \"spring\" }]\n";
    fs::write(folder.path().join("amigo.toml"), settings).unwrap();
    let body = urlencoded(&signed(form(&[("user_id", "57")]), Signed::AllFields));
    fs::write(folder.path().join("body"), body).unwrap();
    let arguments = ["verify", "body", "--config", "amigo.toml"];
    let ended = Program::run(folder.path(), &arguments, &variables(&[])).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.out.contains("by the secret \"spring\""), "{}", ended.out);
    fs::write(
        folder.path().join("amigo.toml"),
        settings.replace("sync =", "users ="),
    )
    .unwrap();
    let ended = Program::run(folder.path(), &arguments, &variables(&[])).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.out.contains("[signature-wrong]"), "{}", ended.out);
}
