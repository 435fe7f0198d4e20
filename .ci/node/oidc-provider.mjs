// An OpenID provider for tests: `run.py node oidc-provider.mjs AUDIENCE`. Prints its issuer, and ends
// with its standard input. The client `cmdb` acts for itself, and `portal` for a person.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const audience = process.argv[2];
const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });
const scope = "systems:read systems:write";
const api = {
  scope,
  audience,
  accessTokenFormat: "jwt",
  accessTokenTTL: 600,
  jwt: { sign: { alg: "RS256" } },
};
const configuration = {
  jwks: { keys: [{ ...key, kid: "k1", use: "sig", alg: "RS256" }] },
  scopes: ["openid", ...scope.split(" ")],
  cookies: { keys: ["test"] },
  clients: [
    {
      client_id: "cmdb",
      client_secret: "secret",
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
    },
    {
      client_id: "portal",
      client_secret: "secret",
      redirect_uris: ["https://portal.example/callback"],
    },
  ],
  extraTokenClaims: () => ({ org: { code: "BEDS" } }),
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => audience,
      getResourceServerInfo: () => api,
      useGrantedResource: () => true,
    },
  },
};

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  server.on("request", new Provider(issuer, configuration).callback());
  process.stdout.write(`${issuer}\n`);
});
process.stdin.on("end", () => process.exit()).resume();
