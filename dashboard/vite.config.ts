import { defineConfig } from "vite";

/** Where a node answers that `npm run dev` works against. */
const node = process.env["RELAIS_URL"] ?? "http://127.0.0.1:18083";

export default defineConfig({
  base: "/",
  build: {
    // Maven packs it from here: the dashboard is a part of the program's classpath.
    outDir: process.env["RELAIS_DASHBOARD_OUT"] ?? "target/web",
    emptyOutDir: true,
    target: "es2023",
    // Nothing inline: the content security policy allows files of this origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // One file of all icons: each alone would be a request.
        codeSplitting: { groups: [{ name: "icons", test: /node_modules\/lucide\// }] },
      },
    },
  },
  server: {
    proxy: { "/api": { target: node, changeOrigin: true } },
  },
});
