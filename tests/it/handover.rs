//! One composer takes another's place while people look at pages: nobody is refused, nothing breaks off.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use http::Method;
use serde_json::json;
use tempfile::TempDir;
use tests::{
    bff, client,
    composer::Config,
    load::{View, Visitors},
    registry::{Admin, Announced, Platform},
    site::{self, Site},
    stamped::{Stamped, packed},
    succession::Succession,
    wait::{PATIENCE, until},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
};

struct Ground {
    platform: Platform,
    admin: Admin,
    _packed: TempDir,
    _bffs: Vec<(Stamped, Announced)>,
}

/// An app of which 1.0.0 is live and 1.0.1 is published; both have an instance.
async fn ground() -> Result<Ground> {
    let platform = Platform::with(Config::default().line("log = \"warn\"")).await?;
    let admin = platform.admin()?;
    admin.team("shop", &["shop"]).await?;
    let folder = tempfile::tempdir()?;
    let mut bffs = Vec::new();
    for version in ["shop@1.0.0", "shop@1.0.1"] {
        let packed_at = folder.path().join(version);
        packed(version, "/", &["shop/part"], &packed_at).await?;
        admin.publish(version, &packed_at).await?;
        let bff = Stamped::start(version, &["shop/part"]).await?;
        let announced = admin.announce(version, bff.origin()).await?;
        bffs.push((bff, announced));
    }
    admin.release(&["shop@1.0.0"]).await?;
    Ok(Ground {
        platform,
        admin,
        _packed: folder,
        _bffs: bffs,
    })
}

fn fault(view: &View) -> Option<String> {
    let is_whole = view.status == 200 && view.text.contains("[shop@1.0.") && view.text.contains("</html>");
    (!is_whole).then(|| format!("{}: {}", view.status, view.text.chars().take(200).collect::<String>()))
}

/// Clients that open a connection for each request.
struct Newcomers {
    tasks: Vec<JoinHandle<Result<()>>>,
    over: Arc<AtomicBool>,
    served: Arc<AtomicU64>,
}

impl Newcomers {
    fn start(address: SocketAddr) -> Self {
        let (over, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let task = || {
            let (over, served) = (Arc::clone(&over), Arc::clone(&served));
            tokio::spawn(async move {
                while !over.load(Relaxed) {
                    let reply = client::get(address, "/").send().await?;
                    ensure!(reply.status == 200 && reply.complete, "{reply:?}");
                    served.fetch_add(1, Relaxed);
                }
                Ok(())
            })
        };
        Self {
            tasks: std::iter::repeat_with(task).take(4).collect(),
            over,
            served,
        }
    }

    async fn end(self) -> Result<u64> {
        self.over.store(true, Relaxed);
        for task in self.tasks {
            task.await??;
        }
        Ok(self.served.load(Relaxed))
    }
}

#[tokio::test]
async fn twenty_hand_overs_refuse_nobody() -> Result<()> {
    let Ground {
        mut platform,
        admin,
        _packed,
        _bffs,
    } = ground().await?;
    let address = platform.composer.address();
    let mut succession = Succession::of(&platform.composer);
    let kept = Visitors::new(address).stream("/", 100, fault);
    let newcomers = Newcomers::start(address);
    for at in 0..20 {
        succession.next(&mut platform.composer).await?;
        let version = ["shop@1.0.1", "shop@1.0.0"][at % 2];
        admin.release(&[version]).await.context("a release after a hand-over")?;
    }
    let served = newcomers.end().await.context("a new connection")?;
    let (tally, _) = kept.end();
    ensure!(
        tally.wrong == 0,
        "of {} on kept connections {}: {:#?}",
        tally.views,
        tally.wrong,
        tally.faults
    );
    ensure!(served > 100 && tally.views > 100, "{served} and {} views", tally.views);
    platform.composer.process.ended(PATIENCE).await?;
    succession.others_ended(PATIENCE).await?;
    // The last one sees within 250 ms what went to those before it.
    let all = async || {
        let history = admin.get("/v1/history").await?;
        let releases = history.to_string().matches("\"act\":\"released\"").count();
        Ok((releases == 21).then_some(()))
    };
    until(PATIENCE, "the ledger is one", all).await?;
    succession.stop().await
}

#[tokio::test]
async fn what_runs_at_a_hand_over_ends_where_it_began() -> Result<()> {
    let unhurried = site::MANIFEST.replace("deadline_ms = 500", "deadline_ms = 8000");
    let unhurried = unhurried.replace("deadline_ms = 1500", "deadline_ms = 9000");
    let mut site = Site::with(&unhurried, Config::default()).await?;
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    site.bff.on(
        "/fragments/part",
        vec![
            bff::Step::Gate(Arc::clone(&gate)),
            bff::head(),
            bff::send("<i id=\"part\">the part</i>"),
        ],
    );
    let mut arriving = site.composer.get("/").open().await?;
    arriving.until("before the slot").await?;
    let mut half = TcpStream::connect(site.composer.address()).await?;
    half.write_all(b"GET /static/none HTTP/1.1\r\nhost: local").await?;
    let mut succession = Succession::of(&site.composer);
    succession.next(&mut site.composer).await?;
    ensure!(site.composer.process.runs()?, "the old one ended before its pages");
    half.write_all(b"host\r\n\r\n").await?;
    let mut reply = String::new();
    half.read_to_string(&mut reply).await?;
    ensure!(reply.starts_with("HTTP/1.1 404"), "{reply}");
    gate.add_permits(1);
    let reply = arriving.all().await?;
    ensure!(reply.complete && reply.text().contains("the part"), "{}", reply.text());
    let status = site.composer.process.ended(PATIENCE).await?;
    ensure!(status.success(), "it ended with {status}");
    site.bff.on("/fragments/part", bff::html("<i id=\"part\">another</i>"));
    ensure!(
        site.composer.get("/").send().await?.text().contains("another"),
        "the new one serves"
    );
    ensure!(
        client::get(site.composer.admin(), "/readyz").send().await?.status == 200,
        "and says so"
    );
    succession.stop().await
}

#[tokio::test]
async fn a_successor_that_cannot_start_changes_nothing() -> Result<()> {
    let mut site = Site::start().await?;
    let mut succession = Succession::of(&site.composer);
    let file = site.composer.config_file();
    let good = std::fs::read_to_string(&file)?;
    std::fs::write(&file, "listen = \"nowhere\"")?;
    tests::succession::signal(succession.current(), "USR2").await?;
    until(PATIENCE, "the failure is counted", async || {
        let numbers = client::get(site.composer.admin(), "/metrics").send().await?.text();
        Ok(numbers
            .contains("composer_hand_overs_total{result=\"failed\"} 1")
            .then_some(()))
    })
    .await?;
    let page = site.composer.get("/").send().await?;
    ensure!(
        page.status == 200 && page.text().contains(site::LANDMARKS[0].trim_start_matches('#')),
        "{page:?}"
    );
    std::fs::write(&file, good)?;
    succession.next(&mut site.composer).await?;
    ensure!(site.composer.get("/").send().await?.status == 200, "the next try works");
    succession.stop().await
}

#[tokio::test]
async fn an_instance_that_comes_at_a_hand_over_is_not_lost() -> Result<()> {
    let Ground {
        mut platform,
        admin,
        _packed,
        _bffs,
    } = ground().await?;
    let mut succession = Succession::of(&platform.composer);
    for at in 0..5_u16 {
        let body = json!({ "version": "shop@1.0.1", "origin": format!("http://127.0.0.1:{}", 9_000 + at) });
        let announcing = admin.act(Method::POST, "/v1/instances", &body);
        let (next, announced) = tokio::join!(succession.next(&mut platform.composer), announcing);
        next?;
        if announced.is_ok() {
            let app = admin.get("/v1/apps/shop").await?.to_string();
            let origin = body["origin"].as_str().context("no origin")?;
            ensure!(app.contains(origin), "{origin} was taken and is lost: {app}");
        }
    }
    tokio::time::timeout(Duration::from_secs(20), succession.stop()).await?
}
