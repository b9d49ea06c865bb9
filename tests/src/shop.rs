//! The Tractor Store as it is run: three BFFs with databases of their own, and the composer before them.

use std::{net::SocketAddr, path::PathBuf};

use anyhow::{Context, Result, ensure};
use http::Method;
use serde::Deserialize;
use tempfile::TempDir;

use crate::{
    client::{self, Call},
    composer::{Composer, Config},
    environment,
    process::Process,
};

/// The apps of the shop.
pub const APPS: [&str; 3] = ["explore", "decide", "checkout"];

/// The parts of the shop's layout that are children of its body.
pub const LANDMARKS: [&str; 3] = [
    "fragment-slot[data-fragment=\"explore/header\"]",
    "main",
    "fragment-slot[data-fragment=\"explore/footer\"]",
];

/// A running shop; dropping it ends all of it.
pub struct Shop {
    /// The composer.
    pub composer: Composer,
    config: Config,
    bffs: Vec<BffProcess>,
}

/// One BFF of the shop.
pub struct BffProcess {
    /// The process.
    pub process: Process,
    app: String,
    listening: String,
    data: TempDir,
}

#[derive(Deserialize)]
struct Ready {
    listening: String,
}

impl Shop {
    /// Starts it from the packed apps in `dist/`.
    ///
    /// # Errors
    /// When something isn't built or doesn't start.
    pub async fn start() -> Result<Self> {
        let dist = environment::dist()?;
        Self::start_with(|app| dist.join("apps").join(app)).await
    }

    /// Starts it from the packed apps in `dist/`, with lines of `composer.toml` that are tables.
    ///
    /// # Errors
    /// When something isn't built or doesn't start.
    pub async fn start_under(tables: &str) -> Result<Self> {
        let dist = environment::dist()?;
        Self::launch(|app| dist.join("apps").join(app), tables).await
    }

    /// Starts it with the version folders that `packed` names.
    ///
    /// # Errors
    /// When something isn't built or doesn't start.
    pub async fn start_with(packed: impl Fn(&str) -> PathBuf) -> Result<Self> {
        Self::launch(packed, "").await
    }

    async fn launch(packed: impl Fn(&str) -> PathBuf, tables: &str) -> Result<Self> {
        let mut bffs = Vec::new();
        let shell = environment::dist()?.join("shell");
        let mut config = Config::default()
            .line(&format!("static_dir = {:?}", environment::workspace().join("static")))
            .line(&format!("shell_dir = {shell:?}"))
            .line(tables);
        for app in APPS {
            let bff = BffProcess::alone(app).await?;
            config = config.app(&packed(app), &format!("http://{}", bff.listening));
            bffs.push(bff);
        }
        let composer = Composer::start(&config).await?;
        Ok(Self { composer, config, bffs })
    }

    /// Starts its composer again where it was, after it has ended.
    ///
    /// # Errors
    /// When it doesn't start.
    pub async fn composer_again(&mut self) -> Result<()> {
        let config = self.config.clone().listen(self.composer.address());
        self.composer = Composer::start(&config).await?;
        Ok(())
    }

    /// Buys one of `sku`, as a form without JavaScript does.
    ///
    /// # Errors
    /// When it isn't sold.
    pub async fn buy(&self, sku: &str) -> Result<()> {
        let cookie = self.cart_with(sku).await?;
        let form = "first_name=Ida&last_name=Weaver&email=ida%40example.org&pickup=store-bramstow";
        let ordered = client::call(Method::POST, self.composer.address(), "/_m/app/checkout@1.0.0/order")
            .header("cookie", &cookie)
            .body("application/x-www-form-urlencoded", form)
            .send()
            .await?;
        let to = ordered.header("location");
        ensure!(to.starts_with("/checkout/thanks"), "{} {to}", ordered.status);
        Ok(())
    }

    /// The whole address of a path.
    pub fn url(&self, path: &str) -> String {
        self.composer.url(path)
    }

    /// A `GET` of a path.
    pub fn get(&self, path: &str) -> Call {
        self.composer.get(path)
    }

    /// Puts something into a new cart, as a form without JavaScript does, and gives the cookie that says whose it is.
    ///
    /// # Errors
    /// When the reply is not that of a form.
    pub async fn cart_with(&self, sku: &str) -> Result<String> {
        let added = client::call(Method::POST, self.composer.address(), "/_m/app/checkout@1.0.0/cart/add")
            .body("application/x-www-form-urlencoded", format!("sku={sku}"))
            .send()
            .await?;
        let cookie = added.header("set-cookie").split(';').next().unwrap_or_default();
        ensure!(
            added.status == 303 && added.header("location") == "/checkout/cart",
            "{}",
            added.status
        );
        ensure!(cookie.starts_with("cart="), "no cookie: {:?}", added.headers);
        Ok(cookie.to_owned())
    }

    /// The BFF of `app`.
    ///
    /// # Errors
    /// When the shop has no such app.
    pub fn bff(&mut self, app: &str) -> Result<&mut BffProcess> {
        let found = self.bffs.iter_mut().find(|bff| bff.app == app);
        found.with_context(|| format!("the shop has no app `{app}`"))
    }

    /// The ids of all its processes but that of `app`'s BFF.
    pub fn others(&self, app: &str) -> Vec<u32> {
        let others = self.bffs.iter().filter(|bff| bff.app != app);
        let mut ids: Vec<_> = others.map(|bff| bff.process.id()).collect();
        ids.push(self.composer.process.id());
        ids
    }
}

impl BffProcess {
    /// Starts the BFF of `app` with an empty folder for its data, and nothing else.
    ///
    /// # Errors
    /// When it isn't built or doesn't start.
    pub async fn alone(app: &str) -> Result<Self> {
        Self::start(app, "127.0.0.1:0", tempfile::tempdir()?).await
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When its ready line held no address.
    pub fn address(&self) -> Result<SocketAddr> {
        self.listening
            .parse()
            .with_context(|| format!("{} is no address", self.listening))
    }

    async fn start(app: &str, listen: &str, data: TempDir) -> Result<Self> {
        let (process, listening) = launch(app, listen, &data).await?;
        Ok(Self {
            process,
            app: app.to_owned(),
            listening,
            data,
        })
    }

    /// Starts it again after it was killed, at the same port, knowing nothing of what was before.
    ///
    /// # Errors
    /// When it doesn't start.
    pub async fn restart_afresh(&mut self) -> Result<()> {
        self.data = tempfile::tempdir()?;
        self.restart().await
    }

    /// Starts it again after it was killed, at the same port, with the same data.
    ///
    /// # Errors
    /// When it doesn't start.
    pub async fn restart(&mut self) -> Result<()> {
        let (process, _) = launch(&self.app, &self.listening, &self.data).await?;
        self.process = process;
        Ok(())
    }
}

async fn launch(app: &str, listen: &str, data: &TempDir) -> Result<(Process, String)> {
    let program = environment::program(&format!("bff-{app}"))?;
    let mut process = Process::start(&program, |command| {
        command
            .env("MARQUETRY_LISTEN", listen)
            .env("MARQUETRY_DATA_DIR", data.path());
    })?;
    let ready = process.ready(|line| serde_json::from_str::<Ready>(line).ok()).await?;
    Ok((process, ready.listening))
}
