//! Someone in the shop with a browser: opens pages, waits until they are awake, orders.

use anyhow::Result;

use crate::{
    browser::{Browser, Manner},
    shop::Shop,
};

/// True when the page is there and each fragment that should wake by itself has done so.
const AWAKE: &str = "!globalThis.navigation?.transition && document.readyState === 'complete' && \
    [...document.querySelectorAll('fragment-slot[data-state=\"fresh\"]')]\
    .filter(slot => ['load', 'idle'].includes(slot.dataset.hydrate))\
    .every(slot => 'live' in slot.dataset || 'failed' in slot.dataset)";

/// A shop and a browser before it.
pub struct Visit {
    /// The browser.
    pub browser: Browser,
    /// The shop.
    pub shop: Shop,
    script: bool,
}

impl Visit {
    /// Opens a shop and a browser.
    ///
    /// # Errors
    /// When one of them doesn't start.
    pub async fn start() -> Result<Self> {
        Ok(Self {
            browser: Browser::start().await?,
            shop: Shop::start().await?,
            script: true,
        })
    }

    /// Opens a shop, and a browser of any manner.
    ///
    /// # Errors
    /// When one of them doesn't start.
    pub async fn start_as(manner: Manner) -> Result<Self> {
        Ok(Self {
            browser: Browser::start_as(manner).await?,
            shop: Shop::start().await?,
            script: manner.script,
        })
    }

    /// Opens a shop whose composer has more tables in its configuration, and a browser.
    ///
    /// # Errors
    /// When one of them doesn't start.
    pub async fn start_under(tables: &str) -> Result<Self> {
        Ok(Self {
            browser: Browser::start().await?,
            shop: Shop::start_under(tables).await?,
            script: true,
        })
    }

    /// Opens a shop, and a browser without JavaScript.
    ///
    /// # Errors
    /// When one of them doesn't start.
    pub async fn start_without_script() -> Result<Self> {
        Self::start_as(Manner {
            script: false,
            ..Manner::default()
        })
        .await
    }

    /// Opens a page by its path and waits until it is awake.
    ///
    /// # Errors
    /// When it doesn't load or wake.
    pub async fn open(&self, path: &str) -> Result<()> {
        self.browser.go(&self.shop.url(path)).await?;
        self.awake().await
    }

    /// Waits until the page is awake; without JavaScript it is at once.
    ///
    /// # Errors
    /// When a fragment doesn't wake.
    pub async fn awake(&self) -> Result<()> {
        if self.script {
            self.browser.holds("every fragment has woken", AWAKE).await?;
        }
        Ok(())
    }

    /// Follows a link and waits until the page at `path` is awake.
    ///
    /// # Errors
    /// When there is no such link or page.
    pub async fn follow(&self, css: &str, path: &str) -> Result<()> {
        self.browser.click(css).await?;
        self.browser.at(path).await?;
        self.awake().await
    }

    /// Marks this document, so that a load of another one shows.
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn mark(&self) -> Result<()> {
        self.browser.ask::<bool>("window.marked = true").await?;
        Ok(())
    }

    /// Tells whether the document is still the one that was marked.
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn is_marked(&self) -> Result<bool> {
        self.browser.ask("window.marked === true").await
    }

    /// Fills in who orders.
    ///
    /// # Errors
    /// When a field is missing.
    pub async fn sign(&self) -> Result<()> {
        self.browser.fill("input[name=first_name]", "Ada").await?;
        self.browser.fill("input[name=last_name]", "Lovelace").await?;
        self.browser.fill("input[name=email]", "ada@example.org").await
    }

    /// Picks the first store in the dialog.
    ///
    /// # Errors
    /// When there is no dialog.
    pub async fn pick_store(&self) -> Result<()> {
        self.browser.click("button[aria-haspopup=dialog]").await?;
        self.browser.click("dialog[open] .ex-option").await?;
        self.browser.gone("dialog[open]").await
    }

    /// Opens every page of the shop, in the states that look different, and shows each to `look`, with its name.
    ///
    /// # Errors
    /// Of a page, or of `look`.
    pub async fn every_page(&self, mut look: impl AsyncFnMut(&str) -> Result<()>) -> Result<()> {
        for (name, path) in PLAIN.into_iter().chain([("nowhere", "/nowhere")]) {
            self.open(path).await?;
            look(name).await?;
        }
        self.open("/product/CL-01?sku=CL-01-MG").await?;
        self.browser.click(".ch-buy__button").await?;
        self.browser.reads(".ch-buy__status", "cart").await?;
        look("product-added").await?;
        self.open("/checkout/cart").await?;
        look("cart").await?;
        self.open("/checkout").await?;
        look("checkout").await?;
        self.browser.click("button[aria-haspopup=dialog]").await?;
        self.browser.element("dialog[open]").await?;
        look("checkout-stores").await?;
        self.browser.click("dialog[open] .m-button--quiet").await?;
        self.browser.click(".ch-form__send").await?;
        self.browser.element(".ch-problems").await?;
        look("checkout-problems").await?;
        self.sign().await?;
        self.pick_store().await?;
        self.browser.click(".ch-form__send").await?;
        self.browser.at_some("/checkout/thanks?order=").await?;
        self.awake().await?;
        look("thanks").await
    }
}

/// Pages that need nothing to have happened before.
pub const PLAIN: [(&str, &str); 10] = [
    ("home", "/"),
    ("products", "/products"),
    ("category", "/products/classics?sort=price"),
    ("category-empty", "/products/classics?filter=from-50k"),
    ("product", "/product/AU-02"),
    ("product-unknown", "/product/none"),
    ("stores", "/stores"),
    ("cart-empty", "/checkout/cart"),
    ("checkout-empty", "/checkout"),
    ("thanks-unknown", "/checkout/thanks?order=none"),
];
