//! A request as a command line of curl, in which the secret is no argument: those are visible to everyone.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use edge_oauth_no_io::SecretBytes;
use http::{Request, header};
use zeroize::Zeroizing;

use super::PLACEHOLDER;

/// With the secret, on curl's standard input.
pub(super) fn whole(request: &Request<SecretBytes>) -> Zeroizing<String> {
    let body = body(request);
    Zeroizing::new(match header(request, header::AUTHORIZATION) {
        None => format!(
            "{}{NEXT}--data @- <<'EOF'\n{}\nEOF\n",
            begin(request),
            *body
        ),
        Some(value) => format!(
            "{}{NEXT}--data {}{NEXT}--config - <<'EOF'\nheader = \"Authorization: {value}\"\nEOF\n",
            begin(request),
            quoted(&body),
        ),
    })
}

/// With the variable that has the secret, to be filled in by the shell, and not among the arguments.
pub(super) fn redacted(request: &Request<SecretBytes>) -> Zeroizing<String> {
    let body = body(request);
    let is_json = header(request, header::CONTENT_TYPE) == Some("application/json");
    let command = match (header(request, header::AUTHORIZATION), is_json) {
        (None, false) => of_form(request, &body),
        (None, true) => of_json(request, &body),
        (Some(value), _) => of_basic(request, &body, value),
    };
    Zeroizing::new(command)
}

/// `printf` is part of the shell, so no process has the secret as an argument; and curl encodes it.
fn of_form(request: &Request<SecretBytes>, body: &str) -> String {
    let pair = format!("client_secret={PLACEHOLDER}");
    let (before, after) = body.split_once(&pair).unwrap_or((body, ""));
    let mut command = format!("printf %s \"${VARIABLE}\" | {}", begin(request));
    command += &format!("{NEXT}--data {}", quoted(before.trim_end_matches('&')));
    command += &format!("{NEXT}--data-urlencode client_secret@-");
    match after.trim_start_matches('&') {
        "" => {}
        after => command += &format!("{NEXT}--data {}", quoted(after)),
    }
    command + "\n"
}

fn of_json(request: &Request<SecretBytes>, body: &str) -> String {
    let body = in_heredoc(body).replace(PLACEHOLDER, &format!("${{{VARIABLE}}}"));
    format!(
        "# A \" or \\ in the secret has to be escaped as in JSON.\n{}{NEXT}--data @- <<EOF\n{body}\nEOF\n",
        begin(request),
    )
}

fn of_basic(request: &Request<SecretBytes>, body: &str, value: &str) -> String {
    let pair = value
        .strip_prefix("Basic ")
        .and_then(|pair| STANDARD.decode(pair).ok());
    let pair = pair
        .and_then(|pair| String::from_utf8(pair).ok())
        .unwrap_or_default();
    let pair = in_heredoc(&pair).replace(PLACEHOLDER, &format!("${{{VARIABLE}}}"));
    format!(
        "# What is no letter, digit, - . _ or * in the secret has to be percent-encoded.\n\
         {}{NEXT}--data {}{NEXT}--config - <<EOF\nuser = \"{pair}\"\nEOF\n",
        begin(request),
        quoted(body),
    )
}

fn begin(request: &Request<SecretBytes>) -> String {
    let mut command = format!("curl {}", quoted(&request.uri().to_string()));
    for (name, shown) in [
        (header::ACCEPT, "Accept"),
        (header::CONTENT_TYPE, "Content-Type"),
    ] {
        if let Some(value) = header(request, name) {
            command += &format!("{NEXT}--header {}", quoted(&format!("{shown}: {value}")));
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

/// For a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// In a here-document whose variables are filled in, these have a meaning.
fn in_heredoc(text: &str) -> String {
    text.replace('\\', r"\\")
        .replace('$', r"\$")
        .replace('`', r"\`")
}

const NEXT: &str = " \\\n  ";
const VARIABLE: &str = "SITECORE_CLIENT_SECRET";
