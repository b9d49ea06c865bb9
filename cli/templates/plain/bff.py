"""The BFF of {{app}}: Python's standard library alone, for nothing but HTTP is needed. docs/http.md of Marquetry says the rest."""

import html, json, os, re, signal, sqlite3, sys, threading, tomllib, urllib.request
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

APP = tomllib.loads((Path(__file__).parent / "marquetry.toml").read_text())["app"]
DATA = Path(os.environ.get("MARQUETRY_DATA_DIR", "data"))
SCHEMA = "CREATE TABLE IF NOT EXISTS reviews (id INTEGER PRIMARY KEY, product TEXT, author TEXT, stars INTEGER, text TEXT)"
PRODUCT = re.compile(r"[A-Za-z0-9_-]{1,40}")
BASE = re.compile(r"(/[A-Za-z0-9@._~-]+)*")
PAGE = "{{page_path}}"  # where a visitor without script goes on


def database():
    DATA.mkdir(parents=True, exist_ok=True)
    return closing(sqlite3.connect(DATA / "{{app}}.sqlite", isolation_level=None))


def list_of(product, base):
    with database() as db:
        rows = db.execute("SELECT author, stars, text FROM reviews WHERE product = ? ORDER BY id DESC LIMIT 20", (product,)).fetchall()
    items = "".join(
        f'<li class="{{app}}-review"><p class="{{app}}-review__head"><span class="{{app}}-review__author">{html.escape(author)}</span>'
        f'<span class="{{app}}-review__stars" role="img" aria-label="{stars} of 5 stars">{"★" * stars}</span></p><p>{html.escape(text)}</p></li>'
        for author, stars, text in rows
    )
    return f"""<section class="{{app}}-list" aria-label="Reviews"><h2>Reviews</h2>
<ul class="{{app}}-list__items">{items}</ul>
<form class="{{app}}-write" method="post" action="{base}/reviews"><h3>Write a review</h3><input type="hidden" name="product" value="{product}">
<label class="{{app}}-field">Your name <input name="author" maxlength="60" required></label>
<label class="{{app}}-field">Stars <input name="stars" type="number" min="1" max="5" value="5" required></label>
<label class="{{app}}-field">What do you think of it? <textarea name="text" rows="3" maxlength="1000" required></textarea></label>
<button class="{{app}}-write__send m-button m-button--primary">Send</button><p class="{{app}}-write__told" role="status"></p></form></section>"""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 120

    def do_GET(self):
        if self.headers.get("content-length", "0") != "0" or "transfer-encoding" in self.headers:
            self.close_connection = True  # its body is not read, and must not be taken for the next request
        url = urlsplit(self.path)
        product = parse_qs(url.query).get("product", [""])[0]
        if url.path == "/healthz":
            self.reply(200, "ok\n")
        elif url.path not in ("/fragments/list", "/reviews"{{page_get}}) or not PRODUCT.fullmatch(product):
            self.reply(404, "<p>There is no such product.</p>")
{{?page}}        elif url.path == "/fragments/page":
{{?page}}            title = f"<head><title>Reviews of {product}</title></head>"
{{?page}}            slot = f'<fragment-slot src="{{app}}/list?product={product}"></fragment-slot>'
{{?page}}            self.reply(200, f'{title}<div class="m-page m-stack"><h1>Reviews of {product}</h1>{slot}</div>')
        else:
            self.reply(200, list_of(product, self.base()))

    def do_POST(self):
        length = int(self.headers.get("content-length") or -1)  # without one the body comes in pieces
        if urlsplit(self.path).path != "/reviews" or not 0 <= length <= 16384:
            self.close_connection = True  # its body was not read
            return self.reply(411 if length < 0 else 413 if length > 16384 else 404, "<p>Not here.</p>")
        form = {name: values[0].strip() for name, values in parse_qs(self.rfile.read(length).decode("utf-8", "replace")).items()}
        product, author, stars, text = (form.get(name, "") for name in ("product", "author", "stars", "text"))
        if not (PRODUCT.fullmatch(product) and 0 < len(author) <= 60 and stars in list("12345") and 0 < len(text) <= 1000):
            return self.reply(422, "<p>Please give a name, 1 to 5 stars and up to 1,000 characters.</p>")
        with database() as db:
            db.execute("INSERT INTO reviews (product, author, stars, text) VALUES (?, ?, ?, ?)", (product, author, int(stars), text))
        if "text/html" in self.headers.get("accept", ""):
            return self.reply(303, "", location=f"{PAGE}/{product}")
        self.reply(200, list_of(product, self.base()))  # to the module in assets/{{app}}.js

    def log_request(self, code="-", size="-"):
        if self.path != "/healthz":  # the composer asks all the time
            super().log_request(code, size)

    def base(self):
        base = self.headers.get("marquetry-base", "")
        return base if BASE.fullmatch(base) else ""

    def reply(self, status, body, **headers):
        self.send_response(status)
        for name, value in {"content-type": "text/html; charset=utf-8", "cache-control": "no-store", **headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body.encode())))
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(body.encode())


def token():
    return os.environ.get("MARQUETRY_TOKEN") or Path(os.environ["MARQUETRY_TOKEN_FILE"]).read_text().strip()


def ask(method, path, body=None):
    """Calls the composer's admin API."""
    request = urllib.request.Request(os.environ["MARQUETRY_ADMIN"].rstrip("/") + path, json.dumps(body).encode() if body else None, method=method)
    request.add_header("authorization", "Bearer " + token())
    request.add_header("content-type", "application/json")
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.loads(answer.read() or "{}")


def announce(origin, stop):
    """Tells the composer that this instance is there, again and again, and at last that it goes."""
    lease = {"renew_ms": 3000}
    while True:
        try:
            lease = ask("POST", "/v1/instances", {"version": f"{APP['name']}@{APP['version']}", "origin": origin})
        except (OSError, ValueError) as error:
            print(f"not announced, trying again: {error}", file=sys.stderr)
        if stop.wait(lease["renew_ms"] / 1000):
            break
    if "id" in lease:
        try:
            ask("DELETE", "/v1/instances/" + lease["id"])
        except (OSError, ValueError) as error:
            print(f"the lease runs out by itself: {error}", file=sys.stderr)


def main():
    host, _, port = os.environ.get("MARQUETRY_LISTEN", "127.0.0.1:0").rpartition(":")
    with database() as db:
        db.executescript("PRAGMA journal_mode = WAL; " + SCHEMA)
    server = ThreadingHTTPServer((host, int(port)), Handler)
    listening = f"{host}:{server.server_port}"
    print(json.dumps({"listening": listening, "app": f"{APP['name']}@{APP['version']}"}), flush=True)
    stop, leaving = threading.Event(), None
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if os.environ.get("MARQUETRY_ADMIN"):
        origin = os.environ.get("MARQUETRY_ORIGIN") or f"http://{listening}"
        leaving = threading.Thread(target=announce, args=(origin, stop))
        leaving.start()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stop.wait()
    if leaving:  # first it leaves, then it closes its socket
        leaving.join(10)
    server.shutdown()


if __name__ == "__main__":
    main()
