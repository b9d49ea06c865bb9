//! A composer with a ledger of its own, and what teams and operators say to its admin API.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::{task::JoinHandle, time::sleep};

use crate::{
    composer::{Composer, Config},
    wait::{PATIENCE, within},
};

/// A running composer with a ledger. Its folder outlives it, so that it can be started again.
pub struct Platform {
    /// The composer.
    pub composer: Composer,
    config: Config,
    folder: TempDir,
}

/// The admin API, in the name of one token.
#[derive(Clone)]
pub struct Admin {
    address: SocketAddr,
    token: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// An instance that is announced again and again, until this is dropped.
pub struct Announced(JoinHandle<()>);

impl Platform {
    /// Starts one with an empty ledger.
    ///
    /// # Errors
    /// When it doesn't start.
    pub async fn start() -> Result<Self> {
        Self::with(Config::default().line("log = \"warn\"")).await
    }

    /// Starts one with an empty ledger and lines of the test's own in its configuration.
    ///
    /// # Errors
    /// When it doesn't start.
    pub async fn with(config: Config) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let config = config.line(&format!("data_dir = {:?}", folder.path().join("data")));
        Ok(Self {
            composer: Composer::start(&config).await?,
            config,
            folder,
        })
    }

    /// Starts the composer again over the same folder, after it has ended.
    ///
    /// # Errors
    /// When it doesn't start.
    pub async fn again(&mut self) -> Result<()> {
        self.again_under(&[]).await
    }

    /// The same as the child of another program.
    ///
    /// # Errors
    /// When it doesn't start.
    pub async fn again_under(&mut self, words: &[String]) -> Result<()> {
        self.composer = Composer::start_under(&self.config, words).await?;
        Ok(())
    }

    /// The folder of its ledger and files.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The file that holds the platform's first token.
    pub fn token_file(&self) -> PathBuf {
        self.data().join("platform.token")
    }

    /// The admin API in the platform's name.
    ///
    /// # Errors
    /// When there is no token.
    pub fn admin(&self) -> Result<Admin> {
        let file = self.token_file();
        let token = std::fs::read_to_string(&file).with_context(|| format!("can't read {}", file.display()))?;
        Ok(Admin::new(self.composer.admin(), token.trim()))
    }
}

impl Admin {
    /// The admin API at `address`, for the holder of `token`.
    pub fn new(address: SocketAddr, token: &str) -> Self {
        Self {
            address,
            token: token.into(),
            client: Client::builder(TokioExecutor::new()).build_http(),
        }
    }

    /// The same API for another token.
    #[must_use]
    pub fn named(&self, token: &str) -> Self {
        Self {
            token: token.into(),
            ..self.clone()
        }
    }

    /// What the token is.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Sends a request and gives status and JSON, `null` for none.
    ///
    /// # Errors
    /// When there is no reply in time, or one that is no JSON.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<(StatusCode, Value)> {
        let bytes = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        self.send(method, path, "application/json", bytes.into()).await
    }

    async fn send(&self, method: Method, path: &str, kind: &str, body: Bytes) -> Result<(StatusCode, Value)> {
        let what = format!("{method} {path}");
        let request = Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.address))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::CONTENT_TYPE, kind)
            .body(Full::new(body))?;
        let reply = within(3 * PATIENCE, &what, self.client.request(request)).await??;
        let status = reply.status();
        let body = reply.into_body().collect().await?.to_bytes();
        if body.is_empty() {
            return Ok((status, Value::Null));
        }
        let json = serde_json::from_slice(&body);
        Ok((
            status,
            json.with_context(|| format!("{what}: {}", String::from_utf8_lossy(&body)))?,
        ))
    }

    /// A `GET` that has to succeed.
    ///
    /// # Errors
    /// When it doesn't.
    pub async fn get(&self, path: &str) -> Result<Value> {
        succeed(path, self.call(Method::GET, path, None).await?)
    }

    /// A request with a body that has to succeed.
    ///
    /// # Errors
    /// When it doesn't.
    pub async fn act(&self, method: Method, path: &str, body: &Value) -> Result<Value> {
        succeed(path, self.call(method, path, Some(body)).await?)
    }

    /// Makes a team that owns `apps`.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn team(&self, name: &str, apps: &[&str]) -> Result<()> {
        let path = format!("/v1/teams/{name}");
        self.act(Method::PUT, &path, &json!({ "apps": apps })).await?;
        Ok(())
    }

    /// A token of `team` for `actions`.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn issue(&self, team: &str, actions: &[&str]) -> Result<Self> {
        let body = json!({ "name": format!("{team}'s"), "team": team, "actions": actions });
        let issued = self.act(Method::POST, "/v1/tokens", &body).await?;
        Ok(self.named(issued["secret"].as_str().context("no secret")?))
    }

    /// Publishes a version folder that `marquetry pack` has made.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn publish(&self, version: &str, packed: &Path) -> Result<Value> {
        let (app, number) = version.split_once('@').context("no version")?;
        let path = format!("/v1/apps/{app}/versions/{number}");
        let reply = self.with_files(Method::PUT, &path, json!({}), packed).await?;
        ensure!(reply["published"] == true, "{version} isn't published: {reply}");
        Ok(reply)
    }

    /// Shows a version folder to a developer alone; gives what the composer says of the override.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn open_override(&self, version: &str, packed: &Path, origin: &str) -> Result<Value> {
        let body = json!({ "version": version, "origin": origin });
        self.with_files(Method::POST, "/v1/overrides", body, packed).await
    }

    /// Sends `body` with the list of a folder's files, then those that the composer hasn't, then `body` again.
    async fn with_files(&self, method: Method, path: &str, mut body: Value, packed: &Path) -> Result<Value> {
        let mut files = Vec::new();
        collect(packed, packed, &mut files)?;
        let listed = files
            .iter()
            .map(|(path, bytes)| json!({ "path": path, "sha256": hash(bytes), "bytes": bytes.len() }));
        body["files"] = listed.collect();
        let reply = self.act(method.clone(), path, &body).await?;
        for missing in reply["missing"].as_array().context("no list of missing files")? {
            let sha256 = missing.as_str().context("no hash")?;
            let (_, bytes) = files
                .iter()
                .find(|(_, bytes)| hash(bytes) == sha256)
                .context("a file is missing that wasn't listed")?;
            let path = format!("/v1/blobs/{sha256}");
            let sent = self
                .send(Method::PUT, &path, "application/octet-stream", bytes.clone())
                .await?;
            succeed(&path, sent)?;
        }
        self.act(method, path, &body).await
    }

    /// Announces an instance until the result is dropped.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn announce(&self, version: &str, origin: &str) -> Result<Announced> {
        let body = json!({ "version": version, "origin": origin });
        self.act(Method::POST, "/v1/instances", &body).await?;
        let admin = self.clone();
        Ok(Announced(tokio::spawn(async move {
            loop {
                sleep(Duration::from_secs(2)).await;
                // A composer that is being started again is announced to when it is back.
                let _ = admin.call(Method::POST, "/v1/instances", Some(&body)).await;
            }
        })))
    }

    /// Releases versions for everybody.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn release(&self, versions: &[&str]) -> Result<Value> {
        self.act(Method::POST, "/v1/releases", &json!({ "apps": versions }))
            .await
    }

    /// Releases versions to a share of users, in basis points; the growth is left to people.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn canary(&self, versions: &[&str], steps: &[u16]) -> Result<String> {
        let body = json!({ "apps": versions, "canary": { "audience": "share", "steps": steps } });
        let reply = self.act(Method::POST, "/v1/releases", &body).await?;
        Ok(reply["release"].as_str().context("no release")?.to_owned())
    }
}

impl Drop for Announced {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn succeed(path: &str, (status, reply): (StatusCode, Value)) -> Result<Value> {
    if status.is_success() {
        return Ok(reply);
    }
    bail!("{path}: {status}: {reply}")
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, Bytes)>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else {
            let name = path.strip_prefix(root)?.to_string_lossy().into_owned();
            files.push((name, std::fs::read(&path)?.into()));
        }
    }
    Ok(())
}

fn hash(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
