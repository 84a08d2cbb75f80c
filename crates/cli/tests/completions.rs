//! Completion, by the shells themselves.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![cfg(unix)]

mod common;

use common::Home;

/// Runs a script in a shell. Returns `None` if the shell is not installed.
fn shell(home: &Home, shell: &str, script: &str) -> Option<String> {
    let installed = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .any(|folder| folder.join(shell).exists());
    installed.then(|| home.run_other(shell).args(["-c", script]).finish().ok())
}

fn script(home: &Home, shell: &str) -> String {
    let script = home.run(["completions", shell]).finish().quiet();
    let path = home.write(&format!("completion.{shell}"), script);
    path.to_str().unwrap().to_owned()
}

// fault: bash-completion-ends-at-the-first-word
#[test]
fn bash_completes_every_word() {
    let home = Home::new();
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
        let found = shell(&home, "bash", &script).unwrap_or(format!("{expected}\n"));
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
}

#[test]
fn fish_completes_every_word() {
    let home = Home::new();
    let file = script(&home, "fish");
    let completed = |words: &str, expected: &str| {
        let script = format!("source {file}; complete -C '{words}'");
        let found = shell(&home, "fish", &script).unwrap_or(expected.to_owned());
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
}

/// The completion of zsh needs a terminal: this only has it read the script.
#[test]
fn zsh_reads_the_script() {
    let home = Home::new();
    let file = script(&home, "zsh");
    let script = format!("autoload -U compinit; compinit -u; source {file}; whence _edge-oauth");
    if let Some(found) = shell(&home, "zsh", &script) {
        assert!(found.contains("_edge-oauth"), "{found}");
    }
}
