//! Assertions that a command prints.

use std::time::Duration;

use edge_oauth_keys::AssertionCommand;

use crate::file::text;

fn shell(script: &str) -> AssertionCommand {
    AssertionCommand::new("sh").arg("-c").arg(script)
}

#[test]
fn output_is_the_assertion_and_arguments_meet_no_shell() {
    let source = AssertionCommand::new("printf")
        .arg("%s\n")
        .arg("$(id);`id`");
    assert_eq!(text(&source).unwrap(), "$(id);`id`");
    // The input is empty, so a command that reads it ends.
    assert_eq!(text(&shell("cat; echo token")).unwrap(), "token");
}

#[test]
fn failing_command_is_an_error_without_its_output() {
    let error = text(&shell("echo s3cret; echo s3cret >&2; exit 3")).unwrap_err();
    assert!(error.is_transient());
    assert!(error.to_string().contains("exit status: 3"), "{error}");
    assert!(!error.to_string().contains("s3cret"), "{error}");
    let error = text(&AssertionCommand::new("/nowhere/program")).unwrap_err();
    assert!(!error.is_transient());
    assert!(
        text(&shell("true"))
            .unwrap_err()
            .to_string()
            .contains("`sh` is empty")
    );
}

#[test]
fn output_and_time_are_bounded() {
    let error = text(&shell("while :; do echo xxxxxxxxxxxxxxxx; done")).unwrap_err();
    assert!(
        error.to_string().contains("more than 65536 bytes"),
        "{error}"
    );
    for script in [
        "exec sleep 600",
        "exec >&-; exec sleep 600",
        "sleep 2 & echo token",
    ] {
        let source = shell(script).timeout(Duration::from_millis(20));
        let error = text(&source).unwrap_err();
        assert!(error.is_transient());
        assert!(
            error.to_string().contains("did not end within 20ms"),
            "{error}"
        );
    }
}
