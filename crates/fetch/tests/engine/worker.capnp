using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [
    (name = "worker.mjs", esModule = embed "worker.mjs"),
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "worker_bg.wasm", wasm = embed "worker_bg.wasm"),
  ],
  bindings = [
    (name = "EDGE_URL", text = "%EDGE_URL%"),
    (name = "TOKEN_URL", text = "%TOKEN_URL%"),
    (name = "CLIENT_ID", text = "%CLIENT_ID%"),
    (name = "CLIENT_SECRET", text = "%CLIENT_SECRET%"),
  ],
  compatibilityDate = "2026-11-01",
);
