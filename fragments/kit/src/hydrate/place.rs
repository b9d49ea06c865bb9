//! The direct children of a slot that a fragment is made of: root element and props script.

use wasm_bindgen::{JsCast, JsError, JsValue};
use web_sys::{Element, HtmlElement};

/// Where a fragment lives.
pub(super) struct Place {
    pub(super) root: HtmlElement,
    /// Text of the props script.
    pub(super) props: String,
}

impl Place {
    /// Finds a fragment that the server has rendered into `slot`.
    pub(super) fn find(slot: &HtmlElement, fragment: &str) -> Result<Self, JsError> {
        let root = child(slot, "data-root")
            .ok_or_else(|| JsError::new(&format!("fragment `{fragment}` has no element `data-root` in its slot")))?;
        let script = child(slot, "data-props").ok_or_else(|| {
            JsError::new(&format!(
                "fragment `{fragment}` is truncated: no script `data-props` in its slot"
            ))
        })?;
        Ok(Self {
            root: root.unchecked_into(),
            props: script.text_content().unwrap_or_default(),
        })
    }

    /// Writes the props script of a slot that has one.
    pub(super) fn set_props(slot: &Element, props: &str) {
        if let Some(script) = child(slot, "data-props") {
            script.set_text_content(Some(props));
        }
    }

    /// Makes an empty place in `slot`, keeping the props script when there is one.
    pub(super) fn make(slot: &HtmlElement) -> Result<Self, JsError> {
        let script = child(slot, "data-props");
        let root = match child(slot, "data-root") {
            Some(root) => root,
            None => created(slot).map_err(|_| JsError::new("the slot's document makes no elements"))?,
        };
        root.set_inner_html("");
        slot.set_inner_html("");
        for part in [Some(&root), script.as_ref()].into_iter().flatten() {
            slot.append_child(part)
                .map_err(|_| JsError::new("the slot takes no children"))?;
        }
        Ok(Self {
            root: root.unchecked_into(),
            props: script
                .and_then(|script| script.text_content())
                .unwrap_or_else(|| r#"{"p":null}"#.into()),
        })
    }
}

fn created(slot: &HtmlElement) -> Result<Element, JsValue> {
    let document = slot.owner_document().ok_or(JsValue::NULL)?;
    let root = document.create_element("div")?;
    root.set_attribute("data-root", "")?;
    Ok(root)
}

/// The first direct child with `attribute`: slots further down have roots and props of their own.
fn child(slot: &Element, attribute: &str) -> Option<Element> {
    let mut next = slot.first_element_child();
    while let Some(element) = next {
        if element.has_attribute(attribute) {
            return Some(element);
        }
        next = element.next_element_sibling();
    }
    None
}
