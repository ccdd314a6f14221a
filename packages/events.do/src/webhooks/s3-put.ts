// Puts of objects into a bucket of any server that speaks S3, signed by Signature Version 4. The secret of such a webhook is the
// bucket's key: its id and its secret, separated by a colon.

import type { OutsideRequest } from '@dotdo/service'
import { AwsV4Signer } from 'aws4fetch'

const keyPattern = /^[\w+/=.-]{3,128}:[\w+/=.-]{8,256}$/

export function isBucketKey(text: string): boolean {
  return keyPattern.test(text)
}

export interface SignedPut {
  /** The URL of the bucket and a folder in it: `https://s3.eu-west-1.amazonaws.com/bucket/events?region=eu-west-1`. */
  readonly folder: string
  readonly name: string
  readonly body: string
  readonly secret: string
  readonly nowMs: number
}

export async function putSigned({ folder, name, body, secret, nowMs }: SignedPut): Promise<OutsideRequest> {
  const url = new URL(folder)
  const region = url.searchParams.get('region') ?? 'us-east-1'
  url.search = ''
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${name}`
  const at = secret.indexOf(':')
  const signer = new AwsV4Signer({
    method: 'PUT',
    url: url.href,
    headers: { 'content-type': 'application/x-ndjson' },
    body,
    accessKeyId: secret.slice(0, at),
    secretAccessKey: secret.slice(at + 1),
    service: 's3',
    region,
    datetime: new Date(nowMs).toISOString().replaceAll(/[:-]|\.\d{3}/g, ''),
  })
  const signed = await signer.sign()
  // The connection sets the host itself, as it was signed.
  const headers = Object.fromEntries([...signed.headers].filter(([header]) => header !== 'host'))
  return { method: 'PUT', url: signed.url.toString(), body, headers }
}
