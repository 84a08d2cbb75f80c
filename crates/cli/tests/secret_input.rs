//! The permitted and refused sources of the client secret.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

#[cfg(unix)]
use std::fs;

use common::{Home, Run};
use edge_oauth_local::LocalEdge;

fn edge() -> LocalEdge {
    LocalEdge::start().unwrap()
}

fn token(home: &Home, edge: &LocalEdge, arguments: &[&str]) -> Run {
    home.run([&["token", "--no-cache"], arguments].concat())
        .edge_without_secret(edge)
}

// fault: secret-as-an-argument
#[test]
fn secret_as_an_argument_is_refused_and_not_repeated() {
    let (home, edge) = (Home::new(), edge());
    for arguments in [
        &["token", "--client-secret", "hunter2"][..],
        &["token", "--client-secret=hunter2"],
        &["--client-secret", "hunter2", "token"],
        &["--client-secret=hunter2", "token"],
        &["token", "--client-secret", "-hunter2"],
        &["token", "--client-secret=hunter2", "--no-such-option"],
        &["token", "--client-secret", "hunter2", "--min-ttl", "wrong"],
        &["request", "--client-secret", "hunter2"],
        &["token", "--client-secret"],
        &["token", "--param", "client_secret=hunter2"],
        &["cache", "list", "--client-secret", "hunter2"],
    ] {
        let ended = home.run(arguments).edge(&edge).finish();
        let err = ended.fails(2);
        assert!(!err.contains("hunter2"), "{err}");
    }
    let err = home
        .run(["token", "--client-secret", "hunter2"])
        .finish()
        .fails(2);
    assert!(
        err.contains("everyone on this machine") && err.contains("--client-secret-file"),
        "{err}"
    );
    assert_eq!(edge.served().token_requests, 0);
}

// fault: secret-as-an-argument
// fault: harmless-value-concealed
#[test]
fn misplaced_value_is_not_repeated() {
    let home = Home::new();
    let token = "eyJhbGciOiJub25lIn0.e30.c2ln";
    for arguments in [
        &["token", token][..],
        &[token],
        &["admin", token],
        &["token", "--output", token],
        &["token", "-o", "hunter2"],
        &["token", "--min-ttl", token],
        &["token", "--min-ttl", "5hunter2"],
        &["token", "--clientsecret", token],
        &["token", "--clientsecret=eyJhbGciOiJub25lIn0.e30.c2ln"],
        &["token", "--no-cache=eyJhbGciOiJub25lIn0.e30.c2ln"],
        &["token", "--eyJhbGciOiJub25lIn0.e30.c2ln"],
        &["token", "-qhunter2"],
        &["exec", "--hunter2"],
        &["explain", "--status", token],
        &["inspect", "--hunter2"],
        &["completions", token],
        &["serve", "--port", token],
    ] {
        let err = home.run(arguments).finish().fails(2);
        for secret in [token, "eyJ", "hunter"] {
            assert!(!err.contains(secret), "{arguments:?}: {err}");
        }
    }
    let err = |arguments: &[&str]| home.run(arguments).finish().fails(2);
    assert!(err(&["tokn"]).contains("'tokn'") && err(&["tokn"]).contains("'token'"));
    assert!(err(&["token", "--no-chache"]).contains("'--no-chache'"));
    assert!(err(&["token", "-o", "jsn"]).contains("possible values: token, header, json"));
    assert!(err(&["token", "--min-ttl", "soon"]).contains("such as 10s"));
    assert!(err(&["token", "--timeout", "30"]).contains("'30'"));
    assert!(err(&["token", "-V"]).contains("'-V'"));
    let method = ["admin", "webhooks", "create", "--method", "PUT"];
    assert!(err(&method).contains("'PUT'"));
}

// fault: secret-ends-in-a-line-break, secret-on-standard-input
#[test]
fn a_file_and_standard_input_lose_one_line_break() {
    let (home, edge) = (Home::new(), edge());
    let from = |input: String| {
        token(&home, &edge, &["--client-secret-file", "-"])
            .input(input)
            .finish()
    };
    for end in ["", "\n", "\r\n"] {
        let secret = format!("{}{end}", edge.client_secret());
        let file = private(&home, "secret", &secret);
        let of_file = token(&home, &edge, &["--client-secret-file", &file]);
        of_file.finish().quiet();
        from(secret).quiet();
    }
    for end in ["\n\n", " ", "\r"] {
        let ended = from(format!("{}{end}", edge.client_secret()));
        assert!([3, 4].contains(&ended.status), "{end:?}: {ended:?}");
    }
    for empty in ["", "\n", "\r\n"] {
        assert!(
            from(empty.to_owned())
                .fails(3)
                .contains("standard input is empty")
        );
    }
}

// fault: permissions-of-a-secret-file, secret-on-standard-input
#[test]
fn secret_that_is_not_text_or_too_long_is_refused_and_not_shown() {
    let (home, edge) = (Home::new(), edge());
    let from = |input: Vec<u8>| {
        token(&home, &edge, &["--client-secret-file", "-"])
            .input(input)
            .finish()
            .fails(3)
    };
    let err = from(b"hunter2\xff".to_vec());
    assert!(err.contains("UTF-8") && !err.contains("hunter2"), "{err}");
    assert!(from(vec![b'a'; 64 * 1024 + 1]).contains("64 KiB"));
    let err = from(b"hunter2\nhunter3".to_vec());
    assert!(!err.contains("hunter"), "{err}");
}

// fault: missing-file-without-advice
#[test]
fn missing_file_has_advice() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    let jwt = home.run(["token"]).edge(&edge).finish().ok();
    let secret = home.write("secret", edge.client_secret());
    let secret = ["--client-secret-file", secret.to_str().unwrap()];
    let check = |arguments: &[&str]| {
        let run = home.run(arguments).edge_without_secret(&edge);
        let ended = run.input(jwt.as_str()).finish();
        assert_ne!(ended.status, 0, "{arguments:?}");
        let said = ended.err + &ended.out;
        let advises = said.contains("missing") && said.contains("try: ");
        assert!(advises, "{arguments:?}: {said}");
    };
    for credential in ["client-secret", "key", "client-assertion"] {
        check(&["token", &format!("--{credential}-file"), "missing"]);
    }
    check(&["token", "--client-cert", "missing"]);
    check(&["serve", "--client-key", "missing"]);
    check(&["inspect", "--jwks", "missing"]);
    for arguments in [
        &["token", "--config", "missing"][..],
        &["token", "--param-file", "a=missing"],
        &["token", "--cacert", "missing", "--no-cache"],
        &["keys", "get", "--key-file", "missing"],
        &["api", "/x", "--input", "missing"],
        &["api", "/x", "-F", "a=@missing"],
    ] {
        check(&[arguments, &secret].concat());
    }
}

#[test]
fn missing_secret_error_names_the_ways_to_give_one() {
    let (home, edge) = (Home::new(), edge());
    let err = token(&home, &edge, &[]).finish().fails(3);
    assert!(
        err.contains("no client secret") && err.contains("SITECORE_CLIENT_SECRET"),
        "{err}"
    );
    assert!(err.contains("--key-file"), "{err}");
    let err = token(&home, &edge, &[])
        .env("SITECORE_CLIENT_SECRET", "")
        .finish()
        .fails(3);
    assert!(err.contains("no client secret"), "{err}");
    let err = token(&home, &edge, &["--client-secret-file", "missing"])
        .finish()
        .fails(3);
    assert!(err.contains("missing"), "{err}");
    let err = token(&home, &edge, &[])
        .env("SITECORE_CLIENT_SECRET", "hunter2\n")
        .finish()
        .fails(3);
    assert!(
        err.contains("line break") && !err.contains("hunter2"),
        "{err}"
    );
}

#[test]
fn a_file_comes_before_the_variable_and_the_variable_before_the_profile() {
    let (home, edge) = (Home::new(), edge());
    let good = private(&home, "good", edge.client_secret());
    let wrong = private(&home, "wrong", "wrong");
    token(&home, &edge, &["--client-secret-file", &good])
        .env("SITECORE_CLIENT_SECRET", "wrong")
        .finish()
        .quiet();
    home.configure(&format!(
        "[profiles.default]\nclient_secret_file = {wrong:?}\n"
    ));
    token(&home, &edge, &[])
        .env("SITECORE_CLIENT_SECRET", edge.client_secret())
        .finish()
        .quiet();
    token(&home, &edge, &[]).finish().fails(4);
}

fn private(home: &Home, name: &str, secret: &str) -> String {
    let path = home.write(name, secret);
    #[cfg(unix)]
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn with_mode(home: &Home, secret: &str, mode: u32) -> String {
        let path = private(home, "secret", secret);
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    // fault: permissions-of-a-secret-file
    #[test]
    fn secret_file_readable_by_others_causes_a_warning_with_its_mode() {
        let (home, edge) = (Home::new(), edge());
        for mode in [0o600, 0o400, 0o644, 0o404] {
            let path = with_mode(&home, edge.client_secret(), mode);
            let ended = token(&home, &edge, &["--client-secret-file", &path]).finish();
            let warned =
                ended.err.contains(&format!("mode {mode:04o}")) && ended.err.contains("warning");
            assert_eq!(warned, mode & 0o044 != 0, "{mode:o}: {ended:?}");
            ended.ok();
        }
    }

    // fault: permissions-of-a-secret-file
    #[test]
    fn secret_file_writable_by_others_is_refused() {
        let (home, edge) = (Home::new(), edge());
        for mode in [0o622, 0o602, 0o666, 0o777] {
            let path = with_mode(&home, edge.client_secret(), mode);
            let err = token(&home, &edge, &["--client-secret-file", &path])
                .finish()
                .fails(3);
            assert!(err.contains(&format!("mode {mode:04o}")), "{err}");
        }
        assert_eq!(edge.served().token_requests, 0);
    }

    // fault: permissions-of-a-secret-file
    #[test]
    fn a_mounted_file_behind_links_works() {
        let (home, edge) = (Home::new(), edge());
        private(&home, "secret", edge.client_secret());
        symlink("secret", home.path.join("data")).unwrap();
        symlink(home.path.join("data"), home.path.join("mounted")).unwrap();
        token(&home, &edge, &["--client-secret-file", "mounted"])
            .finish()
            .quiet();
        let open = with_mode(&home, edge.client_secret(), 0o666);
        assert!(open.ends_with("secret"));
        token(&home, &edge, &["--client-secret-file", "mounted"])
            .finish()
            .fails(3);
    }

    // fault: permissions-of-a-secret-file
    #[test]
    fn a_directory_is_refused() {
        let (home, edge) = (Home::new(), edge());
        let err = token(&home, &edge, &["--client-secret-file", "."])
            .finish()
            .fails(3);
        assert!(err.contains("is a directory"), "{err}");
    }

    // fault: permissions-of-a-secret-file
    #[test]
    fn large_file_is_refused_early() {
        let (home, edge) = (Home::new(), edge());
        let path = private(&home, "huge", "");
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(1 << 30)
            .unwrap();
        let err = token(&home, &edge, &["--client-secret-file", &path])
            .finish()
            .fails(3);
        assert!(err.contains("64 KiB"), "{err}");
    }

    // fault: permissions-of-a-secret-file
    #[test]
    fn pipe_writable_by_others_is_refused() {
        let (home, edge) = (Home::new(), edge());
        home.run_other("mkfifo")
            .args(["-m", "602", "pipe"])
            .finish()
            .ok();
        let script = format!(
            "echo secret >pipe & {} token --client-secret-file pipe; kill $! 2>/dev/null; exit 3",
            common::PROGRAM
        );
        let ended = home.run_other("sh").args(["-c", &script]);
        let err = ended.edge_without_secret(&edge).finish().fails(3);
        assert!(err.contains("mode 0602"), "{err}");
    }

    // fault: permissions-of-a-secret-file
    // fault: root-refuses-a-mounted-secret
    #[test]
    fn file_of_another_user_is_read_by_root_unless_it_says_where_secrets_go() {
        use std::os::unix::fs::{MetadataExt, chown};

        let (home, edge) = (Home::new(), edge());
        let path = private(&home, "secret", edge.client_secret());
        let config = home.configure("[profiles.default]\nclient_id = \"a\"\n");
        // Only root can change the owner of a file.
        if fs::metadata(&path).unwrap().uid() != 0 {
            return;
        }
        chown(&path, Some(12345), None).unwrap();
        let arguments = ["--client-secret-file", &path];
        token(&home, &edge, &arguments).finish().quiet();
        chown(&config, Some(12345), None).unwrap();
        let err = token(&home, &edge, &arguments).finish().fails(2);
        assert!(err.contains("belongs to another user (id 12345)"), "{err}");
    }

    // fault: warning-that-cannot-be-followed
    #[test]
    fn warning_of_readers_is_silenced_by_the_variable_it_names_for_a_mount() {
        use std::os::unix::fs::{MetadataExt, chown};

        let (home, edge) = (Home::new(), edge());
        let path = with_mode(&home, edge.client_secret(), 0o644);
        let run = || token(&home, &edge, &["--client-secret-file", &path]);
        let ended = run().finish();
        assert!(ended.err.contains("chmod 600"), "{ended:?}");
        run().env("EDGE_OAUTH_TRUST_FILES", "1").finish().quiet();
        if fs::metadata(&path).unwrap().uid() == 0 {
            chown(&path, Some(12345), None).unwrap();
            let ended = run().finish();
            assert!(ended.err.contains("EDGE_OAUTH_TRUST_FILES=1"), "{ended:?}");
            assert!(!ended.err.contains("chmod"), "{ended:?}");
        }
    }

    // fault: byte-order-mark
    #[test]
    fn byte_order_mark_of_a_secret_is_dropped_and_utf_16_is_named() {
        let (home, edge) = (Home::new(), edge());
        let path = private(
            &home,
            "secret",
            &format!("\u{feff}{}", edge.client_secret()),
        );
        token(&home, &edge, &["--client-secret-file", &path])
            .finish()
            .quiet();
        for bytes in [b"\xff\xfeh\0u\0".to_vec(), b"\xfe\xff\0h\0u".to_vec()] {
            let run = token(&home, &edge, &["--client-secret-file", "-"]).input(bytes);
            assert!(run.finish().fails(3).contains("UTF-16"));
        }
    }

    // fault: permissions-of-a-secret-file
    #[test]
    fn pipe_of_the_user_is_accepted() {
        let (home, edge) = (Home::new(), edge());
        let secret = edge.client_secret();
        let run = |script: String| {
            home.run_other("sh")
                .args(["-c", &script])
                .edge_without_secret(&edge)
                .finish()
        };
        let program = common::PROGRAM;
        // Does as bash does for <(...).
        run(format!("printf %s {secret} | {program} token --no-cache --client-secret-file /dev/fd/3 3<&0 </dev/null")).quiet();
        run(format!("mkfifo -m 600 pipe; printf %s {secret} >pipe & {program} token --no-cache --client-secret-file pipe")).quiet();
    }

    // fault: terminal-left-without-echo
    #[test]
    fn signal_at_the_prompt_restores_the_terminal() {
        let (home, edge) = (Home::new(), edge());
        for signal in ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGTSTP"] {
            let words = ["-c", SIGNAL, signal, edge.client_secret(), common::PROGRAM];
            let run = home.run_other("python3").args(words);
            run.args(["token", "--no-cache"])
                .edge_without_secret(&edge)
                .finish()
                .ok();
        }
    }

    // fault: prompt-takes-piped-input
    #[test]
    fn prompt_leaves_piped_input_to_the_command() {
        let (home, edge) = (Home::new(), edge());
        let command = format!(
            "printf '[]' | {} api PATCH admin/settings --input - -H Content-Type:application/json-patch+json && echo done",
            common::PROGRAM
        );
        let typed = ("secret: ", edge.client_secret());
        let run = home.run_other_on_terminal(typed, "sh");
        let ended = run
            .args(["-c", &command])
            .edge_without_secret(&edge)
            .finish();
        assert!(ended.out.contains("Client secret: "), "{ended:?}");
        assert!(ended.ok().ends_with("done\r\n"));
    }

    // fault: killed-by-file-limit
    #[test]
    fn limit_of_file_sizes_is_a_warning_and_a_token() {
        let (home, edge) = (Home::new(), edge());
        let script = format!("ulimit -f 0; exec {} token", common::PROGRAM);
        let ended = home
            .run_other("sh")
            .args(["-c", &script])
            .edge(&edge)
            .finish();
        assert!(
            ended.err.contains("the token cache is not used"),
            "{ended:?}"
        );
        assert!(ended.ok().starts_with("ey"));
    }

    /// Sends a signal at the prompt for the secret. A stopped run continues afterwards.
    const SIGNAL: &str = r#"
import os, pty, signal, sys, termios
number, secret, command = getattr(signal, sys.argv[1]), sys.argv[2], sys.argv[3:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
def shows():
    return termios.tcgetattr(terminal)[3] & termios.ECHO
def until_asked():
    shown = b""
    while not shown.endswith(b"secret: "):
        shown += os.read(terminal, 4096)
until_asked()
assert not shows()
os.kill(child, number)
status = os.waitpid(child, os.WUNTRACED)[1]
assert shows(), "the terminal was left without echo"
if number != signal.SIGTSTP:
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == number, status
    sys.exit(0)
assert os.WIFSTOPPED(status), status
os.kill(child, signal.SIGCONT)
until_asked()
assert not shows()
os.write(terminal, secret.encode() + b"\n")
try:
    while os.read(terminal, 4096):
        pass
except OSError:
    pass
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"#;
}
