//! Commands of documents, to run them as they are written.

use super::{Home, PROGRAM, Run};

/// Returns the text from a heading to the next one of its level.
pub(crate) fn section<'a>(document: &'a str, heading: &str) -> &'a str {
    let (_, section) = document.split_once(&format!("\n{heading}\n")).unwrap();
    let level = heading.split_once(' ').unwrap().0;
    let end = section.find(&format!("\n{level} "));
    &section[..end.unwrap_or(section.len())]
}

/// Returns the code blocks of a language.
pub(crate) fn blocks<'a>(document: &'a str, language: &str) -> Vec<&'a str> {
    let begin = format!("```{language}\n");
    let blocks = document.split(begin.as_str()).skip(1);
    blocks
        .map(|block| block.split_once("```").unwrap().0)
        .collect()
}

/// Returns the commands in the jobs and steps of a workflow: `run:` of GitHub, `bash:` of Azure Pipelines, and the lines
/// of `script:` of GitLab.
pub(crate) fn steps(workflow: &str) -> Vec<&str> {
    let items = workflow
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("- "));
    let commands = items.filter_map(|item| {
        let step = item
            .strip_prefix("run: ")
            .or_else(|| item.strip_prefix("bash: "));
        step.or_else(|| item.starts_with("edge-oauth ").then_some(item))
    });
    commands.collect()
}

/// Returns a run of a script with the program under test in PATH, beside stand-ins for other programs.
pub(crate) fn script(home: &Home, lines: &str) -> Run {
    for (name, text) in [
        ("bin/gh", "#!/bin/sh\ncat > secret\n"),
        ("deploy.sh", "#!/bin/sh\n"),
        ("publish.sh", "#!/bin/sh\n"),
    ] {
        use std::os::unix::fs::PermissionsExt;
        let path = home.write(name, text);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    home.run_other("sh").args(["-e", "-c", &with_path(lines)])
}

/// Returns a script that finds the program under test, and the stand-ins.
pub(crate) fn with_path(lines: &str) -> String {
    let program = std::path::Path::new(PROGRAM).parent().unwrap();
    format!("PATH={}:$HOME/bin:$PATH\n{lines}", program.display())
}
