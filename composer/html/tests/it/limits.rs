//! Limits, and what is left when one is reached.

use composer_html::{Limits, Mode, Piece, ScanError, Scanner};

use crate::support::{FRAGMENT, html, scan};

const SMALL: Limits = Limits {
    tag_bytes: 16,
    head_bytes: 64,
    title_bytes: 8,
    depth: 4,
};

/// The markup that is left, and the error, wherever `text` is cut.
fn check(text: &str, markup: &str, error: ScanError) {
    for size in [1, 2, 3, 5, text.len()] {
        let (pieces, result) = scan(Scanner::new(FRAGMENT, SMALL), text.as_bytes().chunks(size));
        assert_eq!(result, Err(error.clone()), "{text}");
        assert_eq!(html(&pieces), markup, "{text}");
        assert!(pieces.contains(&Piece::HeadEnd));
    }
}

#[test]
fn a_limit_has_its_error_and_leaves_a_whole() {
    check("<p>a<i title='0123456789'>b", "<p>a</p>", ScanError::Tag { limit: 16 });
    check("<p>a</p        12345678>b", "<p>a</p>", ScanError::Tag { limit: 16 });
    check(
        "<p><i><b><u>a<s>b",
        "<p><i><b><u>a</u></b></i></p>",
        ScanError::Depth { limit: 4 },
    );
    check(
        "<head><title>123456789</title></head>a",
        "",
        ScanError::Title { limit: 8 },
    );
    let head = format!("<head>{}</head>a", "<meta name=a>".repeat(5));
    check(&head, "", ScanError::Head { limit: 64 });
}

#[test]
fn text_and_finished_tags_flow_out_at_once() {
    let mut scanner = Scanner::new(Mode::Fragment { slots: true }, Limits::default());
    let mut steps = Vec::new();
    for chunk in [
        "<p>a b",
        "c <!-- d",
        "e --> <script>f",
        "g</script><fragment-slot src=a/b>",
        "h",
    ] {
        let mut pieces = Vec::new();
        scanner.push(chunk.into(), &mut pieces).unwrap();
        pieces.retain(|piece| *piece != Piece::HeadEnd);
        steps.push(html(&pieces));
    }
    let wanted = [
        "<p>a b",
        "c <!-- d",
        "e --> <script>f",
        "g</script><fragment-slot live=\"a/b\" >",
        "h",
    ];
    assert_eq!(steps, wanted);
}

#[test]
fn markup_is_a_slice_of_its_chunk() {
    let chunk = bytes::Bytes::from("<div><p>a</p><br>b</div>".to_owned());
    let mut pieces = Vec::new();
    let mut scanner = Scanner::new(FRAGMENT, Limits::default());
    scanner.push(chunk.clone(), &mut pieces).unwrap();
    let [Piece::HeadEnd, Piece::Html(bytes)] = &pieces[..] else {
        panic!("{pieces:?}");
    };
    assert_eq!(bytes.as_ptr(), chunk.as_ptr());
}
