//! What somebody has typed is there when they come back, and keeps a tab where it is.

use anyhow::{Result, ensure};

use super::Soft;

/// Fills each field as a person would, and tells the page so.
const FILL: &str = "(() => {
  const set = (css, name, value) => {
    const field = document.querySelector(css);
    field[name] = value;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  };
  set('[name=word]', 'value', 'typed');
  set('#note', 'value', 'a note\\nof two lines');
  set('#box', 'checked', true);
  set('#pick', 'value', 'b');
  set('#secret', 'value', 'hush');
  set('#once', 'value', 'once');
  return true;
})()";

const FIELDS: &str = "['[name=word]', '#note', '#box', '#pick', '#secret', '#once']\
    .map((css) => document.querySelector(css)).map((field) => field.type === 'checkbox' ? field.checked : field.value).join()";

#[tokio::test]
async fn what_was_typed_is_there_when_one_comes_back_but_for_secrets() -> Result<()> {
    let soft = Soft::start().await?;
    let browser = &soft.browser;
    browser.ask::<bool>(FILL).await?;
    for (leave, heading) in [("#other", "Other"), ("#missing", "Not here")] {
        soft.follow(leave, heading).await?;
        browser.back().await?;
        browser.reads("h1", "Home").await?;
        let fields = browser.ask::<String>(FIELDS).await?;
        ensure!(
            fields == "typed,a note\nof two lines,true,b,,",
            "behind {leave}: {fields}"
        );
    }
    soft.follow("#other", "Other").await?;
    soft.follow("#home", "Home").await?;
    let fields = browser.ask::<String>(FIELDS).await?;
    ensure!(
        fields == "a&b c,,false,a,,",
        "a new page is as the server sent it: {fields}"
    );
    ensure!(soft.is_marked().await?, "a page was loaded anew");
    Ok(())
}
