// The modules of the dashboard without a browser: what they look at when they are loaded is set here.
import { createServer } from "vite";

Object.assign(globalThis, {
  location: { pathname: "/", search: "" },
  addEventListener() {},
  localStorage: { getItem: () => null },
});
Object.defineProperty(globalThis, "navigator", { value: { languages: ["en-GB"] }, configurable: true });

export const root = new URL("..", import.meta.url);

const server = await createServer({
  root: root.pathname,
  configFile: false,
  logLevel: "error",
  appType: "custom",
  server: { middlewareMode: true, ws: false, watch: null },
});

export const load = (path) => server.ssrLoadModule(path);
export const close = () => server.close();
