// An OpenID provider for tests: `run.py node oidc-provider.mjs AUDIENCE [PAGES [KEY]]`. Prints its
// issuer, and ends with its standard input. The client `cmdb` acts for itself, and `portal` for a
// person. The client `pages` signs people in to the pages at the address PAGES, which know the
// provider by KEY. A person who signs in as `jo@force` claims to be of the agency `force`.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [, , audience, pages = "https://pages.example", name = "beds"] = process.argv;
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
    {
      client_id: "pages",
      client_secret: "secret",
      redirect_uris: [`${pages}/sign-in/${name}/callback`],
      post_logout_redirect_uris: [`${pages}/signed-out`],
      backchannel_logout_uri: `${pages}/sign-in/${name}/back-channel-logout`,
      backchannel_logout_session_required: true,
    },
  ],
  extraTokenClaims: () => ({ org: { code: "BEDS" } }),
  claims: { openid: ["sub", "preferred_username", "roles", "agency"] },
  conformIdTokenClaims: false,
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      preferred_username: id,
      roles: ["Manager"],
      agency: id.split("@")[1],
    }),
  }),
  // The dispatcher refuses to connect to this machine.
  fetch: (url, { dispatcher: _, ...options }) => fetch(url, options),
  features: {
    backchannelLogout: { enabled: true },
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
