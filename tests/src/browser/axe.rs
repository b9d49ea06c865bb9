//! What axe-core finds on a page: barriers for people with disabilities.

use std::fmt;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::Browser;
use crate::environment;

/// A rule that a page breaks.
#[derive(Debug, Deserialize)]
pub struct Finding {
    /// The rule.
    pub id: String,
    /// How bad it is: `minor`, `moderate`, `serious` or `critical`.
    pub impact: Option<String>,
    /// What to do.
    pub help: String,
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    html: String,
    failure_summary: Option<String>,
}

impl Finding {
    /// Tells whether it keeps people out.
    pub fn is_grave(&self) -> bool {
        matches!(self.impact.as_deref(), Some("serious" | "critical"))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} ({}): {}",
            self.id,
            self.impact.as_deref().unwrap_or("?"),
            self.help
        )?;
        for node in &self.nodes {
            writeln!(f, "  {}", node.html)?;
            let summary = node.failure_summary.as_deref().unwrap_or_default();
            writeln!(f, "    {}", summary.replace('\n', "\n    "))?;
        }
        Ok(())
    }
}

impl Browser {
    /// Runs axe-core on the page.
    ///
    /// # Errors
    /// When axe-core is missing or fails.
    pub async fn axe(&self) -> Result<Vec<Finding>> {
        let file = environment::axe()?;
        let axe = std::fs::read_to_string(&file).with_context(|| format!("can't read {}", file.display()))?;
        let script = format!(
            "{axe};
            const done = arguments[arguments.length - 1];
            axe.run(document, {{ resultTypes: ['violations'] }})
               .then(result => done(result.violations), error => done(String(error)));"
        );
        let found = self.run(&script).await?;
        serde_json::from_value(found.clone()).with_context(|| format!("axe-core failed: {found}"))
    }
}
