// The bare baseline: the cost of a write and a read without our code. It has the same hop from a Worker to a Durable
// Object, parses the same JSON, stores the same bytes (one log row, one state row) and gives the same answer. Every
// figure of the benchmark is divided by it.

import { DurableObject } from 'cloudflare:workers'

export class TenantObject extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env)
    this.sql = ctx.storage.sql
    this.sql.exec('CREATE TABLE IF NOT EXISTS log (seq INTEGER PRIMARY KEY, data TEXT NOT NULL)')
    this.sql.exec('CREATE TABLE IF NOT EXISTS state (id TEXT PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID')
    this.head = this.sql.exec('SELECT coalesce(max(seq), 0) AS head FROM log').one().head
    this.waiting = []
    this.isCommitting = false
  }

  store(body) {
    const fields = JSON.parse(body)
    const id = `contact_${crypto.randomUUID().replaceAll('-', '').slice(0, 12)}`
    const now = new Date().toISOString()
    const entity = {
      $type: 'Contact',
      $id: id,
      $version: 1,
      $createdAt: now,
      $createdBy: 'owner',
      $updatedAt: now,
      ...fields,
    }
    const text = JSON.stringify(entity)
    this.sql.exec('INSERT INTO log VALUES (?, ?)', ++this.head, text)
    this.sql.exec('INSERT INTO state VALUES (?, ?)', id, text)
    return text
  }

  /** One commit a request. */
  createAlone(body) {
    return this.ctx.storage.transactionSync(() => this.store(body))
  }

  /** Requests that arrive during a commit share the next. */
  create(body) {
    return new Promise((resolve, reject) => {
      this.waiting.push({ body, resolve, reject })
      if (!this.isCommitting) void this.run()
    })
  }

  async run() {
    this.isCommitting = true
    while (this.waiting.length > 0) {
      const group = this.waiting.splice(0, 512)
      const texts = this.ctx.storage.transactionSync(() => group.map(({ body }) => this.store(body)))
      for (const [at, { resolve }] of group.entries()) resolve(texts[at])
      await this.ctx.storage.sync()
    }
    this.isCommitting = false
  }

  get(id) {
    return this.sql.exec('SELECT data FROM state WHERE id = ?', id).one().data
  }

  async fetch() {
    const { 0: client, 1: server } = new WebSocketPair()
    this.ctx.acceptWebSocket(server)
    return new Response(null, { status: 101, webSocket: client })
  }

  webSocketMessage() {}

  publish(text) {
    for (const socket of this.ctx.getWebSockets()) socket.send(text)
  }
}

const headers = { 'content-type': 'application/json' }

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url)
    if (pathname === '/health') return new Response('{"status":"ok"}', { headers })
    const stub = env.TENANTS.get(env.TENANTS.idFromName('bare'))
    if (pathname === '/live') return stub.fetch(request)
    if (pathname === '/publish') {
      await stub.publish(await request.text())
      return new Response(null, { status: 204 })
    }
    if (request.method === 'GET') return new Response(await stub.get(pathname.slice(1)), { headers })
    const body = await request.text()
    const text = pathname === '/alone' ? await stub.createAlone(body) : await stub.create(body)
    return new Response(text, { status: 201, headers })
  },
}
