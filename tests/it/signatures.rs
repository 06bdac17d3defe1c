//! The vectors of `flow-api.md §2`, byte by byte.

use amigo::ami::{Verified, form_pairs, sign, verify};

const PLAIN: &str = "user_id=57&user_login=mira.kowalski&title=Shots&entity_type=Shot\
    &server_hostname=demo-studio.shotgrid.autodesk.com&referrer_path=%2Fpage%2F1421&page_id=1421\
    &session_uuid=3f0b8a52-6c1d-4e77-9a41-0242ac110005&project_name=Harbor+Lights&project_id=188\
    &ids=1042%2C1043%2C1051&selected_ids=1043%2C1051&cols=code%2Csg_status_list%2Csg_sequence\
    &column_display_names=Shot+Code%2CStatus%2CSequence&view=Default&sort_column=code&sort_direction=asc\
    &timestamp=2026-03-11T14%3A05%3A09Z";
const UNICODE: &str = "user_id=61&user_login=zo%C3%AB%40example.com\
    &title=Pr%C3%A9visualisation+%E2%80%93+S%C3%A9q.+%C3%91&entity_type=Asset&server_hostname=d%C3%A9mo.example\
    &project_name=%E6%84%9B%E3%81%A8%E6%B5%B7+%E2%80%93+Folge+%C3%9C&project_id=204&selected_ids=77\
    &ids=77%2C78&session_uuid=a81d1f0e-50b3-11f1-8f0a-0242ac110007\
    &column_display_names=Nom%2C%C3%89tape+%F0%9F%8E%AC%2CStatut&cols=code%2Csg_step%2Csg_status_list\
    &timestamp=2026-03-11T23%3A59%3A58Z";
const BLANKS: &str = "user_id=9&user_login=td&title=&entity_type=Task\
    &server_hostname=demo-studio.shotgrid.autodesk.com&referrer_path=%2Fmy_tasks&page_id=310\
    &session_uuid=0c9d3a7e-0000-11f1-9999-0242ac11000a&ids=5%2C6&selected_ids=&cols=content%2Cstep%2Centity\
    &column_display_names=Task+Name%2CPipeline+Step%2CLink&view=Default&timestamp=2026-12-31T00%3A00%3A00Z";
const PLAIN_SECRET: &str = "flow-ayon-demo-secret";
const BLANKS_SECRET: &str = "k3y-with-spaces and =&%";

fn verified(body: &str, signature: &str, secret: &str) -> Option<Verified> {
    let pairs = form_pairs(format!("{body}&signature={signature}").as_bytes()).unwrap();
    verify(&pairs, [secret])
}

#[test]
fn a_plain_post_is_verified_and_nothing_near_it_is() {
    let right = "166a716050a0c3164341087df74318a66e9d66a7";
    assert_eq!(sign(&form_pairs(PLAIN.as_bytes()).unwrap(), PLAIN_SECRET), right);
    assert_eq!(verified(PLAIN, right, PLAIN_SECRET), Some(Verified::AllFields));

    let other = PLAIN.replace("selected_ids=1043%2C1051", "selected_ids=1043%2C1052");
    assert_eq!(verified(&other, right, PLAIN_SECRET), None);
    let its_own = "828a4c960e6c2ff697fb8daa968fb57d6a7cacf7";
    assert_eq!(verified(&other, its_own, PLAIN_SECRET), Some(Verified::AllFields));
    // Lines joined by LF without an end, a common mistake.
    assert_eq!(
        verified(PLAIN, "f30f4f34644f3a4e76e562389a1650ee6dd6393f", PLAIN_SECRET),
        None
    );
    assert_eq!(verified(PLAIN, &right.to_uppercase(), PLAIN_SECRET), None);
    assert_eq!(verified(PLAIN, &format!("sha1={right}"), PLAIN_SECRET), None);
    assert_eq!(verified(PLAIN, "", PLAIN_SECRET), None);
    assert_eq!(verified(PLAIN, right, "another secret"), None);
}

#[test]
fn names_and_secrets_may_be_in_any_script() {
    let right = "4cc3c83d4101ce86c02b2b874fce46e0e30bb3b3";
    assert_eq!(verified(UNICODE, right, "söcrèt-☂"), Some(Verified::AllFields));
    assert_eq!(verified(UNICODE, right, "socret-☂"), None);
}

#[test]
fn blank_fields_may_be_signed_or_left_out() {
    let all = "00b4d9b21ebe32514eef5ebfa1d8c23fbc2afee3";
    let filled = "07f5927a38f8e44bca228cac999ef9cf7b72e582";
    assert_eq!(verified(BLANKS, all, BLANKS_SECRET), Some(Verified::AllFields));
    assert_eq!(
        verified(BLANKS, filled, BLANKS_SECRET),
        Some(Verified::NonEmptyFields)
    );
    let third = format!("{}0", &filled[..39]);
    assert_eq!(verified(BLANKS, &third, BLANKS_SECRET), None);
}

#[test]
fn any_of_the_secrets_will_do_and_one_signature_only() {
    let right = "166a716050a0c3164341087df74318a66e9d66a7";
    let signed = format!("{PLAIN}&signature={right}");
    let pairs = form_pairs(signed.as_bytes()).unwrap();
    assert!(verify(&pairs, ["old", PLAIN_SECRET]).is_some());
    assert!(verify(&pairs, []).is_none());
    let twice = form_pairs(format!("{signed}&signature={right}").as_bytes()).unwrap();
    assert!(verify(&twice, [PLAIN_SECRET]).is_none());
}

#[test]
fn the_stand_in_signs_as_flow_does() {
    for (body, secret) in [
        (PLAIN, PLAIN_SECRET),
        (BLANKS, BLANKS_SECRET),
        (UNICODE, "söcrèt-☂"),
    ] {
        let pairs = form_pairs(body.as_bytes()).unwrap();
        assert_eq!(amigo::sandbox::flow::sign(&pairs, secret), sign(&pairs, secret));
    }
}

/// Lines are signed without escaping, so a value with a line break could be read as two fields.
#[test]
fn a_signed_text_cannot_be_split_in_another_way() {
    let secret = "s3cret";
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let mut signed = vec![pair("title", "x\r\nuser_id=57"), pair("user_id", "9")];
    signed.push(pair("signature", &sign(&signed, secret)));
    assert_eq!(verify(&signed, [secret]), None);
    let mut split = vec![pair("a=b", "c")];
    split.push(pair("signature", &sign(&split, secret)));
    assert_eq!(verify(&split, [secret]), None);
}
