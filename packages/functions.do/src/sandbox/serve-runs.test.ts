import { expect, test } from 'vitest'
import { type CodeLoader, LoaderSandbox } from './loader-sandbox.ts'
import type { LineSocket } from './run-line.ts'
import { serveRuns } from './serve-runs.ts'

/** The server's end of a run's socket: what the process has sent, and a way to send to it. */
class ServerEnd implements LineSocket {
  readonly sent: string[] = []
  readonly #listeners = new Map<string, ((event: { readonly data: unknown }) => void)[]>()

  send(data: string): void {
    this.sent.push(data)
  }

  close(): void {
    this.emit('close', undefined)
  }

  emit(type: string, data: unknown): void {
    for (const listen of this.#listeners.get(type) ?? []) listen({ data })
  }

  addEventListener(type: string, listener: (event: { readonly data: unknown }) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener])
  }
}

function loaderOf(load: CodeLoader['load']): CodeLoader {
  return { load, get: () => Promise.reject(new Error('nothing stays loaded')) as never }
}

const job = JSON.stringify({ code: '() => 1', definitions: {}, tenant: 'acme', endpoint: 'http://localhost' })

test('code that makes many calls at once has two of them with the server at any time', async () => {
  const socket = new ServerEnd()
  const sandbox = new LoaderSandbox({
    programs: { run: '', check: '' },
    loader: loaderOf(() => ({
      getEntrypoint: () => ({
        run: async ({ send }) => {
          const answers = await Promise.all(Array.from({ length: 7 }, (_, at) => send(`m${at}`)))
          return { body: JSON.stringify({ result: answers.flat() }), logs: [] }
        },
      }),
    })),
  })
  const served = serveRuns(socket, sandbox, { inProgress: 0, started: 0 })
  socket.emit('message', `j0.${job}`)
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))
  for (let answered = 0; answered < 7; answered++) {
    await settle()
    expect(socket.sent.length).toBe(Math.min(answered + 2, 7))
    const [, number = ''] = /^c(\d+)\./.exec(socket.sent[answered] ?? '') ?? []
    socket.emit('message', `a${number}.["answer ${number}"]`)
  }
  await settle()
  expect(socket.sent.at(-1)).toMatch(/^o0\.\{"ok":true/)
  expect(socket.sent.at(-1)).toContain('answer 7')
  socket.close()
  await served
})

test('a run whose server has gone ends, and its calls fail', async () => {
  const socket = new ServerEnd()
  let failure: unknown
  const sandbox = new LoaderSandbox({
    programs: { run: '', check: '' },
    loader: loaderOf(() => ({
      getEntrypoint: () => ({
        run: async ({ send }) => {
          await new Promise((resolve) => setTimeout(resolve, 20))
          failure = await send('late').catch((error: unknown) => error)
          return {}
        },
      }),
    })),
  })
  const served = serveRuns(socket, sandbox, { inProgress: 0, started: 0 })
  socket.emit('message', `j0.${job}`)
  socket.close()
  await served
  await expect.poll(() => failure).toMatchObject({ code: 'timeout' })
})
