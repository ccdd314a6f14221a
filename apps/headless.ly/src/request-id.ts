// A name for each request, so that what a client saw can be found in the server's log.

/** `req_` and 16 random hexadecimal digits. */
export function makeRequestId(): string {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2))
  return `req_${high.toString(16).padStart(8, '0')}${low.toString(16).padStart(8, '0')}`
}
