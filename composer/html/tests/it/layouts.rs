//! Layouts.

use bytes::Bytes;
use composer_html::{Limits, Mode, ScanError, layout};
use expect_test::expect;

use crate::support::{pieces, show};

#[test]
fn a_layout_is_handed_on_with_title_and_slots_cut_out() {
    let text = "<!doctype html><html lang=en><head><meta charset=utf-8><title>Shop</title><link rel=icon href=/i></head>\
                <body class=x><header><fragment-slot src=explore/header></fragment-slot></header><p>1<p>2<main>\
                <fragment-slot src=page class=m></fragment-slot></main></body></html>\n";
    expect![[r#"
        html      <!doctype html><html lang=en><head><meta charset=utf-8>
        title     Shop
        html      <link rel=icon href=/i>
        head end
        html      </head><body class=x><header>
        slot      explore/header =
        slot end
        html      </header><p>1<p>2<main>
        slot      page = class=m
        slot end
        html      </main></body></html>\n
    "#]]
    .assert_eq(&show(&pieces(Mode::Layout, text)));
    assert!(layout(Bytes::from(text), Limits::default()).is_ok());
}

#[test]
fn a_broken_layout_is_refused() {
    let check = |text: &'static str, error: ScanError| {
        assert_eq!(layout(Bytes::from(text), Limits::default()), Err(error), "{text}");
    };
    let slot = |src: &str| ScanError::LayoutSlot { src: src.into() };
    check("", ScanError::LayoutHead);
    check("<body></body>", ScanError::LayoutHead);
    check("<head></head>", ScanError::LayoutBody);
    check("<head></head><body><fragment-slot src=page></body>", slot("page"));
    check(
        "<head></head><body><div><fragment-slot src=a></div></fragment-slot>",
        slot("a"),
    );
    check(
        "<head></head><body><fragment-slot src=a><div></fragment-slot>",
        slot("a"),
    );
    check(
        "<head><fragment-slot src=a></fragment-slot></head><body>",
        ScanError::LayoutHead,
    );
}
