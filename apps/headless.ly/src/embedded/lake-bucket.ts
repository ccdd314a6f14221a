// The bucket that holds the lake's files in place of the folder `lake`: its address as the operator gives it, and where a data
// folder's files are, so that no server starts without them.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** Returns the value of the Worker's binding `LAKE_BUCKET`. Throws for an address or keys that cannot be. */
export function parseLakeBucket(text: string, environment: Environment): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const [, bucket = '', ...prefix] = url?.pathname.replace(/\/+$/, '').split('/') ?? []
  const isPlain =
    url !== undefined && /^https?:$/.test(url.protocol) && `${url.search}${url.hash}${url.username}` === ''
  const segments = [bucket, ...prefix]
  if (!isPlain || !segments.every((segment) => /^(?!\.{1,2}$)[A-Za-z0-9._-]+$/.test(segment)))
    throw new Error(
      `expected the URL of a bucket as --lake-bucket, such as https://s3.example.com/my-bucket, got '${text}'`,
    )
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = environment
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw new Error('expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for --lake-bucket')
  const region = environment['AWS_REGION'] ?? regionOf(url.hostname)
  const place = { endpoint: url.origin, bucket, prefix: prefix.map((segment) => `${segment}/`).join(''), region }
  const token = AWS_SESSION_TOKEN === undefined ? {} : { sessionToken: AWS_SESSION_TOKEN }
  return JSON.stringify({ ...place, accessKeyId, secretAccessKey, ...token })
}

/** R2's region is `auto`, and servers of one's own take any. */
function regionOf(hostname: string): string {
  if (hostname.endsWith('.r2.cloudflarestorage.com')) return 'auto'
  return /^s3[.-]([a-z0-9-]+)\.amazonaws\.com$/.exec(hostname)?.[1] ?? 'us-east-1'
}

/**
 * Records where the files of a data folder are. Throws if they are elsewhere: a database without its files would write them
 * anew, and one beside another's files would mix both.
 */
export function checkLakePlace(dataFolder: string, lakeBucket: string | undefined): void {
  const file = join(dataFolder, 'lake-bucket')
  const recorded = existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined
  const wanted = lakeBucket === undefined ? undefined : placeOf(lakeBucket)
  if (recorded === wanted) return
  if (recorded !== undefined)
    throw new Error(
      `the files of '${dataFolder}' are in ${recorded}: start the server with that --lake-bucket, or copy them and change '${file}'`,
    )
  const lake = join(dataFolder, 'lake')
  if (existsSync(lake) && readdirSync(lake).length > 0)
    throw new Error(
      `'${lake}' has files: copy them to ${wanted}, such as by 'aws s3 sync', and rename the folder, before --lake-bucket is used`,
    )
  writeFileSync(file, `${wanted}\n`)
}

function placeOf(lakeBucket: string): string {
  const { endpoint, bucket, prefix } = JSON.parse(lakeBucket) as Readonly<Record<string, string>> // `parseLakeBucket` made it
  return `${endpoint}/${bucket}/${prefix}`.replace(/\/$/, '')
}
