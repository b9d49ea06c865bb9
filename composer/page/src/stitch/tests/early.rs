//! Pages whose head goes out before their own fragment has answered.

use super::*;

fn early() -> Run {
    let mut run = Run::new(plan("/tips"), HELD_BYTES);
    run.stitcher.begin();
    run.drain();
    run
}

#[test]
fn the_head_goes_out_without_the_pages_own_and_its_title_follows() {
    let mut run = early();
    let document = run.document();
    assert!(
        document.contains("<title>Shop</title>") && document.ends_with("<body>"),
        "{document}"
    );
    run.take(&keeps("explore/header", "head"));
    run.take(&says(
        "explore/tips",
        "<head><title>A &lt;b&gt; \"c\"</title><meta name=description content=d><link rel=stylesheet href=/own.css></head><i>tips",
    ));
    run.take(&completes("explore/tips"));
    let own = run.document()[document.len()..].to_owned();
    let script = "<script nonce=\"N\">{const t=document.createElement(\"textarea\");\
                  t.innerHTML=\"A \\u0026lt;b\\u0026gt; \\u0022c\\u0022\";document.title=t.value}</script>";
    let own = brief(&own.replace(script, "SCRIPT"));
    let end = "<main>SCRIPT<slot src=\"explore/tips\" class=\"m-page\"><link rel=\"stylesheet\" href=\"/own.css\"><i>tips</i></slot></main></body></html>";
    assert!(own.ends_with(end), "{own}");
}

#[test]
fn a_redirect_leads_on_from_within_the_page() {
    let mut run = early();
    run.take(&keeps("explore/header", "head"));
    run.stitcher.lead("/a?b=1&c=</script>");
    run.drain();
    let document = run.document();
    let script = "<script nonce=\"N\">location.replace(\"/a?b=1\\u0026c=\\u003c/script\\u003e\")</script>";
    let refresh = "<noscript><meta http-equiv=\"refresh\" content=\"0;url=/a?b=1&amp;c=&lt;/script&gt;\"></noscript></fragment-slot>";
    assert!(document.contains(&format!("{script}{refresh}")), "{document}");
    assert!(run.told.ends_with("[done]\n"));
    let late = run.stitcher.fill(run.slots["explore/tips"], "moved".into());
    assert!(matches!(late, Err(StitchError::Unwanted { .. })));
}

#[test]
fn a_head_that_is_known_is_not_early() {
    let mut run = Run::new(plan("/tips"), HELD_BYTES);
    run.stitcher
        .fill(run.slots["explore/tips"], "<head><title>Tips</title></head>tips".into())
        .unwrap();
    run.stitcher.begin();
    run.take(&keeps("explore/header", "head"));
    let document = run.document();
    assert!(
        document.contains("<title>Tips</title>") && !document.contains("document.title"),
        "{document}"
    );
}

#[test]
fn a_page_says_whether_it_flushes_early() {
    assert!(!plan("/tips").flushes_early());
    assert!(!plan("explore/header").flushes_early());
}
