//! Assignments for shells.

/// Returns an assignment for a POSIX shell. Between single quotes, only a single quote is special.
pub(crate) fn posix(name: &str, value: &str) -> String {
    format!("export {name}='{}'\n", value.replace('\'', r"'\''"))
}

/// Returns an assignment for PowerShell, which doubles a single quote.
pub(crate) fn powershell(name: &str, value: &str) -> String {
    format!("$env:{name} = '{}'\n", value.replace('\'', "''"))
}

/// Returns a line of a dotenv file. Without quotes a value is taken as it is, between single quotes too; a single quote
/// itself needs double quotes, between which `$` and others are escaped.
pub(crate) fn dotenv(name: &str, value: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    if value.bytes().all(is_plain) {
        return format!("{name}={value}\n");
    }
    if !value.contains('\'') {
        return format!("{name}='{value}'\n");
    }
    let mut escaped = String::new();
    for c in value.chars() {
        if matches!(c, '"' | '\\' | '$' | '`') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    format!("{name}=\"{escaped}\"\n")
}

/// Returns the command with which a job of Azure Pipelines sets a secret variable for later steps. The agent masks it
/// in the log from then on.
pub(crate) fn azure(name: &str, value: &str) -> String {
    let value = value
        .replace('%', "%AZP25")
        .replace('\r', "%0D")
        .replace('\n', "%0A");
    format!("##vso[task.setvariable variable={name};issecret=true]{value}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotenv_quotes_only_if_it_has_to() {
        assert_eq!(dotenv("T", "ey.a-b_c=="), "T=ey.a-b_c==\n");
        assert_eq!(dotenv("T", "a$b#c"), "T='a$b#c'\n");
        assert_eq!(dotenv("T", r#"a'b$c"\"#), "T=\"a'b\\$c\\\"\\\\\"\n");
    }

    #[test]
    fn azure_encodes_what_ends_a_command() {
        let line = "##vso[task.setvariable variable=T;issecret=true]a%AZP25b\n";
        assert_eq!(azure("T", "a%b"), line);
    }

    #[test]
    fn quotes_and_backslashes_stay_what_they_are() {
        assert_eq!(posix("T", r"a'b\"), "export T='a'\\''b\\'\n");
        assert_eq!(powershell("T", r"a'b\"), "$env:T = 'a''b\\'\n");
    }
}
