//! What is kept for the next page view of a cart: the form as it was sent, what was wrong with it, a notice.

use fragments_checkout::Fields;
use rusqlite::{Connection, OptionalExtension, Result, params};

/// Keeps the form and its problems, in place of earlier ones.
pub(crate) fn keep(db: &Connection, cart: &str, values: &Fields, problems: &Fields) -> Result<()> {
    let json = |value: serde_json::Result<String>| {
        value.map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
    };
    let (form, problems) = (
        json(serde_json::to_string(values))?,
        json(serde_json::to_string(problems))?,
    );
    db.execute(
        "INSERT OR REPLACE INTO drafts (cart_id, form, problems) VALUES (?1, ?2, ?3)",
        params![cart, form, problems],
    )?;
    Ok(())
}

/// The form as last sent, and its problems, which are forgotten by this.
pub(crate) fn take(db: &Connection, cart: &str) -> Result<(Fields, Fields)> {
    let kept: Option<(String, String)> = db
        .prepare_cached("SELECT form, problems FROM drafts WHERE cart_id = ?1")?
        .query_row([cart], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((form, problems)) = kept else {
        return Ok(Default::default());
    };
    db.prepare_cached("UPDATE drafts SET problems = '{}' WHERE cart_id = ?1 AND problems <> '{}'")?
        .execute([cart])?;
    // A form that another version has kept may have another shape: then it is as good as none.
    let read = |json: &str| serde_json::from_str(json).unwrap_or_default();
    Ok((read(&form), read(&problems)))
}

/// Forgets the form.
pub(crate) fn forget(db: &Connection, cart: &str) -> Result<()> {
    db.execute("DELETE FROM drafts WHERE cart_id = ?1", [cart])?;
    Ok(())
}

/// Keeps a sentence for the cart page, in place of an earlier one.
pub(crate) fn keep_notice(db: &Connection, cart: &str, text: &str) -> Result<()> {
    db.execute(
        "INSERT OR REPLACE INTO notices (cart_id, text) VALUES (?1, ?2)",
        [cart, text],
    )?;
    Ok(())
}

/// The sentence for the cart page, which is forgotten by this.
pub(crate) fn take_notice(db: &Connection, cart: &str) -> Result<Option<String>> {
    db.prepare_cached("DELETE FROM notices WHERE cart_id = ?1 RETURNING text")?
        .query_row([cart], |row| row.get(0))
        .optional()
}
