//! What a tab wants to hear, and from where on.

use std::collections::BTreeSet;

use contract::{AppName, Params, Topic, feed::Place};

use crate::{clock::now_ms, events::cursor::Cursor, http::visit::Visitor};

/// A tab listens to no more topics.
const MOST_TOPICS: usize = 64;
/// A page is made a moment before its browser begins to count.
const MARGIN_MS: u64 = 2_000;

/// What a tab asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    topics: BTreeSet<Topic>,
    /// Of these, those that it hasn't listened to before.
    fresh: BTreeSet<Topic>,
    /// Where it was.
    cursor: Cursor,
    /// When its page was made, about.
    since_ms: u64,
}

impl Wanted {
    pub(super) fn of(visitor: &Visitor) -> Self {
        let header = visitor.headers().get("last-event-id");
        Self::read(visitor.query(), header.and_then(|id| id.to_str().ok()), now_ms())
    }

    /// Reads `topics=a:b,c:d&after=…&fresh=c:d&age=3000`; what makes no sense counts for nothing.
    fn read(query: &str, last_event_id: Option<&str>, now_ms: u64) -> Self {
        let query = Params::parse(query);
        let list = |name: &str| -> BTreeSet<Topic> {
            let words = query.get(name).unwrap_or_default().split(',').take(MOST_TOPICS);
            words.filter_map(|word| word.parse().ok()).collect()
        };
        let age_ms: u64 = query.get("age").and_then(|age| age.parse().ok()).unwrap_or_default();
        // A browser that comes back by itself asks for what it asked for at first.
        let fresh = if last_event_id.is_some() {
            BTreeSet::new()
        } else {
            list("fresh")
        };
        Self {
            topics: list("topics"),
            fresh,
            cursor: Cursor::read(last_event_id.or(query.get("after")).unwrap_or_default()),
            since_ms: now_ms.saturating_sub(age_ms).saturating_sub(MARGIN_MS),
        }
    }

    /// The apps whose topics they are.
    pub(super) fn apps(&self) -> BTreeSet<AppName> {
        self.topics
            .iter()
            .filter_map(|topic| topic.app().parse().ok())
            .collect()
    }

    /// The topics of `app` among them.
    pub(super) fn of_app(&self, app: &AppName) -> impl Iterator<Item = &Topic> {
        self.topics.iter().filter(move |topic| topic.app() == app.as_str())
    }

    /// The topics of `app` that it hasn't listened to before.
    pub(super) fn fresh_of(&self, app: &AppName) -> Vec<Topic> {
        let fresh = self.of_app(app).filter(|topic| self.fresh.contains(topic));
        fresh.cloned().collect()
    }

    /// Where it was with `app`.
    pub(super) fn place(&self, app: &AppName) -> Option<Place> {
        self.cursor.0.get(app).cloned()
    }

    pub(super) fn has(&self, topic: &Topic) -> bool {
        self.topics.contains(topic)
    }

    pub(super) fn since_ms(&self) -> u64 {
        self.since_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tab_says_what_it_wants_and_where_it_was() {
        let query = "topics=a:b,c:d,,x,c:e&after=a.k-1&fresh=c:e,q:r&age=3000";
        let wanted = Wanted::read(query, None, 100_000);
        let names = |apps: BTreeSet<AppName>| apps.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(wanted.apps()), ["a", "c"]);
        let c: AppName = "c".parse().unwrap();
        assert_eq!(wanted.of_app(&c).count(), 2);
        assert_eq!(wanted.fresh_of(&c), ["c:e".parse().unwrap()]);
        assert_eq!(wanted.place(&"a".parse().unwrap()).unwrap().number, 1);
        assert_eq!(wanted.place(&c), None);
        assert_eq!(wanted.since_ms(), 95_000);
        let again = Wanted::read(query, Some("a.k-7"), 100_000);
        assert_eq!(again.place(&"a".parse().unwrap()).unwrap().number, 7);
        assert_eq!(again.fresh_of(&c), []);
        let nothing = Wanted::read("topics=&age=-1", Some("\u{1}"), 100_000);
        assert_eq!((nothing.apps().len(), nothing.since_ms()), (0, 98_000));
        let many: Vec<String> = (0..1_000).map(|at| format!("a:t{at}")).collect();
        assert_eq!(
            Wanted::read(&format!("topics={}", many.join(",")), None, 0)
                .topics
                .len(),
            MOST_TOPICS
        );
    }
}
