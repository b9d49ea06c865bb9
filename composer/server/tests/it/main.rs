//! The composer's door, tried over real sockets on loopback.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;
mod site;
mod visits;
mod admin;
mod canaries;
mod overrides;
mod releases;
mod admin_platform;
mod admin_access;
mod admin_teams;
mod admin_release;
mod admin_instances;
mod admin_openapi;
mod address;
mod asset;
mod body;
mod drain;
mod early_hints;
mod encoding;
mod events;
mod feed;
mod http2;
mod limits;
mod neighbours;
mod page;
mod inspector;
mod ready;
mod report;
mod server_timing;
mod static_files;
mod tls;
