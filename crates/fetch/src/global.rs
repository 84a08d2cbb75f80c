//! The global object: `window` in a page, another one in a worker, in Node and in Workers.

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// Returns a global by its name, or `None` if the engine has none.
pub(crate) fn value(name: &str) -> Option<JsValue> {
    let value = Reflect::get(&js_sys::global(), &name.into()).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}

/// Returns a global function.
pub(crate) fn function(name: &str) -> Option<Function> {
    value(name)?.dyn_into().ok()
}
