// Packed data of the Worker: JSON compressed by gzip, in Base64 (`build.js`). The engine holds the Worker's source for as
// long as the server runs, and takes about 13 bytes of memory for each byte of it.

/** Returns the JSON value. */
export async function unpack(packed: string): Promise<unknown> {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0))
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).json()
}
