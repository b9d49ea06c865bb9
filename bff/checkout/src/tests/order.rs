//! Placing orders.

use super::shop::{Reply, Shop, Visitor};
use crate::store;

const GOOD: &str =
    r#"{"first_name":"Anna","last_name":"Weaver","email":"anna@example.org","pickup":"store-x","attempt":"a1"}"#;
const GOOD_FORM: &str = "first_name=Anna&last_name=Weaver&email=anna%40example.org&pickup=store-x&attempt=a1";

async fn with_cart(shop: &Shop, items: &[&'static str]) -> Visitor {
    let mut visitor = Visitor::default();
    for item in items {
        let reply = shop.call(&mut visitor, "/cart/add", *item).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    visitor
}

fn number(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()["order"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_order_takes_the_stock_and_empties_the_cart() {
    let shop = Shop::open().await;
    let mut anna = with_cart(&shop, &[r#"{"sku":"A","quantity":2}"#, r#"{"sku":"LAST"}"#]).await;
    let order = number(&shop.call(&mut anna, "/order", GOOD).await);
    assert_eq!((shop.stock("A").await, shop.stock("LAST").await), (3, 0));
    assert!(
        shop.get(&mut anna, "/fragments/mini-cart")
            .await
            .text
            .contains("Cart, empty")
    );
    let page = shop.get(&mut anna, &format!("/fragments/thanks?order={order}")).await;
    assert_eq!(page.status, 200);
    for text in [
        order.as_str(),
        "Barn &lt;X&gt;, Oxbridge",
        "€25,799",
        "2 × Plough",
        "anna@example.org",
    ] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
}

#[tokio::test]
async fn an_order_is_shown_to_its_visitor_only() {
    let shop = Shop::open().await;
    let mut anna = with_cart(&shop, &[r#"{"sku":"A"}"#]).await;
    let order = number(&shop.call(&mut anna, "/order", GOOD).await);
    let mut others = [Visitor::default(), with_cart(&shop, &[r#"{"sku":"A"}"#]).await];
    for other in &mut others {
        let page = shop.get(other, &format!("/fragments/thanks?order={order}")).await;
        assert_eq!(page.status, 404);
        assert!(
            page.text.contains("No such order") && !page.text.contains("anna@"),
            "{}",
            page.text
        );
    }
    assert_eq!(shop.get(&mut anna, "/fragments/thanks").await.status, 404);
}

#[tokio::test]
async fn the_form_sent_twice_is_one_order() {
    let shop = Shop::open().await;
    let mut anna = with_cart(&shop, &[r#"{"sku":"A"}"#]).await;
    let (mut one, mut two) = (anna.clone(), anna.clone());
    let (first, second) = tokio::join!(shop.call(&mut one, "/order", GOOD), shop.call(&mut two, "/order", GOOD));
    assert_eq!(number(&first), number(&second));
    // Even with something new in the cart, as when a visitor goes back and sends the old form again.
    shop.call(&mut anna, "/cart/add", r#"{"sku":"LAST"}"#).await;
    assert_eq!(number(&shop.call(&mut anna, "/order", GOOD).await), number(&first));
    assert_eq!(
        (shop.orders().await, shop.stock("A").await, shop.stock("LAST").await),
        (1, 4, 1)
    );
}

#[tokio::test]
async fn another_showing_of_the_form_cannot_order_an_empty_cart() {
    let shop = Shop::open().await;
    let mut anna = with_cart(&shop, &[r#"{"sku":"A"}"#]).await;
    number(&shop.call(&mut anna, "/order", GOOD).await);
    for attempt in ["a2", ""] {
        let reply = shop.call(&mut anna, "/order", GOOD.replace("a1", attempt)).await;
        assert_eq!(
            (reply.status.as_u16(), &reply.json()["detail"]),
            (409, &"Your cart is empty.".into())
        );
    }
    assert_eq!(shop.orders().await, 1);
}

#[tokio::test]
async fn of_two_orders_for_the_last_piece_one_is_told_that_it_is_sold_out() {
    let shop = Shop::open().await;
    let mut anna = with_cart(&shop, &[r#"{"sku":"A"}"#, r#"{"sku":"LAST"}"#]).await;
    let mut bert = with_cart(&shop, &[r#"{"sku":"A"}"#, r#"{"sku":"LAST"}"#]).await;
    let (first, second) = tokio::join!(
        shop.call(&mut anna, "/order", GOOD),
        shop.call(&mut bert, "/order", GOOD)
    );
    let (won, lost, mut loser) = if first.status == 200 {
        (first, second, bert)
    } else {
        (second, first, anna)
    };
    number(&won);
    assert_eq!(lost.status, 409, "{}", lost.text);
    assert_eq!(
        lost.json()["detail"],
        "Harrow has just sold out. Change your cart to order the rest."
    );
    assert_eq!(
        (shop.orders().await, shop.stock("A").await, shop.stock("LAST").await),
        (1, 4, 0)
    );
    assert!(
        shop.get(&mut loser, "/fragments/mini-cart")
            .await
            .text
            .contains("Cart, 2 items"),
        "nothing is lost"
    );
    shop.call(&mut loser, "/cart/remove", r#"{"sku":"LAST"}"#).await;
    number(&shop.call(&mut loser, "/order", GOOD).await);
}

#[tokio::test]
async fn a_script_hears_what_is_wrong_with_each_field() {
    let shop = Shop::open().await;
    let mut anna = with_cart(&shop, &[r#"{"sku":"A"}"#]).await;
    let reply = shop
        .call(&mut anna, "/order", r#"{"email":"anna","pickup":"nowhere"}"#)
        .await;
    assert_eq!(reply.status, 422);
    let fields = reply.json()["fields"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect::<Vec<_>>();
    assert_eq!(fields, ["email", "first_name", "last_name", "pickup"]);
    assert_eq!((shop.orders().await, shop.stock("A").await), (0, 5));
}

#[tokio::test]
async fn a_form_comes_back_filled_in_with_what_is_wrong() {
    let shop = Shop::open().await;
    let mut anna = with_cart(&shop, &[r#"{"sku":"A"}"#]).await;
    let sent = "first_name=%3CAnna%3E&last_name=&email=anna&pickup=store-x";
    let reply = shop.post_form(&mut anna, "/order", sent).await;
    assert_eq!((reply.status.as_u16(), reply.location()), (303, "/checkout"));
    let page = shop.get(&mut anna, "/fragments/checkout").await.text;
    for text in [
        r#"value="&lt;Anna&gt;""#,
        "Enter your last name.",
        r#"aria-invalid="true""#,
        r#"aria-describedby="ch-email-problem""#,
        "store-picker?selected=store-x",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let again = shop.get(&mut anna, "/fragments/checkout").await.text;
    assert!(
        again.contains("&lt;Anna&gt;") && !again.contains("Enter your last name."),
        "{again}"
    );
}

#[tokio::test]
async fn a_form_leads_to_the_thanks() {
    let shop = Shop::open().await;
    let mut anna = with_cart(&shop, &[r#"{"sku":"A"}"#]).await;
    let reply = shop.post_form(&mut anna, "/order", GOOD_FORM).await;
    assert_eq!(reply.status, 303);
    let path = reply.location().replace("/checkout/thanks", "/fragments/thanks");
    assert_eq!(shop.get(&mut anna, &path).await.status, 200, "{path}");
}

#[tokio::test]
async fn a_visitor_without_a_cart_orders_nothing() {
    let (shop, mut anna) = (Shop::open().await, Visitor::default());
    assert_eq!(shop.call(&mut anna, "/order", GOOD).await.status, 409);
    let reply = shop.post_form(&mut anna, "/order", GOOD_FORM).await;
    assert_eq!(reply.location(), "/checkout");
    assert!(
        shop.get(&mut anna, "/fragments/checkout")
            .await
            .text
            .contains("nothing to order")
    );
    assert_eq!(shop.orders().await, 0);
}

#[tokio::test]
async fn a_restart_keeps_stock_carts_and_orders() {
    let dir = tempfile::tempdir().unwrap();
    let open = async || Shop::over(dir.path(), store::SEED).await;
    let shop = open().await;
    let mut anna = with_cart(&shop, &[r#"{"sku":"CL-04-BU"}"#]).await;
    let order = number(
        &shop
            .call(&mut anna, "/order", GOOD.replace("store-x", "store-bramstow"))
            .await,
    );
    shop.call(&mut anna, "/cart/add", r#"{"sku":"CL-06-RR"}"#).await;
    let shop = open().await;
    assert_eq!(shop.stock("CL-04-BU").await, 0);
    let page = shop.get(&mut anna, &format!("/fragments/thanks?order={order}")).await;
    assert_eq!(page.status, 200);
    assert!(
        shop.get(&mut anna, "/fragments/mini-cart")
            .await
            .text
            .contains("Cart, 1 item")
    );
}

#[tokio::test]
async fn an_order_tells_open_pages_what_is_left() {
    let shop = Shop::open().await;
    let mut anna = with_cart(&shop, &[r#"{"sku":"A","quantity":2}"#, r#"{"sku":"LAST"}"#]).await;
    number(&shop.call(&mut anna, "/order", GOOD).await);
    let told = shop.database.read(|db| {
        let mut events = db.prepare("SELECT topic || ' ' || value FROM marquetry_events ORDER BY number")?;
        let events = events.query_map([], |row| row.get(0))?;
        events.collect::<Result<Vec<String>, _>>()
    });
    let expected = [
        r#"checkout:stock-changed {"sku":"A","stock":3}"#,
        r#"checkout:stock-changed {"sku":"LAST","stock":0}"#,
    ];
    assert_eq!(told.await.unwrap(), expected);
    let asked = shop.get(&mut anna, "/stock?sku=A").await;
    assert_eq!(asked.json(), serde_json::json!({ "sku": "A", "stock": 3 }));
    assert_eq!(shop.get(&mut anna, "/stock?sku=none").await.status, 404);
    assert_eq!(shop.get(&mut anna, "/events").await.status, 404, "it is for composers");
}
