// oidc-provider on a free port of the loopback: prints its URL, and ends when its standard input does.
//
//   node server.mjs                                   http
//   PEER_CERTIFICATE=… PEER_KEY=… node server.mjs     https, with these texts in PEM
//   PEER_CLIENT_CA=…                                  https that asks for a client certificate; any is taken, and
//                                                     those of this authority are known to be of it
//   PEER_CLIENTS=…                                    these clients too, a JSON array of RFC 7591 metadata
//   PEER_FAPI=1                                       the FAPI 2.0 security profile; without clients that have a secret
//
// The header x-error-detail of an error response says what the provider keeps from clients.

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

const { PEER_CERTIFICATE: cert, PEER_KEY: key, PEER_CLIENT_CA: ca } = process.env;
const { PEER_CLIENTS = '[]', PEER_FAPI } = process.env;

const withSecrets = [
  client('my-client', 'my-secret, which is long'),
  client('we:ird id+%', 'p@ss:w%rd+ &=~'),
  client(printable, printable),
];

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

const configuration = {
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'made-at-start', use: 'sig' }] },
  clients: [
    ...(PEER_FAPI ? [] : withSecrets),
    ...JSON.parse(PEER_CLIENTS).map((metadata) => ({ ...client(), ...metadata })),
  ],
  clientAuthMethods: [
    ...(PEER_FAPI ? [] : ['client_secret_basic', 'client_secret_post', 'client_secret_jwt']),
    'private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth',
  ],
  ...(PEER_FAPI && { enabledJWA: { clientAuthSigningAlgValues: ['PS256', 'ES256', 'EdDSA'] } }),
  scopes: ['read', 'write'],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    fapi: { enabled: Boolean(PEER_FAPI), profile: '2.0' },
    mTLS: {
      enabled: true,
      certificateBoundAccessTokens: true,
      selfSignedTlsClientAuth: true,
      tlsClientAuth: true,
      getCertificate: (ctx) => ctx.socket.getPeerX509Certificate(),
      certificateAuthorized: (ctx) => ctx.socket.authorized,
      certificateSubjectMatches: (ctx, property, expected) =>
        property === 'tls_client_auth_san_dns'
        && ctx.socket.getPeerX509Certificate().subjectAltName === `DNS:${expected}`,
    },
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

const tls = { cert, key, ca, requestCert: Boolean(ca), rejectUnauthorized: false };
const server = cert ? https.createServer(tls) : http.createServer();
server.listen(0, '127.0.0.1', () => {
  const url = `${cert ? 'https' : 'http'}://127.0.0.1:${server.address().port}`;
  const provider = new Provider(url, configuration);
  provider.on('grant.error', (ctx, error) => {
    const detail = error.error_detail ?? error.cause?.message;
    if (detail) ctx.set('x-error-detail', detail);
  });
  server.on('request', provider.callback());
  console.log(url);
});
process.stdin.resume().on('end', () => process.exit());
