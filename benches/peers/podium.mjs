// A Podium layout as a contestant: pages at /u/<fragments>, one podlet from the benchmark's server asked for each fragment.
import http from "node:http";
import Layout from "@podium/layout";
import { HttpIncoming } from "@podium/utils";

const port = Number(process.env.BENCH_PORT);
const upstream = process.env.BENCH_UPSTREAM;

const layout = new Layout({ name: "bench", pathname: "/" });
const podlet = layout.client.register({
  name: "part",
  uri: `http://${upstream}/u/podlet/manifest.json`,
});
layout.view(
  (incoming, body) =>
    `<!doctype html><html lang="en"><head><title>Benchmark</title></head><body><main><h1>Benchmark</h1>${body}</main></body></html>`,
);

// What `layout.middleware()` does in Express, without the cost of Express.
async function page(request, response) {
  const incoming = new HttpIncoming(request, response, {});
  incoming.url = `http://${request.headers.host}${request.url}`;
  await layout.process(incoming);
  const count = Number(request.url.split("/").pop());
  const parts = await Promise.all(
    Array.from({ length: count }, (_, at) => podlet.fetch(incoming, { query: { i: at } })),
  );
  const sections = parts.map((part) => `<section>${part.content}</section>`).join("");
  response.setHeader("content-type", "text/html");
  response.end(layout.render(incoming, sections));
}

const server = http.createServer((request, response) => {
  page(request, response).catch((error) => {
    console.error(error);
    response.writeHead(500).end();
  });
});
server.listen(port, "127.0.0.1");
