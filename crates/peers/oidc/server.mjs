// oidc-provider on a free port of the loopback: prints its URL, and ends when its standard input does.
//
//   node server.mjs                                   http
//   PEER_CERTIFICATE=… PEER_KEY=… node server.mjs     https, with these texts in PEM

import { generateKeyPairSync } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';

// oidc-provider asks for it where a request names a resource; Node has it from version 22 on.
URL.parse ??= (text) => (URL.canParse(text) ? new URL(text) : null);

const { default: Provider, errors } = await import('oidc-provider');

// Everything that RFC 6749 allows in an id or a secret.
const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(0x20 + i)).join('');

const client = (client_id, client_secret) => ({
  client_id,
  client_secret,
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
});

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

const configuration = {
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'made-at-start', use: 'sig' }] },
  clients: [
    client('my-client', 'my-secret, which is long'),
    client('we:ird id+%', 'p@ss:w%rd+ &=~'),
    client(printable, printable),
  ],
  scopes: ['read', 'write'],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => undefined,
      getResourceServerInfo: (_, indicator) => {
        if (!indicator.startsWith('https://api.example/')) throw new errors.InvalidTarget();
        return {
          scope: 'read write',
          accessTokenFormat: 'jwt',
          accessTokenTTL: 600,
          jwt: { sign: { alg: 'RS256' } },
        };
      },
    },
  },
  ttl: { ClientCredentials: (_, token) => token.resourceServer?.accessTokenTTL ?? 60 },
};

const { PEER_CERTIFICATE: cert, PEER_KEY: key } = process.env;
const server = cert ? https.createServer({ cert, key }) : http.createServer();
server.listen(0, '127.0.0.1', () => {
  const url = `${cert ? 'https' : 'http'}://127.0.0.1:${server.address().port}`;
  server.on('request', new Provider(url, configuration).callback());
  console.log(url);
});
process.stdin.resume().on('end', () => process.exit());
