//! `cargo xtask run`: sets up, builds, starts the three BFFs and the composer, and ends them all on Ctrl-C.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use clap::Args;
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    signal::unix::{SignalKind, signal},
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{build, build::Profile, place, tools};

const READY_LIMIT: Duration = Duration::from_secs(20);
const STOP_LIMIT: Duration = Duration::from_secs(15);
/// Long enough to look at the page without the app.
const RESTART_DELAY: Duration = Duration::from_secs(10);

/// Options of `cargo xtask run`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The shop's port; another free one is taken when it is busy.
    #[arg(long, default_value_t = 4000)]
    port: u16,
    /// Builds the servers with the release profile.
    #[arg(long)]
    release: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    tools::for_building()?;
    let profile = Profile::new(arguments.release);
    build::everything(profile)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(shop(profile, arguments.port))
}

/// A server of the shop, and what to start again when it ends.
struct Server {
    name: String,
    child: Child,
    /// Where it listens; a BFF that is started again has to be found there.
    listening: String,
}

async fn shop(profile: Profile, port: u16) -> Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut servers = Vec::new();
    let outcome = tokio::select! {
        outcome = keep(profile, port, &mut servers) => outcome,
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
    };
    eprintln!("\nstopping");
    stop(servers).await;
    outcome
}

async fn keep(profile: Profile, port: u16, servers: &mut Vec<Server>) -> Result<()> {
    for app in build::SHOP {
        servers.push(bff(profile, app, "127.0.0.1:0").await?);
    }
    let composer = composer(profile, port, servers).await?;
    let address = format!("http://{}/", composer.listening);
    servers.push(composer);
    eprintln!("\n  The Tractor Store is open: {address}\n");
    for server in servers.iter() {
        eprintln!(
            "  {:<9} {:<21} pid {}",
            server.name,
            server.listening,
            server.child.id().unwrap_or_default()
        );
    }
    eprintln!("\n  Ctrl-C stops everything.\n");
    loop {
        let at = ended(servers).await;
        let gone = servers.remove(at);
        if gone.name == "composer" {
            bail!("the composer ended; its log is above");
        }
        let seconds = RESTART_DELAY.as_secs();
        eprintln!(
            "{}'s BFF ended; the shop goes on without it, and it starts again in {seconds} s",
            gone.name
        );
        sleep(RESTART_DELAY).await;
        servers.push(bff(profile, &gone.name, &gone.listening).await?);
        eprintln!("{}'s BFF is back", gone.name);
    }
}

async fn ended(servers: &mut [Server]) -> usize {
    loop {
        for (at, server) in servers.iter_mut().enumerate() {
            if !matches!(server.child.try_wait(), Ok(None)) {
                return at;
            }
        }
        sleep(Duration::from_millis(200)).await;
    }
}

async fn bff(profile: Profile, app: &str, listen: &str) -> Result<Server> {
    let data = folder(&format!("data/{app}"))?;
    let mut command = Command::new(profile.folder().join(format!("bff-{app}")));
    command.env("MARQUETRY_LISTEN", listen).env("MARQUETRY_DATA_DIR", data);
    start(app, command).await
}

async fn composer(profile: Profile, port: u16, bffs: &[Server]) -> Result<Server> {
    let config = folder("")?.join("composer.toml");
    fs::write(&config, configuration(port, bffs))?;
    let mut command = Command::new(profile.folder().join("marquetry"));
    command.arg("serve").arg("--config").arg(config).arg("--ready-json");
    start("composer", command).await
}

fn configuration(port: u16, bffs: &[Server]) -> String {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    let port = if free { port } else { 0 };
    let (root, dist) = (place::root(), place::dist());
    let path = |path: &Path| path.display().to_string();
    let mut text = format!(
        "listen = \"127.0.0.1:{port}\"\nadmin_listen = \"127.0.0.1:0\"\nstatic_dir = {:?}\nshell_dir = {:?}\n",
        path(&root.join("static")),
        path(&dist.join("shell")),
    );
    for bff in bffs {
        let dir = path(&dist.join("apps").join(&bff.name));
        text += &format!("\n[[apps]]\ndir = {dir:?}\norigins = [\"http://{}\"]\n", bff.listening);
    }
    text
}

/// Starts a server and waits for its ready line: `{"listening":"127.0.0.1:4101", …}`.
async fn start(name: &str, mut command: Command) -> Result<Server> {
    command
        .current_dir(place::root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    // Their own group: a Ctrl-C at the terminal reaches xtask alone, which ends them in order.
    command.process_group(0);
    let mut child = command.spawn().with_context(|| format!("can't start {name}"))?;
    let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
    let listening = timeout(READY_LIMIT, async {
        while let Some(line) = lines.next_line().await? {
            let ready = serde_json::from_str::<serde_json::Value>(&line).ok();
            if let Some(address) = ready.as_ref().and_then(|ready| ready["listening"].as_str()) {
                return Ok(address.to_owned());
            }
        }
        bail!("{name} ended before it was ready; its log is above")
    })
    .await
    .with_context(|| format!("{name} was not ready within {READY_LIMIT:?}"))??;
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Ok(Server {
        name: name.into(),
        child,
        listening,
    })
}

async fn stop(servers: Vec<Server>) {
    let mut stopping = JoinSet::new();
    for mut server in servers.into_iter().rev() {
        let id = server
            .child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(Pid::from_raw);
        if let Some(id) = id {
            let _ = kill_process(id, Signal::TERM);
        }
        stopping.spawn(async move {
            if timeout(STOP_LIMIT, server.child.wait()).await.is_err() {
                eprintln!("{} did not stop within {STOP_LIMIT:?} and is ended", server.name);
                let _ = server.child.kill().await;
            }
        });
    }
    while stopping.join_next().await.is_some() {}
}

fn folder(path: &str) -> Result<PathBuf> {
    let folder = place::target().join("run").join(path);
    fs::create_dir_all(&folder).with_context(|| format!("can't make {}", folder.display()))?;
    Ok(folder)
}
