//! nginx with server-side includes: uncached with kept upstream connections, cached with `proxy_cache`.

use std::{fs, path::Path, process::Command};

use anyhow::Result;

use super::installed;

pub(super) const PLACES: [&str; 3] = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"];

pub(super) fn command(folder: &Path, port: u16, upstream: u16) -> Result<Option<Command>> {
    let Some(program) = installed(&PLACES) else {
        return Ok(None);
    };
    let file = folder.join("nginx.conf");
    fs::write(&file, config(port, upstream, folder))?;
    let mut command = Command::new(program);
    command.arg("-c").arg(file);
    Ok(Some(command))
}

/// Tuned for the least CPU time that was found. Cached files lie in memory and stay open. `sendfile` is off: a read of 2 kB and one
/// `writev` cost half of what a `sendfile` for each fragment does. `postpone_output` makes that one `writev` a page instead of one a
/// fragment, a fifth to a half less; for uncached pages it would hold back what has arrived until all has, so only `/held/` has it.
fn config(port: u16, upstream: u16, folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "daemon off; worker_processes 1; user root; pid \"{folder}/nginx.pid\"; error_log \"{folder}/error.log\" crit;
events {{ worker_connections 4096; }}
http {{
  access_log off; tcp_nodelay on; sendfile off; keepalive_requests 100000000; default_type text/html;
  client_body_temp_path \"{folder}/body\"; proxy_temp_path \"{folder}/proxy\"; fastcgi_temp_path \"{folder}/fastcgi\";
  uwsgi_temp_path \"{folder}/uwsgi\"; scgi_temp_path \"{folder}/scgi\";
  proxy_cache_path \"{folder}/cache\" levels=1:2 keys_zone=fragments:64m inactive=1d use_temp_path=off;
  open_file_cache max=10000 inactive=1d; open_file_cache_valid 1d; open_file_cache_min_uses 1;
  gzip on; gzip_types text/html; gzip_vary off;
  upstream fragments {{ server 127.0.0.1:{upstream}; keepalive 512; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{port};
    proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_set_header Accept-Encoding \"\";
    location ~ ^/u/(?<n>[0-9]+)$ {{ ssi on; rewrite ^ /u/ssi?n=$n? break; proxy_pass http://fragments; }}
    location ~ ^/held/(?<n>[0-9]+)$ {{
      ssi on; postpone_output 1m; rewrite ^ /u/ssi?n=$n? break; proxy_pass http://fragments;
    }}
    location /u/part {{ proxy_pass http://fragments; }}
    location ~ ^/c/(?<n>[0-9]+)$ {{
      ssi on; postpone_output 1m; proxy_cache fragments; proxy_cache_key \"page $n\"; rewrite ^ /c/ssi?n=$n? break; proxy_pass http://fragments;
    }}
    location /c/part {{ proxy_cache fragments; proxy_cache_key $uri$is_args$args; proxy_pass http://fragments; }}
  }}
}}
"
    )
}
