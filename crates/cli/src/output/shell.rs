//! Assignments for shells.

/// Returns an assignment for a POSIX shell. Between single quotes, only a single quote is special.
pub(crate) fn posix(name: &str, value: &str) -> String {
    format!("export {name}='{}'\n", value.replace('\'', r"'\''"))
}

/// Returns an assignment for PowerShell, which doubles a single quote.
pub(crate) fn powershell(name: &str, value: &str) -> String {
    format!("$env:{name} = '{}'\n", value.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_backslashes_stay_what_they_are() {
        assert_eq!(posix("T", r"a'b\"), "export T='a'\\''b\\'\n");
        assert_eq!(powershell("T", r"a'b\"), "$env:T = 'a''b\\'\n");
    }
}
