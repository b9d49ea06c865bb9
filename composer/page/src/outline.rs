//! What a page may show, by the manifests alone: for people who ask who is behind it.

use std::collections::HashSet;

use contract::{FragmentId, LayoutId, Role, Version, slot::MAX_DEPTH};

use crate::site::Site;

/// A page as its manifests tell of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// The pattern that the path matched.
    pub route: String,
    /// The layout it is laid into.
    pub layout: LayoutId,
    /// The fragments that it may show, outermost first; at a depth the page's own before those of the layout.
    pub parts: Vec<OutlinePart>,
}

/// A fragment that a page may show, in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutlinePart {
    /// The fragment.
    pub fragment: FragmentId,
    /// The version of its app; `None` when no live app offers it.
    pub version: Option<Version>,
    /// Whom its manifest names.
    pub owner: String,
    /// What its failure means.
    pub role: Role,
    /// The layout or fragment that includes it; `None` for the page's own.
    pub included_by: Option<String>,
    /// How deep it is, from 0.
    pub depth: usize,
}

impl Site {
    /// What the page of a canonical, decoded path may show; `None` when there is no page.
    pub fn outline(&self, path: &str) -> Option<Outline> {
        outline(self, path)
    }
}

fn outline(site: &Site, path: &str) -> Option<Outline> {
    let route = site.resolve(path)?;
    let page = site.page(route.page);
    let own = page.primary.id.clone();
    let of_layout = page.layout.includes.iter();
    let mut level = vec![(own.clone(), None)];
    level.extend(of_layout.map(|id| (id.clone(), Some(page.layout_id.to_string()))));
    let mut expanded = HashSet::new();
    let mut parts = Vec::new();
    for depth in 0..MAX_DEPTH {
        let mut next = Vec::new();
        for (id, included_by) in level {
            if expanded.insert(id.clone()) {
                let terms = site.offer(&id).map(|offer| &offer.terms);
                let includes = terms.into_iter().flat_map(|terms| &terms.includes);
                next.extend(includes.map(|each| (each.clone(), Some(id.to_string()))));
            }
            let primary = included_by.is_none();
            parts.push(part(site, id, primary, included_by, depth));
        }
        level = next;
    }
    Some(Outline {
        route: route.pattern().to_string(),
        layout: page.layout_id.clone(),
        parts,
    })
}

fn part(site: &Site, id: FragmentId, primary: bool, included_by: Option<String>, depth: usize) -> OutlinePart {
    let offer = site.offer(&id);
    let owner = site.manifest(&id.app).map(|manifest| manifest.app.owner.clone());
    let role = match offer {
        _ if primary => Role::Primary,
        Some(offer) => offer.terms.role,
        None => Role::Optional,
    };
    OutlinePart {
        version: offer.map(|offer| offer.version.clone()),
        owner: owner.unwrap_or_default(),
        fragment: id,
        role,
        included_by,
        depth,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use contract::manifest::Manifest;

    use super::*;
    use crate::{Platform, PublishedApp};

    fn app(text: &str) -> PublishedApp {
        let manifest = Manifest::parse("marquetry.toml", text).unwrap();
        let layout =
            "<!doctype html><html><head></head><body><fragment-slot src=\"page\"></fragment-slot></body></html>";
        let layouts = manifest.layouts.iter().map(|each| (each.name.clone(), layout.into()));
        PublishedApp {
            layouts: layouts.collect(),
            manifest,
            fallbacks: HashMap::new(),
            module: None,
            wasm: None,
            styles: vec![],
        }
    }

    fn site() -> Site {
        let shop = app(r#"
            [app]
            name = "shop"
            version = "1.0.0"
            owner = "team shop"
            [[pages]]
            path = "/item/{id}"
            fragment = "item"
            layout = "shop/main"
            [[fragments]]
            name = "item"
            params = ["id"]
            includes = ["cart/button", "shop/item", "gone/away"]
            [[layouts]]
            name = "main"
            template = "main.html"
            includes = ["cart/mini"]
        "#);
        let cart = app(r#"
            [app]
            name = "cart"
            version = "2.0.0"
            owner = "team cart"
            [[fragments]]
            name = "button"
            role = "essential"
            includes = ["cart/mini"]
            [[fragments]]
            name = "mini"
            includes = ["cart/button"]
        "#);
        Site::new(vec![shop.into(), cart.into()], Platform::default()).unwrap()
    }

    #[test]
    fn a_page_is_told_outermost_first_with_who_includes_what() {
        let outline = site().outline("/item/7").unwrap();
        assert_eq!(
            (outline.route.as_str(), outline.layout.to_string().as_str()),
            ("/item/{id}", "shop/main")
        );
        let told = |part: &OutlinePart| {
            let by = part.included_by.as_deref().unwrap_or("-");
            let version = part.version.as_ref().map_or("-", Version::as_str).to_owned();
            format!(
                "{} {} {version} by {by} {:?} of {:?}",
                part.depth, part.fragment, part.role, part.owner
            )
        };
        let told: Vec<String> = outline.parts.iter().map(told).collect();
        assert_eq!(
            told,
            [
                "0 shop/item 1.0.0 by - Primary of \"team shop\"",
                "0 cart/mini 2.0.0 by shop/main Optional of \"team cart\"",
                "1 cart/button 2.0.0 by shop/item Essential of \"team cart\"",
                "1 shop/item 1.0.0 by shop/item Optional of \"team shop\"",
                "1 gone/away - by shop/item Optional of \"\"",
                "1 cart/button 2.0.0 by cart/mini Essential of \"team cart\"",
                "2 cart/mini 2.0.0 by cart/button Optional of \"team cart\"",
            ]
        );
    }

    #[test]
    fn a_path_without_page_has_no_outline() {
        assert_eq!(site().outline("/else"), None);
    }
}
