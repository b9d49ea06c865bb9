//! What the admin API says is what its OpenAPI text says.

use serde_json::{Map, Value, json};

use crate::admin_platform::{Answer, Bff, Platform, manifest};

/// The OpenAPI text, and a platform that is held to it.
struct Held {
    document: Value,
    platform: Platform,
}

impl Held {
    /// Makes a call, and holds status and body to the text.
    async fn call(
        &self,
        method: &str,
        template: &str,
        names: &[(&str, &str)],
        query: &str,
        body: Option<Value>,
    ) -> Value {
        let path = names.iter().fold(template.to_owned(), |path, (name, value)| {
            path.replace(&format!("{{{name}}}"), value)
        });
        let answer = self
            .platform
            .call(&self.platform.token, method, &format!("{path}{query}"), body)
            .await;
        self.hold(method, template, answer)
    }

    fn hold(&self, method: &str, template: &str, answer: Answer) -> Value {
        let what = format!("{method} {template} {}", answer.status);
        let call = &self.document["paths"][template][method.to_lowercase()];
        let mut told = &call["responses"][answer.status.to_string()];
        if let Some(name) = told["$ref"].as_str() {
            told = self.find(name);
        }
        assert!(told.is_object(), "{what} is not in the text: {:#}", answer.json);
        let Some(content) = told["content"].as_object() else {
            assert_eq!(answer.reply.body, "", "{what}");
            return Value::Null;
        };
        let kind = answer.reply.header("content-type").unwrap();
        let schema = content.get(kind).unwrap_or_else(|| panic!("{what}: no {kind}"));
        self.check(&what, &schema["schema"], &answer.json);
        answer.json
    }

    fn find(&self, name: &str) -> &Value {
        self.document.pointer(name.strip_prefix('#').unwrap()).unwrap()
    }

    /// As much of JSON Schema as the text uses; properties that it doesn't name are none.
    fn check(&self, at: &str, schema: &Value, value: &Value) {
        if let Some(name) = schema["$ref"].as_str() {
            return self.check(at, self.find(name), value);
        }
        if let Some(some) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
            let chosen = some.iter().find(|each| each["type"] != "null" || value.is_null());
            let null = some.iter().any(|each| each["type"] == "null");
            match value {
                Value::Null if null => return,
                Value::String(text) if some.iter().any(|each| each["const"] == *text) => return,
                Value::Object(object) if some.len() > 2 => {
                    let same = |each: &&Value| object.keys().all(|key| each["properties"][key].is_object());
                    return self.check(at, some.iter().find(same).unwrap(), value);
                }
                _ => return self.check(at, chosen.unwrap(), value),
            }
        }
        let types = match &schema["type"] {
            Value::Array(types) => types.clone(),
            one => vec![one.clone()],
        };
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_u64() => "integer",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        assert!(types.iter().any(|each| each == kind), "{at}: {value} is no {types:?}");
        if let Some(values) = schema["enum"].as_array() {
            assert!(values.contains(value), "{at}: {value} is none of {values:?}");
        }
        match value {
            Value::Array(items) => {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(n, item)| self.check(&format!("{at}[{n}]"), &schema["items"], item));
            }
            Value::Object(object) => self.check_object(at, schema, object),
            _ => {}
        }
    }

    fn check_object(&self, at: &str, schema: &Value, object: &Map<String, Value>) {
        let none = Map::new();
        let properties = schema["properties"].as_object().unwrap_or(&none);
        for name in schema["required"].as_array().into_iter().flatten() {
            assert!(object.contains_key(name.as_str().unwrap()), "{at}: {name} is missing");
        }
        for (name, value) in object {
            let Some(schema) = properties.get(name) else {
                assert!(properties.is_empty(), "{at}: `{name}` is not in the text");
                continue;
            };
            self.check(&format!("{at}.{name}"), schema, value);
        }
    }
}

#[tokio::test]
async fn every_reply_is_as_the_text_says() {
    let platform = Platform::with("[overrides]\nenabled = true\n").await;
    let bff = Bff::start().await;
    let head = "GET /v1/openapi.json HTTP/1.1\r\nhost: localhost\r\n";
    let document = platform.send(head, b"").await.expect(200);
    let held = Held { document, platform };
    teams_and_tokens(&held).await;
    versions(&held, &bff).await;
    for audience in [json!("share"), json!({ "cohort": "beta" }), json!({ "group": "staff" })] {
        canary(&held, audience).await;
    }
    what_is_there(&held).await;
    refusals(&held, &bff).await;
}

async fn teams_and_tokens(held: &Held) {
    let team = json!({ "apps": ["shop", "cart"], "networks": ["127.0.0.0/8"] });
    held.call("PUT", "/v1/teams/{team}", &[("team", "shop-team")], "", Some(team))
        .await;
    held.call("GET", "/v1/teams", &[], "", None).await;
    let token = json!({ "name": "ci", "team": "shop-team", "apps": ["shop"], "actions": ["read"], "expires_in_s": 60 });
    let issued = held.call("POST", "/v1/tokens", &[], "", Some(token)).await;
    held.call("GET", "/v1/tokens", &[], "", None).await;
    let id = issued["token"]["id"].as_str().unwrap();
    held.call("DELETE", "/v1/tokens/{id}", &[("id", id)], "", None).await;
    held.call("GET", "/v1/whoami", &[], "", None).await;
}

async fn versions(held: &Held, bff: &Bff) {
    for version in ["1.0.0", "1.1.0"] {
        held.platform.publish(&manifest("shop", version)).await;
        let body = json!({ "version": format!("shop@{version}"), "origin": bff.origin() });
        held.call("POST", "/v1/instances", &[], "", Some(body)).await;
    }
    let body = json!({ "apps": ["shop@1.0.0"] });
    held.call("POST", "/v1/releases", &[], "?dry_run=true", Some(body.clone()))
        .await;
    held.call("POST", "/v1/releases", &[], "", Some(body)).await;
    let origins = json!({ "origins": [bff.origin()] });
    let names = [("app", "shop"), ("version", "1.0.0")];
    held.call(
        "PUT",
        "/v1/apps/{app}/versions/{version}/origins",
        &names,
        "",
        Some(origins),
    )
    .await;
}

async fn canary(held: &Held, audience: Value) {
    let steps = if audience == "share" {
        json!([500, 10000])
    } else {
        json!([])
    };
    let body = json!({ "apps": ["shop@1.1.0"], "canary": { "audience": audience, "steps": steps } });
    let begun = held.call("POST", "/v1/releases", &[], "", Some(body)).await;
    let id = begun["release"].as_str().unwrap();
    held.call("GET", "/v1/status", &[], "", None).await;
    for change in ["pause", "resume", "abort"] {
        let path = format!("/v1/releases/{{id}}/{change}");
        held.call("POST", &path, &[("id", id)], "", Some(json!({}))).await;
    }
    let over = held
        .call("POST", "/v1/releases/{id}/promote", &[("id", id)], "", None)
        .await;
    assert_eq!(over["status"], 422);
}

async fn what_is_there(held: &Held) {
    held.call("GET", "/v1/apps/{app}", &[("app", "shop")], "", None).await;
    held.call("GET", "/v1/history", &[], "?limit=200", None).await;
    held.call("GET", "/v1/page", &[], "?path=/shop", None).await;
    held.call("GET", "/v1/doctor", &[], "", None).await;
    let purge = json!({ "app": "shop", "version": "1.0.0", "tags": ["list"] });
    held.call("POST", "/v1/purge", &[], "", Some(purge)).await;
    held.call("POST", "/v1/gc", &[], "", Some(json!({ "dry_run": true })))
        .await;
}

async fn refusals(held: &Held, bff: &Bff) {
    let body = json!({ "apps": [{ "app": "cart" }] });
    held.call("POST", "/v1/rollbacks", &[], "", Some(body)).await;
    let body = json!({ "apps": ["shop@9.9.9"], "if_revision": 1 });
    held.call("POST", "/v1/releases", &[], "", Some(body)).await;
    let file = json!({ "path": "marquetry.toml", "sha256": "0".repeat(64), "bytes": 1 });
    let open = json!({ "version": "shop@1.0.0", "files": [file], "origin": bff.origin() });
    held.call("POST", "/v1/overrides", &[], "", Some(open)).await;
    let gone = held
        .call("DELETE", "/v1/overrides/{id}", &[("id", "00000000")], "", None)
        .await;
    assert_eq!(gone["status"], 404);
}
