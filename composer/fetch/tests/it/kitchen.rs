//! A BFF whose answers may be kept, and the pages that ask it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use composer_fetch::{Cache, Event, FragmentRequest, PageFetches, Purge, Upstream};
use contract::Params;
use http::{HeaderMap, HeaderValue, header};
use tokio::sync::Semaphore;

use crate::{
    bff::Bff,
    fetching::{cache, request, upstream, visit},
};

/// A BFF that answers as it is told, and counts what it is asked.
pub(crate) struct Kitchen {
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) cache: Arc<Cache>,
    pub(crate) asked: Arc<AtomicUsize>,
    pub(crate) answer: Arc<std::sync::Mutex<String>>,
    /// A permit for each answer that may be finished.
    pub(crate) serves: Arc<Semaphore>,
    pub(crate) seen: Arc<std::sync::Mutex<Vec<String>>>,
}

/// A body and head lines, with its length.
pub(crate) fn answer(lines: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {length}\r\n{lines}\r\n{body}")
}

impl Kitchen {
    /// Answers at once.
    pub(crate) async fn open(lines: &str) -> Self {
        let kitchen = Self::closed(lines).await;
        kitchen.serves.add_permits(100_000);
        kitchen
    }

    /// Sends each answer's first half, and the rest when it is let.
    pub(crate) async fn closed(lines: &str) -> Self {
        let asked = Arc::new(AtomicUsize::new(0));
        let answer = Arc::new(std::sync::Mutex::new(answer(lines, "<b>first</b>")));
        let serves = Arc::new(Semaphore::new(0));
        let seen = Arc::new(std::sync::Mutex::new(vec![]));
        let (count, say, let_go, note) = (asked.clone(), answer.clone(), serves.clone(), seen.clone());
        let mut bff = Bff::run(move |mut peer| {
            let (count, say, let_go) = (count.clone(), say.clone(), let_go.clone());
            async move {
                while peer.request().await {
                    count.fetch_add(1, SeqCst);
                    let text = say.lock().unwrap().clone();
                    let (now, then) = text.split_at(text.len() - text.len().min(6));
                    if !peer.send(now.as_bytes()).await {
                        return;
                    }
                    let_go.acquire().await.unwrap().forget();
                    if text.contains("x-cut") || !peer.send(then.as_bytes()).await {
                        return;
                    }
                }
            }
        })
        .await;
        let upstream = upstream(bff.address);
        tokio::spawn(async move {
            loop {
                let head = bff.request().await;
                note.lock().unwrap().push(head);
            }
        });
        Self {
            upstream,
            cache: cache(),
            asked,
            answer,
            serves,
            seen,
        }
    }

    pub(crate) fn says(&self, text: String) {
        *self.answer.lock().unwrap() = text;
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(SeqCst)
    }

    pub(crate) fn request(&self, params: &str) -> FragmentRequest {
        FragmentRequest {
            params: Params::parse(params),
            ..request(&self.upstream)
        }
    }

    pub(crate) fn page(&self, headers: HeaderMap, request: FragmentRequest) -> PageFetches<u8> {
        let mut page = PageFetches::new(visit(headers), Arc::clone(&self.cache));
        page.start(0, request);
        page
    }

    pub(crate) async fn get(&self) -> String {
        self.get_as(HeaderMap::new(), "").await
    }

    pub(crate) async fn get_as(&self, headers: HeaderMap, params: &str) -> String {
        told(self.page(headers, self.request(params))).await
    }

    pub(crate) fn purge(&self, tags: &[&str]) -> usize {
        self.cache.purge(&Purge {
            app: "checkout".parse().unwrap(),
            version: None,
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        })
    }
}

/// What a page got: how, and the bytes.
pub(crate) async fn told(mut page: PageFetches<u8>) -> String {
    let (mut how, mut body) = ("fetched", String::new());
    while let Some((_, event)) = page.next().await {
        match event {
            Event::Chunk(bytes) => body += std::str::from_utf8(&bytes).unwrap(),
            Event::Kept(entry) => {
                how = "kept";
                body += std::str::from_utf8(entry.kept.raw()).unwrap();
            }
            Event::Failed(error) => return format!("failed: {}", error.label()),
            Event::Head(_) | Event::End => {}
        }
    }
    format!("{how}: {body}")
}

pub(crate) fn with(name: header::HeaderName, value: &str) -> HeaderMap {
    HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
}
