//! A store and a transport that report what goes through them.

use std::time::{SystemTime, UNIX_EPOCH};

use edge_oauth_ureq::http::{Request, Response};
use edge_oauth_ureq::{
    Claim, Claimed, Config, Finish, Found, RequestLimits, SecretBytes, Share, Store, StoreError,
    StoreKey, TransportError, UreqTransport,
};

use crate::report::Report;

/// Reports leases and saves.
pub(crate) struct WatchedStore(pub(crate) Box<dyn Store>);

impl Store for WatchedStore {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        self.0.key(config)
    }

    fn claim(&self, key: &StoreKey, claim: &Claim) -> Result<Claimed<Vec<u8>>, StoreError> {
        let claimed = self.0.claim(key, claim)?;
        if let Found::Lease { .. } = claimed.found {
            Report::Leased.send();
        }
        Ok(claimed)
    }

    fn finish(&self, key: &StoreKey, finish: Finish<Vec<u8>>) -> Result<bool, StoreError> {
        let number = finish.number;
        let is_token = matches!(finish.share, Share::Token { .. });
        let from = micros();
        let accepted = self.0.finish(key, finish)?;
        if is_token {
            let to = micros();
            Report::Saved {
                number,
                from,
                to,
                accepted,
            }
            .send();
        }
        Ok(accepted)
    }

    fn is_local(&self) -> bool {
        self.0.is_local()
    }
}

/// Reports token requests.
pub(crate) struct WatchedTransport(pub(crate) UreqTransport);

impl edge_oauth_driver::blocking::Transport for WatchedTransport {
    fn send(
        &self,
        request: Request<SecretBytes>,
        limits: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        Report::Requested.send();
        self.0.send(request, limits)
    }
}

/// Returns the wall clock, which all processes of the machine share.
pub(crate) fn micros() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| u64::try_from(now.as_micros()).unwrap_or(u64::MAX))
}
