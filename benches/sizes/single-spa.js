// A root config: which application is where, and start. In use an import map polyfill or SystemJS comes on top.
import { registerApplication, start } from "single-spa";

registerApplication({ name: "shop", app: () => import("/shop.js"), activeWhen: "/shop" });
start();
