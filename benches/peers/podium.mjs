// A Podium layout as a contestant: pages at /u/<fragments>, podlets from the benchmark's server for the heading and for each fragment.
import http from "node:http";
import Layout from "@podium/layout";
import { HttpIncoming } from "@podium/utils";

const port = Number(process.env.BENCH_PORT);
const upstream = process.env.BENCH_UPSTREAM;

const layout = new Layout({ name: "bench", pathname: "/" });
const [heading, podlet] = ["page", "part"].map((name) =>
  layout.client.register({ name, uri: `http://${upstream}/u/podlet/${name}/manifest.json` }),
);
layout.view(
  (incoming, body) =>
    `<!doctype html><html lang="en"><head><title>Benchmark</title></head><body><main>${body}</main></body></html>`,
);

// What `layout.middleware()` does in Express, without the cost of Express.
async function page(request, response) {
  const incoming = new HttpIncoming(request, response, {});
  incoming.url = `http://${request.headers.host}${request.url}`;
  await layout.process(incoming);
  const count = Number(request.url.split("/").pop());
  const [title, ...parts] = await Promise.all([
    heading.fetch(incoming),
    ...Array.from({ length: count }, (_, at) => podlet.fetch(incoming, { query: { i: at } })),
  ]);
  const sections = parts.map((part) => `<section>${part.content}</section>`).join("");
  response.setHeader("content-type", "text/html");
  response.end(layout.render(incoming, title.content + sections));
}

const server = http.createServer((request, response) => {
  page(request, response).catch((error) => {
    console.error(error);
    response.writeHead(500).end();
  });
});
server.listen(port, "127.0.0.1");
