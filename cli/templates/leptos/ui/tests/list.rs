//! The list, as the BFF sends it. Run by `cargo test` for the whole workspace, which turns on the feature `server`.
#![cfg(feature = "server")]

use {{crate}}_ui::{ListProps, ListView, NewReview, Review};
use fragments_kit::server::{FragmentContext, render};
use leptos::prelude::*;

async fn html(reviews: Vec<Review>) -> String {
    let context = FragmentContext {
        id: "{{app}}/list".parse().unwrap(),
        base: "/_m/app/{{app}}@0.1.0".into(),
    };
    let props = ListProps {
        product: "AU-02".into(),
        count: reviews.len().try_into().unwrap(),
        reviews,
    };
    render(&context, props, |props| view! { <ListView props/> }).await.unwrap()
}

fn review(author: &str, text: &str) -> Review {
    Review {
        author: author.into(),
        stars: 4,
        text: text.into(),
    }
}

#[tokio::test]
async fn what_people_wrote_is_text_and_never_html() {
    let html = html(vec![review("Ida", "<script>alert(1)</script>")]).await;
    assert!(html.contains("&lt;script&gt;alert(1)"), "{html}");
    assert!(!html.contains("<script>alert"), "{html}");
    assert!(html.contains("4 of 5 stars") && html.contains("1 review"), "{html}");
}

#[tokio::test]
async fn the_form_works_without_script() {
    let html = html(vec![]).await;
    let form = r#"method="post" action="/_m/app/{{app}}@0.1.0/reviews""#;
    assert!(html.contains(form), "{html}");
    assert!(html.contains(r#"name="product" value="AU-02""#), "{html}");
    assert!(html.contains("Nobody has written one yet."), "{html}");
}

#[test]
fn each_wrong_field_is_named() {
    let wrong = NewReview::default().check().unwrap_err();
    let fields: Vec<&str> = wrong.into_keys().collect();
    assert_eq!(fields, ["author", "product", "stars", "text"]);
}
