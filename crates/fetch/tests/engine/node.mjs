// node node.mjs FOLDER BASE
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, base] = process.argv.slice(2);
const engine = await import(pathToFileURL(join(folder, "engine.js")));
const { serve } = await import("./page.mjs");
await serve(base, readFileSync(join(folder, "engine_bg.wasm")), engine);
