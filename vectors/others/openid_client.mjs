// openid-client, for run.py. It keeps no token.

import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";
import * as client from "openid-client";

async function config(call) {
  let auth;
  if (call.auth === "private_key_jwt") {
    const algorithm = { name: "ECDSA", namedCurve: "P-256" };
    const key = await crypto.subtle.importKey("jwk", call.key, algorithm, false, ["sign"]);
    auth = client.PrivateKeyJwt(call.key_id ? { key, kid: call.key_id } : key);
  } else if (call.auth === "client_secret_basic") {
    auth = client.ClientSecretBasic(call.client_secret);
  } else {
    auth = client.ClientSecretPost(call.client_secret);
  }
  const server = { issuer: new URL(call.url).origin, token_endpoint: call.url };
  const config = new client.Configuration(server, call.client_id, {}, auth);
  client.allowInsecureRequests(config);
  return config;
}

async function token(call) {
  const parameters = { ...call.params, ...(call.scope ? { scope: call.scope } : {}) };
  const response = await client.clientCredentialsGrant(await config(call), parameters);
  return { token: response.access_token, expires_in: response.expires_in };
}

// What its parsed challenges say of the token, by RFC 6750 §3.1.
async function challenge(call) {
  const ours = await config({ ...call, client_id: "id", client_secret: "secret" });
  try {
    await client.fetchProtectedResource(ours, "t0ken", new URL(call.url), "GET");
    return { challenge: "none" };
  } catch (error) {
    if (!(error instanceof client.WWWAuthenticateChallengeError)) {
      return { challenge: "other", error: String(error) };
    }
    const codes = error.cause
      .filter(({ scheme }) => ["bearer", "dpop"].includes(scheme.toLowerCase()))
      .map(({ parameters }) => parameters.error);
    if (codes.includes("insufficient_scope")) return { challenge: "insufficient_scope" };
    if (codes.includes("invalid_token")) return { challenge: "invalid_token" };
    const isAlone = error.status === 401 && codes.some((code) => code === undefined);
    return { challenge: isAlone ? "invalid_token" : "other" };
  }
}

const path = new URL(import.meta.resolve("openid-client")).pathname.replace(/build.*/, "package.json");
console.log(JSON.stringify({ version: JSON.parse(readFileSync(path)).version }));
for await (const line of createInterface({ input: process.stdin })) {
  const call = JSON.parse(line);
  let answer = { unsupported: true };
  try {
    if (call.do === "token") answer = await token(call);
    if (call.do === "challenge") answer = await challenge(call);
  } catch (error) {
    const code = error instanceof client.ResponseBodyError ? error.error : undefined;
    answer = { code, error: String(error) };
  }
  console.log(JSON.stringify(answer));
}
