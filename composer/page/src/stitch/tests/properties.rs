//! What holds whatever arrives in whatever order.

use proptest::prelude::*;

use super::*;

/// What each fragment says, and whether it completes; `None` fails without a byte.
const STORY: &[(&str, Option<&str>)] = &[
    (
        "explore/tips",
        Some(
            "<head><title>Tips</title></head><h1>Tips</h1><fragment-slot src=\"checkout/add?sku=1\"><i>w</i></fragment-slot>\
             <ul><li>a <fragment-slot src='decide/product?id=7&amp;sku=B' class=x>none</fragment-slot></li></ul>\
             <fragment-slot src=\"checkout/add?sku=1\">twice</fragment-slot>",
        ),
    ),
    (
        "explore/header",
        Some("<header><a href=/><fragment-slot src=checkout/mini-cart>cart</fragment-slot></a></header>"),
    ),
    ("checkout/mini-cart", Some("<a href=/checkout><b>2</b></a><p>items")),
    (
        "decide/product",
        Some(
            "<p>P</p><fragment-slot src=\"checkout/add?sku=B\"></fragment-slot><fragment-slot src=\"explore/tips\">loop</fragment-slot>",
        ),
    ),
    ("checkout/add", None),
];

/// How a story is played.
#[derive(Clone, Copy)]
struct Manner {
    /// Of a hundred chunks, so many end their slot.
    breaks: usize,
    /// Whether some bodies come whole, from a cache.
    keeps: bool,
    /// Whether what is waited for may be overtaken.
    overtakes: bool,
}

const PLAIN: Manner = Manner {
    breaks: 0,
    keeps: false,
    overtakes: false,
};

impl Manner {
    fn context(self) -> PageContext {
        let order = Order::OutOfOrder {
            names: "R".into(),
            in_order: None,
        };
        PageContext {
            order: if self.overtakes { order } else { Order::Document },
            ..context(HELD_BYTES)
        }
    }
}

/// Plays the story in the order and the chunks that `choices` say.
fn play(mut choices: impl Iterator<Item = usize>, manner: Manner) -> Run {
    let mut run = Run::with(plan("/tips"), manner.context());
    let bodies: HashMap<&str, Arc<Kept>> = STORY
        .iter()
        .filter_map(|(name, text)| Some((*name, Arc::new(Kept::new(Bytes::from((*text)?))))))
        .collect();
    let mut left: Vec<(String, Option<Bytes>)> = Vec::new();
    let mut known = 0;
    loop {
        let mut names: Vec<_> = run.slots.iter().map(|(name, id)| (*id, name.clone())).collect();
        names.sort();
        for (_, name) in names.drain(known..) {
            let fragment = name.split('#').next().unwrap_or_default();
            let text = STORY.iter().find(|(id, _)| *id == fragment).unwrap().1;
            left.push((name, text.map(Bytes::from)));
        }
        known = run.slots.len();
        if left.is_empty() {
            return run;
        }
        while let Some(slot) = run.drain()
            && manner.overtakes
            && choices.next().is_some_and(|choice| choice < 333)
            && run.stitcher.overtake(slot)
        {}
        let at = choices.next().unwrap_or(0) % left.len();
        let id = run.slots[&left[at].0];
        let body = bodies.get(left[at].0.split('#').next().unwrap_or_default());
        let fetches = match (&mut left[at].1, body) {
            (Some(text), Some(body))
                if manner.keeps
                    && text.len() == body.raw().len()
                    && choices.next().is_some_and(|choice| choice < 500) =>
            {
                left.remove(at);
                run.stitcher.keep(id, body).unwrap_or_default()
            }
            (Some(text), _) if !text.is_empty() && choices.next().unwrap_or(100) % 100 >= manner.breaks => {
                let size = 1 + choices.next().unwrap_or(usize::MAX - 1) % text.len();
                let chunk = text.split_to(size);
                run.stitcher.fill(id, chunk).unwrap_or_default()
            }
            (text, _) => {
                let outcome = match text {
                    Some(text) if text.is_empty() => Outcome::Complete,
                    Some(_) => Outcome::Cut,
                    None => Outcome::Failed,
                };
                left.remove(at);
                run.stitcher.close(id, outcome)
            }
        };
        run.start(fetches);
        run.drain();
    }
}

/// The document as a browser has it in the end: what came late in its place.
fn put_in_place(html: &str) -> String {
    const STATE: &str = "data-state=\"pending\"";
    let mut html = html.to_owned();
    let script = |html: &str| {
        let start = html.find("<script nonce=\"N\">{")?;
        Some(start..start + html[start..].find("</script>")? + "</script>".len())
    };
    if let Some(script) = script(&html) {
        html.replace_range(script, "");
    }
    let settle = |html: &mut String, mark: usize, content: Option<&str>| {
        let end = mark + html[mark..].find("<?end>").unwrap();
        let shown = match content {
            Some(content) => content.to_owned(),
            None => html[mark + html[mark..].find('>').unwrap() + 1..end].to_owned(),
        };
        html.replace_range(mark..end + "<?end>".len(), &shown);
        let state = html[..mark].rfind(STATE).unwrap();
        let now = if content.is_some() { "fresh" } else { "fallback" };
        html.replace_range(state..state + STATE.len(), &format!("data-state=\"{now}\""));
    };
    while let Some(start) = html.find("<template for=\"") {
        const END: &str = "<!--marquetry:fresh--></template><!---->";
        let name = &html[start + 15..start + html[start..].find("\">").unwrap()];
        let mark = html.find(&format!("<?start name=\"{name}\">")).unwrap();
        let begin = start + 15 + name.len() + 2;
        let end = begin + html[begin..].find(END).unwrap();
        let content = html[begin..end].to_owned();
        html.replace_range(start..end + END.len(), "");
        settle(&mut html, mark, Some(&content));
    }
    while let Some(mark) = html.find("<?start name=\"") {
        settle(&mut html, mark, None);
    }
    html
}

/// Every start tag has its end tag.
fn is_balanced(document: &str) -> Result<(), TestCaseError> {
    for element in ["fragment-slot", "b", "i", "ul", "li", "a", "h1", "header", "template"] {
        let starts =
            document.matches(&format!("<{element} ")).count() + document.matches(&format!("<{element}>")).count();
        prop_assert_eq!(
            starts,
            document.matches(&format!("</{element}>")).count(),
            "{} in {}",
            element,
            document
        );
    }
    Ok(())
}

fn choices() -> impl Strategy<Value = Vec<usize>> {
    proptest::collection::vec(0..1000_usize, 0..400)
}

proptest! {
    #[test]
    fn any_order_and_any_cuts_give_the_same_document(choices in choices(), keeps: bool) {
        let plain = play(std::iter::empty(), PLAIN).document();
        prop_assert!(plain.ends_with("</html>"), "{plain}");
        prop_assert_eq!(play(choices.into_iter(), Manner { keeps, ..PLAIN }).document(), plain);
    }

    #[test]
    fn what_is_overtaken_ends_up_in_its_place(choices in choices(), keeps: bool) {
        let plain = play(std::iter::empty(), PLAIN).document();
        let run = play(choices.into_iter(), Manner { keeps, overtakes: true, ..PLAIN });
        prop_assert!(run.told.ends_with("[done]\n"), "{}", run.told);
        prop_assert_eq!(brief(&put_in_place(&run.document())), brief(&plain));
        prop_assert_eq!(run.stitcher.arrivals.held_bytes(), 0);
    }

    #[test]
    fn wherever_slots_break_the_document_is_whole(choices in choices(), keeps: bool, overtakes: bool) {
        let run = play(choices.into_iter(), Manner { breaks: 20, keeps, overtakes });
        let written = run.document();
        prop_assert!(run.told.ends_with("[done]\n") && written.ends_with("</html>"), "{written}");
        is_balanced(&written)?;
        let document = put_in_place(&written);
        is_balanced(&document)?;
        let shown = run.stitcher.counts();
        prop_assert_eq!(shown.fresh + shown.fallback, document.matches("<fragment-slot ").count());
        prop_assert_eq!(run.stitcher.arrivals.held_bytes(), 0);
    }
}
