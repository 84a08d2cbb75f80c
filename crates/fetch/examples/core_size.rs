//! The core as a program of its own, for its size: `bash .ci/wasm` builds it for `wasm32-unknown-unknown`, measures it
//! and runs it.
//!
//! All of `token_request`, `token_response` and `Keeper` is in the program, since the compiler knows neither their inputs
//! nor the use of their results.

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    core::main()
}

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
fn main() {}

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod core {
    use std::error::Error;
    use std::hint::black_box;
    use std::time::Duration;

    use edge_oauth_no_io::{
        Action, Completion, Config, Keeper, Moment, Policy, Secret, SecretBytes, Step,
        token_request, token_response,
    };

    pub(crate) fn main() -> Result<(), Box<dyn Error>> {
        let config = Config::builder(black_box("https://login.example/token"), "id")
            .client_secret(Secret::new(black_box("s3cret")))
            .build()?;

        black_box(token_request(&config));
        let response = black_box(&br#"{"access_token":"abc","expires_in":900}"#[..]);
        match token_response(&config, &http::Response::new(response)) {
            Ok(token) => black_box(token.authorization()),
            Err(error) => return Err(error.into()),
        };

        let mut keeper = Keeper::new(config, Policy::default(), black_box(7));
        for seconds in black_box([0, 300, 800]) {
            let now = Moment {
                monotonic: Duration::from_secs(seconds),
                wall: Duration::from_secs(1_800_000_000 + seconds),
            };
            match keeper.poll(now) {
                Step::Use(token) => drop(black_box(token.authorization())),
                Step::Send(mut acquisition)
                | Step::Refresh {
                    mut acquisition, ..
                } => {
                    black_box(matches!(
                        acquisition.poll(now, black_box([0; 16])),
                        Action::Send(..)
                    ));
                    let body = SecretBytes::new(response.to_vec());
                    acquisition.handle(Completion::Response(http::Response::new(body)), now);
                    let outcome = keeper.finish(acquisition, now).ok_or("it was in flight")?;
                    drop(black_box(outcome?.authorization()));
                }
                Step::Wait { at_most, .. } => _ = black_box(at_most),
                Step::Fail(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
