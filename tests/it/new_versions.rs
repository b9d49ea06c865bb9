//! What an open tab does when a version of its own is replaced: by the policy of the new one, and never with unsaved changes.

use anyhow::{Result, ensure};
use tests::{
    browser::{Browser, Manner},
    client,
    composer::Config,
    environment,
    registry::{Admin, Announced, Platform},
    stamped::{Stamped, packed_as},
    wait::{PATIENCE, until},
};

const SHELL: &str = "!!document.getElementById('marquetry-announcer')";
const NOTICE: &str = "#marquetry-version";
const PART: &str = "[data-fragment=\"shop/part\"]";
const PAGE: &str = "[data-fragment=\"front/page\"]";
const NOTE: &str = "[data-fragment=\"shop/part\"] input";
const WORD: &str = "input[name=word]";
const TELL: &str = "document.dispatchEvent(new CustomEvent('marquetry:released'))";
/// How often the tab has asked what is new.
const ASKED: &str =
    "performance.getEntriesByType('resource').filter((each) => each.name.includes('/_m/composition')).length";

const MODULE: &str = "
export const mount = (slot) => ((slot.dataset.awake = slot.dataset.version), slot);
export const hydrate = mount;
export const unmount = (slot) => delete slot.dataset.awake;
";

/// Two apps in a browser: `front` with the page `/` and a part of `shop`, and `shop` with the page `/shop`.
struct Tab {
    platform: Platform,
    admin: Admin,
    browser: Browser,
    instances: Vec<(Stamped, Announced)>,
}

impl Tab {
    async fn open(policy: &str) -> Result<Self> {
        let shell = environment::dist()?.join("shell");
        let config = Config::default()
            .line("log = \"warn\"")
            .line(&format!("static_dir = {:?}", environment::workspace().join("static")))
            .line(&format!("shell_dir = {shell:?}"))
            .tables(&format!("[pages]\nopen_tabs = \"{policy}\""));
        let platform = Platform::with(config).await?;
        let admin = platform.admin()?;
        admin.team("shop", &["front", "shop"]).await?;
        let manner = Manner {
            waits: false,
            ..Manner::default()
        };
        let browser = Browser::start_as(manner).await?;
        let mut tab = Self {
            platform,
            admin,
            browser,
            instances: Vec::new(),
        };
        for version in ["shop@1.0.0", "front@1.0.0"] {
            tab.publish(version, "").await?;
        }
        tab.admin.release(&["shop@1.0.0", "front@1.0.0"]).await?;
        tab.browser.go(&tab.platform.composer.url("/")).await?;
        tab.browser.holds("the shell has started", SHELL).await?;
        tab.browser.ask::<bool>("window.marked = true").await?;
        Ok(tab)
    }

    /// Publishes a version with `more` in its manifest, and starts an instance of it.
    async fn publish(&mut self, version: &str, more: &str) -> Result<()> {
        let folder = tempfile::tempdir()?;
        let out = folder.path().join(version);
        let (path, includes): (_, &[&str]) = if version.starts_with("front") {
            ("/", &["shop/part"])
        } else {
            ("/shop", &[])
        };
        let style = format!(".of {{ content: '{version}' }}");
        let files = [("module.js", &*format!("{MODULE}// {version}")), ("app.css", &style)];
        packed_as(
            version,
            (path, &["styles = [\"app.css\"]\n", more].concat()),
            includes,
            &files,
            &out,
        )
        .await?;
        self.admin.publish(version, &out).await?;
        let bff = Stamped::start(version, includes).await?;
        let announced = self.admin.announce(version, bff.origin()).await?;
        self.instances.push((bff, announced));
        Ok(())
    }

    /// Makes a new version live, and tells the tab.
    async fn release(&mut self, version: &str) -> Result<()> {
        self.release_with(version, "").await
    }

    async fn release_with(&mut self, version: &str, more: &str) -> Result<()> {
        self.publish(version, more).await?;
        self.admin.release(&[version]).await?;
        let before: u32 = self.browser.ask(ASKED).await?;
        self.browser.ask::<bool>(TELL).await?;
        self.browser
            .holds("the tab has asked what is new", &format!("{ASKED} > {before}"))
            .await
    }

    /// Waits until the tab listens to what the composer tells of releases.
    async fn listens(&self) -> Result<()> {
        until(PATIENCE, "the tab listens", async || {
            let metrics = client::get(self.platform.composer.admin(), "/metrics").send().await?;
            Ok(metrics.text().contains("composer_event_tabs 1").then_some(()))
        })
        .await
    }

    /// Goes to another page, softly, and waits for what it says there.
    async fn visit(&self, path: &str, css: &str, stamp: &str) -> Result<()> {
        self.browser
            .ask::<bool>(&format!("!!navigation.navigate('{path}').finished.catch(() => 0)"))
            .await?;
        self.browser.reads(css, stamp).await?;
        self.browser.holds("it has ended", "!navigation.transition").await?;
        self.is_same("a page was loaded anew").await
    }

    async fn is_same(&self, otherwise: &str) -> Result<()> {
        ensure!(self.browser.ask::<bool>("!!window.marked").await?, "{otherwise}");
        Ok(())
    }

    async fn says(&self, css: &str, stamp: &str) -> Result<()> {
        let text = self.browser.text(css).await?;
        ensure!(text.contains(stamp), "{css} says {text}, not {stamp}");
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_goes_on_by_itself_where_that_is_allowed() -> Result<()> {
    let mut tab = Tab::open("allow").await?;
    tab.browser
        .ask::<bool>(&format!("document.querySelector('{PAGE}').mine = true"))
        .await?;
    tab.release("shop@2.0.0").await?;
    tab.browser.reads(PART, "[shop@2.0.0]").await?;
    tab.says(PAGE, "[front@1.0.0]").await?;
    let same = format!("document.querySelector('{PAGE}').mine && document.querySelector('{WORD}').isConnected");
    tab.browser.holds("the page stays", &same).await?;
    tab.browser.holds("its style has come, the old one has gone",
        "[...document.styleSheets].map((sheet) => sheet.cssRules[0].style.content).sort().join() === '\"front@1.0.0\",\"shop@2.0.0\"'").await?;
    tab.browser
        .run(&format!(
            "document.querySelector('{PART}').dispatchEvent(new Event('pointerover')); arguments[0]()"
        ))
        .await?;
    tab.browser
        .holds(
            "its module is the new one",
            &format!("document.querySelector('{PART}').dataset.awake === '2.0.0'"),
        )
        .await?;
    tab.visit("/shop", "[data-fragment=\"shop/page\"]", "[shop@2.0.0]")
        .await?;
    tab.browser.quiet().await
}

/// From the ledger to the page by the composer's own stream; nobody in the tab says anything.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_alone_has_an_open_tab_go_on_and_leave_what_is_not_saved() -> Result<()> {
    let mut tab = Tab::open("allow").await?;
    tab.listens().await?;
    tab.browser.fill(WORD, "half a sent").await?;
    tab.publish("shop@2.0.0", "").await?;
    tab.admin.release(&["shop@2.0.0"]).await?;
    tab.browser.reads(PART, "[shop@2.0.0]").await?;
    tab.browser.fill(NOTE, "four screws").await?;
    tab.publish("shop@3.0.0", "").await?;
    let before: u32 = tab.browser.ask(ASKED).await?;
    tab.admin.release(&["shop@3.0.0"]).await?;
    tab.browser
        .holds("the tab has asked what is new", &format!("{ASKED} > {before}"))
        .await?;
    tab.says(PART, "[shop@2.0.0]").await?;
    for (field, text) in [(WORD, "half a sent"), (NOTE, "four screws")] {
        let stays = format!("document.querySelector('{field}').value === '{text}'");
        tab.browser.holds("what was typed stays", &stays).await?;
    }
    tab.is_same("the page was loaded anew").await?;
    tab.browser.quiet().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_alone_is_offered_where_people_are_asked() -> Result<()> {
    let mut tab = Tab::open("ask").await?;
    tab.listens().await?;
    tab.browser.fill(WORD, "half a sent").await?;
    tab.publish("front@2.0.0", "").await?;
    tab.admin.release(&["front@2.0.0"]).await?;
    tab.browser.reads(NOTICE, "There is a new version of this page").await?;
    tab.browser.click(&format!("{NOTICE} button")).await?;
    tab.browser.reads(NOTICE, "aren't saved").await?;
    tab.says(PAGE, "[front@1.0.0]").await?;
    let stays = format!("document.querySelector('{WORD}').value === 'half a sent'");
    tab.browser.holds("what was typed stays", &stays).await?;
    tab.browser.fill(WORD, "").await?;
    tab.browser.click(&format!("{NOTICE} button")).await?;
    tab.browser.reads(PAGE, "[front@2.0.0]").await?;
    tab.is_same("the page was loaded anew").await?;
    tab.browser.quiet().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_page_is_of_the_new_version_where_that_is_allowed() -> Result<()> {
    let mut tab = Tab::open("allow").await?;
    tab.browser.fill(WORD, "half a sent").await?;
    tab.release("front@2.0.0").await?;
    tab.says(PAGE, "[front@1.0.0]").await?;
    tab.browser
        .holds(
            "what was typed stays",
            &format!("document.querySelector('{WORD}').value === 'half a sent'"),
        )
        .await?;
    tab.visit("/shop", "[data-fragment=\"shop/page\"]", "[shop@1.0.0]")
        .await?;
    tab.visit("/", PAGE, "[front@2.0.0]").await?;
    ensure!(tab.browser.count(NOTICE).await? == 0, "somebody was asked");
    tab.browser.quiet().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_saved_keeps_its_version() -> Result<()> {
    let mut tab = Tab::open("allow").await?;
    let note = format!("document.querySelector('{NOTE}').value");
    tab.browser.fill(NOTE, "three screws").await?;
    tab.release("shop@2.0.0").await?;
    tab.visit("/?again", PAGE, "[front@1.0.0]").await?;
    tab.browser.reads(PART, "[shop@2.0.0]").await?;
    tab.browser.fill(NOTE, "four screws").await?;
    tab.release("shop@3.0.0").await?;
    tab.says(PART, "[shop@2.0.0]").await?;
    ensure!(tab.browser.ask::<String>(&note).await? == "four screws", "it is lost");
    // Sent, or given up.
    tab.browser.ask::<String>(&format!("{note} = ''")).await?;
    tab.browser
        .ask::<bool>(&format!("(document.querySelector('{NOTE}').blur(), true)"))
        .await?;
    tab.browser.reads(PART, "[shop@3.0.0]").await?;
    tab.is_same("the page was loaded anew").await?;
    tab.browser.quiet().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stands_outside_of_forms_keeps_its_version_too() -> Result<()> {
    let mut tab = Tab::open("allow").await?;
    let script = format!(
        "(document.querySelector('{PART}').insertAdjacentHTML('beforeend', '<p id=\"editor\" contenteditable>a</p>\
        <input id=\"filter\" data-unsaved=\"no\"><textarea id=\"note\"></textarea>'), true)"
    );
    tab.browser.ask::<bool>(&script).await?;
    tab.browser.click("#editor").await?;
    tab.browser.press('b').await?;
    tab.browser.ask::<bool>("(document.activeElement.blur(), true)").await?;
    tab.release("shop@2.0.0").await?;
    tab.browser.fill("#note", "x").await?;
    tab.browser.fill("#filter", "y").await?;
    let saved = format!("(document.querySelector('{PART}').marquetry ??= {{}}).dirty = false");
    tab.browser.ask::<bool>(&saved).await?;
    tab.says(PART, "[shop@1.0.0]").await?;
    let give_up = "(document.querySelector('#note').value = document.querySelector('#note').defaultValue, \
        document.activeElement.blur(), true)";
    tab.says("#editor", "b").await?;
    tab.browser.ask::<bool>(give_up).await?;
    tab.browser.reads(PART, "[shop@2.0.0]").await?;
    tab.is_same("the page was loaded anew").await?;
    tab.browser.quiet().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_version_is_offered_and_what_is_not_saved_waits() -> Result<()> {
    let mut tab = Tab::open("ask").await?;
    let browser = &tab.browser;
    browser
        .ask::<bool>("(document.body.style.paddingBlockEnd = '3000px', scrollTo(0, 200), true)")
        .await?;
    tab.browser.fill(WORD, "half a sent").await?;
    tab.release("front@2.0.0").await?;
    let browser = &tab.browser;
    browser.reads(NOTICE, "There is a new version of this page").await?;
    browser.keep("version-offered").await?;
    tab.says(PAGE, "[front@1.0.0]").await?;
    browser.click(&format!("{NOTICE} button")).await?;
    browser.reads(NOTICE, "aren't saved").await?;
    browser
        .holds(
            "what was typed stays",
            &format!("document.querySelector('{WORD}').value === 'half a sent'"),
        )
        .await?;
    browser.fill(WORD, "").await?;
    let top: f64 = browser.ask("scrollY").await?;
    browser.click(&format!("{NOTICE} button")).await?;
    browser.reads(PAGE, "[front@2.0.0]").await?;
    browser.gone(NOTICE).await?;
    browser
        .holds("the scroll position", &format!("scrollY === {top}"))
        .await?;
    tab.is_same("the page was loaded anew").await?;
    browser.quiet().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_put_off_waits_for_the_person() -> Result<()> {
    let mut tab = Tab::open("ask").await?;
    tab.release("shop@2.0.0").await?;
    tab.browser.reads(NOTICE, "There is a new version").await?;
    tab.browser.click(&format!("{NOTICE} button + button")).await?;
    tab.browser.gone(NOTICE).await?;
    tab.visit("/shop", "[data-fragment=\"shop/page\"]", "[shop@1.0.0]")
        .await?;
    tab.visit("/", PART, "[shop@1.0.0]").await?;
    ensure!(tab.browser.count(NOTICE).await? == 0, "it was offered again");
    tab.release("shop@3.0.0").await?;
    tab.browser.click(&format!("{NOTICE} button")).await?;
    tab.browser.reads(PART, "[shop@3.0.0]").await?;
    tab.is_same("the page was loaded anew").await?;
    tab.browser.quiet().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_that_is_for_new_tabs_alone_leaves_the_others() -> Result<()> {
    let mut tab = Tab::open("allow").await?;
    tab.release_with("shop@2.0.0", "\n[release]\nopen_tabs = \"block\"\n")
        .await?;
    tab.visit("/shop", "[data-fragment=\"shop/page\"]", "[shop@1.0.0]")
        .await?;
    tab.visit("/", PART, "[shop@1.0.0]").await?;
    ensure!(tab.browser.count(NOTICE).await? == 0, "it was offered");
    tab.browser.reload().await?;
    tab.browser.reads(PART, "[shop@2.0.0]").await?;
    tab.browser.quiet().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_leaves_unsaved_changes_unasked() -> Result<()> {
    let tab = Tab::open("ask").await?;
    let browser = &tab.browser;
    let leaves = "!dispatchEvent(new Event('beforeunload', { cancelable: true }))";
    ensure!(!browser.ask::<bool>(leaves).await?, "the browser asks for nothing");
    let unsaved = |is: bool| {
        format!("(Object.assign(document.querySelector('{PART}').marquetry ??= {{}}, {{ dirty: {is} }}), true)")
    };
    browser.ask::<bool>(&unsaved(true)).await?;
    ensure!(browser.ask::<bool>(leaves).await?, "the browser doesn't ask");
    let go = "(setTimeout(() => navigation.navigate('/shop').finished.catch(() => 0)), true)";
    browser.ask::<bool>(go).await?;
    browser.refuse().await?;
    tab.says(PAGE, "[front@1.0.0]").await?;
    browser.ask::<bool>(go).await?;
    browser.accept().await?;
    browser.reads("[data-fragment=\"shop/page\"]", "[shop@1.0.0]").await?;
    tab.is_same("the page was loaded anew").await
}
