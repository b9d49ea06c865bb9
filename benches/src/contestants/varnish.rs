//! Varnish with edge-side includes.

use std::{fs, path::Path, process::Command};

use anyhow::Result;

use super::installed;

pub(super) const PLACES: [&str; 2] = ["/usr/sbin/varnishd", "/usr/local/sbin/varnishd"];

/// What Varnish writes into its log of each request, in memory, unless told otherwise.
#[rustfmt::skip]
const LOGGED: [&str; 49] = [
    "Backend", "BackendClose", "BackendOpen", "BackendReuse", "BackendStart", "Begin", "End", "Link", "BereqAcct", "BereqHeader",
    "BereqMethod", "BereqProtocol", "BereqURL", "BereqUnset", "BerespHeader", "BerespProtocol", "BerespReason", "BerespStatus",
    "BerespUnset", "Fetch_Body", "Filters", "Gzip", "Hit", "HitMiss", "HitPass", "Length", "ReqAcct", "ReqHeader", "ReqMethod",
    "ReqProtocol", "ReqStart", "ReqURL", "ReqUnset", "RespHeader", "RespProtocol", "RespReason", "RespStatus", "RespUnset",
    "SessClose", "SessOpen", "Storage", "TTL", "Timestamp", "VCL_acl", "VCL_call", "VCL_return", "VCL_use", "VSL", "Witness",
];

pub(super) fn command(folder: &Path, port: u16, upstream: u16) -> Result<Option<Command>> {
    let Some(program) = installed(&PLACES) else {
        return Ok(None);
    };
    let file = folder.join("bench.vcl");
    fs::write(&file, vcl(upstream))?;
    let mut command = Command::new(program);
    command.arg("-F").arg("-n").arg(folder.join("work")).arg("-f").arg(file);
    command
        .arg("-a")
        .arg(format!("127.0.0.1:{port}"))
        .args(["-s", "malloc,256m"]);
    // One pool of threads for the one CPU, and no log, as nowhere else either.
    let silent: Vec<String> = LOGGED.iter().map(|record| format!("-{record}")).collect();
    let mask = format!("vsl_mask={}", silent.join(","));
    for parameter in ["thread_pools=1", "thread_pool_min=50", "timeout_idle=600", &mask] {
        command.args(["-p", parameter]);
    }
    Ok(Some(command))
}

/// Pages that clients read compressed are kept compressed, apart from plain ones, so that neither is converted on delivery.
fn vcl(upstream: u16) -> String {
    format!(
        r#"vcl 4.1;
backend fragments {{ .host = "127.0.0.1"; .port = "{upstream}"; }}
sub vcl_recv {{
  if (req.http.Accept-Encoding ~ "gzip") {{ set req.http.x-zip = "yes"; }} else {{ unset req.http.x-zip; }}
  if (req.url ~ "^/[uc]/[0-9]+$") {{ set req.url = regsub(req.url, "^/([uc])/([0-9]+)$", "/\1/esi?n=\2"); }}
  if (req.url ~ "^/u/") {{ return (pass); }}
  return (hash);
}}
sub vcl_hash {{
  hash_data(req.url);
  hash_data(req.http.x-zip);
  return (lookup);
}}
sub vcl_backend_response {{
  if (bereq.url ~ "^/[uc]/esi") {{ set beresp.do_esi = true; }}
  if (bereq.http.x-zip) {{ set beresp.do_gzip = true; }}
}}
"#
    )
}
