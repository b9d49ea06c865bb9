//! What BFF and browser tell each other, and the rules of a review, which hold on both sides.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

const AUTHOR_CHARS: usize = 60;
const TEXT_CHARS: usize = 1_000;
const PRODUCT_BYTES: usize = 40;

/// What the fragment `list` shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListProps {
    /// The product's number.
    pub product: String,
    /// The newest reviews, newest first.
    pub reviews: Vec<Review>,
    /// How many there are in all.
    pub count: u32,
}

/// What somebody thinks of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Who wrote it.
    pub author: String,
    /// 1 to 5.
    pub stars: u8,
    /// What they say.
    pub text: String,
}

/// A review as the form sends it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewReview {
    /// The product's number.
    #[serde(default)]
    pub product: String,
    /// Who wrote it.
    #[serde(default)]
    pub author: String,
    /// 1 to 5.
    #[serde(default)]
    pub stars: String,
    /// What they say.
    #[serde(default)]
    pub text: String,
}

impl NewReview {
    /// The review, or what is wrong with each field.
    ///
    /// # Errors
    /// A sentence for each field that breaks its rule.
    pub fn check(&self) -> Result<Review, BTreeMap<&'static str, &'static str>> {
        let (author, text) = (self.author.trim(), self.text.trim());
        let stars = self.stars.parse().ok().filter(|stars| (1..=5).contains(stars));
        let mut wrong = BTreeMap::new();
        if !is_product(&self.product) {
            wrong.insert("product", "There is no such product.");
        }
        if author.is_empty() || author.chars().count() > AUTHOR_CHARS {
            wrong.insert("author", "Please give your name, in up to 60 characters.");
        }
        if stars.is_none() {
            wrong.insert("stars", "Please give 1 to 5 stars.");
        }
        if text.is_empty() || text.chars().count() > TEXT_CHARS {
            wrong.insert("text", "Please write something, in up to 1,000 characters.");
        }
        match stars {
            Some(stars) if wrong.is_empty() => Ok(Review {
                author: author.to_owned(),
                stars,
                text: text.to_owned(),
            }),
            _ => Err(wrong),
        }
    }
}

/// Tells whether `text` can be a product's number.
pub fn is_product(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=PRODUCT_BYTES).contains(&text.len()) && text.bytes().all(plain)
}
