// Files and the catalog: keys of others, signatures that are none, and names that lead out of a tenant.

import type { LakeKeys } from '../../../apps/headless.ly/src/lake/lake-keys.ts'
import { presignedUrl, signedRequest } from '../../../apps/headless.ly/test/sign-request.ts'
import { attacksOf, type BorderAttack, type Expected, filled, refused, type Row } from './border-attack.ts'
import type { Came } from './raw-request.ts'
import type { Stage } from './stage.ts'

const dayMs = 86_400_000

const rows: readonly Row[] = [
  ['the keys to the files of a member', 'sales', 'GET', '/~acme/lake', 403],
  ['the keys to the files of a viewer who does not see keys', 'viewer', 'GET', '/~acme/lake', 403],
  ['the keys to the files of a reader', 'reader', 'GET', '/~acme/lake', 403],
  ['files without a signature', 'nobody', 'GET', '/lake/acme/manifest.json', 403],
  ['a list of all files without a signature', 'nobody', 'GET', '/lake', 403],
  ['files with a key of the API', 'reader', 'GET', '/lake?list-type=2&prefix=acme/', refused],
  ['the catalog without a token', 'nobody', 'GET', '/iceberg/acme/v1/config', 401],
  ['the catalog with a key that may not read everything', 'sales', 'GET', '/iceberg/acme/v1/config', 401],
  [
    'the catalog with the key of another tenant',
    'globex',
    'GET',
    '/iceberg/acme/v1/namespaces/headlessly/tables/events',
    401,
  ],
  [
    'the catalog with an invented token',
    'nobody',
    'GET',
    '/iceberg/acme/v1/config',
    401,
    { headers: { authorization: 'Bearer hlyt_acme_0' } },
  ],
  [
    'a token for the wrong secret',
    'nobody',
    'POST',
    '/iceberg/acme/v1/oauth/tokens',
    refused,
    {
      body: 'grant_type=client_credentials&client_id=$s3Id&client_secret=wrong',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    },
  ],
  [
    'a token for the keys of another tenant',
    'nobody',
    'POST',
    '/iceberg/acme/v1/oauth/tokens',
    refused,
    {
      body: 'grant_type=client_credentials&client_id=$globexS3Id&client_secret=$globexS3Secret',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    },
  ],
  ['a catalog whose name leads up', 'globex', 'GET', '/iceberg/globex%2F..%2Facme/v1/config', refused],
  ['a deletion in the catalog', 'globex', 'DELETE', '/iceberg/acme/v1/namespaces/headlessly/tables/events', refused],
]

interface Signed {
  readonly name: string
  readonly path: string
  readonly keys?: (stage: Stage) => LakeKeys
  readonly method?: string
  readonly ageMs?: number
  /** Changes the request after it was signed. */
  readonly change?: (path: string) => string
}

const own = (stage: Stage): LakeKeys => ({
  accessKeyId: filled(stage, '$globexS3Id'),
  secretAccessKey: filled(stage, '$globexS3Secret'),
})
const forged = (stage: Stage): LakeKeys => ({
  accessKeyId: filled(stage, '$s3Id'),
  secretAccessKey: filled(stage, '$globexS3Secret'),
})

const signed: readonly Signed[] = [
  { name: 'files of another tenant', path: '/lake/acme/manifest.json' },
  { name: 'a list of the files of another tenant', path: '/lake?list-type=2&prefix=acme/' },
  { name: 'a list of everything', path: '/lake?list-type=2&prefix=' },
  { name: 'a list by the beginning of a name', path: '/lake?list-type=2&prefix=a' },
  { name: 'a name that leads up', path: '/lake/globex/../acme/manifest.json' },
  { name: 'a name that leads up, encoded', path: '/lake/globex/%2e%2e/acme/manifest.json' },
  {
    name: 'a list that continues at another tenant',
    path: '/lake?list-type=2&prefix=globex/&start-after=acme/&continuation-token=YWNtZS8',
  },
  { name: 'another bucket', path: '/other/acme/manifest.json' },
  { name: 'the key of one tenant with the secret of another', path: '/lake/acme/manifest.json', keys: forged },
  { name: 'a write to own files', path: '/lake/globex/x', method: 'PUT' },
  { name: 'a deletion of own files', path: '/lake/globex/manifest.json', method: 'DELETE' },
  { name: 'a signature of yesterday', path: '/lake?list-type=2&prefix=globex/', ageMs: dayMs },
  {
    name: 'a signature for another path',
    path: '/lake?list-type=2&prefix=globex/',
    change: () => '/lake?list-type=2&prefix=acme/',
  },
]

const presigned: readonly (Signed & { readonly expiresSeconds: number })[] = [
  {
    name: 'a signed address for another file',
    path: '/lake/globex/manifest.json',
    expiresSeconds: 60,
    change: (path) => path.replace('/globex/', '/acme/'),
  },
  { name: 'a signed address that has ended', path: '/lake/globex/manifest.json', expiresSeconds: 60, ageMs: 120_000 },
  {
    name: 'a signed address whose end is moved',
    path: '/lake/globex/manifest.json',
    expiresSeconds: 60,
    ageMs: 120_000,
    change: (path) => path.replace('X-Amz-Expires=60', 'X-Amz-Expires=604800'),
  },
  { name: 'a signed address for a month', path: '/lake/globex/manifest.json', expiresSeconds: 2_600_000 },
  {
    name: 'a signed address without its signature',
    path: '/lake/globex/manifest.json',
    expiresSeconds: 60,
    change: (path) => path.replace(/&X-Amz-Signature=.*/, ''),
  },
  {
    name: 'a signed address to read, used to delete',
    path: '/lake/globex/manifest.json',
    expiresSeconds: 60,
    method: 'DELETE',
  },
]

function attack({ name }: Signed, expected: readonly Expected[], send: (stage: Stage) => Promise<Came>): BorderAttack {
  return { name, entry: 'files', by: 'globex', expected, send }
}

async function sendSigned(
  stage: Stage,
  { path, keys = own, method = 'GET', ageMs = 0, change = (same) => same }: Signed,
): Promise<Came> {
  const { headers, url } = signedRequest(`${stage.url}${path}`, {
    keys: keys(stage),
    nowMs: Date.now() - ageMs,
    method,
  })
  const to = new URL(url)
  return stage.send({ method, path: change(`${to.pathname}${to.search}`), headers: Object.fromEntries(headers) })
}

async function sendPresigned(
  stage: Stage,
  { path, expiresSeconds, method = 'GET', ageMs = 0, change = (same) => same }: (typeof presigned)[number],
): Promise<Came> {
  const url = presignedUrl(`${stage.url}${path}`, { keys: own(stage), nowMs: Date.now() - ageMs, expiresSeconds })
  const to = new URL(url)
  return stage.send({ method, path: change(`${to.pathname}${to.search}`) })
}

export const lakeAttacks: readonly BorderAttack[] = [
  ...attacksOf('files', rows),
  ...signed.map((one) => attack(one, [refused], (stage) => sendSigned(stage, one))),
  ...presigned.map((one) => attack(one, [refused], (stage) => sendPresigned(stage, one))),
  // What is refused above for a reason must not be refused for any.
  attack({ name: 'own files, which are read', path: '' }, [200], (stage) =>
    sendSigned(stage, { name: '', path: '/lake?list-type=2&prefix=globex/' }),
  ),
]
