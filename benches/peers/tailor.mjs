// Tailor as a contestant: pages at /u/<fragments>, template and fragments from the benchmark's server.
import http from "node:http";
import Tailor from "node-tailor";

const port = Number(process.env.BENCH_PORT);
const upstream = process.env.BENCH_UPSTREAM;

// The others get the page from the server, too. By itself Tailor would read a file for every page, and parse it as here.
function fetchTemplate(request, parseTemplate) {
  const count = request.url.split("/").pop();
  return new Promise((resolve, reject) => {
    const page = http.get(`http://${upstream}/u/tailor?n=${count}`, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve(parseTemplate(Buffer.concat(chunks).toString())));
      response.on("error", reject);
    });
    page.on("error", reject);
  });
}

const tailor = new Tailor({ fetchTemplate });
tailor.on("error", (request, error) => console.error(error));
http.createServer(tailor.requestHandler).listen(port, "127.0.0.1");
