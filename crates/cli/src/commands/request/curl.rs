//! A request as a curl command. Its secrets are not arguments, which everyone on the machine sees.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use edge_oauth_no_io::SecretBytes;
use http::{Request, header};
use zeroize::Zeroizing;

use super::PLACEHOLDER;
use crate::client_auth::layers::Place;
use crate::client_auth::plan::{Client, GrantPlan, Plan, SecretUse};

/// Returns the command with the credentials on curl's standard input.
pub(super) fn whole(request: &Request<SecretBytes>, plan: &Plan) -> Zeroizing<String> {
    let body = body(request);
    let begin = begin(request, plan);
    Zeroizing::new(match header(request, header::AUTHORIZATION) {
        None if !has_secrets(plan) => format!("{begin}{NEXT}--data {}\n", quoted(&body)),
        None => format!("{begin}{NEXT}--data @- <<'EOF'\n{}\nEOF\n", *body),
        Some(value) if has_secret_parameters(plan) => {
            let body = body.replace('\\', r"\\").replace('"', r#"\""#);
            format!(
                "{begin}{NEXT}--config - <<'EOF'\nheader = \"Authorization: {value}\"\ndata = \"{body}\"\nEOF\n"
            )
        }
        Some(value) => format!(
            "{begin}{NEXT}--data {}{NEXT}--config - <<'EOF'\nheader = \"Authorization: {value}\"\nEOF\n",
            quoted(&body),
        ),
    })
}

/// Returns the command with variables in place of the credentials. The shell fills them in, outside of the arguments.
pub(super) fn redacted(request: &Request<SecretBytes>, plan: &Plan) -> Zeroizing<String> {
    let body = body(request);
    let is_json = header(request, header::CONTENT_TYPE) == Some("application/json");
    let by_secret = matches!(plan.client, Client::Secret(SecretUse::Post, _));
    let begin = begin(request, plan);
    let command = match (header(request, header::AUTHORIZATION), is_json) {
        (Some(value), _) => of_basic(&begin, &body, value, plan),
        (None, false) if by_secret && !has_secret_parameters(plan) => of_form(&begin, &body),
        (None, true) if by_secret && !has_secret_parameters(plan) => of_json(&begin, &body),
        _ if has_secrets(plan) => {
            let (note, body) = filled_in(&body, plan);
            format!("{note}{begin}{NEXT}--data @- <<EOF\n{body}\nEOF\n")
        }
        _ => format!("{begin}{NEXT}--data {}\n", quoted(&body)),
    };
    Zeroizing::new(command)
}

/// Returns whether the body contains secrets beside client authentication.
fn has_secret_parameters(plan: &Plan) -> bool {
    let of_grant = !matches!(
        plan.grant,
        GrantPlan::ClientCredentials | GrantPlan::Extension(_)
    );
    of_grant || !plan.params.is_empty()
}

fn has_secrets(plan: &Plan) -> bool {
    let of_client = !matches!(plan.client, Client::None | Client::Certificate { .. });
    of_client || has_secret_parameters(plan)
}

/// Returns the command for a form. `printf` is a shell builtin, so no process has the secret as an argument, and curl
/// encodes it.
fn of_form(begin: &str, body: &str) -> String {
    let pair = format!("client_secret={PLACEHOLDER}");
    let (before, after) = body.split_once(&pair).unwrap_or((body, ""));
    let mut command = format!("printf %s \"${VARIABLE}\" | {begin}");
    command += &format!("{NEXT}--data {}", quoted(before.trim_end_matches('&')));
    command += &format!("{NEXT}--data-urlencode client_secret@-");
    match after.trim_start_matches('&') {
        "" => {}
        after => command += &format!("{NEXT}--data {}", quoted(after)),
    }
    command + "\n"
}

fn of_json(begin: &str, body: &str) -> String {
    let body = in_heredoc(body).replace(PLACEHOLDER, &format!("${{{VARIABLE}}}"));
    format!(
        "# In the secret, escape \" and \\ as in JSON.\n{begin}{NEXT}--data @- <<EOF\n{body}\nEOF\n"
    )
}

fn of_basic(begin: &str, body: &str, value: &str, plan: &Plan) -> String {
    let pair = value
        .strip_prefix("Basic ")
        .and_then(|pair| STANDARD.decode(pair).ok());
    let pair = pair
        .and_then(|pair| String::from_utf8(pair).ok())
        .unwrap_or_default();
    let pair = in_heredoc(&pair).replace(PLACEHOLDER, &format!("${{{VARIABLE}}}"));
    if has_secret_parameters(plan) {
        let body = body.replace('\\', r"\\").replace('"', r#"\""#);
        let (note, body) = filled_in(&body, plan);
        return format!(
            "{note}{begin}{NEXT}--config - <<EOF\nuser = \"{pair}\"\ndata = \"{body}\"\nEOF\n"
        );
    }
    format!(
        "# In the secret, percent-encode all characters except letters, digits, - . _ and *.\n{begin}{NEXT}--data {}{NEXT}--config - <<EOF\nuser = \"{pair}\"\nEOF\n",
        quoted(body),
    )
}

/// Returns the body for a here-document, and a comment on its variables. A variable replaces each secret, found by
/// its parameter's name.
fn filled_in(body: &str, plan: &Plan) -> (String, String) {
    let mut names = Vec::new();
    let mut text = String::new();
    let mut parts = body.split(PLACEHOLDER).peekable();
    while let Some(part) = parts.next() {
        text += &in_heredoc(part);
        if parts.peek().is_some() {
            let name = variable_of(part, plan);
            text += &format!("${{{name}}}");
            names.push(name);
        }
    }
    // A JWT contains only characters that need no encoding.
    let note = format!(
        "# Set {}. What is no letter, digit, - . _ or * in a value has to be percent-encoded, or escaped as in JSON.\n",
        names.join(" and ")
    );
    (note, text)
}

/// Returns the variable for a value. `before` ends in `NAME=` or `"NAME":"`, whose quotes may be escaped.
fn variable_of(before: &str, plan: &Plan) -> String {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '%');
    let before = before.trim_end_matches(|c| !is_of_name(c));
    let start = before.rfind(|c| !is_of_name(c)).map_or(0, |at| at + 1);
    let name = &before[start..];
    let place = match (name, &plan.client, &plan.grant) {
        ("client_secret", ..) => return VARIABLE.to_owned(),
        ("client_assertion", Client::Assertion(place), _) => Some(place),
        ("assertion", _, GrantPlan::JwtBearer(place)) => Some(place),
        ("subject_token", _, GrantPlan::TokenExchange { subject, .. }) => Some(subject),
        _ => plan
            .params
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, place)| place),
    };
    match place {
        Some(Place::Variable(name)) => name.clone(),
        _ => name
            .to_ascii_uppercase()
            .replace(|c: char| !c.is_ascii_alphanumeric(), "_"),
    }
}

fn begin(request: &Request<SecretBytes>, plan: &Plan) -> String {
    let mut command = format!("curl {}", quoted(&request.uri().to_string()));
    for (name, shown) in [
        (header::ACCEPT, "Accept"),
        (header::CONTENT_TYPE, "Content-Type"),
    ] {
        if let Some(value) = header(request, name) {
            command += &format!("{NEXT}--header {}", quoted(&format!("{shown}: {value}")));
        }
    }
    if let Client::Certificate { certificate, key } = &plan.client {
        for (option, file) in [("--cert", certificate), ("--key", key)] {
            command += &format!("{NEXT}{option} {}", quoted(&file.display().to_string()));
        }
    }
    command
}

fn header(request: &Request<SecretBytes>, name: header::HeaderName) -> Option<&str> {
    request.headers().get(name)?.to_str().ok()
}

fn body(request: &Request<SecretBytes>) -> Zeroizing<String> {
    Zeroizing::new(String::from_utf8_lossy(request.body().as_ref()).into_owned())
}

/// Returns the text quoted for a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Escapes the characters that have a meaning in a here-document with variables.
fn in_heredoc(text: &str) -> String {
    text.replace('\\', r"\\")
        .replace('$', r"\$")
        .replace('`', r"\`")
}

const NEXT: &str = " \\\n  ";
const VARIABLE: &str = "SITECORE_CLIENT_SECRET";
