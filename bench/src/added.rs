//! The cost of a library that is added to a program with reqwest: CPU time of a debug build, size of a release, and crates.

use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

use tempfile::TempDir;
use wait4::Wait4;

use crate::report::{Report, number, whole};
use crate::tree;

/// A program with reqwest, to which each library is added.
const ALONE: Library = Library {
    name: "reqwest alone",
    dependencies: "",
    code: "",
};

const LIBRARIES: [Library; 3] = [
    Library {
        name: "edge-oauth-reqwest",
        dependencies: "edge-oauth-reqwest = { path = 'ROOT/crates/reqwest' }",
        code: r#"
            use edge_oauth_reqwest::{Config, ReqwestTransport, Secret, TokenSource};
            let config = Config::builder("https://login.invalid/token", "id").client_secret(Secret::new("secret"));
            let source = TokenSource::new(ReqwestTransport::new().unwrap(), config.build().unwrap());
            println!("{:?}", source.authorization().await.is_ok());"#,
    },
    Library {
        name: "oauth2",
        dependencies: "oauth2 = { version = '5', default-features = false }",
        code: r#"
            use oauth2::{ClientId, ClientSecret, HttpRequest, HttpResponse, TokenResponse, TokenUrl};
            let source = oauth2::basic::BasicClient::new(ClientId::new("id".into()))
                .set_client_secret(ClientSecret::new("secret".into()))
                .set_token_uri(TokenUrl::new("https://login.invalid/token".into()).unwrap());
            let send = async |request: HttpRequest| -> Result<HttpResponse, reqwest::Error> {
                let response = client.execute(request.try_into()?).await?;
                Ok(HttpResponse::new(response.bytes().await?.to_vec()))
            };
            let send = |request| send(request);
            let token = source.exchange_client_credentials().request_async(&send).await;
            println!("{:?}", token.map(|token| token.access_token().secret().len()).is_ok());"#,
    },
    Library {
        name: "huskarl",
        dependencies: "huskarl = { version = '0.11', default-features = false }\nbytes = '1'\nhttp = '1'",
        code: r#"
            use huskarl::cache::{GrantTokenSource, InMemoryRefreshTokenStore, InMemoryTokenCache};
            use huskarl::core::http::{HttpClient, HttpResponse, Idempotency};
            use huskarl::core::{client_auth::ClientSecret, platform::MaybeSendBoxFuture};
            use huskarl::core::secrets::{ProvidedSecret, SecretString};
            use huskarl::grant::client_credentials::{ClientCredentialsGrant, ClientCredentialsGrantParameters};
            struct Client(reqwest::Client);
            impl HttpClient for Client {
                fn execute(&self, request: http::Request<bytes::Bytes>, _: Idempotency)
                    -> MaybeSendBoxFuture<'_, Result<HttpResponse, huskarl::core::Error>> {
                    Box::pin(async move {
                        let response = self.0.execute(request.try_into().unwrap()).await.unwrap();
                        let (status, headers) = (response.status(), response.headers().clone());
                        Ok(HttpResponse { status, headers, body: response.bytes().await.unwrap() })
                    })
                }
            }
            let grant = ClientCredentialsGrant::builder()
                .token_endpoint("https://login.invalid/token".parse().unwrap())
                .client_id("id")
                .http_client(Client(client))
                .client_auth(ClientSecret::new(ProvidedSecret::new(SecretString::new("secret"))))
                .build();
            let source = GrantTokenSource::builder()
                .grant(grant)
                .grant_parameters(ClientCredentialsGrantParameters::new())
                .refresh_store(InMemoryRefreshTokenStore::default())
                .build();
            let cache = InMemoryTokenCache::builder().source(source).build();
            let authorizer = huskarl::authorizer::HttpAuthorizer::builder().cache(cache).build();
            let uri = http::Uri::from_static("https://api.invalid/");
            println!("{:?}", authorizer.get_headers(&http::Method::GET, &uri).await.is_ok());"#,
    },
];

/// A package of the measured workspace.
struct Library {
    name: &'static str,
    dependencies: &'static str,
    code: &'static str,
}

struct Cost {
    cpu_seconds: f64,
    kilobytes: f64,
    crates: usize,
}

pub(crate) fn section(report: &mut Report) {
    report.text(include_str!("text/added.md"));
    match measure() {
        Err(error) => report.text(&format!("Not measured: {error}.")),
        Ok((alone, costs)) => {
            let row = |name: &str, cost: &Cost, plus: &str| {
                vec![
                    name.to_owned(),
                    format!("{plus}{}", number((cost.cpu_seconds * 10.0).round() / 10.0)),
                    format!("{plus}{}", whole(cost.kilobytes)),
                    format!("{plus}{}", cost.crates),
                ]
            };
            let mut rows = vec![row(ALONE.name, &alone, "")];
            rows.extend(
                LIBRARIES
                    .iter()
                    .zip(&costs)
                    .map(|(library, cost)| row(library.name, cost, "+")),
            );
            report.table(
                &[
                    "program",
                    "CPU s of a debug build",
                    "KB of a release",
                    "crates",
                ],
                &rows,
            );
            report.at_most(
                "added to reqwest: CPU s of a debug build",
                10.0,
                costs[0].cpu_seconds,
                None,
            );
            report.at_most(
                "added to reqwest: KB of a release",
                300.0,
                costs[0].kilobytes,
                None,
            );
        }
    }
    report.verdicts();
}

/// Returns the cost of reqwest alone, and what each library adds.
fn measure() -> Result<(Cost, Vec<Cost>), String> {
    let folder = TempDir::new().map_err(|error| error.to_string())?;
    let workspace = folder.path();
    let all: Vec<_> = std::iter::once(&ALONE)
        .chain(&LIBRARIES)
        .enumerate()
        .collect();
    write(workspace, &all).map_err(|error| error.to_string())?;
    let alone = Cost {
        cpu_seconds: build(workspace, 0, "alone", false)?.0,
        kilobytes: build(workspace, 0, "alone", true)?.1,
        crates: crates(workspace, 0)?,
    };
    let costs = (1..all.len()).map(|number| {
        // From the build of reqwest alone on, so that the library's own crates are measured.
        let copied = Command::new("cp")
            .args(["-a", "alone", "more"])
            .current_dir(workspace)
            .status();
        copied.map_err(|error| format!("cp: {error}"))?;
        let cost = Cost {
            cpu_seconds: build(workspace, number, "more", false)?.0,
            kilobytes: build(workspace, number, "more", true)?.1 - alone.kilobytes,
            crates: crates(workspace, number)? - alone.crates,
        };
        fs::remove_dir_all(workspace.join("more")).map_err(|error| error.to_string())?;
        Ok(cost)
    });
    let costs = costs.collect::<Result<_, String>>()?;
    Ok((alone, costs))
}

fn write(workspace: &Path, libraries: &[(usize, &Library)]) -> std::io::Result<()> {
    let bench = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = bench.join("..").canonicalize()?.display().to_string();
    fs::write(
        workspace.join("Cargo.toml"),
        "[workspace]\nmembers = ['p*']\nresolver = '3'\n[profile.release]\nstrip = true\n",
    )?;
    // The versions are those of the whole report.
    fs::copy(bench.join("Cargo.lock"), workspace.join("Cargo.lock"))?;
    for (number, library) in libraries {
        let package = workspace.join(format!("p{number}"));
        fs::create_dir_all(package.join("src"))?;
        let manifest = format!(
            "[package]\nname = 'p{number}'\nversion = '0.1.0'\nedition = '2024'\n[dependencies]\n\
             reqwest = {{ version = '0.13.5', default-features = false, features = ['rustls-no-provider'] }}\n\
             rustls = {{ version = '0.23', default-features = false, features = ['ring', 'std', 'tls12'] }}\n\
             tokio = {{ version = '1', features = ['macros', 'net', 'rt-multi-thread', 'sync', 'time'] }}\n{}\n",
            library.dependencies.replace("ROOT", &root)
        );
        fs::write(package.join("Cargo.toml"), manifest)?;
        let main = format!(
            "#[tokio::main]\nasync fn main() {{\n\
             let _ = rustls::crypto::ring::default_provider().install_default();\n\
             let client = reqwest::Client::new();\n\
             println!(\"{{:?}}\", client.get(\"https://api.invalid/\").send().await.is_ok());\n{}\n}}\n",
            library.code
        );
        fs::write(package.join("src/main.rs"), main)?;
    }
    Ok(())
}

/// Builds a package into a folder. Returns the CPU seconds of the build, and the kilobytes of the program.
fn build(
    workspace: &Path,
    number: usize,
    target: &str,
    release: bool,
) -> Result<(f64, f64), String> {
    let mut command = Command::new("cargo");
    command.args([
        "build",
        "--quiet",
        "--package",
        &format!("p{number}"),
        "--target-dir",
        target,
    ]);
    command
        .args(release.then_some("--release"))
        .current_dir(workspace)
        .stdout(Stdio::null());
    command
        .env_remove("CARGO_INCREMENTAL")
        .env_remove("RUSTFLAGS");
    let child = command
        .spawn()
        .map_err(|error| format!("cargo: {error}"))?
        .wait4();
    let used = child.map_err(|error| error.to_string())?;
    if !used.status.success() {
        return Err(format!(
            "{} does not build",
            if number == 0 {
                ALONE.name
            } else {
                LIBRARIES[number - 1].name
            }
        ));
    }
    let cpu = used.rusage.utime + used.rusage.stime;
    let profile = if release { "release" } else { "debug" };
    let program = workspace
        .join(target)
        .join(profile)
        .join(format!("p{number}"));
    let size = fs::metadata(program)
        .map_err(|error| error.to_string())?
        .len();
    Ok((cpu.as_secs_f64(), size as f64 / 1e3))
}

/// Returns the crates of a package, without the package itself.
fn crates(workspace: &Path, number: usize) -> Result<usize, String> {
    Ok(tree::count(workspace, &format!("p{number}"), None)?.0 - 1)
}
