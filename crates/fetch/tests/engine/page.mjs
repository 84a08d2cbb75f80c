// Runs in Node and in a page: fetches commands from the test, carries them out in the module, and sends the results back.
const post = (path, body) => fetch(path, { method: "POST", body });

export async function serve(base, module, engine) {
  const printed = [];
  const print = (what) => printed.push(String(what && what.stack || what));
  for (const level of ["log", "info", "warn", "error", "debug"]) {
    const original = console[level];
    console[level] = (...all) => (all.forEach(print), original.apply(console, all));
  }
  globalThis.addEventListener?.("error", (event) => print(event.error ?? event.message));
  globalThis.addEventListener?.("unhandledrejection", (event) => print(event.reason));
  globalThis.process?.on("unhandledRejection", print);
  await engine.default({ module_or_path: module });
  for (;;) {
    const response = await post(`${base}/next`);
    const text = await response.text();
    const { id, command } = JSON.parse(text);
    if (command.do === "end") return;
    const result = command.do === "printed" ? Promise.resolve(JSON.stringify({ printed })) : engine.run(JSON.stringify(command));
    result.then(
      (result) => post(`${base}/result/${id}`, result),
      (error) => post(`${base}/result/${id}`, JSON.stringify({ error: `it threw: ${error}` })),
    );
  }
}
