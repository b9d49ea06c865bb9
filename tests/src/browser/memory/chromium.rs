//! What Chromium tells of a page's memory, by its own protocol.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Browser, Held, WASM};

const GROUP: &str = "held";

#[derive(Deserialize)]
struct Metric {
    name: String,
    value: f64,
}

impl Browser {
    pub(super) async fn chromium_counted(&self) -> Result<Held> {
        self.cdp("HeapProfiler.collectGarbage", json!({})).await?;
        let detached_slots = self.detached_slots().await?;
        // What looks at objects holds on to them until it is let go.
        self.cdp("Runtime.releaseObjectGroup", json!({ "objectGroup": GROUP }))
            .await?;
        self.cdp("HeapProfiler.collectGarbage", json!({})).await?;
        let metrics = self.cdp("Performance.getMetrics", json!({})).await?;
        let metrics: Vec<Metric> =
            serde_json::from_value(metrics["metrics"].clone()).context("the browser's metrics")?;
        let metric = |name: &str| {
            let found = metrics.iter().find(|metric| metric.name == name);
            #[expect(clippy::cast_possible_truncation, reason = "they are whole numbers far below 2^53")]
            found
                .map(|metric| metric.value as i64)
                .with_context(|| format!("the browser doesn't tell `{name}`"))
        };
        Ok(Held {
            heap: metric("JSHeapUsedSize")?,
            nodes: metric("Nodes")?,
            listeners: metric("JSEventListeners")?,
            documents: metric("Documents")?,
            detached_contexts: metric("DetachedScriptStates")?,
            detached_slots,
            wasm: self.ask(WASM).await?,
        })
    }

    async fn detached_slots(&self) -> Result<i64> {
        let evaluate = json!({ "expression": "HTMLElement.prototype", "objectGroup": GROUP });
        let prototype = id(&self.cdp("Runtime.evaluate", evaluate).await?["result"])?;
        let query = json!({ "prototypeObjectId": prototype, "objectGroup": GROUP });
        let elements = id(&self.cdp("Runtime.queryObjects", query).await?["objects"])?;
        let count = json!({
            "objectId": elements,
            "objectGroup": GROUP,
            "returnByValue": true,
            // Among them are the prototypes of special elements, which are no elements.
            "functionDeclaration": "function () {
                const elements = this.filter((each) => !Object.hasOwn(each, 'constructor'));
                return elements.filter((each) => each.localName === 'fragment-slot' && !each.isConnected).length;
            }",
        });
        let count = self.cdp("Runtime.callFunctionOn", count).await?;
        count["result"]["value"].as_i64().context("how many slots are detached")
    }
}

fn id(object: &Value) -> Result<String> {
    let id = object["objectId"].as_str();
    id.map(str::to_owned).context("an object's id")
}
