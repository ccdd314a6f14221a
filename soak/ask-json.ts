// Requests with JSON. They throw a TypeError if the server does not answer, and an Error if it refuses.

type Json = Readonly<Record<string, unknown>>

export async function getJson(url: string): Promise<Json> {
  return readJson(url, await fetch(url))
}

/** `key` is the idempotency key. */
export async function postJson(url: string, body: object, key?: string): Promise<Json> {
  const headers = { 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }) }
  return readJson(url, await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) }))
}

async function readJson(url: string, answer: Response): Promise<Json> {
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text}`)
  return JSON.parse(text) as Json
}
