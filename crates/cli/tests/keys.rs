//! `edge-oauth keys`: Delivery keys from creation to revocation. A key is printed only when it is created.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::time::Duration;

#[cfg(unix)]
use common::Ended;
use common::{Home, Run};
use edge_oauth_local::{Fault, LocalEdge};
use serde_json::{Value, json};

fn edge() -> LocalEdge {
    LocalEdge::start().unwrap()
}

fn keys(home: &Home, edge: &LocalEdge, arguments: &[&str]) -> Run {
    home.run([&["keys"], arguments].concat()).edge(edge)
}

/// Returns a new key, as printed.
fn create(home: &Home, edge: &LocalEdge, label: &str) -> String {
    let out = keys(home, edge, &["create", "--label", label])
        .finish()
        .quiet();
    out.strip_suffix('\n').unwrap().to_owned()
}

fn list(home: &Home, edge: &LocalEdge, arguments: &[&str]) -> Vec<Value> {
    let list = [&["list", "-o", "json"], arguments].concat();
    let out = keys(home, edge, &list).finish().quiet();
    serde_json::from_str(&out).unwrap()
}

fn hashes(keys: &[Value]) -> Vec<&str> {
    keys.iter()
        .map(|key| key["hash"].as_str().unwrap())
        .collect()
}

#[test]
fn new_key_is_printed_in_each_format() {
    let (home, edge) = (Home::new(), edge());
    let key = create(&home, &edge, "www");
    assert!(
        key.len() > 20 && !key.contains(char::is_whitespace),
        "{key}"
    );
    let create = |arguments: &[&str]| {
        let create = [&["create", "--label", "www", "-o"], arguments].concat();
        keys(&home, &edge, &create).finish().quiet()
    };
    assert!(create(&["env"]).starts_with("export SITECORE_API_KEY='"));
    assert!(create(&["env", "--env", "MINE"]).starts_with("export MINE='"));
    assert!(create(&["powershell"]).starts_with("$env:SITECORE_API_KEY = '"));
    let preview = create(&[
        "json",
        "--scope",
        "audience-preview",
        "--scope",
        "content-a",
    ]);
    let preview: Value = serde_json::from_str(&preview).unwrap();
    assert_eq!(preview["scopes"], json!(["audience-preview", "content-a"]));
    let listed = &list(&home, &edge, &["--scope", "audience-preview"])[0];
    assert_eq!(listed["scopes"], preview["scopes"]);
    assert_eq!(listed["createdBy"], "edge-oauth");
}

#[test]
fn a_github_workflow_masks_the_key() {
    let (home, edge) = (Home::new(), edge());
    let create = ["create", "--label", "www", "-o", "github"];
    keys(&home, &edge, &create).finish().fails(2);
    assert_eq!(edge.served().api_requests, 0);
    let outputs = home.write("outputs", "");
    let run = keys(&home, &edge, &create).env("GITHUB_OUTPUT", &outputs);
    let masked = run.finish().quiet();
    let key = masked.trim_end().strip_prefix("::add-mask::").unwrap();
    assert_eq!(
        std::fs::read_to_string(outputs).unwrap(),
        format!("key={key}\n")
    );
}

/// The device can be opened but is full.
#[cfg(target_os = "linux")]
#[test]
fn key_that_cannot_be_printed_is_revoked() {
    let (home, edge) = (Home::new(), edge());
    let create = ["create", "--label", "www", "-o", "github"];
    let run = keys(&home, &edge, &create).env("GITHUB_OUTPUT", "/dev/full");
    let ended = run.finish();
    assert_eq!(ended.status, 1);
    assert!(ended.err.contains("is revoked"), "{ended:?}");
    assert!(list(&home, &edge, &[]).is_empty());
}

// fault: key-written-to-closed-output
#[cfg(unix)]
#[test]
fn no_key_is_created_when_standard_output_is_closed_or_lost() {
    let (home, edge) = (Home::new(), edge());
    let sh = |script: &str| {
        let script = format!("{} {script}", common::PROGRAM);
        home.run_other("sh")
            .args(["-c", &script])
            .edge(&edge)
            .finish()
    };
    for output in [">&-", "> /dev/null"] {
        let err = sh(&format!("keys create --label www {output}")).fails(2);
        assert!(err.contains("standard output is closed"), "{err}");
    }
    assert!(list(&home, &edge, &["--all"]).is_empty());
    let err = sh("token >&-").fails(1);
    assert!(err.contains("standard output: is closed"), "{err}");
    sh("token > /dev/null").ok();
}

#[test]
fn a_list_goes_through_all_pages() {
    let (home, edge) = (Home::new(), edge());
    for n in 0..21 {
        create(&home, &edge, &format!("site {n}"));
    }
    create(&home, &edge, "other");
    let ended = keys(&home, &edge, &["list"]).finish();
    assert_eq!(
        ended.err, "22 keys\n",
        "no progress where there is no terminal"
    );
    assert_eq!(ended.out.lines().count(), 23);
    assert!(ended.out.starts_with("HASH "), "{}", ended.out);
    assert_eq!(list(&home, &edge, &["--label", "site"]).len(), 21);
    assert!(list(&home, &edge, &["--created-by", "nobody"]).is_empty());
    let none = keys(&home, &edge, &["list", "--label", "none"]).finish();
    assert_eq!((none.out.as_str(), none.err.as_str()), ("", "no key\n"));

    // The second page is missing, and a partial list is an error.
    edge.script_api([Fault::none(), Fault::status(500)])
        .unwrap();
    keys(&home, &edge, &["list"]).finish().fails(4);
}

// fault: timeout-per-request
#[test]
fn timeout_bounds_all_pages_of_a_list_together() {
    let (home, edge) = (Home::new(), edge());
    for n in 0..21 {
        create(&home, &edge, &format!("site {n}"));
    }
    let page = || Fault::delay(Duration::from_millis(300));
    edge.script_api([page(), page()]).unwrap();
    // Each page alone is within the time.
    let err = keys(&home, &edge, &["list", "--timeout", "500ms"]);
    let err = err.finish().fails(5);
    assert!(err.contains("no response of the API"), "{err}");
}

#[test]
fn a_key_is_shown_renamed_and_revoked_by_its_hash() {
    let (home, edge) = (Home::new(), edge());
    let key = create(&home, &edge, "www");
    let all = list(&home, &edge, &[]);
    let hash = hashes(&all)[0];
    let shown = keys(&home, &edge, &["get", hash]).finish().quiet();
    assert!(
        shown.contains("label    www") && shown.contains(hash) && !shown.contains(&key),
        "{shown}"
    );
    keys(&home, &edge, &["rename", hash, "--label", "new"])
        .finish()
        .ok();
    let shown = keys(&home, &edge, &["get", hash, "-o", "json"])
        .finish()
        .quiet();
    assert_eq!(
        serde_json::from_str::<Value>(&shown).unwrap()["label"],
        "new"
    );

    let err = keys(&home, &edge, &["revoke", hash]).finish().fails(2);
    assert!(err.contains("try: use --yes"), "{err}");
    assert_eq!(list(&home, &edge, &[]).len(), 1);
    keys(&home, &edge, &["revoke", hash, "--yes"]).finish().ok();
    assert!(list(&home, &edge, &[]).is_empty());
    assert_eq!(list(&home, &edge, &["--all"])[0]["isRevoked"], true);
    let err = keys(&home, &edge, &["get", &"0".repeat(64)])
        .finish()
        .fails(4);
    assert!(err.contains("keys list --all"), "{err}");
}

#[test]
fn key_is_read_from_a_file_or_standard_input() {
    let (home, edge) = (Home::new(), edge());
    let key = create(&home, &edge, "www");
    let with_key = |arguments: &[&str]| {
        let run = keys(&home, &edge, arguments).args(["--key-file", "-"]);
        run.input(format!("{key}\n")).finish()
    };
    assert!(with_key(&["get"]).quiet().contains("www"));
    with_key(&["rename", "--label", "new"]).ok();
    with_key(&["revoke", "--yes"]).ok();
    assert_eq!(list(&home, &edge, &["--all"])[0]["label"], "new");
    assert!(list(&home, &edge, &[]).is_empty());
    let missing = ["get", "--key-file", "missing"];
    assert!(
        keys(&home, &edge, &missing)
            .finish()
            .fails(3)
            .contains("missing")
    );
    let both = ["get", "--key-file", "-", &"0".repeat(64)];
    keys(&home, &edge, &both).finish().fails(2);
    keys(&home, &edge, &["get"]).finish().fails(2);
}

#[test]
fn a_key_as_an_argument_is_refused_and_not_repeated() {
    let (home, edge) = (Home::new(), edge());
    for arguments in [
        &["get", "pl4nted-key"][..],
        &["revoke", "pl4nted-key", "--yes"],
        &["rename", "pl4nted-key", "--label", "new"],
        &["get", "--key", "pl4nted-key"],
        &["revoke", "--key=pl4nted-key", "--yes"],
        &["--key", "pl4nted-key", "list"],
    ] {
        let err = keys(&home, &edge, arguments).finish().fails(2);
        assert!(!err.contains("pl4nted"), "{err}");
    }
    let err = keys(&home, &edge, &["get", "pl4nted-key"])
        .finish()
        .fails(2);
    assert!(
        err.contains("--key-file FILE") && err.contains("revoke"),
        "{err}"
    );
    assert_eq!(edge.served().token_requests, 0);
}

/// The deployment commands are for POSIX systems.
#[cfg(unix)]
mod rotation {
    use super::*;

    fn rotate(home: &Home, edge: &LocalEdge, arguments: &[&str]) -> Ended {
        let rotate = ["rotate", "--label", "www", "--yes"];
        keys(home, edge, &[&rotate[..], arguments].concat()).finish()
    }

    #[test]
    fn rotation_command_has_the_new_key_while_old_keys_are_valid() {
        let (home, edge) = (Home::new(), edge());
        for label in ["www", "www", "www.other"] {
            create(&home, &edge, label);
        }
        let old = list(&home, &edge, &[]);
        // The deployment lists the valid keys while it runs, with its own secret.
        let deploy = format!(
            "cat > deployed; {} keys list -o json > meanwhile",
            common::PROGRAM
        );
        let secret = home.write("secret", edge.client_secret());
        restrict(&secret);
        let profile = format!("[profiles.default]\nclient_secret_file = {secret:?}\n");
        home.configure(&profile);
        let ended = rotate(&home, &edge, &["--", "sh", "-c", &deploy]);
        assert!(ended.err.contains("old keys revoked: 2"), "{ended:?}");
        assert_eq!(ended.ok(), "");

        let meanwhile = std::fs::read_to_string(home.path.join("meanwhile")).unwrap();
        let meanwhile: Vec<Value> = serde_json::from_str(&meanwhile).unwrap();
        assert_eq!(meanwhile.len(), 4);
        assert_eq!(hashes(&meanwhile)[..3], hashes(&old));
        let after = list(&home, &edge, &[]);
        assert_eq!(hashes(&after), hashes(&meanwhile)[2..]);
        let deployed = std::fs::read(home.path.join("deployed")).unwrap();
        let get = keys(&home, &edge, &["get", "--key-file", "-", "-o", "json"]);
        let got: Value = serde_json::from_str(&get.input(deployed).finish().quiet()).unwrap();
        assert_eq!(got["hash"], after[1]["hash"]);
    }

    fn restrict(file: &std::path::Path) {
        use std::os::unix::fs::PermissionsExt;

        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    #[test]
    fn failed_rotation_command_leaves_all_keys_valid() {
        let (home, edge) = (Home::new(), edge());
        create(&home, &edge, "www");
        let ended = rotate(&home, &edge, &["sh", "-c", "exit 42"]);
        let now = list(&home, &edge, &[]);
        assert_eq!((ended.status, now.len()), (42, 2), "{ended:?}");
        assert!(ended.err.contains("no key is revoked"), "{ended:?}");
        assert!(ended.err.contains(hashes(&now)[1]), "{ended:?}");
    }

    #[test]
    fn missing_rotation_command_changes_nothing() {
        let (home, edge) = (Home::new(), edge());
        create(&home, &edge, "www");
        let old = list(&home, &edge, &[]);
        let ended = rotate(&home, &edge, &["no-such-command-here"]);
        assert_eq!(ended.status, 127);
        assert!(
            ended
                .err
                .contains("the new key was not passed on, and is revoked"),
            "{ended:?}"
        );
        assert_eq!(list(&home, &edge, &[]), old);
        rotate(&home, &edge, &[]).fails(2);
        let rotate = ["rotate", "--label", "www", "true"];
        keys(&home, &edge, &rotate).finish().fails(2);
        assert_eq!(list(&home, &edge, &["--all"]).len(), 2);
    }

    #[test]
    fn the_new_key_has_the_scopes_of_the_old_ones() {
        let (home, edge) = (Home::new(), edge());
        let preview = ["create", "--label", "www", "--scope", "audience-preview"];
        keys(&home, &edge, &preview).finish().quiet();
        rotate(&home, &edge, &["true"]).ok();
        let scopes = |keys: &[Value]| keys[0]["scopes"].clone();
        assert_eq!(
            scopes(&list(&home, &edge, &[])),
            json!(["audience-preview"])
        );

        create(&home, &edge, "www");
        let err = rotate(&home, &edge, &["true"]).fails(2);
        assert!(err.contains("--scope"), "{err}");
        rotate(&home, &edge, &["--scope", "audience-delivery", "true"]).ok();
        let now = list(&home, &edge, &[]);
        assert_eq!((now.len(), scopes(&now)), (1, json!(["audience-delivery"])));
    }

    #[test]
    fn rotation_command_has_the_key_in_its_environment_on_request_and_never_the_secret() {
        let (home, edge) = (Home::new(), edge());
        let out = rotate(
            &home,
            &edge,
            &["--create", "--env", "MINE", "sh", "-c", "env; echo; cat"],
        )
        .ok();
        let (environment, key) = out.rsplit_once('\n').unwrap();
        assert!(environment.contains(&format!("MINE={key}\n")), "{out}");
        assert!(!out.contains(edge.client_secret()), "{out}");
        let out = rotate(&home, &edge, &["sh", "-c", "cat > key; env"]).ok();
        let key = std::fs::read_to_string(home.path.join("key")).unwrap();
        assert!(!out.contains(&key), "{out}");
    }

    #[test]
    fn key_that_cannot_be_revoked_is_named_and_others_are_revoked() {
        let (home, edge) = (Home::new(), edge());
        for _ in 0..3 {
            create(&home, &edge, "www");
        }
        let old = list(&home, &edge, &[]);
        // The requests: the list, the new key, its description, the list, the label, and the second old key.
        let mut faults = vec![Fault::none(); 6];
        faults.push(Fault::status(500));
        edge.script_api(faults).unwrap();
        let ended = rotate(&home, &edge, &["true"]);
        assert_eq!(ended.status, 4);
        assert!(ended.err.contains("old keys revoked: 2"), "{ended:?}");
        let left = hashes(&old)[1];
        assert!(
            ended.err.contains(&format!("keys revoke {left}")),
            "{ended:?}"
        );
        assert_eq!(list(&home, &edge, &[]).len(), 2);
    }

    // fault: two-rotations-at-once
    #[test]
    fn second_rotation_of_a_label_fails_while_the_first_one_runs() {
        let (home, edge) = (Home::new(), edge());
        create(&home, &edge, "www");
        let old = list(&home, &edge, &[]);
        let inner = format!(
            "{} keys rotate --label www --yes true 2> err; echo $? > status",
            common::PROGRAM
        );
        // The command gets no secret of the client, so it has its own.
        let secret = home.write("secret", edge.client_secret());
        restrict(&secret);
        home.configure(&format!(
            "[profiles.default]\nclient_secret_file = {secret:?}\n"
        ));
        let ended = rotate(&home, &edge, &["sh", "-c", &format!("cat > key; {inner}")]);
        let read = |name| std::fs::read_to_string(home.path.join(name)).unwrap();
        let err = read("err");
        assert_eq!(read("status"), "1\n", "{err}");
        assert!(err.contains("another run is rotating the keys"), "{err}");
        ended.ok();
        let now = list(&home, &edge, &["--all"]);
        assert_eq!((now.len(), &now[0]["hash"]), (2, &old[0]["hash"]));
        assert_eq!(now[1]["label"], "www");
        let get = keys(&home, &edge, &["get", "--key-file", "-", "-o", "json"]);
        let site: Value = serde_json::from_str(&get.input(read("key")).finish().quiet()).unwrap();
        assert_eq!(
            (&site["isRevoked"], &site["hash"]),
            (&json!(false), &now[1]["hash"])
        );
    }

    // fault: two-rotations-at-once
    #[test]
    fn rotation_that_finds_another_one_takes_its_own_key_back() {
        let (home, edge) = (Home::new(), edge());
        create(&home, &edge, "www");
        create(&home, &edge, "www (rotating)");
        let before = list(&home, &edge, &[]);
        // The first list is from before the other rotation.
        let first = json!({ "keys": [before[0]], "hasNext": false });
        edge.script_api([Fault::none().body(first.to_string())])
            .unwrap();
        let err = rotate(&home, &edge, &["touch", "handed-over"]).fails(1);
        assert!(
            err.contains("is revoked") && err.contains("another run"),
            "{err}"
        );
        assert!(!home.path.join("handed-over").exists());
        assert_eq!(list(&home, &edge, &[]), before);
    }

    // fault: rotation-of-a-mistyped-label
    #[test]
    fn rotation_of_a_label_that_no_key_has_creates_none_unless_asked_to() {
        let (home, edge) = (Home::new(), edge());
        let err = rotate(&home, &edge, &["true"]).fails(2);
        assert!(err.contains("no active key has the label \"www\""), "{err}");
        assert!(err.contains("--create"), "{err}");
        assert!(list(&home, &edge, &["--all"]).is_empty());
        rotate(&home, &edge, &["--create", "true"]).ok();
        assert_eq!(list(&home, &edge, &[]).len(), 1);
    }

    // fault: rotation-names-one-of-two-keys
    #[test]
    fn all_keys_that_cannot_be_revoked_are_named() {
        let (home, edge) = (Home::new(), edge());
        for _ in 0..3 {
            create(&home, &edge, "www");
        }
        let old = list(&home, &edge, &[]);
        let mut faults = vec![Fault::none(); 6];
        faults.extend([Fault::status(500), Fault::status(500)]);
        edge.script_api(faults).unwrap();
        let err = rotate(&home, &edge, &["true"]).fails(4);
        for left in &hashes(&old)[1..] {
            assert!(err.contains(&format!("keys revoke {left} --yes")), "{err}");
        }
    }

    // fault: killed-command-reported-as-1
    #[test]
    fn command_that_a_signal_ends_gives_the_status_of_a_shell() {
        let (home, edge) = (Home::new(), edge());
        create(&home, &edge, "www");
        let err = rotate(&home, &edge, &["sh", "-c", "kill -9 $$"]).fails(137);
        assert!(err.contains("ended with 137"), "{err}");
    }
}

/// Tests on a terminal.
#[cfg(unix)]
mod terminal {
    use super::*;

    fn on_terminal(home: &Home, edge: &LocalEdge, typed: &str, arguments: &[&str]) -> Ended {
        let run = home
            .run_on_terminal(("to go on: ", typed), arguments)
            .edge(edge);
        run.env("TERM", "xterm").finish()
    }

    // fault: prompt-without-tenant
    #[test]
    fn destructive_command_asks_and_names_what_is_lost() {
        let (home, edge) = (Home::new(), edge());
        create(&home, &edge, "www");
        let all = list(&home, &edge, &[]);
        let revoke = ["keys", "revoke", hashes(&all)[0]];
        let ended = on_terminal(&home, &edge, "no", &revoke);
        assert_eq!(ended.status, 1);
        assert!(
            ended.out.contains("\"www\"") && ended.out.contains("nothing was done"),
            "{ended:?}"
        );
        assert_eq!(list(&home, &edge, &[]), all);
        let client = format!(
            "Client: {:?}, its secret from SITECORE_CLIENT_SECRET",
            edge.client_id()
        );
        for named in [
            client.as_str(),
            "tenant: local (local-tenant)",
            edge.base_url(),
        ] {
            assert!(ended.out.contains(named), "{named} is not in {ended:?}");
        }
        on_terminal(&home, &edge, "yes", &revoke).ok();
        assert!(list(&home, &edge, &[]).is_empty());

        let delete = ["admin", "content", "delete"];
        let before = edge.served().api_requests;
        let letter = on_terminal(&home, &edge, "y", &delete);
        assert_eq!(letter.status, 1, "{letter:?}");
        assert!(
            letter.out.contains("type the whole word `yes`"),
            "{letter:?}"
        );
        assert_eq!(edge.served().api_requests, before);
        let shown = on_terminal(&home, &edge, "YES", &delete).ok();
        assert!(shown.contains("ALL published content"), "{shown}");
    }

    // fault: type-ahead-answers-a-prompt
    #[test]
    fn yes_that_was_typed_before_the_question_does_not_count() {
        let (home, edge) = (Home::new(), edge());
        let (early, late) = ("yes\nyes\n", "no");
        let words = ["-c", TYPE_AHEAD, early, late, common::PROGRAM];
        let run = home.run_other("python3").args(words);
        let ended = run
            .args(["admin", "content", "delete"])
            .edge(&edge)
            .finish();
        assert_eq!(ended.status, 1, "{ended:?}");
        assert!(ended.out.contains("nothing was done"), "{ended:?}");
    }

    /// Types a line before the program starts, and another one at its question.
    const TYPE_AHEAD: &str = r#"
import os, pty, sys
early, late, command = sys.argv[1], sys.argv[2], sys.argv[3:]
gate, opened = os.pipe()
child, terminal = pty.fork()
if child == 0:
    os.read(gate, 1)
    os.execvp(command[0], command)
os.write(terminal, early.encode())
shown = b""
while shown.count(b"yes") < 2:
    shown += os.read(terminal, 4096)
os.write(opened, b"x")
while True:
    try:
        read = os.read(terminal, 4096)
    except OSError:
        break
    if not read:
        break
    shown += read
    if late and shown.endswith(b"to go on: "):
        os.write(terminal, late.encode() + b"\n")
        late = ""
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"#;

    #[test]
    fn a_new_key_on_a_terminal_is_printed_with_a_warning_and_a_long_list_with_progress() {
        let (home, edge) = (Home::new(), edge());
        for _ in 0..20 {
            create(&home, &edge, "www");
        }
        let shown = on_terminal(&home, &edge, "", &["keys", "create", "--label", "www"]).ok();
        assert!(shown.contains("not shown again"), "{shown}");
        let shown = on_terminal(&home, &edge, "", &["keys", "list"]).ok();
        assert!(
            shown.contains("20 of 21 keys") && shown.contains("\n21 keys"),
            "{shown}"
        );
    }
}
