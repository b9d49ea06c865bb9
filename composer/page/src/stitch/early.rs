//! Pages whose head goes out before their own fragment has answered.

use contract::Flush;

use super::Stitcher;
use crate::{escape, plan::Plan, slot::SlotId};

impl Plan {
    /// True for a page whose first bytes wait for nothing: [`Stitcher::begin`].
    pub fn flushes_early(&self) -> bool {
        let flush = self.page.as_ref().map(|page| page.flush);
        flush == Some(Flush::Early) && !self.is_part()
    }
}

impl Stitcher {
    /// Lets the head go out now, whatever has arrived.
    pub fn begin(&mut self) {
        if !self.head_is_out {
            self.write_head();
        }
    }

    /// Leads the browser to `to`, a checked path of the site, where the page's own fragment redirects once the head is out.
    pub fn lead(&mut self, to: &str) {
        let mut html = self.script(&format!("location.replace({})", escape::json(to)));
        html.push_str("<noscript><meta http-equiv=\"refresh\"");
        escape::push(&mut html, "content", &format!("0;url={to}"));
        html.push_str("></noscript>");
        self.arrivals.put(SlotId::PRIMARY, html.into());
    }

    /// Before the content of the page's own fragment: its title, when the head went out without.
    pub(super) fn tell_title(&mut self, slot: SlotId) {
        if slot != SlotId::PRIMARY || !std::mem::take(&mut self.title_is_late) {
            return;
        }
        let title = self.arrivals.lifted().next().and_then(|(_, lifted)| lifted.title());
        if let Some(title) = title {
            // The browser decodes what HTML has encoded: in a text area all is text, as in a title.
            let html = escape::json(&title);
            let text =
                format!("{{const t=document.createElement(\"textarea\");t.innerHTML={html};document.title=t.value}}");
            let script = self.script(&text);
            self.ready.push_back(script.into());
        }
    }

    pub(super) fn script(&self, text: &str) -> String {
        let mut html = String::from("<script");
        escape::push(&mut html, "nonce", &self.context.nonce);
        html.push('>');
        html.push_str(text);
        html.push_str("</script>");
        html
    }
}
