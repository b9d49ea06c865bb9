//! The addresses of the shop's pages, as this team links to them.

use crate::listing::{Band, Sort};

/// The home page.
pub const HOME: &str = "/";
/// All tractors.
pub const PRODUCTS: &str = "/products";
/// All stores.
pub const STORES: &str = "/stores";
/// The cart, a page of another team.
pub const CART: &str = "/checkout/cart";

/// The tractors of a category, or all.
pub fn category(key: Option<&str>) -> String {
    match key {
        Some(key) => format!("{PRODUCTS}/{key}"),
        None => PRODUCTS.into(),
    }
}

/// The tractors of a category in an order and a price band; what is the default is left out.
pub fn listing(key: Option<&str>, sort: Sort, band: Band) -> String {
    let pairs = [
        ("filter", band.key(), band == Band::All),
        ("sort", sort.key(), sort == Sort::Ours),
    ];
    let query: Vec<String> = pairs
        .iter()
        .filter(|(.., default)| !default)
        .map(|(name, value, _)| format!("{name}={value}"))
        .collect();
    let path = category(key);
    if query.is_empty() {
        path
    } else {
        format!("{path}?{}", query.join("&"))
    }
}

/// A product, in the variant `sku` when there is one.
pub fn product(id: &str, sku: Option<&str>) -> String {
    match sku {
        Some(sku) => format!("/product/{id}?sku={sku}"),
        None => format!("/product/{id}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_leaves_defaults_out() {
        assert_eq!(listing(None, Sort::Ours, Band::All), "/products");
        assert_eq!(
            listing(Some("classics"), Sort::Price, Band::Under25k),
            "/products/classics?filter=under-25k&sort=price"
        );
    }

    #[test]
    fn a_product_may_name_its_variant() {
        assert_eq!(product("CL-03", None), "/product/CL-03");
        assert_eq!(product("CL-03", Some("CL-03-MU")), "/product/CL-03?sku=CL-03-MU");
    }
}
