//! A JavaScript value as serde's data: each kind asks for the one shape that it can have.

use js_sys::{Array, Object};
use serde::{
    Deserializer,
    de::{self, DeserializeSeed, Expected, Unexpected, VariantAccess, Visitor},
    forward_to_deserialize_any,
};
use wasm_bindgen::{JsCast, JsValue};

use super::{
    JsonError,
    parts::{Entries, Fields, Items, Variant},
};

pub(super) struct Value(pub(super) JsValue);

impl Value {
    fn integer(&self) -> Option<i64> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let number = self.0.as_f64()?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it is a whole number within the exact ones"
        )]
        let whole = number as i64;
        #[expect(clippy::cast_precision_loss, reason = "it is compared to find that out")]
        let same = whole as f64 == number;
        (same && number.abs() <= EXACT).then_some(whole)
    }

    fn is_missing(&self) -> bool {
        self.0.is_null() || self.0.is_undefined()
    }

    pub(super) fn unlike(visitor: &dyn Expected) -> JsonError {
        de::Error::invalid_type(Unexpected::Unit, visitor)
    }

    fn object(self, visitor: &dyn Expected) -> Result<Object, JsonError> {
        if !self.0.is_object() || Array::is_array(&self.0) {
            return Err(Self::unlike(visitor));
        }
        Ok(self.0.unchecked_into())
    }

    fn array(self, visitor: &dyn Expected) -> Result<Array, JsonError> {
        self.0.dyn_into().map_err(|_| Self::unlike(visitor))
    }
}

// A visitor's methods for shapes that are not asked for stay out of the module.
impl<'de> Deserializer<'de> for Value {
    type Error = JsonError;

    whole! { deserialize_i8 deserialize_i16 deserialize_i32 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self.integer() {
            Some(number) => visitor.visit_i64(number),
            None => Err(Self::unlike(&visitor)),
        }
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if self.is_missing() {
            visitor.visit_unit()
        } else if let Some(truth) = self.0.as_bool() {
            visitor.visit_bool(truth)
        } else if let Some(number) = self.integer() {
            visitor.visit_i64(number)
        } else if let Some(number) = self.0.as_f64() {
            visitor.visit_f64(number)
        } else if let Some(text) = self.0.as_string() {
            visitor.visit_string(text)
        } else if Array::is_array(&self.0) {
            self.deserialize_seq(visitor)
        } else {
            self.deserialize_map(visitor)
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self.0.as_bool() {
            Some(truth) => visitor.visit_bool(truth),
            None => Err(Self::unlike(&visitor)),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self.0.as_f64() {
            Some(number) => visitor.visit_f64(number),
            None => Err(Self::unlike(&visitor)),
        }
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_string(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_string(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self.0.as_string() {
            Some(text) => visitor.visit_string(text),
            None => Err(Self::unlike(&visitor)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if self.is_missing() {
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if self.is_missing() {
            return visitor.visit_unit();
        }
        Err(Self::unlike(&visitor))
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        let array = self.array(&visitor)?;
        visitor.visit_seq(Items { array, next: 0 })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        let entries = Object::entries(&self.object(&visitor)?);
        visitor.visit_map(Entries { entries, next: 0 })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        let object = self.object(&visitor)?;
        visitor.visit_map(Fields {
            object,
            names,
            value: None,
        })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        if let Some(name) = self.0.as_string() {
            return visitor.visit_enum(Variant {
                name,
                content: JsValue::NULL,
            });
        }
        let entries = Object::entries(&self.object(&visitor)?);
        let entry: Option<Array> = entries.get(0).dyn_into().ok();
        let name = entry.as_ref().and_then(|entry| entry.get(0).as_string());
        match (name, entry) {
            (Some(name), Some(entry)) => visitor.visit_enum(Variant {
                name,
                content: entry.get(1),
            }),
            _ => Err(Self::unlike(&visitor)),
        }
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_string(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { i128 u128 bytes byte_buf }
}

impl<'de> VariantAccess<'de> for Value {
    type Error = JsonError;

    fn unit_variant(self) -> Result<(), JsonError> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, JsonError> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        self.deserialize_struct("", names, visitor)
    }
}
