//! Filling and emptying a cart.

use super::shop::{Shop, Visitor};

#[tokio::test]
async fn a_script_adds_counts_and_removes() {
    let (shop, mut anna) = (Shop::open().await, Visitor::default());
    let reply = shop.call(&mut anna, "/cart/add", r#"{"sku":"A"}"#).await;
    assert_eq!((reply.status.as_u16(), &reply.json()["count"]), (200, &1.into()));
    let cookie = reply.headers["set-cookie"].to_str().unwrap();
    assert!(
        cookie.starts_with("cart=") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    shop.call(&mut anna, "/cart/add", r#"{"sku":"A","quantity":2}"#).await;
    let reply = shop
        .call(&mut anna, "/cart/add", r#"{"sku":"LAST","quantity":1}"#)
        .await;
    assert_eq!(reply.json()["count"], 4);
    let page = shop.get(&mut anna, "/fragments/cart").await.text;
    assert!(
        page.contains("Quantity 3 × €12,400") && page.contains("€38,199"),
        "{page}"
    );
    let mini = shop.get(&mut anna, "/fragments/mini-cart").await.text;
    assert!(mini.contains("Cart, 4 items"), "{mini}");
    let reply = shop.call(&mut anna, "/cart/remove", r#"{"sku":"A"}"#).await.json();
    assert_eq!((&reply["count"], &reply["cart"][0]["sku"]), (&1.into(), &"LAST".into()));
}

#[tokio::test]
async fn a_form_leads_to_the_cart_page() {
    let (shop, mut anna) = (Shop::open().await, Visitor::default());
    let reply = shop.post_form(&mut anna, "/cart/add", "sku=A").await;
    assert_eq!((reply.status.as_u16(), reply.location()), (303, "/checkout/cart"));
    let page = shop.get(&mut anna, "/fragments/cart").await.text;
    assert!(
        page.contains("Plough") && page.contains(r#"action="/_m/app/checkout@1.0.0/cart/remove""#),
        "{page}"
    );
    assert!(page.contains(r#"src="explore/recommendations?skus=A""#), "{page}");
    let reply = shop.post_form(&mut anna, "/cart/remove", "sku=A").await;
    assert_eq!((reply.status.as_u16(), reply.location()), (303, "/checkout/cart"));
    assert!(
        shop.get(&mut anna, "/fragments/cart")
            .await
            .text
            .contains("nothing in it yet")
    );
}

#[tokio::test]
async fn a_form_that_is_refused_is_told_so_once_on_the_cart_page() {
    let (shop, mut anna) = (Shop::open().await, Visitor::default());
    let reply = shop.post_form(&mut anna, "/cart/add", "sku=GONE").await;
    assert_eq!(reply.status, 303);
    assert!(
        shop.get(&mut anna, "/fragments/cart")
            .await
            .text
            .contains("Dibber is sold out.")
    );
    assert!(
        !shop
            .get(&mut anna, "/fragments/cart")
            .await
            .text
            .contains("Dibber is sold out.")
    );
}

#[tokio::test]
async fn more_than_there_is_stays_on_the_shelf() {
    let (shop, mut anna) = (Shop::open().await, Visitor::default());
    let check = async |visitor: &mut Visitor, body: &'static str, status: u16, detail: &str| {
        let reply = shop.call(visitor, "/cart/add", body).await;
        assert_eq!(reply.status.as_u16(), status, "{body}: {}", reply.text);
        assert_eq!(reply.json()["detail"], detail, "{body}");
    };
    check(
        &mut anna,
        r#"{"sku":"A","quantity":6}"#,
        409,
        "We have only 5 of Plough.",
    )
    .await;
    shop.call(&mut anna, "/cart/add", r#"{"sku":"A","quantity":4}"#).await;
    let told = "We have only 5 of Plough; 4 of them in your cart already.";
    check(&mut anna, r#"{"sku":"A","quantity":2}"#, 409, told).await;
    shop.call(&mut anna, "/cart/add", r#"{"sku":"A"}"#).await;
    let told = "We have only 5 of Plough, and your cart holds all of them.";
    check(&mut anna, r#"{"sku":"A"}"#, 409, told).await;
    shop.call(&mut anna, "/cart/add", r#"{"sku":"LAST"}"#).await;
    let told = "We have only one Harrow, and it is in your cart.";
    check(&mut anna, r#"{"sku":"LAST"}"#, 409, told).await;
    check(&mut anna, r#"{"sku":"GONE"}"#, 409, "Dibber is sold out.").await;
    check(
        &mut anna,
        r#"{"sku":"B"}"#,
        404,
        "We don't sell that one, or no longer.",
    )
    .await;
    shop.call(&mut anna, "/cart/add", r#"{"sku":"MANY","quantity":20}"#)
        .await;
    check(&mut anna, r#"{"sku":"MANY"}"#, 409, "A cart takes at most 20 of Peg.").await;
    assert_eq!(shop.stock("A").await, 5, "a cart reserves nothing");
}

#[tokio::test]
async fn hostile_input_is_refused_and_changes_nothing() {
    let (shop, mut anna) = (Shop::open().await, Visitor::default());
    for body in [
        r#"{"sku":"A","quantity":0}"#,
        r#"{"sku":"A","quantity":-3}"#,
        r#"{"sku":"A","quantity":9223372036854775807}"#,
        r#"{"sku":"A","quantity":1.5}"#,
        r#"{"sku":"A","quantity":"1"}"#,
        r#"{"sku":["A"]}"#,
        r#"{"sku":"A' OR 1=1 --"}"#,
        r#"{"quantity":1}"#,
        r"{",
        "",
        "sku=A",
    ] {
        let reply = shop.call(&mut anna, "/cart/add", body).await;
        assert!(
            reply.status.is_client_error(),
            "{body}: {} {}",
            reply.status,
            reply.text
        );
    }
    let long = format!(r#"{{"sku":"{}"}}"#, "A".repeat(4 << 20));
    assert_eq!(shop.call(&mut anna, "/cart/add", long).await.status, 413);
    assert_eq!(
        shop.post_form(&mut anna, "/cart/add", "sku=A&quantity=-1").await.status,
        303
    );
    let mini = shop.get(&mut anna, "/fragments/mini-cart").await.text;
    assert!(mini.contains("Cart, empty"), "{mini}");
}

#[tokio::test]
async fn a_cookie_of_nonsense_is_no_cart() {
    let shop = Shop::open().await;
    for cookie in ["cart=", "cart=../../etc", "cart=' OR 1=1 --", "cart=\"\"", "cart=00"] {
        let mut mallory = Visitor {
            cookie: Some(cookie.to_owned()),
        };
        let reply = shop.get(&mut mallory, "/fragments/cart").await;
        assert_eq!(reply.status, 200, "{cookie}");
        let reply = shop.call(&mut mallory, "/cart/add", r#"{"sku":"A"}"#).await;
        assert_eq!(
            (reply.status.as_u16(), reply.headers.contains_key("set-cookie")),
            (200, true),
            "{cookie}"
        );
    }
}

#[tokio::test]
async fn the_button_says_what_is_in_stock() {
    let (shop, mut anna) = (Shop::open().await, Visitor::default());
    for (sku, text) in [
        ("A", "In stock"),
        ("LAST", "Only one left"),
        ("GONE", "Sold out"),
        ("B", "not for sale"),
        ("", "not for sale"),
        ("%3Cscript%3E", "not for sale"),
    ] {
        let reply = shop.get(&mut anna, &format!("/fragments/add-to-cart?sku={sku}")).await;
        assert_eq!(reply.status, 200);
        assert!(reply.text.contains(text), "{sku}: {}", reply.text);
        assert_eq!(reply.text.contains(" disabled"), sku == "GONE", "{sku}: {}", reply.text);
    }
}
