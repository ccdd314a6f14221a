// Chromium, driven over the Chrome DevTools Protocol, for tests of pages that run a script.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findOnPath } from '../../../checks/engines.ts'

const timeoutMs = 30_000

/** The browser of this machine; undefined if there is none. */
export const chromium = findOnPath('chromium') ?? findOnPath('chromium-browser') ?? findOnPath('google-chrome')

interface Answered {
  readonly id?: number
  readonly result?: Record<string, unknown>
  readonly error?: { readonly message: string }
}

/** A page in a browser of its own. */
export class ChromiumPage {
  readonly #child: ChildProcess
  readonly #profile: string
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, (answer: Answered) => void>()
  #calls = 0
  #session = ''

  private constructor(parts: { readonly child: ChildProcess; readonly profile: string; readonly socket: WebSocket }) {
    this.#child = parts.child
    this.#profile = parts.profile
    this.#socket = parts.socket
    this.#socket.addEventListener('message', ({ data }) => {
      const answer = JSON.parse(String(data)) as Answered
      if (answer.id !== undefined) this.#waiting.get(answer.id)?.(answer)
    })
  }

  static async open(browser: string): Promise<ChromiumPage> {
    const profile = mkdtempSync(join(tmpdir(), 'headlessly-browser-'))
    const flags = ['--headless', '--disable-gpu', '--no-sandbox', '--no-first-run', '--remote-debugging-port=0']
    const child = spawn(browser, [...flags, `--user-data-dir=${profile}`], { stdio: 'ignore' })
    const [port = '', path = ''] = await until(() => {
      const file = join(profile, 'DevToolsActivePort')
      return existsSync(file) ? readFileSync(file, 'utf8').split('\n') : undefined
    })
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`)
    await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }))
    const page = new ChromiumPage({ child, profile, socket })
    const { targetId } = await page.send('Target.createTarget', { url: 'about:blank' })
    const { sessionId } = await page.send('Target.attachToTarget', { targetId, flatten: true })
    page.#session = String(sessionId)
    await page.send('Page.enable')
    return page
  }

  send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#calls
    const answer = new Promise<Record<string, unknown>>((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => {
        this.#waiting.delete(id)
        if (error === undefined) resolve(result ?? {})
        else reject(new Error(`${method}: ${error.message}`))
      })
    })
    const session = this.#session === '' ? {} : { sessionId: this.#session }
    this.#socket.send(JSON.stringify({ id, method, params, ...session }))
    return answer
  }

  /** Returns the value of an expression in the page, or of what its promise resolves to. */
  async evaluate(expression: string): Promise<unknown> {
    const params = { expression, awaitPromise: true, returnByValue: true, userGesture: true }
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', params)
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
    return (result as { readonly value?: unknown }).value
  }

  async goto(url: string): Promise<void> {
    await this.send('Page.navigate', { url })
    await this.waitFor(
      `document.readyState === 'complete' && location.href.startsWith(${JSON.stringify(url.replace(/#.*/, ''))})`,
    )
  }

  /** Waits until an expression is true in the page, also across pages. */
  async waitFor(expression: string): Promise<void> {
    await until(
      async () => ((await this.evaluate(expression).catch(() => false)) === true ? true : undefined),
      () => this.evaluate('location.href + "\\n" + document.body.innerText').then(String),
    )
  }

  async close(): Promise<void> {
    this.#socket.close()
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGKILL')
    await ended
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function until<Value>(
  look: () => Value | undefined | Promise<Value | undefined>,
  describe: () => Promise<string> = async () => '',
): Promise<Value> {
  for (const endMs = Date.now() + timeoutMs; Date.now() < endMs;) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`waited ${timeoutMs} ms in vain: ${await describe()}`)
}
