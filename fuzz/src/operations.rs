//! Any response of the Admin, the Token and the Publishing API is a result or an error, and no key is printed.

use std::time::Duration;

use edge_oauth_no_io::{ApiError, MAX_WAIT, Operation, Secret};
use experience_edge_api::payload::OnUpdate;
use experience_edge_api::{
    ExperienceEdge, JobFilter, KeyFilter, NewJob, NewKey, PublishMode, Publishing, Settings,
    SettingsPatch, WebhookEdit,
};
use http::{Response, StatusCode};

use crate::message::Message;

/// Reads the bytes as a status, header lines, an empty line and the body. The body is also read as a webhook's payload.
pub fn operations(bytes: &[u8]) {
    let message = Message::read(bytes);
    let status = message.number.and_then(|number| u16::try_from(number).ok());
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    let mut response = Response::new(message.body);
    *response.status_mut() = status.unwrap_or_default();
    *response.headers_mut() = message.headers;

    let edge = ExperienceEdge::new();
    admin(&edge, &response);
    keys(&edge, &response);
    webhooks(&edge, &response);
    publishing(&response);
    if let Err(error) = OnUpdate::parse(response.body()) {
        assert_printable(&error.to_string());
    }
}

fn admin(edge: &ExperienceEdge, response: &Response<&[u8]>) {
    if let Some(settings) = check(&edge.settings(), response) {
        let _ = (settings.content_cache_ttl(), settings.media_cache_ttl());
        let _ = (
            settings.content_cache_auto_clear(),
            settings.media_cache_auto_clear(),
        );
        // Settings that were read can be sent back and are read the same.
        let again = Response::new(settings.to_json());
        assert_eq!(edge.settings().parse(&again).expect("settings"), settings);
        check(&edge.update_settings(&settings), response);
    }
    let patch = SettingsPatch::new().content_cache_auto_clear(true);
    check(&edge.patch_settings(patch).unwrap(), response);
    check(&edge.update_settings(&Settings::new()), response);
    check(&edge.clear_cache(), response);
    check(&edge.delete_content(), response);
}

fn keys(edge: &ExperienceEdge, response: &Response<&[u8]>) {
    let key = Secret::new(KEY);
    check(
        &edge.create_key(&NewKey::delivery("a", "b")).unwrap(),
        response,
    );
    check_with_key(&edge.key(&key).unwrap(), response);
    check_with_key(&edge.rename_key(&key, "a").unwrap(), response);
    check_with_key(&edge.revoke_key(&key).unwrap(), response);
    let list = edge.keys(KeyFilter::new()).unwrap();
    if let Some(page) = check(&list, response) {
        if let Some(next) = list.after(&page) {
            assert_ne!(
                next.request().uri(),
                list.request().uri(),
                "the same page again"
            );
        }
        for key in &page.keys {
            check(&edge.key_by_hash(&key.hash), response);
            check(&edge.rename_key_by_hash(&key.hash, "a").unwrap(), response);
            check(&edge.revoke_key_by_hash(&key.hash), response);
        }
    }
}

fn webhooks(edge: &ExperienceEdge, response: &Response<&[u8]>) {
    let webhook = WebhookEdit::new("a", "https://hook.example/").header("x-key", KEY);
    check_with_key(&edge.create_webhook(&webhook).unwrap(), response);
    check(&edge.delete_webhook("a").unwrap(), response);
    check(&edge.webhooks(), response);
    let Some(webhook) = check(&edge.webhook("a").unwrap(), response) else {
        return;
    };
    let _ = (
        webhook.headers().count(),
        webhook.last_runs(),
        webhook.body_include(),
    );
    let again = Response::new(webhook.to_json());
    let again = edge.webhook("a").unwrap().parse(&again).expect("a webhook");
    assert_eq!(again, webhook, "a written webhook is read the same");
    // An update of any webhook is a request, or an error with a field.
    match edge.update_webhook("a", &webhook.edit()) {
        Ok(update) => drop(check(&update, response)),
        Err(error) => assert_printable(&error.to_string()),
    }
}

fn publishing(response: &Response<&[u8]>) {
    let publishing = Publishing::new();
    let new = NewJob::environment("a", "b", PublishMode::Smart).locale("en");
    if let Some(Some(job)) = check(&publishing.create_job(&new).unwrap(), response) {
        // The id of any job is a path, or an error with a field.
        match publishing.cancel_job(job.id()) {
            Ok(cancel) => drop(check(&cancel, response)),
            Err(error) => assert_printable(&error.to_string()),
        }
    }
    let get = publishing.job("a").unwrap();
    if let Some(job) = check(&get, response) {
        let _ = (job.status(), job.statistics(), job.failure_reasons());
        let _ = (job.mode(), job.locales(), job.can_cancel());
        let _ = (job.created_by(), job.canceled_by());
        let again = get.parse(&Response::new(job.to_json())).expect("a job");
        assert_eq!(again, job, "a written job is read the same");
    }
    let list = publishing.jobs(JobFilter::new()).unwrap();
    if let Some(page) = check(&list, response) {
        let next = list.after(&page);
        assert_eq!(next.is_some(), page.has_next);
        if let Some(next) = next {
            assert_ne!(next.request().uri(), list.request().uri());
        }
    }
    let values = publishing.job_filter_values(&JobFilter::new()).unwrap();
    check(&values, response);
    check(&publishing.job_summary(None).unwrap(), response);
    check(&publishing.permissions(), response);
}

/// Checks an operation that carries the key: a response that repeats the key does not print it.
fn check_with_key<O: Operation>(operation: &O, response: &Response<&[u8]>) {
    let mut shown = format!("{:?}", operation.request());
    if let Err(error) = operation.parse(response) {
        shown += &format!(" {error} {error:?}");
    }
    assert!(!shown.contains(KEY), "a key is printed: {shown}");
    check(operation, response);
}

fn check<O: Operation>(operation: &O, response: &Response<&[u8]>) -> Option<O::Output> {
    match operation.parse(response) {
        Ok(output) => {
            assert!(response.status().is_success());
            Some(output)
        }
        Err(error) => {
            check_error(&error, response);
            None
        }
    }
}

fn check_error(error: &ApiError, response: &Response<&[u8]>) {
    assert_eq!(error.status(), response.status());
    assert_printable(&error.to_string());
    let wait = error.retry_after().map(|time| time.wait(Duration::ZERO));
    assert!(wait.is_none_or(|wait| wait <= MAX_WAIT));
}

fn assert_printable(text: &str) {
    assert!(!text.contains(char::is_control), "{text:?}");
    assert!(text.len() < 2048, "{} bytes", text.len());
}

const KEY: &str = "pl4ntedDeliveryKey";
