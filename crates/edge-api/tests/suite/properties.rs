//! Random responses and random input lead to a result or an error, and never to a panic.

use edge_oauth_no_io::{Operation, Secret};
use experience_edge_api::payload::OnUpdate;
use experience_edge_api::{
    ExecutionMode, ExperienceEdge, JobFilter, JobStatus, KeyFilter, KeyHash, NewJob, NewKey,
    PublishItem, PublishMode, SettingsPatch, TimeRange, WebhookEdit,
};
use http::{HeaderValue, Response};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::publishing::{nightly, publishing};
use crate::support::{edge, hash, key, response};

fn check<O: Operation<Output: std::fmt::Debug>>(operation: &O, response: &Response<Vec<u8>>) {
    match operation.parse(response) {
        Ok(output) => {
            assert!(response.status().is_success());
            let _ = format!("{output:?}");
        }
        Err(error) => {
            let shown = error.to_string();
            assert!(
                shown.len() < 1024 && !shown.contains(char::is_control),
                "{shown}"
            );
        }
    }
}

/// Returns text that resembles a response.
fn json_like() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "id",
        "label",
        "Uri",
        "headers",
        "bodyInclude",
        "executionMode",
        "lastRuns",
        "disabled",
        "keys",
        "hash",
        "scopes",
        "hasNext",
        "currentPage",
        "contentCacheTtl",
        "mediaCacheAutoClear",
        "updates",
        "invocation_id",
        "message",
        "errors",
        "data",
        "next",
        "totalCount",
        "system",
        "status",
        "statistics",
        "options",
        "xmc",
        "counts",
        "canCreate",
    ]);
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("\"04:00:00\"".to_owned()),
        Just(format!("\"{}\"", crate::support::HASH)),
        any::<i64>().prop_map(|number| number.to_string()),
        "[ -~]{0,20}".prop_map(|text| format!("{text:?}")),
    ];
    leaf.prop_recursive(3, 20, 5, move |inner| {
        let members = prop::collection::vec((name.clone(), inner.clone()), 0..5);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            members.prop_map(|members| {
                let members: Vec<_> = members
                    .iter()
                    .map(|(name, value)| format!("\"{name}\":{value}"))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_response_is_a_result_or_an_error(
        status in prop_oneof![3 => Just(200_u16), 1 => 100_u16..1000],
        location in prop::option::of(prop::collection::vec(any::<u8>(), 0..40)),
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            json_like().prop_map(String::into_bytes),
        ],
    ) {
        let _ = OnUpdate::parse(&body);
        let mut response = response(status, body);
        let location = location.and_then(|bytes| HeaderValue::from_bytes(&[b"/webhooks/", &bytes[..]].concat()).ok());
        if let Some(location) = location {
            response.headers_mut().insert("location", location);
        }
        let edit = WebhookEdit::new("a", "https://www.example.com/");
        check(&edge().settings(), &response);
        check(&edge().update_settings(&Default::default()), &response);
        check(&edge().patch_settings(SettingsPatch::new().media_cache_auto_clear(true)).unwrap(), &response);
        check(&edge().clear_cache(), &response);
        check(&edge().delete_content(), &response);
        check(&edge().webhooks(), &response);
        check(&edge().webhook("7").unwrap(), &response);
        check(&edge().create_webhook(&edit).unwrap(), &response);
        check(&edge().update_webhook("7", &edit).unwrap(), &response);
        check(&edge().delete_webhook("7").unwrap(), &response);
        check(&edge().create_key(&NewKey::delivery("a", "b")).unwrap(), &response);
        check(&edge().keys(KeyFilter::new()).unwrap(), &response);
        check(&edge().key(&key()).unwrap(), &response);
        check(&edge().key_by_hash(&hash()), &response);
        check(&edge().rename_key(&key(), "c").unwrap(), &response);
        check(&edge().rename_key_by_hash(&hash(), "c").unwrap(), &response);
        check(&edge().revoke_key(&key()).unwrap(), &response);
        check(&edge().revoke_key_by_hash(&hash()), &response);
        check(&publishing().create_job(&nightly()).unwrap(), &response);
        check(&publishing().jobs(JobFilter::new()).unwrap(), &response);
        check(&publishing().cancel_job("7").unwrap(), &response);
        check(&publishing().job_summary(None).unwrap(), &response);
        check(&publishing().job_filter_values(&JobFilter::new()).unwrap(), &response);
        check(&publishing().permissions(), &response);
        check(&publishing().job("7").unwrap(), &response);
        if let Ok(job) = publishing().job("7").unwrap().parse(&response) {
            let _ = (job.status(), job.statistics(), job.created_by(), job.failure_reasons());
            let _ = (job.mode(), job.locales(), job.can_cancel(), job.to_json());
        }
        if let Ok(webhook) = edge().webhook("7").unwrap().parse(&response) {
            let _ = (webhook.last_runs(), webhook.body_include(), webhook.to_json());
            let _ = edge().update_webhook(webhook.id(), &webhook.edit());
        }
    }

    #[test]
    fn random_input_is_an_operation_or_an_error(text in any::<String>(), tail in "[ -~]{0,40}", many in 0_usize..100) {
        let local = ExperienceEdge::at("http://localhost:1").unwrap();
        let long = text.repeat(many);
        for edge in [edge(), local, ExperienceEdge::at(&format!("https://{tail}")).unwrap_or_default()] {
            let _ = edge.webhook(&text).map(|operation| operation.request());
            let _ = edge.webhook(&long).map(|operation| operation.request());
            let _ = edge.keys(KeyFilter::new().label(&long).scope(&text).created_by(&tail)).map(|operation| operation.request());
            let _ = edge.create_key(&NewKey::new(&text, &long).scope(&tail)).map(|operation| operation.request());
            let _ = edge.key(&Secret::new(&text)).map(|operation| operation.request());
            let _ = edge.rename_key_by_hash(&hash(), &text).map(|operation| operation.request());
            for mode in [ExecutionMode::OnEnd, ExecutionMode::OnUpdate, ExecutionMode::from(text.as_str())] {
                let edit = WebhookEdit::new(&text, format!("https://{tail}"))
                    .header(&text, &tail)
                    .header(&tail, &text)
                    .without_header(&text)
                    .body(&text)
                    .body_include(&long)
                    .execution_mode(mode);
                let _ = format!("{edit:?}");
                let _ = edge.create_webhook(&edit).map(|operation| operation.request());
            }
        }
        let _ = text.parse::<KeyHash>();
        let job = NewJob::items(&text, &tail, PublishMode::Smart).description(&long).locale(&tail);
        let _ = publishing().create_job(&job.item(PublishItem::new(&text).kind(&long))).map(|operation| operation.request());
        let _ = publishing().cancel_job(&text).map(|operation| operation.request());
        let filter = JobFilter::new().source(&text).status(JobStatus::from(tail.as_str())).queued(TimeRange::after(&text));
        let _ = publishing().jobs(filter).map(|operation| operation.request());
    }
}
