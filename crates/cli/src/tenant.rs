//! The kind of tenant of Experience Edge, which decides the token endpoint and the audience.

use edge_oauth_no_io::Tenant;

/// Parses `current`, `old:ID` or `pre-production`.
pub(crate) fn parse(text: &str) -> Result<Tenant, &'static str> {
    let is_id = |id: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        !id.is_empty() && id.bytes().all(fits)
    };
    match (text, text.strip_prefix("old:")) {
        ("current", _) => Ok(Tenant::Current),
        ("pre-production", _) => Ok(Tenant::PreProduction),
        (_, Some(id)) if is_id(id) => Ok(Tenant::Old(id.to_owned())),
        _ => Err(TENANTS),
    }
}

/// Returns the text that [`parse`] reads.
pub(crate) fn text(tenant: &Tenant) -> String {
    match tenant {
        Tenant::Old(id) => format!("old:{id}"),
        Tenant::PreProduction => "pre-production".to_owned(),
        _ => "current".to_owned(),
    }
}

pub(crate) const TENANTS: &str = "one of current, old:ID with the tenant's id, or pre-production";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenant_is_read_by_its_kind() {
        assert_eq!(parse("current"), Ok(Tenant::Current));
        assert_eq!(parse("pre-production"), Ok(Tenant::PreProduction));
        let old = Tenant::Old("my-tenant_1.x".to_owned());
        assert_eq!(parse("old:my-tenant_1.x"), Ok(old));
        for given in ["current", "old:my-tenant", "pre-production"] {
            assert_eq!(text(&parse(given).unwrap()), given);
        }
        for wrong in ["", "old", "old:", "old:a/b", "Current", "old:a b"] {
            assert_eq!(parse(wrong), Err(TENANTS), "{wrong}");
        }
    }
}
