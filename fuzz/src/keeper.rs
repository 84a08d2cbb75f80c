//! The keeper's promises, for any order of calls and any clocks.

use crate::keeper_model::call::{Call, number};
use crate::keeper_model::model::Model;

/// Reads the bytes as calls of a keeper, a letter and a number each, such as `P t900 +800000 P f P`: see `Call::read`.
/// Other bytes are skipped. The first number chooses the policy and the seed.
pub fn keeper(bytes: &[u8]) {
    let mut rest = bytes;
    let mut model = Model::new(number(&mut rest));
    for _ in 0..MAX_CALLS {
        let Some((letter, after)) = rest.split_first() else {
            break;
        };
        rest = after;
        if let Some(call) = Call::read(*letter, &mut rest) {
            model.make(call);
        }
    }
    model.end();
}

const MAX_CALLS: usize = 400;
