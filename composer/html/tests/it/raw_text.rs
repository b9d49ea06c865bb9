//! Scripts, styles, text areas, comments.

use crate::support::check_html;

#[test]
fn raw_text_ends_at_its_own_end_tag_only() {
    for text in [
        "<script>a</b></scriptx></ script><!-- </script >b",
        "<script><!-- <script> </script> --> </script>b",
        "<script><!--<script></script></script>b",
        "<script><!--><script></script>b",
        "<textarea><p></textarea/>b<title></textarea></title>c",
        "<style><!-- </style>b<xmp></style></xmp>c<iframe><p></iframe>d",
        "<noembed><p></noembed><noframes></noembed></noframes>e",
    ] {
        check_html(text, text);
    }
}

#[test]
fn raw_text_that_is_cut_is_closed() {
    check_html("<script>a", "<script>a</script>");
    check_html("<script>a</scr", "<script>a</script>");
    check_html("<script>a</script ", "<script>a</script>");
    check_html("<script><!--a", "<script><!--a</script>");
    check_html("<script><!--<script>a", "<script><!--<script>a--></script>");
    check_html("<div><textarea>a", "<div><textarea>a</textarea></div>");
    check_html("<style>a<", "<style>a</style>");
}

#[test]
fn comments_end_in_every_way_that_browsers_accept() {
    for comment in [
        "<!>",
        "<!---->",
        "<!-->",
        "<!--->",
        "<!--a--!>",
        "<!--a---->",
        "<!-- -- > <!-- -->",
        "<!--a--!->-->",
    ] {
        let text = format!("x{comment}<p>y</p>");
        check_html(&text, &text);
    }
}
