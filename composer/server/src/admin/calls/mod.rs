//! Every call of the admin API, in one table.

mod change_release;
mod get_doctor;
mod get_history;
mod get_page;
mod get_status;
mod get_whoami;
mod instances;
mod openapi;
mod overrides;
mod post_gc;
mod post_purge;
mod post_reload;
mod post_release;
mod post_rollback;
mod put_blob;
mod put_origins;
mod put_version;
mod teams;
mod tokens;

use axum::routing::{MethodRouter, delete, get, post, put};
use contract::admin::Action::{Admin, Announce, Dev, Publish, Read, Release};

use super::around::Needs::{self, Nothing, OneOf, Token};
use crate::app::App;

/// One call: its name in the log, which begins with its method in lower case or with a word for `POST`; its address, what it needs, and who answers it.
pub(super) struct Call {
    pub(super) act: &'static str,
    pub(super) path: &'static str,
    pub(super) needs: Needs,
    pub(super) handler: MethodRouter<App>,
}

/// Every call. Handlers look at the apps themselves.
pub(super) fn table() -> Vec<Call> {
    [seen(), published(), released(), given()]
        .into_iter()
        .flatten()
        .collect()
}

/// What is there.
fn seen() -> Vec<Call> {
    let read = OneOf(&[Read]);
    vec![
        called("get-whoami", "/v1/whoami", Token, get(get_whoami::get_whoami)),
        called("get-status", "/v1/status", read, get(get_status::get_status)),
        called("get-app", "/v1/apps/{app}", read, get(get_status::get_app)),
        called("get-history", "/v1/history", read, get(get_history::get_history)),
        called("get-page", "/v1/page", read, get(get_page::get_page)),
        called("get-doctor", "/v1/doctor", read, get(get_doctor::get_doctor)),
        called("get-openapi", "/v1/openapi.json", Nothing, get(openapi::get_openapi)),
    ]
}

/// Versions, where they run, and developers' own.
fn published() -> Vec<Call> {
    use instances::{delete_instance, post_instance};
    use overrides::{delete_override, post_override};
    let announce = OneOf(&[Announce]);
    let dev = OneOf(&[Dev]);
    vec![
        called(
            "put-blob",
            "/v1/blobs/{sha256}",
            OneOf(&[Publish, Dev]),
            put(put_blob::put_blob),
        ),
        called("put-version", VERSION, OneOf(&[Publish]), put(put_version::put_version)),
        called("put-origins", ORIGINS, OneOf(&[Release]), put(put_origins::put_origins)),
        called("post-instance", "/v1/instances", announce, post(post_instance)),
        called(
            "delete-instance",
            "/v1/instances/{id}",
            announce,
            delete(delete_instance),
        ),
        called("post-override", "/v1/overrides", dev, post(post_override)),
        called("delete-override", "/v1/overrides/{id}", dev, delete(delete_override)),
    ]
}

/// What is live, for whom.
fn released() -> Vec<Call> {
    use change_release::{abort, pause, promote, resume};
    let release = OneOf(&[Release]);
    vec![
        called(
            "post-release",
            "/v1/releases",
            release,
            post(post_release::post_release),
        ),
        called("promote-release", "/v1/releases/{id}/promote", release, post(promote)),
        called("pause-release", "/v1/releases/{id}/pause", release, post(pause)),
        called("resume-release", "/v1/releases/{id}/resume", release, post(resume)),
        called("abort-release", "/v1/releases/{id}/abort", release, post(abort)),
        called(
            "post-rollback",
            "/v1/rollbacks",
            release,
            post(post_rollback::post_rollback),
        ),
        called("post-purge", "/v1/purge", release, post(post_purge::post_purge)),
    ]
}

/// Who may do what; and upkeep.
fn given() -> Vec<Call> {
    let admin = OneOf(&[Admin]);
    vec![
        called("get-teams", "/v1/teams", OneOf(&[Read]), get(teams::get_teams)),
        called("put-team", "/v1/teams/{team}", admin, put(teams::put_team)),
        called("get-tokens", "/v1/tokens", admin, get(tokens::get_tokens)),
        called("post-token", "/v1/tokens", admin, post(tokens::post_token)),
        called("delete-token", "/v1/tokens/{id}", admin, delete(tokens::delete_token)),
        called("post-gc", "/v1/gc", admin, post(post_gc::post_gc)),
        called("post-reload", "/v1/reload", admin, post(post_reload::post_reload)),
    ]
}

const VERSION: &str = "/v1/apps/{app}/versions/{version}";
const ORIGINS: &str = "/v1/apps/{app}/versions/{version}/origins";

fn called(act: &'static str, path: &'static str, needs: Needs, handler: MethodRouter<App>) -> Call {
    Call {
        act,
        path,
        needs,
        handler,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    fn method(call: &Call) -> &'static str {
        match call.act.split('-').next() {
            Some("get") => "get",
            Some("put") => "put",
            Some("delete") => "delete",
            _ => "post",
        }
    }

    #[test]
    fn the_openapi_text_has_every_call_and_no_other() {
        let document: Value = serde_json::from_str(openapi::TEXT).unwrap();
        let paths = document["paths"].as_object().unwrap();
        let told: BTreeSet<(String, String)> = paths
            .iter()
            .flat_map(|(path, calls)| {
                calls
                    .as_object()
                    .unwrap()
                    .keys()
                    .map(|method| (path.clone(), method.clone()))
            })
            .collect();
        let built: BTreeSet<(String, String)> = table()
            .iter()
            .map(|call| (call.path.to_owned(), method(call).to_owned()))
            .collect();
        assert_eq!(told, built);
    }

    #[test]
    fn the_openapi_text_says_which_calls_are_open() {
        let document: Value = serde_json::from_str(openapi::TEXT).unwrap();
        for call in table() {
            let told = &document["paths"][call.path][method(&call)];
            let open = told["security"].as_array().is_some_and(Vec::is_empty);
            assert_eq!(open, matches!(call.needs, Nothing), "{}", call.act);
        }
    }

    fn references<'d>(value: &'d Value, found: &mut Vec<&'d str>) {
        match value {
            Value::Object(object) => {
                found.extend(object.get("$ref").and_then(Value::as_str));
                object.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn the_openapi_text_refers_to_nothing_that_is_not_in_it() {
        let document: Value = serde_json::from_str(openapi::TEXT).unwrap();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 200, "{}", found.len());
        for reference in &found {
            let there = document.pointer(reference.strip_prefix('#').unwrap());
            assert!(there.is_some(), "{reference}");
        }
        for (kind, components) in document["components"].as_object().unwrap() {
            for name in components
                .as_object()
                .unwrap()
                .keys()
                .filter(|_| kind != "securitySchemes")
            {
                let reference = format!("#/components/{kind}/{name}");
                assert!(found.contains(&reference.as_str()), "nothing refers to {reference}");
            }
        }
    }
}
