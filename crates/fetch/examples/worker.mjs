// The script of the Worker. CLIENT_SECRET is a secret of the Worker, the others are variables.
import init, { settings } from "./worker.js";
import module from "./worker_bg.wasm";

const ready = init({ module_or_path: module });

export default {
  async fetch(request, env, context) {
    await ready;
    try {
      const waitUntil = context.waitUntil.bind(context);
      const body = await settings(env.EDGE_URL, env.TOKEN_URL, env.CLIENT_ID, env.CLIENT_SECRET, waitUntil);
      return new Response(body, { headers: { "content-type": "application/json" } });
    } catch (error) {
      return new Response(String(error), { status: 502 });
    }
  },
};
