const { version, events } = document.getElementById("marquetry-override").dataset;
let source;
// Only the tab in front listens: browsers open few connections at once.
function listen() {
  source?.close();
  if (document.hidden) return;
  source = new EventSource(events);
  source.addEventListener("version", (event) => event.data !== version && location.reload());
  source.addEventListener("closed", () => { source.close(); location.reload(); });
}
document.addEventListener("visibilitychange", listen);
addEventListener("pageshow", listen);
addEventListener("pagehide", () => source?.close());
