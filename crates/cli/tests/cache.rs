//! The token cache: one request for many runs. A fault of the cache does not fail a run.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::fs::{self, File};
use std::thread;
use std::time::Duration;

use common::{Ended, Home, finish, lease, number_of_runs};
use edge_oauth_driver::Store;
use edge_oauth_local::{Client, Fault, LocalEdge, Options};

const SECOND: Duration = Duration::from_secs(1);

fn edge() -> LocalEdge {
    LocalEdge::start().unwrap()
}

fn token(home: &Home, edge: &LocalEdge, arguments: &[&str]) -> Ended {
    home.run([&["token"], arguments].concat())
        .edge(edge)
        .finish()
}

#[test]
fn second_run_uses_the_cached_token() {
    let (home, edge) = (Home::new(), edge());
    let first = token(&home, &edge, &[]).quiet();
    assert_eq!(token(&home, &edge, &[]).quiet(), first);
    let exec = home
        .run([&["exec"], common::PRINT_TOKEN].concat())
        .edge(&edge)
        .finish();
    assert_eq!(exec.quiet().trim_end(), first.trim_end());
    assert_eq!(edge.served().token_requests, 1);
}

#[test]
fn each_configuration_has_its_own_cached_token() {
    let (home, edge) = (Home::new(), edge());
    token(&home, &edge, &[]).quiet();
    token(
        &home,
        &edge,
        &["--scope", "edge.tokens:create edge.content:clearall"],
    )
    .quiet();
    token(
        &home,
        &edge,
        &[
            "--scope",
            "edge.content:clearall",
            "--scope",
            "edge.tokens:create",
        ],
    )
    .quiet();
    assert_eq!(edge.served().token_requests, 2);
}

#[test]
fn no_cache_neither_reads_nor_writes() {
    let (home, edge) = (Home::new(), edge());
    token(&home, &edge, &["--no-cache"]).quiet();
    assert!(!home.cache().exists());
    token(&home, &edge, &[]).quiet();
    token(&home, &edge, &["--no-cache"]).quiet();
    assert_eq!(edge.served().token_requests, 3);
}

#[test]
fn forced_refresh_replaces_the_cached_token() {
    let (home, edge) = (Home::new(), edge());
    let first = token(&home, &edge, &[]).quiet();
    let second = token(&home, &edge, &["--force-refresh"]).quiet();
    assert_ne!(first, second);
    assert_eq!(token(&home, &edge, &[]).quiet(), second);
}

// fault: concurrent-runs
#[test]
fn concurrent_runs_on_a_cold_cache_make_one_request() {
    let (home, edge) = (Home::new(), edge());
    let hold = edge.hold();
    let tokens: Vec<_> = thread::scope(|scope| {
        let runs: Vec<_> = (0..number_of_runs(20, 200))
            .map(|_| scope.spawn(|| token(&home, &edge, &[]).quiet()))
            .collect();
        edge.wait_for_token_requests(1);
        drop(hold);
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert_eq!(edge.served().token_requests, 1);
    assert!(tokens.iter().all(|token| *token == tokens[0]));
}

#[test]
fn token_with_a_short_lifetime_is_not_cached() {
    let (home, edge) = (Home::new(), edge());
    let short =
        || Fault::none().body(r#"{"access_token":"short","token_type":"Bearer","expires_in":1}"#);
    edge.script([short(), short()]).unwrap();
    for _ in 0..2 {
        assert_eq!(token(&home, &edge, &[]).quiet(), "short\n");
    }
    assert_eq!(edge.served().token_requests, 2);
}

#[test]
fn cache_file_reveals_neither_token_nor_client() {
    let (home, edge) = (Home::new(), edge());
    let out = token(&home, &edge, &[]).quiet();
    let path = home.cached("token");
    let name = path.file_stem().unwrap().to_str().unwrap();
    let is_hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let (id, secrets) = name.split_once('-').unwrap();
    assert!(id.len() == 64 && is_hex(id) && is_hex(secrets), "{name}");
    let bytes = fs::read(&path).unwrap();
    for text in [
        out.trim_end(),
        &out[..20],
        edge.client_secret(),
        edge.client_id(),
        "edge.content",
    ] {
        assert!(
            !bytes
                .windows(text.len())
                .any(|window| window == text.as_bytes()),
            "{text}"
        );
    }
}

// fault: damaged-cache
#[test]
fn damaged_or_foreign_cache_file_is_a_warning_and_a_new_token() {
    let (home, edge) = (Home::new(), edge());
    token(&home, &edge, &[]).quiet();
    let path = home.cached("token");
    let good = fs::read(&path).unwrap();
    let mut flipped = good.clone();
    flipped[60] ^= 1;
    let mut newer = good.clone();
    newer[11] = 3;
    let cut = good[..good.len() / 2].to_vec();
    for bad in [
        flipped,
        newer,
        cut,
        Vec::new(),
        b"not a token".to_vec(),
        vec![0; 1 << 20],
    ] {
        fs::write(&path, bad).unwrap();
        let ended = token(&home, &edge, &[]);
        assert!(
            ended.err.contains("warning: the token cache is not used"),
            "{ended:?}"
        );
        assert!(ended.ok().starts_with("ey"));
        assert!(
            token(&home, &edge, &[]).quiet().starts_with("ey"),
            "it is replaced"
        );
    }
    assert_eq!(edge.served().token_requests, 7);
}

#[test]
fn cache_file_of_another_configuration_is_not_used() {
    let (home, other, edge) = (Home::new(), Home::new(), edge());
    let first = token(&home, &edge, &[]).quiet();
    token(&other, &edge, &["--scope", "edge.tokens:create"]).quiet();
    fs::copy(other.cached("token"), home.cached("token")).unwrap();
    let ended = token(&home, &edge, &[]);
    assert!(ended.err.contains("is damaged"), "{ended:?}");
    assert_ne!(ended.ok(), first);
}

#[test]
fn new_secret_does_not_open_the_old_token() {
    let home = Home::new();
    let start = |secret| {
        LocalEdge::start_with(Options::default().client(Client::new("id", secret))).unwrap()
    };
    let (old, new) = (start("old-secret"), start("new-secret"));
    let run = |edge: &LocalEdge, verbose: &[&str]| {
        let arguments = ["token", "--audience", "https://api.sitecorecloud.io"];
        // Both servers have one URL here, so that only the secret differs.
        let run = home.run([&arguments[..], verbose].concat()).edge(edge);
        run.env("SITECORE_AUTH_URL", old.token_url()).finish()
    };
    run(&old, &[]).quiet();
    let err = run(&new, &["-v"]).fails(4);
    assert!(err.contains("another credential"), "{err}");
    assert!(!err.contains("warning"), "{err}");
}

// fault: concurrent-runs
// fault: stopped-process-holds-the-lock
// fault: many-runs-on-a-busy-machine
#[test]
fn lock_that_is_not_released_is_a_warning_and_a_new_token() {
    let (home, edge) = (Home::new(), edge());
    let kept = token(&home, &edge, &[]).quiet();
    let lock = File::open(home.cached("lock")).unwrap();
    lock.lock().unwrap();
    let ended = token(&home, &edge, &["--force-refresh"]);
    let warning = &ended.err;
    assert!(
        warning.contains("warning: the token cache is not used"),
        "{warning}"
    );
    assert!(warning.contains("for longer than 2s"), "{warning}");
    assert_ne!(ended.ok(), kept);
    assert_eq!(edge.served().token_requests, 2);
    assert_eq!(
        token(&home, &edge, &[]).quiet(),
        kept,
        "reading takes no lock"
    );
}

// fault: concurrent-runs
#[test]
fn forced_refreshes_share_a_token_that_is_newer_than_their_start() {
    let (home, edge) = (Home::new(), edge());
    let (store, config) = home.store(&edge);
    home.keep(&edge, "old", 900 * SECOND, SECOND);
    let key = store.key(&config).unwrap();
    let number = lease(&store, &key);
    let runs: Vec<_> = thread::scope(|scope| {
        let start = || {
            let run = home.run(["token", "--force-refresh", "-v"]).edge(&edge);
            run.until_it_says("waiting for it")
        };
        let runs: Vec<_> = (0..5).map(|_| scope.spawn(start)).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    finish(
        &store,
        &config,
        number,
        "new",
        (900 * SECOND, Duration::ZERO),
    );
    for run in runs {
        assert_eq!(run.finish().ok(), "new\n");
    }
    assert_eq!(edge.served().token_requests, 0);
}

// fault: refusal-repeated-by-each-run
#[test]
fn concurrent_runs_share_one_error_response_and_a_later_run_retries() {
    let (home, edge) = (Home::new(), edge());
    let run = |arguments: &[&str]| {
        let run = home.run(arguments).edge_without_secret(&edge);
        // A lease lasts for half of this, and a busy machine takes long to start all runs.
        let run = run.env("SITECORE_CLIENT_SECRET", "wrong");
        run.args(["--timeout", "10m"])
    };
    let hold = edge.hold();
    let first = thread::scope(|scope| {
        let first = scope.spawn(|| run(&["token"]).finish());
        edge.wait_for_token_requests(1);
        let waiting: Vec<_> = (1..number_of_runs(11, 200))
            .map(|_| scope.spawn(|| run(&["token", "-v"]).until_it_says("waiting for it")))
            .collect();
        let waiting: Vec<_> = waiting.into_iter().map(|run| run.join().unwrap()).collect();
        drop(hold);
        for run in waiting {
            let err = run.finish().fails(4);
            assert!(err.contains("access_denied"), "{err}");
        }
        first.join().unwrap()
    });
    first.fails(4);
    assert_eq!(edge.served().token_requests, 1);
    run(&["token"]).finish().fails(4);
    assert_eq!(edge.served().token_requests, 2, "it may be fixed by now");
}

// fault: retry-after-forgotten-by-the-next-run
#[test]
fn retry_after_holds_for_later_runs_unless_forced() {
    let (home, edge) = (Home::new(), edge());
    edge.script([Fault::status(429).header("retry-after", "3600")])
        .unwrap();
    for _ in 0..3 {
        let err = token(&home, &edge, &[]).fails(4);
        assert!(err.contains("the server asks to wait for 3"), "{err}");
    }
    let err = token(&home, &edge, &[]).fails(4);
    assert!(err.contains("or use --force-refresh"), "{err}");
    assert_eq!(edge.served().token_requests, 1);
    let fresh = token(&home, &edge, &["--force-refresh"]).quiet();
    assert_eq!(edge.served().token_requests, 2);
    assert_eq!(token(&home, &edge, &[]).quiet(), fresh);

    let home = Home::new();
    edge.script([Fault::status(429).header("retry-after", "3600")])
        .unwrap();
    token(&home, &edge, &[]).fails(4);
    home.run(["cache", "clear"]).finish().ok();
    token(&home, &edge, &[]).quiet();
}

// fault: rejected-token-comes-back-from-the-store
#[test]
fn runs_whose_cached_token_an_api_rejects_make_one_request() {
    let (home, edge) = (Home::new(), edge());
    home.keep(&edge, "stale", 900 * SECOND, 60 * SECOND);
    thread::scope(|scope| {
        let runs: Vec<_> = (0..30)
            .map(|_| {
                scope.spawn(|| {
                    let run = home.run(["admin", "settings", "get"]).edge(&edge);
                    run.finish().quiet()
                })
            })
            .collect();
        runs.into_iter().for_each(|run| drop(run.join().unwrap()));
    });
    assert_eq!(edge.served().token_requests, 1);
}

#[test]
fn token_due_for_refresh_is_printed_and_refreshed() {
    let (home, edge) = (Home::new(), edge());
    home.keep(&edge, "kept", 900 * SECOND, 860 * SECOND);
    assert_eq!(token(&home, &edge, &[]).quiet(), "kept\n");
    assert_eq!(edge.served().token_requests, 1);
    assert!(token(&home, &edge, &[]).quiet().starts_with("ey"));
    let exec = [&["exec"], common::PRINT_TOKEN].concat();
    home.keep(&edge, "kept-again", 900 * SECOND, 860 * SECOND);
    let exec = home.run(exec).edge(&edge).finish();
    assert_eq!(exec.quiet().trim_end(), "kept-again");
    assert_eq!(edge.served().token_requests, 2);
}

// fault: each-run-refreshes-at-a-server-that-fails
#[test]
fn token_due_for_refresh_survives_an_outage_with_one_request() {
    let (home, edge) = (Home::new(), edge());
    home.keep(&edge, "kept", 9_000 * SECOND, 8_800 * SECOND);
    edge.script([Fault::status(503)]).unwrap();
    let ended = token(&home, &edge, &[]);
    assert!(ended.err.contains("its refresh failed"), "{ended:?}");
    assert_eq!(ended.ok(), "kept\n");
    for _ in 0..3 {
        assert_eq!(token(&home, &edge, &[]).quiet(), "kept\n");
    }
    assert_eq!(edge.served().token_requests, 1);
}

// fault: each-run-refreshes-at-a-server-that-fails
#[test]
fn token_due_for_refresh_is_printed_while_the_server_hangs() {
    let (home, edge) = (Home::new(), edge());
    home.keep(&edge, "kept", 9_000 * SECOND, 8_800 * SECOND);
    let _hold = edge.hold();
    for _ in 0..3 {
        let ended = token(&home, &edge, &[]);
        assert_eq!(ended.ok(), "kept\n");
    }
    assert_eq!(edge.served().token_requests, 1, "one of them has waited");
}

#[test]
fn token_due_for_refresh_is_printed_without_a_transport() {
    let (home, edge) = (Home::new(), edge());
    home.keep(&edge, "kept", 900 * SECOND, 860 * SECOND);
    let ended = token(&home, &edge, &["--cacert", "/nonexistent/ca.pem"]);
    assert_eq!(ended.ok(), "kept\n");
    assert_eq!(edge.served().token_requests, 0);
}

// fault: concurrent-runs
#[test]
fn token_due_for_refresh_is_printed_while_another_run_refreshes_it() {
    let (home, edge) = (Home::new(), edge());
    home.keep(&edge, "kept", 900 * SECOND, 860 * SECOND);
    let (store, config) = home.store(&edge);
    lease(&store, &store.key(&config).unwrap());
    assert_eq!(token(&home, &edge, &[]).quiet(), "kept\n");
    assert_eq!(edge.served().token_requests, 0);
}

#[test]
fn forced_refresh_and_minimum_lifetime_do_not_use_the_cached_token() {
    let (home, edge) = (Home::new(), edge());
    home.keep(&edge, "kept", 900 * SECOND, 860 * SECOND);
    let refusal = || Fault::status(400).body(r#"{"error":"invalid_request"}"#);
    edge.script([refusal(), refusal()]).unwrap();
    token(&home, &edge, &["--force-refresh"]).fails(4);
    token(&home, &edge, &["--min-ttl", "1m"]).fails(4);
    assert_eq!(edge.served().token_requests, 2);
}

#[test]
fn token_within_its_expiry_margin_is_not_used() {
    let (home, edge) = (Home::new(), edge());
    home.keep(&edge, "kept", 900 * SECOND, 880 * SECOND);
    assert!(token(&home, &edge, &[]).quiet().starts_with("ey"));
}

// fault: damaged-cache
#[test]
fn cache_folder_that_cannot_be_created_is_a_warning() {
    let (home, edge) = (Home::new(), edge());
    let blocked = home.write("cache", "a file where the folder should be");
    assert!(blocked.is_file());
    let ended = token(&home, &edge, &[]);
    assert!(
        ended.err.contains("warning: the token cache is not used"),
        "{ended:?}"
    );
    ended.ok();
}

#[test]
fn cache_list_has_id_and_expiry_and_clear_removes_tokens() {
    let (home, edge) = (
        Home::new(),
        LocalEdge::start_with(Options::default().lifetime(Duration::from_secs(900))).unwrap(),
    );
    let cache = |arguments: &[&str]| home.run([&["cache"], arguments].concat()).finish();
    assert_eq!(cache(&[]).ok(), "");
    assert!(cache(&["list"]).err.contains("no token is cached"));
    let out = token(&home, &edge, &[]).quiet();
    let list = cache(&["list"]).quiet();
    assert!(
        list.lines().count() == 1 && list.contains("  expires 20") && list.contains(", in 1"),
        "{list}"
    );
    assert!(!list.contains(out.trim_end()));
    let (broken, theirs) = ("ab".repeat(32), home.cache().join("notes.token"));
    let broken = home.cache().join(format!("{broken}-cd.token"));
    fs::write(&broken, "not a token").unwrap();
    fs::write(&theirs, "not ours").unwrap();
    let list = cache(&[]).quiet();
    assert!(list.contains("abababababab  unreadable"), "{list}");
    assert!(!list.contains("notes"), "{list}");
    assert!(cache(&["clear"]).err.contains("2 tokens are removed"));
    assert_eq!(cache(&["list"]).ok(), "");
    assert!(cache(&["clear"]).err.contains("no token was cached"));
    assert!(theirs.exists(), "what this program did not make stays");
    assert_ne!(token(&home, &edge, &[]).quiet(), out);
}

#[test]
fn token_of_one_configuration_is_marked_and_removed() {
    let (home, edge) = (Home::new(), edge());
    let scope = ["--scope", "edge.tokens:create"];
    token(&home, &edge, &[]).quiet();
    token(&home, &edge, &scope).quiet();
    let cache = |arguments: &[&str]| {
        let run = home.run([&["cache"], arguments].concat());
        run.edge_without_secret(&edge).finish()
    };
    let marked = |list: &str| {
        let lines = list
            .lines()
            .filter(|line| line.ends_with("(this configuration)"));
        lines.map(|line| line[..12].to_owned()).collect::<Vec<_>>()
    };
    let (plain, scoped) = (marked(&cache(&[]).quiet()), marked(&cache(&scope).quiet()));
    assert!(plain.len() == 1 && scoped.len() == 1 && plain != scoped);

    let clear = [&["clear"], &scope[..]].concat();
    assert!(cache(&clear).err.contains("1 token is removed"));
    assert_eq!(marked(&cache(&["list"]).quiet()), plain);
    assert_eq!(cache(&[]).quiet().lines().count(), 1);
    assert!(
        cache(&clear)
            .err
            .contains("no token of this configuration was cached")
    );
    let unknown = cache(&["clear", "--profile", "nobody"]);
    unknown.fails(2);
    assert!(cache(&["clear"]).err.contains("1 token is removed"));
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::process::Stdio;
    use std::time::Instant;

    use super::*;

    fn mode(path: impl AsRef<std::path::Path>) -> u32 {
        fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn set_mode(path: impl AsRef<std::path::Path>, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    // fault: permissions-of-the-cache
    #[test]
    fn cache_folder_and_file_are_private_with_any_umask() {
        let (home, edge) = (Home::new(), edge());
        let script = format!("umask 0; exec {} token", common::PROGRAM);
        home.run_other("sh")
            .args(["-c", &script])
            .edge(&edge)
            .finish()
            .quiet();
        assert_eq!(mode(home.cache()), 0o700);
        assert_eq!(mode(home.cached("token")), 0o600);
        assert_eq!(mode(home.cached("lock")), 0o600);
    }

    // fault: permissions-of-the-cache
    #[test]
    fn cache_folder_writable_by_others_is_not_used() {
        let (home, edge) = (Home::new(), edge());
        fs::create_dir_all(home.cache()).unwrap();
        set_mode(home.cache(), 0o777);
        let ended = token(&home, &edge, &[]);
        assert!(ended.err.contains("mode 0777"), "{ended:?}");
        ended.ok();
        assert_eq!(fs::read_dir(home.cache()).unwrap().count(), 0);
    }

    // fault: permissions-of-the-cache
    #[test]
    fn cache_folder_that_is_a_link_is_not_used() {
        let (home, edge) = (Home::new(), edge());
        let elsewhere = home.path.join("elsewhere");
        fs::create_dir_all(&elsewhere).unwrap();
        fs::create_dir_all(home.cache().parent().unwrap()).unwrap();
        symlink(&elsewhere, home.cache()).unwrap();
        let ended = token(&home, &edge, &[]);
        assert!(ended.err.contains("a link"), "{ended:?}");
        ended.ok();
        assert_eq!(fs::read_dir(elsewhere).unwrap().count(), 0);
    }

    // fault: permissions-of-the-cache
    #[test]
    fn neither_list_nor_clear_follows_a_link() {
        let home = Home::new();
        let elsewhere = home.path.join("elsewhere");
        let theirs = ["token", "new"].map(|kind| {
            let name = format!("{}.{kind}", "0".repeat(64));
            home.write(&format!("elsewhere/{name}"), "somebody's")
        });
        fs::create_dir_all(home.cache().parent().unwrap()).unwrap();
        symlink(&elsewhere, home.cache()).unwrap();
        for action in ["list", "clear"] {
            let err = home.run(["cache", action]).finish().fails(1);
            assert!(err.contains("a link"), "{err}");
        }
        assert!(theirs.iter().all(|path| path.exists()));
    }

    // fault: permissions-of-the-cache
    #[test]
    fn no_link_in_the_folder_is_followed() {
        let (home, edge) = (Home::new(), edge());
        let first = token(&home, &edge, &[]).quiet();
        let target = home.write("target", "untouched");
        let (kept, beside) = (
            home.cached("token"),
            home.cached("token").with_extension("token.new"),
        );
        fs::rename(&kept, home.path.join("stolen")).unwrap();
        symlink(home.path.join("stolen"), &kept).unwrap();
        symlink(&target, &beside).unwrap();
        let ended = token(&home, &edge, &[]);
        assert!(
            ended.err.contains("warning"),
            "a link is not read: {ended:?}"
        );
        assert_ne!(ended.ok(), first);
        assert_eq!(fs::read_to_string(target).unwrap(), "untouched");
        assert!(fs::symlink_metadata(&kept).unwrap().is_file());
        assert!(!beside.exists());
    }

    // fault: permissions-of-the-cache
    #[test]
    fn a_link_in_place_of_the_lock_creates_nothing_elsewhere() {
        let (home, edge) = (Home::new(), edge());
        token(&home, &edge, &[]).quiet();
        let lock = home.cached("lock");
        fs::remove_file(&lock).unwrap();
        symlink(home.path.join("made"), &lock).unwrap();
        let ended = token(&home, &edge, &["--force-refresh"]);
        assert!(ended.err.contains("warning"), "{ended:?}");
        ended.ok();
        assert!(!home.path.join("made").exists());
    }

    #[test]
    fn pipe_in_place_of_the_cache_file_does_not_block() {
        let (home, edge) = (Home::new(), edge());
        token(&home, &edge, &[]).quiet();
        let path = home.cached("token");
        fs::remove_file(&path).unwrap();
        home.run_other("mkfifo").args([&path]).finish().ok();
        let ended = token(&home, &edge, &[]);
        assert!(ended.err.contains("not a regular file"), "{ended:?}");
        ended.ok();
        token(&home, &edge, &[]).quiet();
    }

    // fault: damaged-cache
    #[test]
    fn a_full_disk_is_a_warning_and_leaves_nothing_half_written() {
        let (home, edge) = (Home::new(), edge());
        token(&home, &edge, &[]).quiet();
        let before = fs::read(home.cached("token")).unwrap();
        // Files cannot grow at all. The signal for that is ignored, so that writing fails.
        let script = format!(
            "trap '' XFSZ; ulimit -f 0; exec {} token --force-refresh",
            common::PROGRAM
        );
        let ended = home
            .run_other("sh")
            .args(["-c", &script])
            .edge(&edge)
            .finish();
        assert!(
            ended.err.contains("warning: the token cache is not used"),
            "{ended:?}"
        );
        assert!(ended.ok().starts_with("ey"));
        assert_eq!(fs::read(home.cached("token")).unwrap(), before);
        assert!(!home.cached("token").with_extension("token.new").exists());
    }

    // fault: damaged-cache
    #[test]
    fn a_read_only_folder_is_read_from_and_otherwise_a_warning() {
        let (home, edge) = (Home::new(), edge());
        let kept = token(&home, &edge, &[]).quiet();
        fs::remove_file(home.cached("lock")).unwrap();
        set_mode(home.cache(), 0o500);
        assert_eq!(token(&home, &edge, &[]).quiet(), kept);
        // Root can write everywhere. The next test covers root too.
        if File::create(home.cache().join("probe")).is_ok() {
            set_mode(home.cache(), 0o700);
            return;
        }
        let ended = token(&home, &edge, &["--force-refresh"]);
        set_mode(home.cache(), 0o700);
        assert!(
            ended.err.contains("warning: the token cache is not used"),
            "{ended:?}"
        );
        ended.ok();
    }

    // fault: damaged-cache
    /// Unlike a mode, this also keeps root from writing.
    #[test]
    fn a_folder_without_a_lock_is_read_from_and_otherwise_a_warning() {
        let (home, edge) = (Home::new(), edge());
        let kept = token(&home, &edge, &[]).quiet();
        let lock = home.cached("lock");
        fs::remove_file(&lock).unwrap();
        fs::create_dir(&lock).unwrap();
        assert_eq!(token(&home, &edge, &[]).quiet(), kept);
        let ended = token(&home, &edge, &["--force-refresh"]);
        assert!(
            ended.err.contains("warning: the token cache is not used"),
            "{ended:?}"
        );
        assert_ne!(ended.ok(), kept);
        assert_eq!(token(&home, &edge, &[]).quiet(), kept);
    }

    // fault: killed-run
    /// A pause of a random length before the kill decides at which point of the run it comes.
    #[test]
    fn killed_runs_leave_a_cache_that_the_next_run_uses() {
        let (home, edge) = (Home::new(), edge());
        let begin = Instant::now();
        token(&home, &edge, &[]).quiet();
        let whole = begin.elapsed();
        let mut random = 0x9e37_79b9_7f4a_7c15_u64;
        let mut killed = 0;
        while killed < number_of_runs(20, 300) {
            if killed % 5 == 0 {
                home.run(["cache", "clear"]).finish().ok();
            }
            let mut run = home.run(["token", "--force-refresh"]).edge(&edge);
            let command = run.command.stdin(Stdio::null()).stdout(Stdio::null());
            let mut child = command.spawn().unwrap();
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            thread::sleep(whole.mul_f64((random % 1000) as f64 / 1000.0));
            child.kill().unwrap();
            killed += usize::from(!child.wait().unwrap().success());

            let next = token(&home, &edge, &["-v"]);
            let is_readable = !next.err.contains("warning");
            assert!(is_readable, "after kill {killed}: {next:?}");
            let next = next.ok();
            assert_eq!(
                token(&home, &edge, &[]).quiet(),
                next,
                "after kill {killed}"
            );
        }
        let list = home.run(["cache", "list"]).finish().quiet();
        assert_eq!(list.lines().count(), 1, "{list}");
        token(&home, &edge, &["--force-refresh"]).quiet();
        let names = fs::read_dir(home.cache()).unwrap();
        let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        let is_new = |name: &std::ffi::OsString| name.to_string_lossy().ends_with(".new");
        assert!(!names.iter().any(is_new), "{names:?}");
    }

    // fault: interrupted-run
    #[test]
    fn interrupted_run_leaves_no_token_and_no_lock() {
        let (home, edge) = (Home::new(), edge());
        let hold = edge.hold();
        // Background processes of a script ignore the signal, and so do their children.
        let heed = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); \
                    os.execv(sys.argv[1], sys.argv[1:])";
        let words = ["-c", heed, common::PROGRAM, "token"];
        let mut run = home.run_other("python3").args(words).edge(&edge);
        let mut child = run.command.stdout(Stdio::piped()).spawn().unwrap();
        edge.wait_for_token_requests(1);
        home.run_other("sh")
            .args(["-c", &format!("kill -INT {}", child.id())])
            .finish()
            .ok();
        let status = child.wait().unwrap();
        drop(hold);
        assert_eq!(
            std::os::unix::process::ExitStatusExt::signal(&status),
            Some(2)
        );
        let mut names = fs::read_dir(home.cache()).unwrap();
        let is_token = |name: &str| name.ends_with(".token") || name.ends_with(".new");
        assert!(!names.any(|entry| is_token(entry.unwrap().file_name().to_str().unwrap())));
        token(&home, &edge, &[]).quiet();
    }
}

// fault: cache-in-the-home-of-another-user
#[cfg(unix)]
#[test]
fn home_of_another_user_is_left_unchanged() {
    use std::os::unix::fs::{MetadataExt, chown};

    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    // Only root can change the owner of a folder.
    if fs::metadata(&home.path).unwrap().uid() != 0 {
        return;
    }
    chown(&home.path, Some(12345), None).unwrap();
    let ended = home.run(["token"]).edge(&edge).finish();
    assert!(ended.err.contains("belongs to another user"), "{ended:?}");
    ended.ok();
    assert!(!home.path.join("cache").exists());
}
