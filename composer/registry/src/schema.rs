//! JSON schemas of events: what a newer one must keep of an older one.

use serde_json::Value;

/// No schema is longer.
const MAX_BYTES: usize = 64 << 10;
/// Properties of properties, no deeper.
const MAX_DEPTH: usize = 16;

/// Reads a schema.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, String> {
    if bytes.len() > MAX_BYTES {
        return Err(format!("has {} bytes, {MAX_BYTES} are allowed", bytes.len()));
    }
    match serde_json::from_slice(bytes) {
        Ok(schema @ Value::Object(_)) => Ok(schema),
        Ok(_) => Err("must be a JSON object".into()),
        Err(error) => Err(format!("is not JSON: {error}")),
    }
}

/// What subscribers could rely on by `old` and can't by `new`, each as the end of a sentence about a property.
pub(crate) fn lost(old: &Value, new: &Value) -> Vec<String> {
    let mut lost = Vec::new();
    compare("", old, new, 0, &mut lost);
    lost
}

fn compare(path: &str, old: &Value, new: &Value, depth: usize, lost: &mut Vec<String>) {
    if depth > MAX_DEPTH {
        return;
    }
    if !fits(&types(old), &types(new)) {
        let name = if path.is_empty() { "the value" } else { path };
        lost.push(format!(
            "`{name}` was {}, it is {}",
            words(&types(old)),
            words(&types(new))
        ));
        return;
    }
    for (name, schema) in properties(old) {
        let path = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        let Some(now) = new.get("properties").and_then(|each| each.get(name)) else {
            lost.push(format!("`{path}` has vanished"));
            continue;
        };
        if is_required(old, name) && !is_required(new, name) {
            lost.push(format!("`{path}` was required, it is not any more"));
        }
        compare(&path, schema, now, depth + 1, lost);
    }
    if let (Some(before), Some(after)) = (old.get("items"), new.get("items")) {
        compare(&format!("{path}[]"), before, after, depth + 1, lost);
    }
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}

/// The types that a value may have; none where the schema doesn't say.
fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(each)) => each.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    }
}

/// True when each type that may come now was told before.
fn fits(before: &[&str], now: &[&str]) -> bool {
    let known = |kind: &&str| before.contains(kind) || (*kind == "integer" && before.contains(&"number"));
    before.is_empty() || (!now.is_empty() && now.iter().all(known))
}

fn words(types: &[&str]) -> String {
    if types.is_empty() {
        "of any type".into()
    } else {
        types.join(" or ")
    }
}

fn is_required(schema: &Value, name: &str) -> bool {
    let names = schema.get("required").and_then(Value::as_array);
    names.is_some_and(|names| names.iter().any(|each| each.as_str() == Some(name)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_subscribers_could_rely_on_must_stay() {
        let old = json!({
            "type": "object",
            "required": ["count", "lines"],
            "properties": {
                "count": {"type": "integer"},
                "total": {"type": "number"},
                "note": {"type": ["string", "null"]},
                "lines": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}},
            }
        });
        assert_eq!(lost(&old, &old), Vec::<String>::new());
        let wider = json!({
            "type": "object",
            "required": ["count", "lines", "more"],
            "properties": {
                "count": {"type": "integer"},
                "total": {"type": "integer"},
                "note": {"type": "string"},
                "more": {"type": "string"},
                "lines": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}},
            }
        });
        assert_eq!(lost(&old, &wider), Vec::<String>::new());
        let broken = json!({
            "type": "object",
            "required": ["lines"],
            "properties": {
                "count": {"type": "string"},
                "note": {},
                "lines": {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"}}}},
            }
        });
        assert_eq!(
            lost(&old, &broken),
            [
                "`count` was required, it is not any more",
                "`count` was integer, it is string",
                "`lines[].sku` has vanished",
                "`note` was string or null, it is of any type",
                "`total` has vanished",
            ]
        );
    }

    #[test]
    fn what_is_no_schema_says_so() {
        assert_eq!(parse(b"[]").unwrap_err(), "must be a JSON object");
        assert!(parse(b"{").unwrap_err().starts_with("is not JSON"));
        assert!(
            parse(&vec![b' '; MAX_BYTES + 1])
                .unwrap_err()
                .contains("65536 are allowed")
        );
    }
}
