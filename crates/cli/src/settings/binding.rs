//! The binding of credentials to servers.

use crate::args::ClientArgs;
use crate::client_auth::layers::Given;
use crate::client_auth::plan::Plan;
use crate::env::variable;
use crate::error::{CliError, Exit};
use crate::input::secret::{SECRET_VARIABLE, SecretPlace};
use crate::origin::Origin;
use crate::settings::resolver::Resolver;

impl Resolver<'_> {
    /// Returns the place of the client secret, or `None` if a person has to be asked.
    pub(super) fn secret(&self, args: &ClientArgs) -> Result<Option<Given<SecretPlace>>, CliError> {
        let given = |value, origin| {
            let key = match value {
                SecretPlace::Command { .. } => "client_secret_command",
                _ => "client_secret_file",
            };
            Some(Given { value, origin, key })
        };
        if let Some(path) = &args.client_secret_file {
            let origin = Origin::Flag("--client-secret-file");
            return Ok(given(SecretPlace::File(path.clone()), origin));
        }
        if let Some(line) = &args.client_secret_command {
            let origin = Origin::Flag("--client-secret-command");
            let (line, of_place) = (line.clone(), origin.clone());
            let place = SecretPlace::Command {
                line,
                origin: of_place,
            };
            return Ok(given(place, origin));
        }
        if variable(SECRET_VARIABLE)?.is_some() {
            return Ok(given(
                SecretPlace::Variable,
                Origin::Variable(SECRET_VARIABLE),
            ));
        }
        let of_profile = self.profile.and_then(|profile| {
            let (origin, named) = (profile.origin(), profile.origin().to_string());
            if let Some(line) = profile.client_secret_command.clone() {
                let origin_of_secret = Origin::ProfileCommand { profile: named };
                let place = SecretPlace::Command {
                    line,
                    origin: origin_of_secret,
                };
                return given(place, origin);
            }
            let path = profile.client_secret_file.clone()?;
            let place = SecretPlace::ProfileFile {
                path,
                profile: named,
            };
            given(place, origin)
        });
        Ok(of_profile)
    }

    /// Checks the binding of a named profile: its credentials go only to its server, and its server receives only its
    /// credentials. The command line can override this, the environment cannot.
    pub(super) fn check_binding(&self, plan: &Plan) -> Result<(), CliError> {
        let Some(profile) = self.profile.filter(|_| self.named) else {
            return Ok(());
        };
        let endpoint = self.sources.origin("endpoint");
        let takes_no_other = profile.has_credential() || endpoint.is_some_and(Origin::is_profile);
        let profile = profile.origin();
        for given in plan.credential.iter().chain(&plan.others) {
            match (&given.origin, endpoint) {
                (Origin::Variable(name), _) if takes_no_other => {
                    let message = format!(
                        "{name} is set, and {profile} has an endpoint or a credential of its own: the variable's credential is not sent there"
                    );
                    return Err(CliError::new(Exit::Usage, message)
                        .next(format!("unset {name}, or name the credential by an option")));
                }
                (origin, Some(Origin::Variable(name))) if origin.is_profile() => {
                    let message = format!(
                        "{name} is set, and {profile} has a {}: that is not sent to the variable's server",
                        given.key
                    );
                    return Err(CliError::new(Exit::Usage, message).next(format!(
                        "unset {name}, or name the server by --endpoint or in the profile"
                    )));
                }
                _ => {}
            }
        }
        Ok(())
    }
}
