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
    (name = "workerd.mjs", esModule = embed "workerd.mjs"),
    (name = "page.mjs", esModule = embed "page.mjs"),
    (name = "engine.js", esModule = embed "engine.js"),
    (name = "engine_bg.wasm", wasm = embed "engine_bg.wasm"),
  ],
  bindings = [(name = "BASE", text = "%BASE%")],
  compatibilityDate = "%DATE%",
);
