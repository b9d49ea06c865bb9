// The runtime by itself, without a bundler's plugin and without shared modules.
import { createInstance } from "@module-federation/runtime";

const host = createInstance({ name: "host", remotes: [{ name: "shop", entry: "/mf-manifest.json" }] });
host.loadRemote("shop/page");
