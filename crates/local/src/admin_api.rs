//! The Admin API. So far: the settings.

use http::{Method, Response, StatusCode};

use crate::call::Call;
use crate::problem::Problem;
use crate::reply;
use crate::settings::Settings;

/// What all paths of this API begin with.
pub(crate) const BASE: &str = "/api/admin/v1/";

/// What the Admin API keeps.
pub(crate) struct AdminApi {
    settings: Settings,
}

impl AdminApi {
    pub(crate) fn new() -> Self {
        Self {
            settings: Settings::new(),
        }
    }

    pub(crate) fn respond(&mut self, call: &Call<'_>) -> Result<Response<Vec<u8>>, Problem> {
        match call.path {
            "settings" => self.settings(call),
            _ => Err(Problem::NoSuchPath),
        }
    }

    fn settings(&mut self, call: &Call<'_>) -> Result<Response<Vec<u8>>, Problem> {
        match *call.method {
            Method::GET => {}
            Method::PUT => {
                self.settings.replace(call.members()?)?;
                return Ok(reply::empty(StatusCode::ACCEPTED));
            }
            Method::PATCH => self.settings.patch(call.headers, call.body)?,
            _ => return Err(Problem::Method("GET, PUT, PATCH")),
        }
        Ok(reply::json(StatusCode::OK, &self.settings.to_json()))
    }
}
