//! `edge-oauth api`: one call of any API that accepts the token.

mod fields;
mod output;
mod pages;
mod request;
mod response;
mod spellings;
mod target;

use std::path::PathBuf;

use clap::Args;
use edge_oauth_no_io::{Secret, SecretBytes};
use http::header::{self, HeaderValue};
use http::{Method, Request, Response};

use crate::api_client::request_text;
use crate::args::{CLIENT_HEADING, ClientArgs};
use crate::commands::api::fields::Field;
use crate::commands::api::output::{body_text, json_text, parsed};
use crate::commands::api::request::{add_headers, method, read_body, with_query};
use crate::commands::api::response::{body_of_error, head, without_credentials};
use crate::commands::api::target::Target;
use crate::error::{CliError, Exit};
use crate::output::terminal;
use crate::services::Service;
use crate::session::Session;
use crate::settings::Settings;

#[derive(Args, Debug)]
#[command(
    after_help = HELP,
    mut_arg("body", |arg| arg.long("token-body")),
    override_usage = "edge-oauth api [OPTIONS] [METHOD] PATH|URL"
)]
pub(crate) struct ApiArgs {
    /// The method, and a path or a URL [default method: GET, or POST with a body]
    #[arg(required = true, num_args = 1..=2, value_name = "PATH|URL")]
    call: Vec<String>,

    /// The method, as in `curl -X`
    #[arg(short = 'X', long, value_name = "METHOD")]
    method: Option<String>,

    /// Field NAME=VALUE with a type: true, false, null and whole numbers keep theirs; @FILE is the file's content
    #[arg(short = 'F', long = "field", value_name = "NAME=VALUE")]
    field: Vec<String>,

    /// Field NAME=VALUE as text
    #[arg(short = 'f', long = "raw-field", value_name = "NAME=VALUE")]
    raw_field: Vec<String>,

    /// File with the body; `-` is standard input. Fields are then parameters of the query
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,

    /// Header `Name: value`, or @FILE with such lines; may be repeated
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    header: Vec<String>,

    /// Print the status line and the headers of the response too
    #[arg(short, long, conflicts_with = "paginate")]
    include: bool,

    /// Request all pages of a list, and print one JSON array of its items
    #[arg(long)]
    paginate: bool,

    /// Print only the value at this place of the JSON response (RFC 6901), such as /data/0/id; text without quotes
    #[arg(long, value_name = "POINTER", conflicts_with = "include")]
    pointer: Option<String>,

    /// Send the token to this host too; may be repeated
    #[arg(long, value_name = "HOST")]
    allow_host: Vec<String>,

    /// URL of the APIs of Experience Edge [env: SITECORE_EDGE_URL] [default: https://edge.sitecorecloud.io]
    #[arg(long, value_name = "URL", help_heading = CLIENT_HEADING)]
    url: Option<String>,

    #[command(flatten)]
    client: ClientArgs,
}

pub(crate) fn run(args: ApiArgs) -> Result<(), CliError> {
    // Check the arguments before the question for a secret.
    let pointer = args.pointer.as_deref();
    if pointer.is_some_and(|pointer| !pointer.is_empty() && !pointer.starts_with('/')) {
        let message = "--pointer is not a JSON pointer";
        return Err(
            CliError::new(Exit::Usage, message).next("use for example --pointer /data/0/id")
        );
    }
    check_stdin(&args)?;
    let (given, place) = match args.call.as_slice() {
        [_, _] if args.method.is_some() => {
            let message = "the method is given twice";
            return Err(CliError::new(Exit::Usage, message).next("omit --method"));
        }
        [method, place] => (Some(method.as_str()), place),
        [place] => (args.method.as_deref(), place),
        _ => unreachable!("clap wants one or two"),
    };
    let mut fields = Vec::new();
    for given in &args.raw_field {
        fields.push(Field::raw(given)?);
    }
    for given in &args.field {
        fields.push(Field::typed(given)?);
    }
    let has_body = args.input.is_some() || !fields.is_empty();
    let method = method(given, has_body)?;
    if args.paginate && method != Method::GET {
        let message = "--paginate is for GET";
        return Err(CliError::new(Exit::Usage, message).next("use GET, or omit --paginate"));
    }
    let mut request = Request::new(SecretBytes::new(Vec::new()));
    let are_in_query = args.input.is_some() || [Method::GET, Method::HEAD].contains(&method);
    *request.method_mut() = method;
    let json = HeaderValue::from_static("application/json");
    if has_body && !(are_in_query && args.input.is_none()) {
        request
            .headers_mut()
            .insert(header::CONTENT_TYPE, json.clone());
    }
    request.headers_mut().insert(header::ACCEPT, json);
    add_headers(&mut request, &args.header)?;

    let mut settings = Settings::resolve(&args.client)?;
    let target = Target::resolve(place, args.url.as_deref(), &args.allow_host, &mut settings)?;
    *request.uri_mut() = target.uri;
    match &args.input {
        Some(path) => *request.body_mut() = SecretBytes::new(read_body(path, &settings)?),
        None if are_in_query || fields.is_empty() => {}
        None => *request.body_mut() = SecretBytes::new(fields::object(&fields)?.to_string().into()),
    }
    if are_in_query && !fields.is_empty() {
        *request.uri_mut() = with_query(request.uri(), &fields::query(&fields))?;
    }
    let secrets = settings.credentials.secrets().to_vec();
    let call = Call {
        session: Session::open(settings),
        service: target.service,
        secrets,
    };
    if args.paginate {
        let first = request.uri().clone();
        let items = pages::all(&first, |uri| {
            *request.uri_mut() = uri.clone();
            let response = call.send(&request)?;
            match call.error(&request, &response) {
                Some(error) => Err(error),
                None => Ok(response),
            }
        })?;
        return call.print(json_text(&items, pointer)?.into_bytes());
    }
    let response = call.send(&request)?;
    let error = call.error(&request, &response);
    let mut output = match args.include {
        true => body_text(head(&response).as_bytes()),
        false => Vec::new(),
    };
    output.extend(match (&error, pointer) {
        (Some(_), _) if !response.status().is_success() => {
            body_text(&body_of_error(&response, &call.secrets))
        }
        (None, Some(_)) => json_text(&parsed(&response)?, pointer)?.into_bytes(),
        _ => body_text(response.body().as_ref()),
    });
    call.print(output)?;
    error.map_or(Ok(()), Err)
}

/// Fails if two options read standard input.
fn check_stdin(args: &ApiArgs) -> Result<(), CliError> {
    let is_stdin = |path: &PathBuf| path.as_os_str() == "-";
    let files = [&args.input, &args.client.client_secret_file]
        .into_iter()
        .flatten();
    let fields = args.field.iter().filter(|field| field.ends_with("=@-"));
    let headers = args.header.iter().filter(|header| *header == "@-");
    match files.filter(|path| is_stdin(path)).count() + fields.count() + headers.count() {
        0 | 1 => Ok(()),
        _ => Err(
            CliError::new(Exit::Usage, "two options read standard input")
                .next("use a file for one of them"),
        ),
    }
}

/// A session and what the responses of the service may mean.
struct Call {
    session: Session,
    service: Option<&'static Service>,
    secrets: Vec<Secret>,
}

impl Call {
    fn send(&self, request: &Request<SecretBytes>) -> Result<Response<SecretBytes>, CliError> {
        terminal::detail(request_text(request));
        self.session.send(request)
    }

    fn error(
        &self,
        request: &Request<SecretBytes>,
        response: &Response<SecretBytes>,
    ) -> Option<CliError> {
        let token = self.session.cached_token();
        let error = response::error(response, self.service, token.as_ref(), &self.secrets);
        error.map(|error| error.noting(request_text(request)))
    }

    fn print(&self, output: Vec<u8>) -> Result<(), CliError> {
        let secrets = [&self.session.sent_tokens()[..], &self.secrets].concat();
        let output = without_credentials(output, &secrets);
        terminal::print(&*output)?;
        if terminal::is_shown_to_person() && !output.ends_with(b"\n") && !output.is_empty() {
            terminal::print("\n")?;
        }
        Ok(())
    }
}

const HELP: &str = "\
A path that begins with `/` is of Experience Edge; others begin with the name of a service:
  edge-oauth api /api/admin/v1/settings
  edge-oauth api deploy/api/projects/v2 --pointer /0/id
  edge-oauth api publishing/jobs -F name=nightly -F source=ci \\
    -F 'options[xmc][locales][]=en' -F 'options[xmc][site][mode]=Smart'
  edge-oauth api DELETE admin/webhooks/ID
  edge-oauth api https://cm.example/api --allow-host cm.example

Services: admin, tokens, publishing, agent, sites, deploy, monitoring. The token goes to hosts of
Sitecore and to the loopback; for another server, to the host of its audience. --allow-host names
another one.

The body of the response goes to standard output, of an error too; the exit status is 4 for
an error of the API.";
