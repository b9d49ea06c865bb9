//! Clients and handlers that break off, lie, overdo or panic: what ends, and what goes on.

use super::*;

#[tokio::test]
async fn a_client_that_gives_up_ends_the_work_for_it() {
    struct Left(Arc<Notify>);
    impl Drop for Left {
        fn drop(&mut self) {
            self.0.notify_one();
        }
    }
    let (begun, left) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begins, leaves) = (begun.clone(), left.clone());
    let sender = http2(Handler::new(move |request: Request| {
        let (begins, left) = (begins.clone(), Left(leaves.clone()));
        async move {
            if request.uri().path() == "/waits" {
                begins.notify_one();
                std::future::pending::<()>().await;
            }
            let frames = futures_util::stream::pending::<Result<Bytes, Infallible>>();
            let kept = futures_util::stream::StreamExt::map(frames, move |frame| {
                let _ = &left;
                frame
            });
            begins.notify_one();
            Response::new(Body::from_stream(kept))
        }
    }))
    .await;
    for path in ["/waits", "/streams"] {
        let (_, mut stream) = sender
            .clone()
            .ready()
            .await
            .unwrap()
            .send_request(get(path), true)
            .unwrap();
        begun.notified().await;
        stream.send_reset(Reason::CANCEL);
        left.notified().await;
    }
}

#[tokio::test]
async fn an_upload_that_breaks_off_is_no_whole_one() {
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let (begins, mut begun) = tokio::sync::mpsc::unbounded_channel();
    let sender = http2(Handler::new(move |request: Request| {
        let (tell, begins) = (tell.clone(), begins.clone());
        // The task outlives its stream, as one that hands the body on may.
        tokio::spawn(async move {
            begins.send(()).unwrap();
            tell.send(request.into_body().collect().await.is_ok()).unwrap();
        });
        std::future::pending::<Response>()
    }))
    .await;
    for reason in [Reason::NO_ERROR, Reason::CANCEL, Reason::INTERNAL_ERROR] {
        let (_response, mut upload) = sender
            .clone()
            .ready()
            .await
            .unwrap()
            .send_request(post(), false)
            .unwrap();
        upload.send_data(Bytes::from_static(b"half"), false).unwrap();
        begun.recv().await.unwrap();
        upload.send_reset(reason);
        assert_eq!(told.recv().await, Some(false), "{reason:?}");
    }
}

#[tokio::test]
async fn a_length_that_lies_ends_its_stream_and_no_other() {
    let sender = http2(Handler::new(async |request: Request| {
        match request.into_body().collect().await {
            Ok(body) => Response::new(Body::from(body.to_bytes())),
            Err(_) => StatusCode::BAD_REQUEST.into_response(),
        }
    }))
    .await;
    for (length, body) in [("3", "long"), ("9", "short"), ("x", "none")] {
        let mut request = post();
        request
            .headers_mut()
            .insert("content-length", HeaderValue::from_static(length));
        let (response, mut upload) = sender
            .clone()
            .ready()
            .await
            .unwrap()
            .send_request(request, false)
            .unwrap();
        upload.send_data(Bytes::from_static(body.as_bytes()), true).unwrap();
        let reset = read(response).await.unwrap_err();
        assert_eq!(reset.reason(), Some(Reason::PROTOCOL_ERROR), "{length}");
    }
    assert_eq!(ask(&sender, post()).await.unwrap().0.status, 200);
}

#[tokio::test]
async fn a_handler_that_panics_ends_its_stream_and_no_other() {
    let sender = http2(Handler::new(async |request: Request| {
        assert_ne!(request.uri().path(), "/panic", "on purpose");
        text("hello")
    }))
    .await;
    assert!(ask(&sender, get("/panic")).await.unwrap_err().is_reset());
    assert_eq!(ask(&sender, get("/")).await.unwrap().1, "hello");
}

#[tokio::test]
async fn too_many_fields_are_told_so() {
    let sender = http2_within(
        Handler::new(async |_| text("hello")),
        Limits {
            head_fields: 10,
            ..limits()
        },
    )
    .await;
    let mut request = get("/");
    for at in 0..11 {
        let name: http::HeaderName = format!("x-{at}").parse().unwrap();
        request.headers_mut().insert(name, HeaderValue::from_static("1"));
    }
    assert_eq!(ask(&sender, request).await.unwrap().0.status, 431);
    let mut request = get("/");
    for at in 0..11 {
        let cookie = HeaderValue::from_str(&format!("c{at}=1")).unwrap();
        request.headers_mut().append(http::header::COOKIE, cookie);
    }
    let crumbs = ask(&sender, request).await.unwrap().0;
    assert_eq!(crumbs.status, 200, "browsers send each cookie as a field of its own");
    assert_eq!(ask(&sender, get("/")).await.unwrap().0.status, 200);
}
