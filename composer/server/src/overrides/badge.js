const { version, events } = document.getElementById("marquetry-override").dataset;
const source = new EventSource(events);
source.addEventListener("version", (event) => event.data !== version && location.reload());
source.addEventListener("closed", () => { source.close(); location.reload(); });
addEventListener("pagehide", () => source.close());
