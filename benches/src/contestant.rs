//! The servers under test, each started in its own folder on CPU 0 with one worker.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    rc::Rc,
};

use anyhow::{Context, Result, ensure};

use crate::{
    process::{self, Process},
    upstream,
};

const CPU_OF_SERVER: usize = 0;
const CPU_OF_THE_REST: usize = 1;

/// A server under test.
#[derive(Clone)]
pub(crate) struct Contestant {
    /// As the table names it.
    pub(crate) name: &'static str,
    pub(crate) port: u16,
    /// The pages' address up to the number of fragments.
    pub(crate) pages: &'static str,
    pub(crate) process: Rc<Process>,
}

/// The program itself, for its own parts.
fn own() -> Result<String> {
    Ok(std::env::current_exe()?.display().to_string())
}

/// Starts a part of this program with its port in the environment.
fn part(cpu: usize, port: u16, arguments: &[&str]) -> Result<Process> {
    let setting = format!("{}={port}", upstream::PORT);
    let own = own()?;
    let mut all = vec![setting.as_str(), own.as_str()];
    all.extend(arguments);
    Process::start(cpu, "env", &all)
}

/// The fragment server.
pub(crate) async fn upstream() -> Result<(u16, Process)> {
    let port = process::free_port()?;
    let process = part(CPU_OF_THE_REST, port, &["upstream"])?;
    process::listening(port, "the fragment server").await?;
    Ok((port, process))
}

/// A bare hyper program.
pub(crate) async fn bare(upstream: u16) -> Result<Contestant> {
    let port = process::free_port()?;
    let process = part(CPU_OF_SERVER, port, &["bare", &format!("127.0.0.1:{upstream}")])?;
    process::listening(port, "the bare program").await?;
    Ok(Contestant {
        name: "bare hyper",
        port,
        pages: "/p/",
        process: Rc::new(process),
    })
}

/// The composer, with one app whose pages have slots for its own fragments.
pub(crate) async fn composer(upstream: u16, folder: &Path, fragments: &[usize]) -> Result<Contestant> {
    let marquetry = PathBuf::from(own()?).with_file_name("marquetry");
    let port = process::free_port()?;
    let source = folder.join("source");
    fs::create_dir_all(&source)?;
    fs::write(source.join("layout.html"), LAYOUT)?;
    fs::write(source.join("marquetry.toml"), manifest(fragments))?;
    let mut pack = Command::new(&marquetry);
    pack.arg("pack").arg(&source).arg("--out").arg(folder.join("app"));
    let packed = pack
        .output()
        .with_context(|| format!("can't start {}", marquetry.display()))?;
    ensure!(
        packed.status.success(),
        "pack: {}",
        String::from_utf8_lossy(&packed.stderr)
    );
    let config = folder.join("composer.toml");
    fs::write(
        &config,
        format!(
            "listen = \"127.0.0.1:{port}\"\nadmin_listen = \"127.0.0.1:0\"\nthreads = 1\nlog = \"error\"\n\n\
             [[apps]]\ndir = \"app\"\norigins = [\"http://127.0.0.1:{upstream}\"]\n"
        ),
    )?;
    let arguments = ["serve", "--config", &config.display().to_string()];
    let process = Process::start(CPU_OF_SERVER, &marquetry.display().to_string(), &arguments)?;
    process::listening(port, "the composer").await?;
    Ok(Contestant {
        name: "marquetry",
        port,
        pages: "/p/",
        process: Rc::new(process),
    })
}

const LAYOUT: &str = "<!doctype html><html lang=\"en\"><head><title>Benchmark</title></head>\
    <body><main><fragment-slot src=\"page\"></fragment-slot></main></body></html>";

const MANIFEST: &str = r#"
[app]
name = "bench"
version = "1.0.0"
owner = "Benchmark"

[[pages]]
path = "/p/{n}"
fragment = "page"
layout = "bench/plain"

[[fragments]]
name = "page"
path = "/slots"
params = ["n"]
includes = ["bench/part"]

[[fragments]]
name = "part"
path = "/part"
params = ["i"]

[[layouts]]
name = "plain"
template = "layout.html"
"#;

/// The manifest, with a page for each number of fragments that names them all beforehand.
fn manifest(fragments: &[usize]) -> String {
    let mut text = MANIFEST.to_owned();
    for count in fragments {
        let eager: Vec<String> = (0..*count).map(|at| format!("\"bench/part?i={at}\"")).collect();
        text += &format!(
            "\n[[pages]]\npath = \"/e/{count}\"\nfragment = \"page-{count}\"\nlayout = \"bench/plain\"\n\n\
             [[fragments]]\nname = \"page-{count}\"\npath = \"/slots/{count}\"\nincludes = [\"bench/part\"]\neager = [{}]\n",
            eager.join(", ")
        );
    }
    text
}

/// The same composer, asked for pages whose manifest says what they include.
pub(crate) fn eager(composer: &Contestant) -> Contestant {
    Contestant {
        name: "marquetry, eager",
        pages: "/e/",
        ..composer.clone()
    }
}

/// nginx with server-side includes; `None` where it is not installed.
pub(crate) async fn nginx(upstream: u16, folder: &Path) -> Result<Option<Contestant>> {
    let places = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"];
    let Some(program) = places.into_iter().find(|place| Path::new(place).is_file()) else {
        return Ok(None);
    };
    let port = process::free_port()?;
    let config = folder.join("nginx.conf");
    fs::write(&config, nginx_config(port, upstream, folder))?;
    let process = Process::start(CPU_OF_SERVER, program, &["-c", &config.display().to_string()])?;
    process::listening(port, "nginx").await?;
    Ok(Some(Contestant {
        name: "nginx SSI",
        port,
        pages: "/p/",
        process: Rc::new(process),
    }))
}

fn nginx_config(port: u16, upstream: u16, folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "daemon off; worker_processes 1; user root; pid {folder}/nginx.pid; error_log {folder}/error.log crit;
events {{ worker_connections 4096; }}
http {{
  access_log off; tcp_nodelay on; keepalive_requests 100000000; default_type text/html;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream fragments {{ server 127.0.0.1:{upstream}; keepalive 512; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{port};
    proxy_http_version 1.1; proxy_set_header Connection \"\";
    location ~ ^/p/(?<n>[0-9]+)$ {{ ssi on; rewrite ^ /ssi?n=$n? break; proxy_pass http://fragments; }}
    location /part {{ proxy_pass http://fragments; }}
  }}
}}
"
    )
}
