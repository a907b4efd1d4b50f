// An OpenID provider that shares no code with Kunxin (oidc-provider, certified by the OpenID Foundation).
// node independent_provider.mjs PORT '{"people": {"<subject>": {claims}}, "clients": [...]}'
const held = new URL('../web/frontend/node_modules/', import.meta.url)
const { Provider } = await import(new URL('oidc-provider/lib/index.js', held))
const { exportJWK, generateKeyPair } = await import(new URL('jose/dist/webapi/index.js', held))

const port = Number(process.argv[2])
const { people, clients } = JSON.parse(process.argv[3])
const issuer = `http://127.0.0.1:${port}`

async function key(alg) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  return { ...(await exportJWK(privateKey)), alg, use: 'sig', kid: alg }
}

const provider = new Provider(issuer, {
  clients,
  jwks: { keys: [await key('RS256'), await key('ES256')] },
  cookies: { keys: ['of a test'] },
  pkce: { required: () => true },
  // told at the user-info endpoint alone, as the standard has it for the code flow
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'] },
  findAccount: (_, sub) =>
    people[sub] && { accountId: sub, claims: () => ({ sub, ...people[sub] }) },
  features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
})
provider.listen(port, '127.0.0.1', () => console.log('listening'))
process.stdin.on('end', () => process.exit()).resume() // gone with whoever started it
