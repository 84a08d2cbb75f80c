//! Any order of calls and any clocks: the keeper keeps its promises.

use crate::call::{Call, number};
use crate::model::Model;

/// The bytes are calls, a letter and a number each, such as `P t900 +800000 P f P`: see `Call::read`.
/// What is neither is left out.
pub fn keeper(bytes: &[u8]) {
    let mut rest = bytes;
    let mut model = Model::new(number(&mut rest));
    for _ in 0..MOST_CALLS {
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

const MOST_CALLS: usize = 400;
