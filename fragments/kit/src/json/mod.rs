//! From JSON to Rust by the browser's own parser: it is there already, so it weighs nothing in the module.
//!
//! Numbers are exact up to 2^53, the limit of JavaScript; fields that a type doesn't know are left out.

/// The whole numbers, all read as the widest: their visitors check the range.
macro_rules! whole {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
            self.deserialize_i64(visitor)
        })*
    };
}

mod value;
mod parts;

use std::fmt;

use js_sys::JSON;
use serde::de::{self, DeserializeOwned, Expected, Unexpected};
use wasm_bindgen::JsValue;

use value::Value;

/// Where the JSON differs from what was expected.
#[derive(Debug)]
pub(crate) struct JsonError(String);

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for JsonError {}

impl de::Error for JsonError {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self(text.to_string())
    }

    // Saying what was found instead would bring the printing of floats into every module.
    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self(format!("expected {expected}"))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self(format!("expected {expected}"))
    }
}

/// Reads `text`.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, JsonError> {
    read(JSON::parse(text).map_err(|_| JsonError("it is not JSON".into()))?)
}

/// Reads a value that a script made.
pub(crate) fn read<T: DeserializeOwned>(value: JsValue) -> Result<T, JsonError> {
    T::deserialize(Value(value))
}
