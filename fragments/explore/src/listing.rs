//! How a list of products may be ordered and narrowed.

use serde::{Deserialize, Serialize};

/// The order of products.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sort {
    /// As the team put them.
    #[default]
    Ours,
    /// By name.
    Name,
    /// Cheapest first.
    Price,
    /// Dearest first.
    PriceDown,
}

/// The prices that are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Band {
    /// All of them.
    #[default]
    All,
    /// Below 25,000.
    Under25k,
    /// From 25,000, below 50,000.
    From25kTo50k,
    /// From 50,000.
    From50k,
}

impl Sort {
    /// All orders, the default first.
    pub const ALL: [Self; 4] = [Self::Ours, Self::Name, Self::Price, Self::PriceDown];

    /// The word in addresses.
    pub fn key(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Name => "name",
            Self::Price => "price",
            Self::PriceDown => "price-down",
        }
    }

    /// The word on the page.
    pub fn label(self) -> &'static str {
        match self {
            Self::Ours => "Our order",
            Self::Name => "Name",
            Self::Price => "Price, low to high",
            Self::PriceDown => "Price, high to low",
        }
    }

    /// The order of that word.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.key() == key)
    }
}

impl Band {
    /// All bands, the default first.
    pub const ALL: [Self; 4] = [Self::All, Self::Under25k, Self::From25kTo50k, Self::From50k];

    /// The word in addresses.
    pub fn key(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Under25k => "under-25k",
            Self::From25kTo50k => "25k-50k",
            Self::From50k => "from-50k",
        }
    }

    /// The words on the page.
    pub fn label(self) -> &'static str {
        match self {
            Self::All => "Any price",
            Self::Under25k => "Under €25,000",
            Self::From25kTo50k => "€25,000 to €50,000",
            Self::From50k => "€50,000 and up",
        }
    }

    /// The band of that word.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|band| band.key() == key)
    }

    /// Tells whether a price in cents lies in the band.
    pub fn holds(self, cents: i64) -> bool {
        const LOW: i64 = 2_500_000;
        const HIGH: i64 = 5_000_000;
        match self {
            Self::All => true,
            Self::Under25k => cents < LOW,
            Self::From25kTo50k => (LOW..HIGH).contains(&cents),
            Self::From50k => cents >= HIGH,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        for sort in Sort::ALL {
            assert_eq!(Sort::from_key(sort.key()), Some(sort));
        }
        for band in Band::ALL {
            assert_eq!(Band::from_key(band.key()), Some(band));
        }
        assert_eq!(Sort::from_key("'; DROP TABLE products"), None);
        assert_eq!(Band::from_key(""), None);
    }

    #[test]
    fn every_price_lies_in_one_band() {
        for cents in [0, 1, 2_499_999, 2_500_000, 4_999_999, 5_000_000, i64::MAX] {
            let bands = Band::ALL[1..].iter().filter(|band| band.holds(cents));
            assert_eq!(bands.count(), 1, "{cents}");
        }
    }
}
