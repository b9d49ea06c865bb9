// A host with its sandbox; qiankun brings single-spa and import-html-entry.
import { registerMicroApps, start } from "qiankun";

registerMicroApps([{ name: "shop", entry: "/shop/", container: "#shop", activeRule: "/shop" }]);
start();
