// The custom elements that a host page needs; the gateway is on the server.
import { initializeWebFragments } from "web-fragments";

initializeWebFragments();
