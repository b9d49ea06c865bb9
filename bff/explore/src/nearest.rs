//! Finds the variants whose colours are nearest to given ones.

use std::collections::HashSet;

use fragments_explore::card::CardData;

/// A variant of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variant {
    pub(crate) sku: String,
    pub(crate) product_id: String,
    pub(crate) product_name: String,
    pub(crate) name: String,
    /// Red, green and blue, 0 to 255 each.
    pub(crate) colour: [i32; 3],
    pub(crate) price_cents: i64,
    pub(crate) image: String,
}

impl From<&Variant> for CardData {
    fn from(variant: &Variant) -> Self {
        Self {
            id: variant.product_id.clone(),
            sku: Some(variant.sku.clone()),
            name: variant.product_name.clone(),
            line: variant.name.clone(),
            price_cents: variant.price_cents,
            image: variant.image.clone(),
        }
    }
}

/// The `count` products, other than those of `skus`, that have the variants nearest to `skus` in colour: the nearest
/// variant of each, nearest first. Nothing where no sku is known.
pub(crate) fn nearest<'v>(variants: &'v [Variant], skus: &[&str], count: usize) -> Vec<&'v Variant> {
    let wanted: Vec<&Variant> = variants
        .iter()
        .filter(|variant| skus.contains(&variant.sku.as_str()))
        .collect();
    let mut seen: HashSet<&str> = wanted.iter().map(|variant| variant.product_id.as_str()).collect();
    let mut others: Vec<(i32, &Variant)> = variants
        .iter()
        .filter(|variant| !seen.contains(variant.product_id.as_str()))
        .filter_map(|variant| {
            let distances = wanted.iter().map(|wanted| distance(wanted.colour, variant.colour));
            Some((distances.min()?, variant))
        })
        .collect();
    others.sort_by(|(near, a), (far, b)| near.cmp(far).then_with(|| a.sku.cmp(&b.sku)));
    let first_of_each = others
        .into_iter()
        .filter(|(_, variant)| seen.insert(&variant.product_id));
    first_of_each.map(|(_, variant)| variant).take(count).collect()
}

/// The square of the distance in RGB, which orders as the distance does.
fn distance(a: [i32; 3], b: [i32; 3]) -> i32 {
    a.iter().zip(b).map(|(a, b)| (a - b).pow(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variant(sku: &str, colour: [i32; 3]) -> Variant {
        Variant {
            sku: sku.into(),
            product_id: sku[..1].into(),
            product_name: format!("Product {}", &sku[..1]),
            name: "Colour".into(),
            colour,
            price_cents: 100,
            image: "/static/x.svg".into(),
        }
    }

    fn check(skus: &[&str], want: &[&str]) {
        let all = [
            variant("a-red", [200, 0, 0]),
            variant("a-blue", [0, 0, 200]),
            variant("b-red", [190, 0, 0]),
            variant("b-pink", [198, 0, 5]),
            variant("c-blue", [0, 0, 190]),
            variant("d-grey", [100, 100, 100]),
            variant("e-red", [180, 0, 0]),
            variant("f-red", [180, 0, 0]),
        ];
        let got: Vec<&str> = nearest(&all, skus, 4)
            .into_iter()
            .map(|variant| variant.sku.as_str())
            .collect();
        assert_eq!(got, want);
    }

    #[test]
    fn the_nearest_variant_of_each_other_product_comes_in_order_of_distance() {
        check(&["a-red"], &["b-pink", "e-red", "f-red", "d-grey"]);
    }

    #[test]
    fn the_nearest_to_any_of_several_skus_counts() {
        check(&["a-red", "c-blue"], &["b-pink", "e-red", "f-red", "d-grey"]);
        check(&["a-blue", "d-grey"], &["c-blue", "e-red", "f-red", "b-red"]);
    }

    #[test]
    fn unknown_skus_find_nothing_and_do_no_harm() {
        check(&[], &[]);
        check(&["zz-99"], &[]);
        check(&["zz-99", "a-red"], &["b-pink", "e-red", "f-red", "d-grey"]);
    }
}
