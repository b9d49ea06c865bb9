//! Every link and every form of the shop is soft: they are found on its pages, wherever these lead, and each is tried.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use tests::visit::Visit;

const SHELL: &str = "!!document.getElementById('marquetry-announcer')";
const HEADER: &str = "document.querySelector('fragment-slot[data-fragment=\"explore/header\"]')";

/// What there is on a page: where its links lead, those among them that are the browser's, and its forms.
const FOUND: &str = "(() => {
  const isOwn = (link) => !link.target && !link.hasAttribute('download') && !link.relList.contains('external');
  const path = ({ pathname, search }) => pathname + search;
  const here = path(location);
  const links = [...document.links].filter((link) => link.origin === location.origin && path(link) !== here);
  return {
    soft: [...new Set(links.filter(isOwn).map(path))],
    others: [...new Set(links.filter((link) => !isOwn(link)).map(path))],
    forms: [...document.forms].filter((form) => form.method !== 'dialog').map((form) => new URL(form.action).pathname),
  };
})()";

/// Far more than there are.
const MOST_LINKS: usize = 500;

#[derive(Deserialize)]
struct Found {
    soft: Vec<String>,
    others: Vec<String>,
    forms: Vec<String>,
}

struct Crawl {
    visit: Visit,
    here: String,
    /// Links, each behind the page on which it was found.
    todo: Vec<(String, String)>,
    links: BTreeSet<String>,
    others: BTreeSet<String>,
    /// Forms, each behind the page on which it was found.
    forms: Vec<(String, String)>,
}

impl Crawl {
    async fn start() -> Result<Self> {
        let visit = Visit::start().await?;
        visit.open("/").await?;
        visit.browser.holds("the shell has started", SHELL).await?;
        visit.mark().await?;
        visit.browser.ask::<u8>(&format!("{HEADER}.mine = 7")).await?;
        let mut crawl = Self {
            visit,
            here: "/".into(),
            todo: Vec::new(),
            links: BTreeSet::from(["/".into()]),
            others: BTreeSet::new(),
            forms: Vec::new(),
        };
        crawl.look().await?;
        Ok(crawl)
    }

    /// The page is awake, in the same document as all before, under the same header; what is on it is noted.
    async fn look(&mut self) -> Result<()> {
        self.visit.awake().await?;
        let same = format!("window.marked === true && {HEADER}.mine === 7");
        ensure!(
            self.visit.browser.ask::<bool>(&same).await?,
            "{} was loaded anew",
            self.here
        );
        self.here = self.visit.browser.path().await?;
        let found: Found = self.visit.browser.ask(FOUND).await?;
        for link in found.soft {
            if self.links.insert(link.clone()) {
                self.todo.push((self.here.clone(), link));
            }
        }
        self.others.extend(found.others);
        for form in found.forms {
            if self.forms.iter().all(|(_, known)| *known != form) {
                self.forms.push((self.here.clone(), form));
            }
        }
        ensure!(
            self.links.len() <= MOST_LINKS,
            "there is no end of links: {:?}",
            self.links
        );
        Ok(())
    }

    /// Comes to a page that has been seen before.
    async fn come(&mut self, page: &str) -> Result<()> {
        if self.here != page {
            let go = format!("!!navigation.navigate({page:?}).finished.catch(() => 0)");
            self.visit.browser.ask::<bool>(&go).await?;
            page.clone_into(&mut self.here);
            self.visit.browser.at(page).await?;
            self.look().await?;
        }
        Ok(())
    }

    async fn follow_all(&mut self) -> Result<()> {
        while let Some((page, link)) = self.todo.pop() {
            self.come(&page).await?;
            let click = format!(
                "(() => {{
                  const link = [...document.links].find((each) => each.pathname + each.search === {link:?});
                  link?.click();
                  return link ? link.ariaCurrent ?? '' : undefined;
                }})()"
            );
            let current = self.visit.browser.ask::<Option<String>>(&click).await?;
            let current = current.with_context(|| format!("{page} has no link to {link} any more"))?;
            self.here.clone_from(&link);
            // A choice that is already made leads nowhere.
            if current.is_empty() {
                self.visit.browser.at(&link).await?;
            }
            self.look().await.with_context(|| format!("from {page} to {link}"))?;
        }
        Ok(())
    }

    /// Sends a form of a page, filled in, and waits until it has been answered.
    async fn send(&mut self, page: &str, form: &str) -> Result<()> {
        self.come(page).await?;
        let browser = &self.visit.browser;
        let css = format!("form[action$='{form}']");
        browser
            .element(&css)
            .await
            .with_context(|| format!("the form {form} of {page}"))?;
        if browser.count(&format!("{css} input[name=first_name]")).await? > 0 {
            self.visit.sign().await?;
            self.visit.pick_store().await?;
        }
        browser
            .ask::<bool>(&format!(
                "(performance.clearResourceTimings(), document.querySelector({css:?}).requestSubmit(), true)"
            ))
            .await?;
        let answered = format!(
            "performance.getEntriesByType('resource').some((each) => new URL(each.name).pathname === {form:?}) \
            && !document.querySelector('[aria-disabled=true],[aria-busy=true]')"
        );
        browser
            .holds(&format!("{form} of {page} is answered by the script"), &answered)
            .await?;
        self.look().await.with_context(|| format!("the form {form} of {page}"))
    }

    async fn send_all(&mut self) -> Result<()> {
        let is_add = |form: &(String, String)| form.1.ends_with("/cart/add");
        let add = self
            .forms
            .iter()
            .find(|form| is_add(form))
            .cloned()
            .context("nothing is sold")?;
        let mut sent = BTreeSet::new();
        // What one form leads to may show others.
        while let Some((page, form)) = self
            .forms
            .iter()
            .find(|(_, form)| !sent.contains(form) && *form != add.1)
            .cloned()
            .or_else(|| sent.is_empty().then(|| add.clone()))
        {
            self.send(&add.0, &add.1).await?;
            sent.insert(add.1.clone());
            // The cart shows what it has been given, with links and forms that it didn't have when it was empty.
            for path in ["/checkout/cart", "/checkout"] {
                self.come(path).await?;
            }
            if form != add.1 {
                self.send(&page, &form).await?;
                sent.insert(form);
            }
            self.follow_all().await?;
        }
        ensure!(sent.len() >= 3, "only these forms were found: {sent:?}");
        Ok(())
    }
}

#[tokio::test]
async fn every_link_and_every_form_of_the_shop_is_soft() -> Result<()> {
    let mut crawl = Crawl::start().await?;
    crawl.follow_all().await?;
    crawl.send_all().await?;
    let (links, others, forms) = (&crawl.links, &crawl.others, &crawl.forms);
    println!(
        "{} links, {} of the browser's own, forms {forms:?}",
        links.len(),
        others.len()
    );
    ensure!(others.is_empty(), "these links of the shop are not soft: {others:?}");
    for part in ["/products/", "/product/", "?sku=", "/stores", "/checkout/thanks?order="] {
        ensure!(
            links.iter().any(|link| link.contains(part)) || crawl.here.contains(part),
            "nothing led to {part}: {links:?}"
        );
    }
    crawl.visit.browser.quiet().await
}
