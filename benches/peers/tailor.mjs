// Tailor as a contestant: pages at /u/<fragments>, fragments from the benchmark's server.
import http from "node:http";
import Tailor from "node-tailor";

const port = Number(process.env.BENCH_PORT);
const upstream = process.env.BENCH_UPSTREAM;
const templates = new Map();

// Each page's template is made and parsed once; by itself Tailor would read and parse a file for every page.
function fetchTemplate(request, parseTemplate) {
  const count = Number(request.url.split("/").pop());
  if (!templates.has(count)) {
    let page =
      '<!doctype html><html lang="en"><head><title>Benchmark</title></head><body><main><h1>Benchmark</h1>';
    for (let at = 0; at < count; at += 1) {
      page += `<section><fragment src="http://${upstream}/u/part?i=${at}" public></fragment></section>`;
    }
    templates.set(count, parseTemplate(`${page}</main></body></html>`));
  }
  return templates.get(count);
}

const tailor = new Tailor({ fetchTemplate });
tailor.on("error", (request, error) => console.error(error));
http.createServer(tailor.requestHandler).listen(port, "127.0.0.1");
