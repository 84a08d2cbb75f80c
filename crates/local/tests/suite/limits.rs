//! The rate limit and the quotas.

use std::time::Duration;

use edge_oauth_local::{Options, Quota, Simulator};

use crate::peer::{BASE_URL, NOW, ask, ask_for_token, but, form, header, json};

fn limited() -> Simulator {
    let options = Options::default().rate_limit(2, Duration::from_secs(60));
    Simulator::new(options, BASE_URL)
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn the_rate_limit_counts_down_refuses_and_resets() {
    let mut edge = limited();
    for (after, status, remaining, reset) in [
        (0, 200, "1", "1800000060"),
        (10, 200, "0", "1800000060"),
        (20, 429, "0", "1800000060"),
        (59, 429, "0", "1800000060"),
        (60, 200, "1", "1800000120"),
    ] {
        let answer = ask_for_token(&mut edge, NOW + seconds(after));
        assert_eq!(answer.status(), status, "after {after} s");
        assert_eq!(header(&answer, "x-ratelimit-limit"), "2");
        assert_eq!(header(&answer, "x-ratelimit-remaining"), remaining);
        assert_eq!(header(&answer, "x-ratelimit-reset"), reset);
    }
    assert_eq!(edge.served().tokens_issued, 3);
    assert_eq!(edge.served().token_requests, 5);
}

#[test]
fn a_429_says_when_to_come_back() {
    let mut edge = limited();
    ask_for_token(&mut edge, NOW);
    ask_for_token(&mut edge, NOW);
    let answer = ask_for_token(&mut edge, NOW + Duration::from_millis(20_500));
    assert_eq!(answer.status(), 429);
    assert_eq!(header(&answer, "retry-after"), "40");
    assert_eq!(json(&answer)["error"], "too_many_requests");
    assert!(json(&answer)["error_description"].is_string());
}

#[test]
fn refused_requests_count_too() {
    let mut edge = limited();
    let wrong = form(&but("client_secret", "wrong"));
    assert_eq!(ask(&mut edge, &wrong).status(), 401);
    assert_eq!(
        header(&ask(&mut edge, &wrong), "x-ratelimit-remaining"),
        "0"
    );
    assert_eq!(ask(&mut edge, &wrong).status(), 429);
}

#[test]
fn without_a_limit_there_are_no_headers_of_it() {
    let answer = ask_for_token(&mut crate::peer::edge(), NOW);
    for name in answer.headers().keys() {
        assert!(!name.as_str().contains("limit"), "{name}");
    }
}

#[test]
fn quotas_are_told_and_kept() {
    let options = Options::default()
        .quota(Quota::PerHour(1))
        .quota(Quota::PerDay(2));
    let mut edge = Simulator::new(options, BASE_URL);
    for (after, status, quota, retry_after) in [
        (
            0,
            200,
            "b=per_hour;q=1;r=0;t=3600,b=per_day;q=2;r=1;t=86400",
            "",
        ),
        (
            60,
            429,
            "b=per_hour;q=1;r=0;t=3540,b=per_day;q=2;r=1;t=86340",
            "3540",
        ),
        (
            3600,
            200,
            "b=per_hour;q=1;r=0;t=3600,b=per_day;q=2;r=0;t=82800",
            "",
        ),
        (
            7200,
            429,
            "b=per_hour;q=1;r=1;t=3600,b=per_day;q=2;r=0;t=79200",
            "79200",
        ),
        (
            86_400,
            200,
            "b=per_hour;q=1;r=0;t=3600,b=per_day;q=2;r=1;t=86400",
            "",
        ),
    ] {
        let answer = ask_for_token(&mut edge, NOW + seconds(after));
        assert_eq!(answer.status(), status, "after {after} s");
        assert_eq!(header(&answer, "auth0-client-quota-limit"), quota);
        assert_eq!(header(&answer, "retry-after"), retry_after);
    }
}

#[test]
fn the_rate_limits_429_carries_the_quota_of_a_client_that_proved_itself() {
    let options = Options::default()
        .rate_limit(0, seconds(1))
        .quota(Quota::PerHour(5));
    let mut edge = Simulator::new(options, BASE_URL);
    let answer = ask_for_token(&mut edge, NOW);
    assert_eq!(answer.status(), 429);
    let quota = "b=per_hour;q=5;r=5;t=3600";
    assert_eq!(header(&answer, "auth0-client-quota-limit"), quota);

    let stranger = ask(&mut edge, &form(&but("client_secret", "wrong")));
    assert_eq!(stranger.status(), 429);
    assert_eq!(header(&stranger, "auth0-client-quota-limit"), "");
}
