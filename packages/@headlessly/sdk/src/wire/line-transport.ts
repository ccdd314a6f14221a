// Joins the lines that capnweb sends in one turn into as few frames as the server's limits allow, since a call is two of
// capnweb's messages and its release a third.

import type { RpcTransport } from 'capnweb'
import { frameCharactersMax, frameLinesMax } from 'digital-objects'

/** Characters of answers after which releases are sent without a call. */
const receivedMax = 64 * 2 ** 10

export class LineTransport implements RpcTransport {
  readonly #frames: RpcTransport
  #lines: string[] = []
  /** Characters received since the last frame was sent. */
  #received = 0

  constructor(frames: RpcTransport) {
    this.#frames = frames
  }

  send(line: string): void {
    this.#lines.push(line)
    // Releases of small answers wait for the next call. The server sends no more large ones before it has them.
    if (!line.startsWith('["release"') || this.#received > receivedMax) queueMicrotask(() => this.#flush())
  }

  async receive(): Promise<string> {
    const line = await this.#frames.receive()
    this.#received += line.length
    return line
  }

  abort(reason: unknown): void {
    this.#frames.abort?.(reason)
  }

  #flush(): void {
    this.#received = 0
    for (const frame of joinLines(this.#lines.splice(0))) void this.#frames.send(frame)
  }
}

export interface FrameLimits {
  readonly charactersMax: number
  readonly linesMax: number
}

const serverLimits: FrameLimits = { charactersMax: frameCharactersMax, linesMax: frameLinesMax }

/** Returns frames with all the lines in their order. A line above the limit has a frame to itself. */
export function joinLines(lines: readonly string[], limits: FrameLimits = serverLimits): readonly string[] {
  const frames: string[] = []
  let start = 0
  let characters = 0
  for (const [at, { length }] of lines.entries()) {
    // The line end before it counts too.
    const joined = characters + 1 + length
    const fits = joined <= limits.charactersMax && at - start < limits.linesMax
    if (at > start && !fits) frames.push(lines.slice(start, at).join('\n'))
    if (at > start && fits) characters = joined
    else [start, characters] = [at, length]
  }
  if (start < lines.length) frames.push(lines.slice(start).join('\n'))
  return frames
}
