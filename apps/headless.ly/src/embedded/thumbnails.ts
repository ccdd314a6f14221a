// The launcher's side of thumbnails, over a unix socket: one image at a time, in a process of its own. In the process that serves
// everybody an image would take all of its time for seconds, and hundreds of megabytes.

import { createServer, type IncomingMessage } from 'node:http'
import { listenOnSocket } from './listen-on-socket.ts'
import { type Thumbnail, ThumbnailWorker } from './thumbnail-worker.ts'

export interface Thumbnails {
  /** The id of the process, while there is one. */
  pid(): number | undefined
  stop(): Promise<void>
}

/** The Worker sends no larger ones. */
const bytesMax = 20 * 2 ** 20
const waitingMax = 32
/** Others of the same tenant wait for nobody else's images. */
const tenantWaitingMax = 8

/**
 * `POST /thumbnail?size=256&tenant=acme&image=…` with an image answers 200 with the thumbnail, 422 with the reason for which there is none,
 * or 503 if too many wait. Images of one name that come at once are made once.
 */
export async function serveThumbnails(socketFile: string, processFile: string): Promise<Thumbnails> {
  const worker = new ThumbnailWorker(processFile)
  const queue = new ThumbnailQueue(worker)
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://launcher')
    const asked = {
      size: Number(searchParams.get('size')),
      tenant: searchParams.get('tenant') ?? '',
      image: searchParams.get('image') ?? '',
    }
    const answer = (status: number, type: string, content: string | Uint8Array = ''): void => {
      request.resume()
      response.writeHead(status, { 'content-type': type }).end(content)
    }
    queue.make(request, asked).then(
      (made) => {
        if (made === undefined) return answer(503, 'text/plain')
        return made.ok ? answer(200, 'image/webp', made.bytes) : answer(422, 'text/plain', made.reason)
      },
      // The Worker has gone away, or sends more than it may.
      () => answer(400, 'text/plain'),
    )
  })
  const listening = await listenOnSocket(server, socketFile)
  return {
    pid: () => worker.pid,
    stop: async () => {
      await listening.stop()
      worker.stop()
    },
  }
}

interface Asked {
  readonly size: number
  readonly tenant: string
  /** The hash of the image. */
  readonly image: string
}

class ThumbnailQueue {
  readonly #worker: ThumbnailWorker
  readonly #inWork = new Map<string, Promise<Thumbnail>>()
  #last: Promise<unknown> = Promise.resolve()
  readonly #tenants: string[] = []

  constructor(worker: ThumbnailWorker) {
    this.#worker = worker
  }

  /** Resolves to undefined if too many wait. The image is read once it is its turn. */
  async make(request: IncomingMessage, { size, tenant, image }: Asked): Promise<Thumbnail | undefined> {
    const name = `${image} ${size}`
    const earlier = await this.#inWork.get(name)?.catch(() => undefined)
    if (earlier !== undefined) return earlier
    const ofTenant = this.#tenants.filter((other) => other === tenant).length
    if (this.#tenants.length >= waitingMax || ofTenant >= tenantWaitingMax) return undefined
    this.#tenants.push(tenant)
    const made = this.#last.then(async () => this.#worker.make(await readImage(request), size))
    this.#inWork.set(name, made)
    this.#last = made.catch(() => {})
    try {
      return await made
    } finally {
      this.#tenants.splice(this.#tenants.indexOf(tenant), 1)
      if (this.#inWork.get(name) === made) this.#inWork.delete(name)
    }
  }
}

async function readImage(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bytesMax) throw new Error('the image is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
