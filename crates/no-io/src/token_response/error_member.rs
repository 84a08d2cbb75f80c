//! The names that members of error responses have.

/// The purpose of a member of an error response. A lower rank is more particular.
#[derive(Clone, Copy)]
pub(super) enum Role {
    Code(u8),
    Words(u8),
    Token,
    /// An object, or an array of objects, at this depth.
    Container(u8),
}

impl Role {
    /// Some services write their names in upper or mixed case.
    pub(super) fn of(name: &str, depth: u8) -> Option<Self> {
        Self::named(name, depth).or_else(|| {
            let has_upper = name.bytes().any(|byte| byte.is_ascii_uppercase());
            let mut lower = [0; LONGEST_NAME];
            let lower = lower.get_mut(..name.len()).filter(|_| has_upper)?;
            lower.copy_from_slice(name.as_bytes());
            lower.make_ascii_lowercase();
            Self::named(std::str::from_utf8(lower).ok()?, depth)
        })
    }

    fn named(name: &str, depth: u8) -> Option<Self> {
        let rank = |rank: u8| rank.saturating_add(depth.saturating_mul(NESTED));
        Some(match name {
            "error" => Self::Code(rank(0)),
            "errorcode" | "error_code" | "code" | "errcode" => Self::Code(rank(1)),
            "error_description" | "errordescription" => Self::Words(rank(0)),
            "errorsummary" | "error_summary" | "errormessage" | "error_message" | "faultstring" => {
                Self::Words(rank(1))
            }
            "message" | "msg" | "errmsg" => Self::Words(rank(2)),
            "detail" => Self::Words(rank(3)),
            "description" => Self::Words(rank(4)),
            "reason" => Self::Words(rank(5)),
            // RFC 9457 §3.1: the title is of the kind of problem. Any other text is more particular.
            "title" => Self::Words(rank(LAST)),
            "access_token" | "id_token" | "refresh_token" => Self::Token,
            "errors" | "fault" | "details" | "data" | "response" | "result" => {
                Self::Container(depth)
            }
            _ => return None,
        })
    }

    pub(super) fn depth(self) -> u8 {
        match self {
            Self::Container(depth) => depth + 1,
            Self::Code(rank) | Self::Words(rank) => rank % LAST / NESTED + 1,
            Self::Token => u8::MAX,
        }
    }
}

const LONGEST_NAME: usize = "error_description".len();
const NESTED: u8 = 8;
const LAST: u8 = 128;
