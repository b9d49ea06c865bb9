//! What values are made of: items, entries, keys, fields, variants.

use js_sys::{Array, Object, Reflect};
use serde::{
    Deserializer,
    de::{
        DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, Visitor,
        value::{StrDeserializer, StringDeserializer},
    },
    forward_to_deserialize_any,
};
use wasm_bindgen::JsValue;

use super::{JsonError, value::Value};

/// The items of an array.
pub(super) struct Items {
    pub(super) array: Array,
    pub(super) next: u32,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = JsonError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, JsonError> {
        if self.next == self.array.length() {
            return Ok(None);
        }
        self.next += 1;
        seed.deserialize(Value(self.array.get(self.next - 1))).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        usize::try_from(self.array.length() - self.next).ok()
    }
}

/// All entries of an object, for maps.
pub(super) struct Entries {
    pub(super) entries: Array,
    pub(super) next: u32,
}

impl<'de> MapAccess<'de> for Entries {
    type Error = JsonError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, JsonError> {
        if self.next == self.entries.length() {
            return Ok(None);
        }
        let entry: Array = self.entries.get(self.next).into();
        seed.deserialize(Key(entry.get(0).as_string().unwrap_or_default()))
            .map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, JsonError> {
        let entry: Array = self.entries.get(self.next).into();
        self.next += 1;
        seed.deserialize(Value(entry.get(1)))
    }
}

/// A key of a map: text, or a whole number written as one.
struct Key(String);

impl<'de> Deserializer<'de> for Key {
    type Error = JsonError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_string(self.0)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        visitor.visit_enum(StringDeserializer::new(self.0))
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self.0.parse() {
            Ok(number) => visitor.visit_i64(number),
            Err(_) => Err(Value::unlike(&visitor)),
        }
    }

    whole! { deserialize_i8 deserialize_i16 deserialize_i32 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 }

    forward_to_deserialize_any! {
        bool i128 u128 f32 f64 char str string bytes byte_buf option unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}

/// The fields of an object that a struct asks for.
pub(super) struct Fields {
    pub(super) object: Object,
    pub(super) names: &'static [&'static str],
    pub(super) value: Option<JsValue>,
}

impl<'de> MapAccess<'de> for Fields {
    type Error = JsonError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, JsonError> {
        while let Some((name, rest)) = self.names.split_first() {
            self.names = rest;
            let value = Reflect::get(&self.object, &(*name).into()).unwrap_or_default();
            if !value.is_undefined() {
                self.value = Some(value);
                let name: StrDeserializer<'_, JsonError> = (*name).into_deserializer();
                return seed.deserialize(name).map(Some);
            }
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, JsonError> {
        seed.deserialize(Value(self.value.take().unwrap_or_default()))
    }
}

/// A variant of an enum: `"Name"`, or `{"Name": content}`.
pub(super) struct Variant {
    pub(super) name: String,
    pub(super) content: JsValue,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = JsonError;
    type Variant = Value;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Value), JsonError> {
        let name = seed.deserialize(self.name.into_deserializer())?;
        Ok((name, Value(self.content)))
    }
}
