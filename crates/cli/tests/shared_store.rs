//! `--store`: one token for the machines of a build farm.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::Home;
#[cfg(feature = "redis")]
use edge_oauth_local::LocalEdge;

// fault: password-among-the-arguments
#[test]
fn password_of_a_store_is_refused_on_the_command_line_and_in_a_profile() {
    let home = Home::new();
    home.configure("[profiles.farm]\nclient_id = \"a\"\nstore = \"redis://:pa55word@host\"\n");
    for arguments in [
        &[
            "token",
            "--client-id",
            "a",
            "--store",
            "redis://:pa55word@host",
        ][..],
        &["token", "--profile", "farm"],
    ] {
        let err = home.run(arguments).finish().fails(2);
        assert!(err.contains("EDGE_OAUTH_STORE"), "{err}");
        assert!(!err.contains("pa55word"), "{err}");
    }
}

#[cfg(not(feature = "redis"))]
#[test]
fn store_is_refused_if_the_program_was_built_without_it() {
    let home = Home::new();
    let run = home.run(["token", "--client-id", "a", "--store", "redis://host"]);
    let err = run.finish().fails(2);
    assert!(err.contains("--features redis"), "{err}");
}

#[cfg(feature = "redis")]
#[test]
fn store_with_an_invalid_url_is_refused() {
    for url in ["host:6379", "http://host", "redis://host:port", ""] {
        let home = Home::new();
        let err = home.run(["token", "--client-id", "a", "--store", url]);
        let err = err.finish().fails(2);
        assert!(
            err.contains("from --store") && err.contains("redis://HOST"),
            "{err}"
        );
    }
}

// fault: store-is-gone
#[cfg(feature = "redis")]
#[test]
fn unreachable_store_is_one_warning_and_a_token() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    // No server listens on port 1.
    for url in [
        "redis://:pa55word@127.0.0.1:1",
        "rediss://:pa55word@127.0.0.1:1",
    ] {
        let run = |arguments: &[&str]| {
            let run = home.run(arguments).edge(&edge).env("EDGE_OAUTH_STORE", url);
            run.talkative().finish()
        };
        let ended = run(&["token"]);
        assert_eq!(ended.err.matches("warning").count(), 1, "{ended:?}");
        assert!(
            ended.err.contains("the token cache is not used: Redis"),
            "{ended:?}"
        );
        assert!(ended.ok().starts_with("ey"));
        let ended = run(&["exec", "env"]);
        assert!(!ended.out.contains("EDGE_OAUTH_STORE"), "{ended:?}");
        let ended = run(&["doctor", "-vvv"]);
        assert!(ended.out.contains("warn  cache"), "{ended:?}");
        for text in [&ended.out, &ended.err] {
            assert!(!text.contains("pa55word"), "{text}");
        }
    }
    assert!(!home.cache().exists(), "no files in its place");
}

#[cfg(all(unix, feature = "redis"))]
mod on_a_server {
    use std::fs;
    use std::io::{BufRead, BufReader, Write};
    use std::path::PathBuf;
    use std::process::{Child, Command, Stdio};

    use super::*;

    /// A server and its folder. The path must be short, since it contains a socket.
    struct Server(Child, PathBuf);

    impl Server {
        /// Starts a server. Returns `None`, with a message, if Redis is not installed.
        fn start() -> Option<(Self, String)> {
            let folder = std::env::temp_dir().join(format!("edge-oauth-{}", std::process::id()));
            fs::create_dir_all(&folder).unwrap();
            let socket = folder.join("socket");
            let mut command = Command::new("redis-server");
            command.args([
                "--port",
                "0",
                "--save",
                "",
                "--appendonly",
                "no",
                "--unixsocket",
            ]);
            let command = command.arg(&socket).current_dir(&folder);
            let Ok(mut child) = command.stdout(Stdio::piped()).spawn() else {
                let required = std::env::var_os("EDGE_OAUTH_REQUIRE_REDIS").is_some();
                assert!(!required, "redis-server is not installed");
                let _ = writeln!(std::io::stderr(), "skipped: redis-server is not installed");
                return None;
            };
            let mut lines = BufReader::new(child.stdout.take().unwrap());
            let mut line = String::new();
            while !line.contains("ready to accept") && !line.contains("Ready to accept") {
                line.clear();
                assert_ne!(lines.read_line(&mut line).unwrap(), 0, "it ended");
            }
            // The server continues to write.
            std::thread::spawn(move || lines.lines().for_each(drop));
            Some((
                Self(child, folder),
                format!("redis+unix://{}", socket.display()),
            ))
        }
    }

    impl Drop for Server {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
            let _ = fs::remove_dir_all(&self.1);
        }
    }

    // fault: one-request-per-process
    #[test]
    fn machines_that_share_a_store_make_one_request() {
        let (homes, edge) = ([(); 3].map(|()| Home::new()), LocalEdge::start().unwrap());
        let Some((_server, url)) = Server::start() else {
            return;
        };
        let run = |home: &Home, arguments: &[&str]| {
            let run = home.run(arguments).edge(&edge);
            run.env("EDGE_OAUTH_STORE", &url).finish()
        };
        let tokens = homes.each_ref().map(|home| run(home, &["token"]).quiet());
        assert!(tokens.iter().all(|token| *token == tokens[0]));
        assert_eq!(edge.served().token_requests, 1);
        let forced = run(&homes[0], &["token", "--force-refresh"]).quiet();
        assert_ne!(forced, tokens[0]);
        assert_eq!(run(&homes[1], &["token"]).quiet(), forced);
        assert_eq!(edge.served().token_requests, 2);
        assert!(homes.iter().all(|home| !home.cache().exists()));
        let ended = run(&homes[2], &["doctor"]);
        assert!(ended.out.contains("ok    cache"), "{ended:?}");
        let by_flag = homes[2].run(["token", "--store", &url]).edge(&edge);
        assert_eq!(by_flag.finish().quiet(), forced);
    }
}
