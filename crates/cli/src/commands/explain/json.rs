//! The explanation as JSON, for scripts.

use edge_oauth_no_io::{AccessToken, Culprit, TokenError};
use serde_json::{Value, json};

use crate::commands::explain::Explained;
use crate::jwt::Token;
use crate::output::text::shortened;
use crate::output::timestamp;

impl Explained<'_> {
    pub(super) fn json(&self) -> Value {
        let mut json = json!({
            "result": if self.outcome.is_ok() { "token" } else { "error" },
            "status": self.raw.response.status().as_u16(),
            "limits": {
                "retry_after": self.limits.retry_after.map(|wait| self.span(wait).as_secs()),
                "rate": self.limits.rate.map(|rate| json!({
                    "limit": rate.limit,
                    "remaining": rate.remaining,
                    "reset": rate.reset.map(|reset| self.span(reset).as_secs()),
                })),
                "quotas": self.quotas().map(|(of, quota)| json!({
                    "of": of,
                    "bucket": quota.bucket,
                    "quota": quota.quota,
                    "remaining": quota.remaining,
                    "reset": quota.reset.map(|reset| reset.as_secs()),
                })).collect::<Vec<_>>(),
            },
            "before": self.raw.before,
            "skipped": self.raw.skipped.iter().map(|skipped| json!({
                "line": skipped.line,
                "wrong": skipped.wrong,
            })).collect::<Vec<_>>(),
        });
        match self.outcome {
            Ok(token) => json["token"] = self.token_json(token),
            Err(error) => json["error"] = self.error_json(error),
        }
        json
    }

    fn token_json(&self, token: &AccessToken) -> Value {
        let life = token.expires_in();
        let until = life.zip(self.dated).map(|(life, dated)| dated + life);
        json!({
            "shortened": shortened(token.expose()),
            "length": token.expose().len(),
            "token_type": token.token_type(),
            "expires_in": life.map(|life| life.as_secs()),
            "expires_at": until.and_then(timestamp::utc),
            "scope": token.scope(),
            "claims": match Token::read(token.expose()) {
                Token::Jwt { claims, .. } => Value::Object(claims),
                Token::Jwe { .. } | Token::Opaque => Value::Null,
            },
        })
    }

    fn error_json(&self, error: &TokenError) -> Value {
        json!({
            "message": error.to_string(),
            "code": error.code(),
            "description": error.description(),
            "culprit": match error.culprit() {
                Culprit::Config => "config",
                Culprit::Server => "server",
                _ => "wire",
            },
            "transient": error.is_transient(),
            "retry_after": self.wait(error).map(|wait| wait.as_secs()),
            "hint": self.hint(error),
            "assertion": self.reasons(error).iter().map(|(check, says)| json!({
                "check": check,
                "says": says,
            })).collect::<Vec<_>>(),
        })
    }
}
