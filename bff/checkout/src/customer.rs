//! Who orders and where it is fetched: the form, checked.

use fragments_checkout::{
    Fields,
    field::{ATTEMPT, EMAIL, FIRST_NAME, LAST_NAME, PICKUP},
};

const MAX_NAME: usize = 80;
const MAX_EMAIL: usize = 254;
const MAX_ID: usize = 64;

/// A form without fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Customer {
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) email: String,
    pub(crate) pickup: String,
}

/// The form's own fields, blanks trimmed and every text within its limit, as it may be kept and shown again.
pub(crate) fn tidy(sent: &Fields) -> Fields {
    // One more than is allowed, so that too long stays too long.
    let limits = [
        (FIRST_NAME, MAX_NAME + 1),
        (LAST_NAME, MAX_NAME + 1),
        (EMAIL, MAX_EMAIL + 1),
        (PICKUP, MAX_ID),
        (ATTEMPT, MAX_ID),
    ];
    let tidy = |(name, limit): (&str, usize)| {
        let plain: String = text(sent, name).chars().filter(|c| !c.is_control()).collect();
        (name.to_owned(), plain.trim().chars().take(limit).collect())
    };
    limits.into_iter().map(tidy).collect()
}

/// The text of a field; empty when it wasn't sent.
pub(crate) fn text<'f>(fields: &'f Fields, name: &str) -> &'f str {
    fields.get(name).map_or("", String::as_str)
}

/// Checks a tidy form; `pickup_is_known` tells whether its store exists.
pub(crate) fn check(fields: &Fields, pickup_is_known: bool) -> Result<Customer, Fields> {
    let value = |name| text(fields, name);
    let found = [
        (FIRST_NAME, name(value(FIRST_NAME), "first name")),
        (LAST_NAME, name(value(LAST_NAME), "last name")),
        (EMAIL, email(value(EMAIL))),
        (
            PICKUP,
            (!pickup_is_known).then(|| "Choose the store where you will fetch it.".into()),
        ),
    ];
    let problems: Fields = found
        .into_iter()
        .filter_map(|(name, message)| Some((name.to_owned(), message?)))
        .collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Customer {
        first_name: value(FIRST_NAME).into(),
        last_name: value(LAST_NAME).into(),
        email: value(EMAIL).into(),
        pickup: value(PICKUP).into(),
    })
}

fn name(text: &str, what: &str) -> Option<String> {
    match text.chars().count() {
        0 => Some(format!("Enter your {what}.")),
        1..=MAX_NAME => None,
        _ => Some(format!("Your {what} may have at most {MAX_NAME} letters here.")),
    }
}

/// Only what no address can lack: whether it exists, a message to it will tell.
fn email(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some("Enter your email address.".into());
    }
    let good = text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !text.contains(char::is_whitespace)
            && !domain.contains('@')
            && domain.contains('.')
            && domain.split('.').all(|label| !label.is_empty())
    });
    (!good || text.len() > MAX_EMAIL).then(|| "Enter an email address like anna@example.org.".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(first_name: &str, email: &str) -> Fields {
        let texts = [
            (FIRST_NAME, first_name),
            (LAST_NAME, "Weaver"),
            (EMAIL, email),
            (PICKUP, "store-x"),
            ("x", "y"),
        ];
        texts.map(|(name, text)| (name.to_owned(), text.to_owned())).into()
    }

    fn faults(form: &Fields, pickup_is_known: bool) -> Vec<String> {
        check(&tidy(form), pickup_is_known)
            .err()
            .unwrap_or_default()
            .into_keys()
            .collect()
    }

    #[test]
    fn a_good_form_is_trimmed() {
        let tidy = tidy(&form("  Anna\n", " anna@example.org "));
        let customer = check(&tidy, true).unwrap();
        assert_eq!(
            (customer.first_name.as_str(), customer.email.as_str()),
            ("Anna", "anna@example.org")
        );
        assert!(!tidy.contains_key("x"), "only the form's own fields are kept");
    }

    #[test]
    fn every_fault_is_told_at_once() {
        assert_eq!(
            faults(&Fields::default(), false),
            [EMAIL, FIRST_NAME, LAST_NAME, PICKUP]
        );
        assert_eq!(faults(&form(&"ø".repeat(MAX_NAME + 5), "a@b.org"), true), [FIRST_NAME]);
        assert!(faults(&form(&"ø".repeat(MAX_NAME), "a@b.org"), true).is_empty());
    }

    #[test]
    fn addresses_lack_nothing() {
        for bad in [
            "anna",
            "@example.org",
            "anna@",
            "anna@org",
            "anna@.org",
            "a b@example.org",
            "a@b@c.org",
            "anna@example.",
        ] {
            assert_eq!(faults(&form("Anna", bad), true), ["email"], "{bad}");
        }
        assert_eq!(
            faults(&form("Anna", &format!("{}@example.org", "a".repeat(300))), true),
            ["email"]
        );
        assert!(faults(&form("Ånna-Lena d'Or", "anna+x@mail.example.org"), true).is_empty());
    }
}
