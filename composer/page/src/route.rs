//! From a path to a page: a literal segment beats a param, a longer literal prefix beats a shorter one.

use std::{collections::BTreeMap, sync::Arc};

use contract::{Params, RoutePattern, Segment};

/// The page that a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub(crate) page: usize,
    pattern: Arc<str>,
    params: Params,
}

impl Route {
    /// The pattern that matched, for logs and metrics.
    pub fn pattern(&self) -> &Arc<str> {
        &self.pattern
    }

    /// The number of the page, less than [`Site::page_count`](crate::Site::page_count).
    pub fn page(&self) -> usize {
        self.page
    }

    /// What the pattern's params stand for on this path.
    pub fn params(&self) -> &Params {
        &self.params
    }
}

/// All patterns, as a tree of segments.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    patterns: Vec<Pattern>,
    nodes: Vec<Node>,
}

#[derive(Debug)]
struct Pattern {
    text: Arc<str>,
    segments: Vec<Segment>,
}

#[derive(Debug, Default)]
struct Node {
    literals: BTreeMap<String, usize>,
    any: Option<usize>,
    page: Option<usize>,
}

impl Routes {
    /// Builds the table; the position of a pattern is the number of its page.
    ///
    /// Where two patterns match the same shape the first wins; `check_together` has refused that before.
    pub(crate) fn new<'p>(patterns: impl IntoIterator<Item = &'p RoutePattern>) -> Self {
        let mut routes = Self {
            patterns: vec![],
            nodes: vec![Node::default()],
        };
        for (page, pattern) in patterns.into_iter().enumerate() {
            routes.add(page, pattern);
        }
        routes
    }

    fn add(&mut self, page: usize, pattern: &RoutePattern) {
        let mut at = 0;
        for segment in pattern.segments() {
            if matches!(segment, Segment::Optional(_)) {
                self.nodes[at].page.get_or_insert(page);
            }
            at = self.child(at, segment);
        }
        self.nodes[at].page.get_or_insert(page);
        self.patterns.push(Pattern {
            text: pattern.as_str().into(),
            segments: pattern.segments().to_vec(),
        });
    }

    fn child(&mut self, at: usize, segment: &Segment) -> usize {
        let new = self.nodes.len();
        let node = &mut self.nodes[at];
        let child = match segment {
            Segment::Literal(text) => *node.literals.entry(text.clone()).or_insert(new),
            Segment::Param(_) | Segment::Optional(_) => *node.any.get_or_insert(new),
        };
        if child == new {
            self.nodes.push(Node::default());
        }
        child
    }

    /// Finds the page of a canonical, decoded path.
    pub(crate) fn resolve(&self, path: &str) -> Option<Route> {
        let rest = path.strip_prefix('/')?;
        let segments: Vec<&str> = if rest.is_empty() {
            vec![]
        } else {
            rest.split('/').collect()
        };
        let page = self.find(0, &segments)?;
        let pattern = &self.patterns[page];
        let named = pattern.segments.iter().zip(&segments);
        Some(Route {
            page,
            pattern: Arc::clone(&pattern.text),
            params: named
                .filter_map(|(segment, text)| match segment {
                    Segment::Literal(_) => None,
                    Segment::Param(name) | Segment::Optional(name) => Some((name.clone(), (*text).to_owned())),
                })
                .collect(),
        })
    }

    fn find(&self, at: usize, segments: &[&str]) -> Option<usize> {
        let node = &self.nodes[at];
        let Some((first, rest)) = segments.split_first() else {
            return node.page;
        };
        let literal = node.literals.get(*first).and_then(|child| self.find(*child, rest));
        literal.or_else(|| {
            let child = node.any.filter(|_| !first.is_empty())?;
            self.find(child, rest)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATTERNS: &[&str] = &[
        "/",
        "/product/{id}",
        "/product/new",
        "/products/{category?}",
        "/a/{x}/c",
        "/a/b/{y}",
        "/{any}",
    ];

    fn check(path: &str, want: Option<(&str, &str)>) {
        let patterns: Vec<RoutePattern> = PATTERNS.iter().map(|text| text.parse().unwrap()).collect();
        let route = Routes::new(&patterns).resolve(path);
        let got = route
            .as_ref()
            .map(|route| (&**route.pattern(), route.params().to_string()));
        assert_eq!(
            got,
            want.map(|(pattern, params)| (pattern, params.to_owned())),
            "{path}"
        );
    }

    #[test]
    fn the_more_specific_pattern_wins() {
        check("/", Some(("/", "")));
        check("/product/7", Some(("/product/{id}", "id=7")));
        check("/product/new", Some(("/product/new", "")));
        check("/products", Some(("/products/{category?}", "")));
        check("/products/classic", Some(("/products/{category?}", "category=classic")));
        check("/a/b/c", Some(("/a/b/{y}", "y=c")));
        check("/a/q/c", Some(("/a/{x}/c", "x=q")));
        check("/else", Some(("/{any}", "any=else")));
    }

    #[test]
    fn what_no_pattern_matches_is_nothing() {
        for path in [
            "",
            "x",
            "//",
            "/product/",
            "/products/",
            "/product/7/8",
            "/a/b",
            "/products/x/y",
        ] {
            check(path, None);
        }
    }
}
