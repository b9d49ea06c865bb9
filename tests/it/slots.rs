//! Which slots are filled: those that manifests allow, as deep and as many as the limits say.

use anyhow::{Result, ensure};
use contract::slot::{MAX_DEPTH, MAX_PER_PAGE};
use tests::{
    bff,
    composer::Config,
    html::Page,
    shop::Shop,
    site::{self, Site},
};

#[tokio::test]
async fn a_slot_that_the_manifest_does_not_list_is_never_fetched() -> Result<()> {
    let site = Site::start().await?;
    // What a visitor may have typed somewhere, and a BFF put into its HTML unescaped.
    let body = format!(
        "{}<fragment-slot src=\"app/page\"><i class=\"typed\">one</i></fragment-slot>\
         <fragment-slot src=\"other/secret\"><i class=\"typed\">two</i></fragment-slot>\
         <fragment-slot src=\"//evil.example/\"><i class=\"typed\">three</i></fragment-slot>",
        site::PAGE
    );
    site.bff.on("/fragments/page", bff::html(&body));
    let reply = site.composer.get("/").send().await?;
    let page = Page::parse(&reply.text());
    page.whole(&site::LANDMARKS)?;
    ensure!(
        page.all(".typed")?.len() == 3,
        "slots that are not allowed show what stands in them: {}",
        reply.text()
    );
    ensure!(
        site.bff.heads().len() == 2,
        "the BFF was asked for {:#?}",
        site.bff.heads()
    );
    Ok(())
}

#[tokio::test]
async fn a_fragment_that_includes_itself_ends_somewhere() -> Result<()> {
    let manifest = site::MANIFEST.replace("role = \"optional\"", "role = \"optional\"\nincludes = [\"app/part\"]");
    let site = Site::with(&manifest, Config::default()).await?;
    let part = "<i class=\"part\">part</i><fragment-slot src=\"app/part\"><b class=\"end\">end</b></fragment-slot>";
    site.bff.on("/fragments/part", bff::html(part));
    let reply = site.composer.get("/").send().await?;
    let page = Page::parse(&reply.text());
    page.whole(&site::LANDMARKS)?;
    let (parts, ends) = (page.all(".part")?.len(), page.all(".end")?.len());
    ensure!(
        (1..=MAX_DEPTH).contains(&parts) && ends == 1,
        "{parts} parts and {ends} ends"
    );
    Ok(())
}

#[tokio::test]
async fn a_page_of_many_slots_fills_as_many_as_the_limit_allows() -> Result<()> {
    let site = Site::start().await?;
    let slots: String = (0..MAX_PER_PAGE + 20)
        .map(|at| format!("<fragment-slot src=\"app/part?q={at}\"><b class=\"unfilled\">later</b></fragment-slot>"))
        .collect();
    site.bff.on("/fragments/page", bff::html(&slots));
    site.bff
        .on("/fragments/part", bff::html("<i class=\"filled\">part</i>"));
    let reply = site.composer.get("/").send().await?;
    let page = Page::parse(&reply.text());
    page.whole(&site::LANDMARKS)?;
    let (filled, unfilled) = (page.all(".filled")?.len(), page.all(".unfilled")?.len());
    ensure!(
        (MAX_PER_PAGE - 1..=MAX_PER_PAGE).contains(&filled),
        "{filled} slots are filled"
    );
    ensure!(
        filled + unfilled == MAX_PER_PAGE + 20,
        "{filled} and {unfilled} are not all"
    );
    Ok(())
}

#[tokio::test]
async fn a_fragment_gets_the_params_that_it_declares_and_no_others() -> Result<()> {
    let site = Site::start().await?;
    let slot = "<fragment-slot src=\"app/part?q=a%20b&amp;secret=1\"></fragment-slot>";
    site.bff.on("/fragments/page", bff::html(slot));
    site.composer
        .get("/?q=1&secret=2")
        .header("cookie", "mine=1; theirs=2")
        .send()
        .await?;
    let heads = site.bff.heads();
    ensure!(
        heads
            .iter()
            .any(|head| head.starts_with("GET /fragments/page?q=1 HTTP/1.1\r\n")),
        "{heads:#?}"
    );
    ensure!(
        heads
            .iter()
            .any(|head| head.starts_with("GET /fragments/part?q=a+b HTTP/1.1\r\n")),
        "{heads:#?}"
    );
    ensure!(
        heads
            .iter()
            .all(|head| !head.contains("secret") && !head.contains("theirs")),
        "{heads:#?}"
    );
    Ok(())
}

#[tokio::test]
async fn one_fragment_comes_alone_with_the_slots_in_it() -> Result<()> {
    let shop = Shop::start().await?;
    let reply = shop.get("/_m/fragment/explore/header").send().await?;
    ensure!(
        reply.status == 200 && reply.text().starts_with("<fragment-slot "),
        "{}: {}",
        reply.status,
        reply.text()
    );
    ensure!(
        reply.text().trim_end().ends_with("</fragment-slot>"),
        "{}",
        reply.text()
    );
    let page = Page::parse(&reply.text());
    ensure!(page.slot("checkout/mini-cart")?.state() == "fresh", "{}", reply.text());
    for (path, status) in [
        ("/_m/fragment/explore/nothing", 404),
        ("/_m/fragment/nobody/header", 404),
        ("/_m/fragment/explore/header/more", 404),
    ] {
        let reply = shop.get(path).send().await?;
        ensure!(reply.status == status, "{path}: {}", reply.status);
    }
    Ok(())
}
