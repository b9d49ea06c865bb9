//! The page that says what a page is made of.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use bff_kit::{Fragment, Problem, Query, RequestContext};
use contract::admin::PageView;
use fragments_console::{Fields, Here, Notice, OutlinePage, PageOutline, Props, Tone, place};
use leptos::prelude::*;

use crate::{
    Console,
    admin::AdminError,
    moment,
    sessions::Visitor,
    shape,
    visit::{Why, to_sign_in},
};

/// Renders it.
pub(crate) async fn get_page(
    context: RequestContext,
    Query(params): Query<Fields>,
    State(console): State<Console>,
) -> Result<Response, Problem> {
    let value = |name: &str| params.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
    let asked = PageOutline {
        path: value("path"),
        at: value("at"),
        found: None,
    };
    let here = address(&asked);
    let Some(visitor) = console.arrive(&context).await else {
        return Ok(to_sign_in(Why::New, &here)?.into_response());
    };
    let (found, wrong) = match check(&asked) {
        Ok(None) => (Ok(None), None),
        Ok(Some(call)) => (found(&console, &visitor, &context, &call).await.map(Some), None),
        Err(wrong) => (Ok(None), Some(wrong)),
    };
    let Some((props, status)) = console.props(&context, &visitor, Here::Page, found) else {
        return Ok(to_sign_in(Why::Refused, &here)?.into_response());
    };
    let props = Props {
        data: Some(PageOutline {
            found: props.data.flatten().map(|view| shape::found(&view)),
            ..asked
        }),
        frame: props.frame,
        trouble: props.trouble.or(wrong),
    };
    let fragment = Fragment::leptos(&context, props, |props| view! { <OutlinePage props/> }).await;
    Ok(fragment
        .status(status)
        .title("Page view · Marquetry console")
        .into_response())
}

/// The call that tells; `None` while nothing is asked for.
fn check(asked: &PageOutline) -> Result<Option<String>, Notice> {
    let wrong = |title: &str, text: &str| Notice {
        tone: Tone::Warn,
        title: title.into(),
        text: text.into(),
        ..Notice::default()
    };
    if asked.path.is_empty() {
        return Ok(None);
    }
    if !asked.path.starts_with('/') || asked.path.len() > 1_000 {
        return Err(wrong(
            "That is no path",
            "A path begins with `/`, as `/checkout/cart`, and has no host.",
        ));
    }
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("path", &asked.path);
    if !asked.at.is_empty() {
        let at = moment::parse(&asked.at);
        let at = at.ok_or_else(|| wrong("That is no moment", "Write it as `2026-11-23T09:41`, in UTC."))?;
        query.append_pair("at_ms", &at.to_string());
    }
    Ok(Some(format!("/v1/page?{}", query.finish())))
}

async fn found(
    console: &Console,
    visitor: &Visitor,
    context: &RequestContext,
    call: &str,
) -> Result<PageView, AdminError> {
    console.admin.get(visitor.calls(context), call).await
}

fn address(asked: &PageOutline) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("path", &asked.path), ("at", &asked.at)] {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    match query.finish() {
        query if query.is_empty() => place::PAGE.into(),
        query => format!("{}?{query}", place::PAGE),
    }
}
