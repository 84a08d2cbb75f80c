//! `edge-oauth man` and `completions`: complete and well formed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::Home;

fn page() -> String {
    Home::new().run(["man"]).finish().quiet()
}

#[test]
fn the_page_has_every_section_and_every_command() {
    let page = page();
    for section in [
        "NAME",
        "SYNOPSIS",
        "DESCRIPTION",
        "COMMANDS",
        "\"CLIENT OPTIONS\"",
        "\"GENERAL OPTIONS\"",
        "ENVIRONMENT",
        "FILES",
        "\"EXIT STATUS\"",
        "EXAMPLES",
    ] {
        let heading = format!("\n.SH {section}\n");
        assert_eq!(page.matches(&heading).count(), 1, "{section}");
    }
    for command in [
        "token",
        "exec",
        "request",
        "explain",
        "inspect",
        "admin",
        "keys",
        "serve",
        "doctor",
        "cache",
        "completions",
        "man",
    ] {
        let heading = format!("\n.SS {command}\n");
        assert_eq!(page.matches(&heading).count(), 1, "{command}");
    }
    for command in ["admin settings set", "admin webhooks update", "keys rotate"] {
        let heading = format!("\n.SS \"{command}\"\n");
        assert_eq!(page.matches(&heading).count(), 1, "{command}");
    }
    for text in [
        "SITECORE_EDGE_URL",
        "\\-\\-content\\-cache\\-ttl",
        "SITECORE_CLIENT_SECRET",
        "config.toml",
        "refused by the server",
        "network or timeout",
        "\\-\\-min\\-ttl",
        "redirect=URL",
        "EDGE_OAUTH_KEY_FILE",
        "EDGE_OAUTH_SUBJECT_TOKEN_ENV",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert!(
        page.contains("\\fBcurl \\-si ... |"),
        "an example is a command"
    );
    let client_id = "\\-\\-client\\-id";
    assert_eq!(
        page.matches(client_id).count(),
        1,
        "the client's options stand once"
    );
    let assertion = "\\-\\-client\\-assertion\\-file\\fR";
    assert_eq!(
        page.matches(assertion).count(),
        1,
        "so do those of client authentication"
    );
    assert!(
        !page.contains("\\-\\-client\\-secret\\fR"),
        "what is refused is not offered"
    );
}

#[test]
fn the_page_is_made_of_known_requests() {
    let page = page();
    assert!(page.contains(".TH EDGE-OAUTH 1 \" \" \"edge-oauth "));
    for line in page.lines().filter(|line| line.starts_with(['.', '\''])) {
        let request = line.split([' ', '"']).next().unwrap();
        let known = [
            ".TH", ".SH", ".SS", ".TP", ".PP", ".IP", ".RS", ".RE", ".br", ".nf", ".fi", ".ie",
            ".el",
        ];
        assert!(known.contains(&request), "{line}");
    }
    assert_eq!(page.matches("\n.RS").count(), page.matches("\n.RE").count());
    assert_eq!(page.matches("\n.nf").count(), page.matches("\n.fi").count());
}

#[test]
fn the_readme_has_the_exit_statuses_of_the_help() {
    let help = Home::new().run(["--help"]).finish().quiet();
    let (_, statuses) = help.split_once("Exit status:\n").unwrap();
    assert_eq!(statuses.lines().count(), 8);
    assert!(
        include_str!("../README.md").contains(statuses),
        "{statuses}"
    );
}

// fault: help-hides-the-common-options
#[test]
fn short_help_has_the_common_options_under_headings() {
    for command in ["token", "exec", "api", "doctor", "keys list", "publish all"] {
        let words: Vec<_> = command.split(' ').collect();
        let help = |option: &str| {
            let home = Home::new();
            home.run([&words[..], &[option]].concat()).finish().quiet()
        };
        let (short, long) = (help("-h"), help("--help"));
        assert!(short.lines().count() <= 90, "{command}: {short}");
        for common in [
            "--profile",
            "--client-secret-file",
            "key-file <FILE>",
            "--timeout",
        ] {
            assert!(short.contains(common), "{command} {common}");
        }
        for rare in ["--subject-token-type", "--assertion-audience", "--store <"] {
            assert!(
                !short.contains(rare) && long.contains(rare),
                "{command} {rare}"
            );
        }
        for heading in ["Client:", "Token request:", "Connection and cache:"] {
            assert!(
                short.contains(heading) && long.contains(heading),
                "{heading}"
            );
        }
        assert!(short.contains("see more with '--help'"), "{short}");
    }
}

#[test]
fn readme_has_each_option_of_client_authentication() {
    let help = Home::new().run(["token", "--help"]).finish().quiet();
    let (_, options) = help
        .split_once("Client authentication and grant:\n")
        .unwrap();
    let lines = options
        .lines()
        .filter_map(|line| line.strip_prefix("      --"));
    let names: Vec<_> = lines.filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(names.len(), 19, "{names:?}");
    let readme = include_str!("../README.md");
    for name in names {
        let key = name.replace('-', "_");
        let variable = format!("EDGE_OAUTH_{}", key.to_ascii_uppercase());
        let (key, has_variable) = match name.starts_with("param") {
            true => (format!("{key}s"), false),
            false => (key, true),
        };
        let row = readme
            .lines()
            .find(|line| line.starts_with(&format!("| `--{name} ")));
        let row = row.unwrap_or_else(|| panic!("--{name}"));
        assert!(row.ends_with(&format!("| `{key}` |")), "{row}");
        assert_eq!(
            row.contains(&variable) && help.contains(&variable),
            has_variable,
            "{row}"
        );
    }
}

#[test]
fn each_shell_has_its_completions() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = Home::new().run(["completions", shell]).finish().quiet();
        assert!(script.contains("force-refresh"), "{shell}");
    }
    Home::new().run(["completions", "tcsh"]).finish().fails(2);
}
