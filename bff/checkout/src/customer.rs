//! Who orders and where it is fetched: the form, checked.

use fragments_checkout::{Draft, FieldProblem};

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

/// The form with blanks trimmed and every text within its limit, as it may be kept and shown again.
pub(crate) fn tidy(draft: &Draft) -> Draft {
    let tidy = |text: &str, limit: usize| -> String {
        let plain: String = text.chars().filter(|c| !c.is_control()).collect();
        plain.trim().chars().take(limit).collect()
    };
    Draft {
        // One more than is allowed, so that too long stays too long.
        first_name: tidy(&draft.first_name, MAX_NAME + 1),
        last_name: tidy(&draft.last_name, MAX_NAME + 1),
        email: tidy(&draft.email, MAX_EMAIL + 1),
        pickup: tidy(&draft.pickup, MAX_ID),
        attempt: tidy(&draft.attempt, MAX_ID),
    }
}

/// Checks a tidy form; `pickup_is_known` tells whether its store exists.
pub(crate) fn check(draft: &Draft, pickup_is_known: bool) -> Result<Customer, Vec<FieldProblem>> {
    let found = [
        ("first_name", name(&draft.first_name, "first name")),
        ("last_name", name(&draft.last_name, "last name")),
        ("email", email(&draft.email)),
        (
            "pickup",
            (!pickup_is_known).then(|| "Choose the store where you will fetch it.".into()),
        ),
    ];
    let problems: Vec<FieldProblem> = found
        .into_iter()
        .filter_map(|(field, message)| {
            Some(FieldProblem {
                field: field.into(),
                message: message?,
            })
        })
        .collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Customer {
        first_name: draft.first_name.clone(),
        last_name: draft.last_name.clone(),
        email: draft.email.clone(),
        pickup: draft.pickup.clone(),
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

    fn draft(first_name: &str, email: &str) -> Draft {
        Draft {
            first_name: first_name.into(),
            last_name: "Weaver".into(),
            email: email.into(),
            pickup: "store-bramstow".into(),
            attempt: String::new(),
        }
    }

    fn fields(draft: &Draft, pickup_is_known: bool) -> Vec<String> {
        let problems = check(&tidy(draft), pickup_is_known).err().unwrap_or_default();
        problems.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn a_good_form_is_trimmed() {
        let customer = check(&tidy(&draft("  Anna\n", " anna@example.org ")), true).unwrap();
        assert_eq!(
            (customer.first_name.as_str(), customer.email.as_str()),
            ("Anna", "anna@example.org")
        );
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let mut empty = Draft::default();
        assert_eq!(fields(&empty, false), ["first_name", "last_name", "email", "pickup"]);
        empty.last_name = "ø".repeat(MAX_NAME + 5);
        assert_eq!(fields(&empty, true), ["first_name", "last_name", "email"]);
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
            assert_eq!(fields(&draft("Anna", bad), true), ["email"], "{bad}");
        }
        assert_eq!(
            fields(&draft("Anna", &format!("{}@example.org", "a".repeat(300))), true),
            ["email"]
        );
        assert!(fields(&draft("Ånna-Lena d'Or", "anna+x@mail.example.org"), true).is_empty());
    }
}
