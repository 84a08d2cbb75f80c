//! Completion, by the shells themselves.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![cfg(unix)]

mod common;

use common::Home;

/// Returns whether the shell is installed. Without it, a test shows nothing: that is a failure if
/// `EDGE_OAUTH_REQUIRE_SHELLS` is set.
fn is_installed(shell: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap();
    let found = std::env::split_paths(&path).any(|folder| folder.join(shell).exists());
    let is_required = std::env::var_os("EDGE_OAUTH_REQUIRE_SHELLS").is_some();
    assert!(found || !is_required, "{shell} is not installed");
    found
}

/// Runs a script in a shell.
fn shell(home: &Home, shell: &str, script: &str) -> String {
    let run = home.run_other(shell).args(["-c", script]);
    run.env("PATH", path()).finish().ok()
}

/// Returns PATH with the program under test in it, which the scripts ask for profiles.
fn path() -> std::ffi::OsString {
    let folder = std::path::Path::new(common::PROGRAM)
        .parent()
        .unwrap()
        .to_owned();
    let path = std::env::var_os("PATH").unwrap();
    std::env::join_paths([folder].into_iter().chain(std::env::split_paths(&path))).unwrap()
}

fn with_profiles() -> Home {
    let home = Home::new();
    home.configure(
        "[profiles.production]\nclient_id = \"a\"\n[profiles.staging]\nclient_id = \"b\"\n",
    );
    home
}

fn script(home: &Home, shell: &str) -> String {
    let script = home.run(["completions", shell]).finish().quiet();
    let path = home.write(&format!("completion.{shell}"), script);
    path.to_str().unwrap().to_owned()
}

// fault: bash-completion-ends-at-the-first-word, completion-expands-a-name
#[test]
fn bash_completes_every_word() {
    if !is_installed("bash") {
        return;
    }
    let home = with_profiles();
    let file = script(&home, "bash");
    let completed = |words: &str, expected: &str| {
        let script = format!(
            r#"source {file}
            COMP_WORDS=({words})
            COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
            function=$(complete -p edge-oauth | sed 's/.*-F \([^ ]*\).*/\1/')
            $function edge-oauth "${{COMP_WORDS[COMP_CWORD]}}" "${{COMP_WORDS[COMP_CWORD - 1]}}"
            printf '%s\n' "${{COMPREPLY[@]}}""#
        );
        let found = shell(&home, "bash", &script);
        assert!(
            found.lines().any(|line| line == expected),
            "{words}: {found}"
        );
    };
    completed("edge-oauth key", "keys");
    completed("edge-oauth keys rot", "rotate");
    completed("edge-oauth admin webhooks li", "list");
    completed("edge-oauth admin webhooks list --show", "--show-secrets");
    completed("edge-oauth publish st", "status");
    completed("edge-oauth publish items --cancel", "--cancel-on-interrupt");
    completed("edge-oauth publish all --mode incr", "incremental");
    completed("edge-oauth token --output exec", "exec-credential");
    completed("edge-oauth token --force", "--force-refresh");
    completed("edge-oauth token --client-auth private", "private-key-jwt");
    completed("edge-oauth token --client-asser", "--client-assertion-file");
    completed("edge-oauth keys list --token-key", "--token-key-file");
    completed("edge-oauth serve --client-k", "--client-key");
    completed("edge-oauth token --profile prod", "production");
    completed("edge-oauth keys list --profile st", "staging");
    assert!(!home.path.join("expanded").exists());
}

#[test]
fn fish_completes_every_word() {
    if !is_installed("fish") {
        return;
    }
    let home = with_profiles();
    let file = script(&home, "fish");
    let completed = |words: &str, expected: &str| {
        let script = format!("source {file}; complete -C '{words}'");
        let found = shell(&home, "fish", &script);
        assert!(
            found
                .lines()
                .any(|line| line.split('\t').next() == Some(expected)),
            "{found}"
        );
    };
    completed("edge-oauth key", "keys");
    completed("edge-oauth keys rot", "rotate");
    completed("edge-oauth token --force", "--force-refresh");
    completed("edge-oauth token --output exec", "exec-credential");
    completed("edge-oauth token --profile prod", "production");
    completed("edge-oauth keys list --profile st", "staging");
}

/// Types a line, Tab and Ctrl-X into an interactive zsh. Ctrl-X writes the completed line to a file.
const TYPE_INTO_ZSH: &str = r#"
import os, pty, select, sys
child, terminal = pty.fork()
if child == 0:
    os.execvp("zsh", ["zsh", "-i"])
shown = b""
typed = False
while select.select([terminal], [], [], 120)[0]:
    try:
        read = os.read(terminal, 4096)
    except OSError:
        break
    if not read:
        break
    shown += read
    if not typed and shown.endswith(b"READY>") or b"READY>\x1b" in shown and not typed:
        typed = True
        os.write(terminal, sys.argv[1].encode() + b"\t\x18")
os.close(terminal)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"#;

#[test]
fn zsh_completes_every_word() {
    if !is_installed("zsh") {
        return;
    }
    let home = with_profiles();
    let file = script(&home, "zsh");
    home.write(
        ".zshrc",
        format!(
            "PS1='READY>'\nunsetopt zle_bracketed_paste prompt_sp 2>/dev/null\nautoload -U compinit; compinit -u\nsource {file}\n\
             dump() {{ print -r -- \"$BUFFER\" > completed; BUFFER=exit; zle .accept-line; }}\nzle -N dump\nbindkey '^X' dump\n"
        ),
    );
    let completed = |words: &str, expected: &str| {
        let run = home.run_other("python3").args(["-c", TYPE_INTO_ZSH, words]);
        let ended = run.env("PATH", path()).env("TERM", "dumb").finish();
        let line = std::fs::read_to_string(home.path.join("completed"));
        let line = line.unwrap_or_else(|error| panic!("{error}: {ended:?}"));
        assert_eq!(line.trim_end(), expected);
    };
    completed("edge-oauth tok", "edge-oauth token");
    completed("edge-oauth keys rot", "edge-oauth keys rotate");
    completed(
        "edge-oauth token --force",
        "edge-oauth token --force-refresh",
    );
    completed(
        "edge-oauth token --output exec",
        "edge-oauth token --output exec-credential",
    );
    completed(
        "edge-oauth token --profile prod",
        "edge-oauth token --profile production",
    );
}

#[test]
fn script_is_installed_where_the_shell_looks_for_it() {
    let home = Home::new();
    let data = home.path.join("data");
    for (shell, place) in [
        ("bash", "data/bash-completion/completions/edge-oauth"),
        ("zsh", "data/zsh/site-functions/_edge-oauth"),
        ("fish", "config/fish/completions/edge-oauth.fish"),
    ] {
        let run = home
            .run(["completions", "install"])
            .env("XDG_DATA_HOME", &data);
        let ended = run.env("SHELL", format!("/usr/bin/{shell}")).finish();
        assert!(ended.err.contains(place), "{ended:?}");
        assert_eq!(ended.ok(), "");
        let written = std::fs::read_to_string(home.path.join(place)).unwrap();
        let printed = home.run(["completions", shell]).finish().quiet();
        assert_eq!(written, printed);
    }
    let err = home.run(["completions", "install"]).finish().fails(2);
    assert!(err.contains("SHELL names no shell"), "{err}");
    home.run(["completions", "install", "powershell"])
        .finish()
        .fails(2);
    home.run(["completions"]).finish().fails(2);
}

// fault: cache-in-the-home-of-another-user
#[cfg(unix)]
#[test]
fn nothing_is_installed_in_the_home_of_another_user() {
    use std::os::unix::fs::chown;

    let home = Home::new();
    if chown(&home.path, Some(12345), None).is_err() {
        // Only root can give a folder away.
        return;
    }
    let login = ["login", "--client-id", "a", "--client-secret-file", "-"];
    for arguments in [&["completions", "install", "fish"][..], &login] {
        let err = home.run(arguments).input("secret").finish().fails(2);
        assert!(err.contains("belongs to another user"), "{err}");
    }
    assert!(!home.path.join("config").exists());
}
