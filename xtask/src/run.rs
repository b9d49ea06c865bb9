//! `cargo xtask run`: sets up, builds, starts the composer and the demo's BFFs, publishes and releases them, and ends all on Ctrl-C.

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
use serde::Deserialize;
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
    ready: Ready,
}

/// A server's ready line: `{"listening":"127.0.0.1:4101", …}`.
#[derive(Clone, Deserialize)]
struct Ready {
    /// Where it listens; a BFF that is started again has to be found there.
    listening: String,
    /// Where a composer is administered.
    #[serde(default)]
    admin: String,
}

/// Where a BFF announces itself, and `marquetry` finds the composer.
struct Platform {
    profile: Profile,
    admin: String,
    token_file: PathBuf,
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
    let composer = composer(profile, port).await?;
    let platform = Platform {
        profile,
        admin: format!("http://{}", composer.ready.admin),
        token_file: folder("data/composer")?.join("platform.token"),
    };
    let address = format!("http://{}", composer.ready.listening);
    servers.push(composer);
    for app in build::APPS {
        servers.push(platform.bff(app, "127.0.0.1:0").await?);
    }
    platform.release().await?;
    platform.tell(&address, servers);
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
        servers.push(platform.bff(&gone.name, &gone.ready.listening).await?);
        eprintln!("{}'s BFF is back", gone.name);
    }
}

impl Platform {
    async fn bff(&self, app: &str, listen: &str) -> Result<Server> {
        let mut command = Command::new(self.profile.folder().join(format!("bff-{app}")));
        command
            .env("MARQUETRY_LISTEN", listen)
            .env("MARQUETRY_DATA_DIR", folder(&format!("data/{app}"))?);
        start(app, self.of(&mut command)).await
    }

    /// Each app belongs to the team of its name; all are released as one train.
    async fn release(&self) -> Result<()> {
        let mut train = vec!["release".to_owned()];
        for app in build::APPS {
            self.marquetry(&["team", "set", app, "--apps", app]).await?;
            let packed = place::dist().join("apps").join(app);
            self.marquetry(&["publish", "--packed", &packed.display().to_string()])
                .await?;
            train.push(build::version(app)?);
        }
        let train: Vec<&str> = train.iter().map(String::as_str).collect();
        self.announced().await?;
        self.marquetry(&train).await?;
        Ok(())
    }

    /// Waits until every app has an instance: BFFs announce themselves once they listen.
    async fn announced(&self) -> Result<()> {
        let all = async {
            loop {
                let status: serde_json::Value = serde_json::from_slice(&self.marquetry(&["status", "--json"]).await?)?;
                let apps = status["apps"].as_array().context("a status without apps")?;
                let known = |app: &serde_json::Value| app["versions"][0]["instances"][0].is_object();
                if apps.iter().all(known) {
                    return anyhow::Ok(());
                }
                sleep(Duration::from_millis(100)).await;
            }
        };
        timeout(READY_LIMIT, all)
            .await
            .context("the BFFs did not announce themselves")?
    }

    /// What a person would type.
    async fn marquetry(&self, words: &[&str]) -> Result<Vec<u8>> {
        let mut command = Command::new(self.profile.folder().join("marquetry"));
        let done = self.of(command.args(words).arg("--quiet")).output().await?;
        if !done.status.success() {
            bail!(
                "marquetry {}: {}",
                words.join(" "),
                String::from_utf8_lossy(&done.stderr)
            );
        }
        Ok(done.stdout)
    }

    fn of<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command
            .env("MARQUETRY_ADMIN", &self.admin)
            .env("MARQUETRY_TOKEN_FILE", &self.token_file)
    }

    fn tell(&self, address: &str, servers: &[Server]) {
        eprintln!("\n  The Tractor Store is open: {address}/");
        eprintln!("  Its console: {address}/_m/console");
        eprintln!("    sign in with the token in {}\n", self.token_file.display());
        for server in servers {
            let id = server.child.id().unwrap_or_default();
            eprintln!("  {:<9} {:<21} pid {id}", server.name, server.ready.listening);
        }
        let marquetry = self.profile.folder().join("marquetry");
        eprintln!("\n  To act on it from another terminal:\n");
        eprintln!("    export MARQUETRY_ADMIN={}", self.admin);
        eprintln!("    export MARQUETRY_TOKEN_FILE={}", self.token_file.display());
        eprintln!("    {} status", marquetry.display());
        eprintln!("\n  Ctrl-C stops everything.\n");
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

/// With an empty ledger each time: what is built here has the same version every time, and a published version never changes.
async fn composer(profile: Profile, port: u16) -> Result<Server> {
    let data = folder("data/composer")?;
    fs::remove_dir_all(&data).with_context(|| format!("can't empty {}", data.display()))?;
    let config = folder("")?.join("composer.toml");
    fs::write(&config, configuration(port, &data))?;
    let mut command = Command::new(profile.folder().join("marquetry"));
    command.arg("serve").arg("--config").arg(config).arg("--ready-json");
    start("composer", &mut command).await
}

fn configuration(port: u16, data: &Path) -> String {
    let free = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_or(0, |_| port);
    let path = |path: &Path| format!("{:?}", path.display().to_string());
    format!(
        "listen = \"127.0.0.1:{}\"\nadmin_listen = \"127.0.0.1:{}\"\nstatic_dir = {}\nshell_dir = {}\ndata_dir = {}\n\n\
         [overrides]\nenabled = true\n\n[inspector]\ndevelopment = true\n",
        free(port),
        free(port + 1),
        path(&place::root().join("static")),
        path(&place::dist().join("shell")),
        path(data),
    )
}

/// Starts a server and waits for its ready line.
async fn start(name: &str, command: &mut Command) -> Result<Server> {
    command
        .current_dir(place::root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    // Their own group: a Ctrl-C at the terminal reaches xtask alone, which ends them in order.
    command.process_group(0);
    let mut child = command.spawn().with_context(|| format!("can't start {name}"))?;
    let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
    let ready = timeout(READY_LIMIT, async {
        while let Some(line) = lines.next_line().await? {
            if let Ok(ready) = serde_json::from_str::<Ready>(&line) {
                return Ok(ready);
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
        ready,
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
