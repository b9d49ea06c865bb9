//! What a client accepts (RFC 9110 §12.5.3).

use http::HeaderValue;

use crate::coding::Coding;

/// Longer lists are read no further.
const MOST_ITEMS: usize = 64;
/// The weight of what has none, in thousandths.
const FULL: u16 = 1000;

/// The weights of what a client named.
#[derive(Debug, Default)]
struct Weights {
    named: [Option<u16>; 3],
    identity: Option<u16>,
    any: Option<u16>,
}

impl Coding {
    /// The coding that a client with these fields `Accept-Encoding` likes best; `None` stands for none at all.
    ///
    /// Among equals the first in `order` is chosen; what isn't there isn't. `*` stands for gzip alone: whoever takes anything takes that.
    /// A client that forbids `identity` and accepts no coding gets its answer uncompressed, as the RFC has it.
    pub fn choose<'v>(
        order: impl IntoIterator<Item = Self>,
        accept_encoding: impl IntoIterator<Item = &'v HeaderValue>,
    ) -> Option<Self> {
        let mut weights = Weights::default();
        for value in accept_encoding {
            for item in value.as_bytes().split(|b| *b == b',').take(MOST_ITEMS) {
                weights.read(item);
            }
        }
        weights.best(order)
    }
}

impl Weights {
    fn read(&mut self, item: &[u8]) {
        let mut parts = item.split(|b| *b == b';').map(<[u8]>::trim_ascii);
        let name = parts.next().unwrap_or_default();
        // An item whose weight can't be read is as if it weren't there.
        let Some(weight) = parts.try_fold(FULL, |_, part| weight(part)) else {
            return;
        };
        let place = match name {
            b"*" => &mut self.any,
            name if name.eq_ignore_ascii_case(b"identity") => &mut self.identity,
            name if name.eq_ignore_ascii_case(b"x-gzip") => &mut self.named[Coding::Gzip.index()],
            name => {
                let known = Coding::ALL
                    .into_iter()
                    .find(|coding| name.eq_ignore_ascii_case(coding.as_str().as_bytes()));
                let Some(coding) = known else { return };
                &mut self.named[coding.index()]
            }
        };
        // The first mention counts.
        place.get_or_insert(weight);
    }

    fn best(&self, order: impl IntoIterator<Item = Coding>) -> Option<Coding> {
        let mut best = None;
        let mut most = self.identity.unwrap_or(0);
        for coding in order {
            let any = self.any.filter(|_| coding == Coding::Gzip);
            let weight = self.named[coding.index()].or(any).unwrap_or(0);
            let is_better = weight > most || (weight == most && weight > 0 && best.is_none());
            if is_better {
                most = weight;
                best = Some(coding);
            }
        }
        best
    }
}

/// `q=0.5` in thousandths.
fn weight(part: &[u8]) -> Option<u16> {
    let (b'q' | b'Q', rest) = part.split_first()? else {
        return None;
    };
    let value = rest.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (whole, rest) = value.split_first()?;
    let decimals = match rest.split_first() {
        None => &[],
        Some((b'.', decimals)) if decimals.len() <= 3 => decimals,
        Some(_) => return None,
    };
    if !decimals.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let thousandths = decimals
        .iter()
        .zip([100_u16, 10, 1])
        .map(|(digit, unit)| u16::from(digit - b'0') * unit)
        .sum();
    match whole {
        b'0' => Some(thousandths),
        b'1' if thousandths == 0 => Some(FULL),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(value: &str) -> Option<&'static str> {
        let value = HeaderValue::from_str(value).unwrap();
        Coding::choose(Coding::ALL, [&value]).map(Coding::as_str)
    }

    #[test]
    fn the_heaviest_coding_is_chosen_and_the_order_decides_among_equals() {
        for (value, best) in [
            ("gzip, deflate, br, zstd", Some("zstd")),
            ("gzip, deflate, br", Some("br")),
            ("gzip, deflate", Some("gzip")),
            ("GZip", Some("gzip")),
            ("x-gzip", Some("gzip")),
            ("gzip;q=1.0, zstd;q=0.5", Some("gzip")),
            ("br;q=0.8 , gzip ; q=0.801", Some("gzip")),
            ("zstd;q=0, br;Q=0.001", Some("br")),
            ("gzip;q=0.5", Some("gzip")),
            ("*", Some("gzip")),
            ("*;q=0.1, gzip;q=0", None),
            ("zstd;q=0, *", Some("gzip")),
            ("identity", None),
            ("identity;q=0", None),
            ("identity, gzip;q=0.5", None),
            ("identity;q=0.5, gzip;q=0.5", Some("gzip")),
            ("identity;q=0, *;q=0", None),
            ("deflate, compress", None),
            ("", None),
            (",,;,;q=1", None),
        ] {
            assert_eq!(choose(value), best, "{value}");
        }
    }

    #[test]
    fn zstandard_is_the_last_choice_where_it_may_be_read_in_part() {
        let choose = |value| Coding::choose(Coding::WIDELY_READ, [&HeaderValue::from_static(value)]);
        assert_eq!(choose("gzip, br, zstd"), Some(Coding::Brotli));
        assert_eq!(choose("gzip, zstd"), Some(Coding::Gzip));
        assert_eq!(choose("gzip;q=0.5, zstd"), Some(Coding::Zstd));
        assert_eq!(choose("zstd"), Some(Coding::Zstd));
    }

    #[test]
    fn an_item_with_an_odd_weight_is_not_there() {
        for value in [
            "gzip;q=2",
            "gzip;q=1.001",
            "gzip;q=0.1234",
            "gzip;q=-1",
            "gzip;q",
            "gzip;q=",
            "gzip;q=.5",
            "gzip;level=9",
            "gzip;q=1x",
            "gzip;q=0.5;q=x",
        ] {
            assert_eq!(choose(value), None, "{value}");
        }
        assert_eq!(choose("gzip;q=1.000"), Some("gzip"));
        assert_eq!(choose("gzip;q=0."), None);
    }

    #[test]
    fn several_fields_are_one_list_and_none_is_none() {
        let values = [HeaderValue::from_static("gzip"), HeaderValue::from_static("br")];
        assert_eq!(Coding::choose(Coding::ALL, &values), Some(Coding::Brotli));
        assert_eq!(Coding::choose(Coding::ALL, None::<&HeaderValue>), None);
        let odd = HeaderValue::from_bytes(b"\xff, gzip").unwrap();
        assert_eq!(Coding::choose(Coding::ALL, [&odd]), Some(Coding::Gzip));
    }
}
