//! The head of a fragment.

use expect_test::expect;

use crate::support::check;

#[test]
fn a_leading_head_is_lifted() {
    check(
        "\n<!-- hi --><!doctype html><html lang=en><head>\n<title>Cart &amp; <b>more</b></title><meta charset=utf-8>\
         <meta name=description content=\"a>b\"><meta property=og:title content=x><meta http-equiv=refresh content=0>\
         <link rel=stylesheet href=\"/a.css?x&amp;y\" media=print><link rel=\"shortcut icon\" href=/i><link rel=import href=/x>\
         <style>p{}</style><script>'</head>'</script><base href=/><noscript><p></noscript><template><title>x</title></template>\
         </head><body class=x><p>a</p></body></html>",
        expect![[r#"
            title     Cart &amp; <b>more</b>
            meta      <meta name=description content="a>b">
            meta      <meta property=og:title content=x>
            style     /a.css?x&y = <link rel=stylesheet href="/a.css?x&amp;y" media=print>
            link      <link rel="shortcut icon" href=/i>
            head end
            html      <p>a</p>
        "#]],
    );
}

#[test]
fn without_a_head_what_leads_stays() {
    check(
        " <!--[--><p>a</p>",
        expect![[r#"
            head end
            html       <!--[--><p>a</p>
        "#]],
    );
}

#[test]
fn a_late_head_is_no_head() {
    check(
        "a<head><meta name=x content=y></head>b",
        expect![[r#"
            head end
            html      a<meta name=x content=y>b
        "#]],
    );
}

#[test]
fn content_ends_a_head_that_is_not_closed() {
    check(
        "<head><title>a</title> <div>b</head></div>",
        expect![[r#"
            title     a
            head end
            html      <div>b</div>
        "#]],
    );
}

#[test]
fn a_head_that_is_cut_ends() {
    check(
        "<head><title>a</title><title>b",
        expect![[r#"
            title     a
            head end
        "#]],
    );
    check(
        "",
        expect![[r#"
        head end
    "#]],
    );
}
