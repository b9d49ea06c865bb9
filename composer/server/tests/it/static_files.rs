//! Files served as they are.

use crate::support::composer;

#[tokio::test]
async fn a_file_is_served_with_what_caches_need() {
    let composer = composer("").await;
    let reply = composer.get("/static/hello.txt").await;
    assert_eq!((reply.status, reply.body.as_str()), (200, "hello"));
    assert_eq!(reply.header("content-type"), Some("text/plain"));
    assert_eq!(reply.header("cache-control"), Some("public, max-age=3600"));
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    let since = reply.header("last-modified").unwrap();
    let again = composer
        .exchange(&format!(
            "GET /static/hello.txt HTTP/1.1\r\nhost: a\r\nif-modified-since: {since}\r\n\r\n"
        ))
        .await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
}

#[tokio::test]
async fn what_is_hidden_or_outside_is_not_there() {
    let composer = composer("").await;
    let root = composer.folder.path();
    std::fs::write(root.join("secret.txt"), "secret").unwrap();
    std::fs::write(root.join("static/.hidden"), "secret").unwrap();
    std::fs::create_dir(root.join("static/folder")).unwrap();
    std::os::unix::fs::symlink(root.join("secret.txt"), root.join("static/link.txt")).unwrap();
    std::os::unix::fs::symlink("hello.txt", root.join("static/inner.txt")).unwrap();
    for path in [
        "/static/.hidden",
        "/static/link.txt",
        "/static/folder",
        "/static/none",
        "/favicon.ico",
        "/robots.txt",
    ] {
        let reply = composer.get(path).await;
        assert_eq!(reply.status, 404, "{path}: {reply:?}");
    }
    assert_eq!(composer.get("/static/inner.txt").await.body, "hello");
    std::fs::write(root.join("static/favicon.svg"), "<svg/>").unwrap();
    let icon = composer.get("/favicon.ico").await;
    assert_eq!((icon.status, icon.header("content-type")), (200, Some("image/svg+xml")));
}

#[tokio::test]
async fn other_methods_are_refused() {
    let composer = composer("").await;
    let reply = composer
        .exchange("DELETE /static/hello.txt HTTP/1.1\r\nhost: a\r\n\r\n")
        .await;
    assert_eq!((reply.status, reply.header("allow")), (405, Some("GET,HEAD")));
    let reply = composer.get("/_m/report").await;
    assert_eq!((reply.status, reply.header("allow")), (405, Some("POST")));
}
