// The script of a Worker that carries out commands in one request.
import * as engine from "./engine.js";
import module from "./engine_bg.wasm";
import { serve } from "./page.mjs";

export default {
  async fetch(request, env) {
    await serve(env.BASE, module, engine);
    return new Response("done");
  },
};
