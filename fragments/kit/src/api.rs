//! Calls to the fragment's own BFF from the browser, JSON both ways.
//!
//! ```
//! # use fragments_kit::{api, link, spawn};
//! # #[derive(serde::Serialize)] struct Add { sku: &'static str }
//! # #[derive(serde::Deserialize)] struct Cart { count: u32 }
//! # fn show(_: u32) {}
//! # fn tell(_: &str) {}
//! spawn(async move {
//!     match api::post::<_, Cart>(&link("/cart/add"), &Add { sku: "AU-02" }).await {
//!         Ok(cart) => show(cart.count),
//!         Err(error) => tell(error.field("sku").unwrap_or(&error.title)),
//!     }
//! });
//! ```

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Why a call gave nothing: the BFF's problem (RFC 9457), or none reached it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApiError {
    /// The HTTP status; 0 when there was no answer.
    pub status: u16,
    /// What went wrong, for people.
    pub title: String,
    /// More about this one time, for people; may be empty.
    pub detail: String,
    /// What is wrong with each field of a form.
    pub fields: BTreeMap<String, String>,
}

impl ApiError {
    /// What is wrong with the field `name`.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)
    }
}

impl std::error::Error for ApiError {}

/// The body of a problem, as far as fragments read it.
#[derive(Deserialize)]
#[cfg_attr(
    not(any(feature = "hydrate", test)),
    expect(dead_code, reason = "decoded in the browser only")
)]
struct ProblemBody {
    title: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    fields: BTreeMap<String, String>,
}

/// Gets JSON. Dropping the future aborts the request.
///
/// # Errors
/// The BFF's problem, or an [`ApiError`] of status 0 when there was no usable answer. Always fails on the server.
pub fn get<T: DeserializeOwned + 'static>(url: &str) -> impl Future<Output = Result<T, ApiError>> + Send + use<T> {
    call(url.to_owned(), Ok(None))
}

/// Posts `body` as JSON and gets JSON. Dropping the future aborts the request.
///
/// # Errors
/// As [`get`].
pub fn post<B: Serialize, T: DeserializeOwned + 'static>(
    url: &str,
    body: &B,
) -> impl Future<Output = Result<T, ApiError>> + Send + use<B, T> {
    call(url.to_owned(), serde_json::to_string(body).map(Some))
}

#[cfg(not(feature = "hydrate"))]
async fn call<T: DeserializeOwned>(url: String, _body: serde_json::Result<Option<String>>) -> Result<T, ApiError> {
    Err(ApiError {
        title: format!("`{url}` can be called from the browser only"),
        ..ApiError::default()
    })
}

#[cfg(feature = "hydrate")]
fn call<T: DeserializeOwned + 'static>(
    url: String,
    body: serde_json::Result<Option<String>>,
) -> impl Future<Output = Result<T, ApiError>> + Send + use<T> {
    let answer = answer(url, body);
    send_wrapper::SendWrapper::new(async move { decode(&answer.await?) })
}

/// The text of a success. Apart from `call` and boxed, so that all types of answers share its code.
#[cfg(feature = "hydrate")]
fn answer(
    url: String,
    body: serde_json::Result<Option<String>>,
) -> std::pin::Pin<Box<dyn Future<Output = Result<String, ApiError>>>> {
    Box::pin(async move {
        let body = body.map_err(|error| failed(0, format!("the request is not JSON: {error}")))?;
        let fetched = browser::fetch(&url, body.as_deref()).await;
        let (status, text) = fetched.map_err(|title| failed(0, title))?;
        success(status, text)
    })
}

#[cfg(feature = "hydrate")]
use crate::json::parse;

#[cfg(all(test, not(feature = "hydrate")))]
fn parse<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    serde_json::from_str(text)
}

#[cfg(any(feature = "hydrate", test))]
fn decode<T: DeserializeOwned>(text: &str) -> Result<T, ApiError> {
    parse(text).map_err(|error| failed(200, format!("the answer was not understood: {error}")))
}

#[cfg(any(feature = "hydrate", test))]
fn success(status: u16, text: String) -> Result<String, ApiError> {
    if (200..300).contains(&status) {
        // An empty answer (204) is `null`, which `()` and `Option` read.
        return Ok(if text.is_empty() { "null".into() } else { text });
    }
    let Ok(problem) = parse::<ProblemBody>(&text) else {
        return Err(failed(status, format!("the server answered {status}")));
    };
    Err(ApiError {
        detail: problem.detail,
        fields: problem.fields,
        ..failed(status, problem.title)
    })
}

#[cfg(any(feature = "hydrate", test))]
fn failed(status: u16, title: String) -> ApiError {
    ApiError {
        status,
        title,
        ..ApiError::default()
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{AbortController, Headers, RequestInit, Response};

    /// Aborts the request when it is dropped; after its end that does nothing.
    struct AbortOnDrop(AbortController);

    impl Drop for AbortOnDrop {
        fn drop(&mut self) {
            self.0.abort();
        }
    }

    pub(super) async fn fetch(url: &str, json: Option<&str>) -> Result<(u16, String), String> {
        answer(url, json).await.map_err(|error| {
            let error: Option<js_sys::Error> = error.dyn_into().ok();
            error.map_or_else(|| "no answer".into(), |error| String::from(error.message()))
        })
    }

    async fn answer(url: &str, json: Option<&str>) -> Result<(u16, String), JsValue> {
        let abort = AbortOnDrop(AbortController::new()?);
        let headers = Headers::new()?;
        headers.set("accept", "application/json")?;
        let init = RequestInit::new();
        if let Some(json) = json {
            headers.set("content-type", "application/json")?;
            init.set_method("POST");
            init.set_body(&json.into());
        }
        init.set_headers(&headers);
        init.set_signal(Some(&abort.0.signal()));
        let window = web_sys::window().ok_or("no window")?;
        let response: Response = JsFuture::from(window.fetch_with_str_and_init(url, &init))
            .await?
            .dyn_into()?;
        let text = JsFuture::from(response.text()?).await?;
        Ok((response.status(), text.as_string().unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_decoded() {
        let check = |status, text: &str| success(status, text.into());
        assert_eq!(decode::<Vec<u32>>(&check(200, "[1,2]").unwrap()).unwrap(), [1, 2]);
        assert_eq!(decode::<Option<u32>>(&check(204, "").unwrap()).unwrap(), None);
        let error = decode::<u32>(&check(200, "no").unwrap()).unwrap_err();
        assert!(error.title.starts_with("the answer was not understood"));
    }

    #[test]
    fn a_problem_keeps_title_and_fields() {
        let text = r#"{"type":"about:blank","title":"Please check","status":422,"fields":{"email":"is missing"}}"#;
        let error = success(422, text.into()).unwrap_err();
        assert_eq!((error.status, error.to_string().as_str()), (422, "Please check"));
        assert_eq!((error.field("email"), error.field("name")), (Some("is missing"), None));
    }

    #[test]
    fn an_answer_that_is_no_problem_names_its_status() {
        for text in ["<html>", "{}", ""] {
            assert_eq!(success(502, text.into()).unwrap_err().title, "the server answered 502");
        }
    }
}
