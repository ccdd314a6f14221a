// Runs the platform program in a browser: a page on its own port, whose policy forbids eval and other servers, loads the
// program as a minified module and posts its output.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { build } from 'esbuild'

const timeoutMs = 60_000

/** Returns the lines of output. `app` is a folder with the installed packages and the program. */
export async function runInBrowser(
  browser: string,
  options: { readonly app: string; readonly endpoint: string; readonly tenant: string },
): Promise<string> {
  const { app, endpoint, tenant } = options
  const contents = `import { runPlatformProgram } from './platform-program.ts'
    const tell = (body) => fetch('/told', { method: 'POST', body })
    const settings = ${JSON.stringify({ endpoint, tenant })}
    runPlatformProgram(settings).then((lines) => tell(lines.join('\\n')), (error) => tell('failed: ' + error.stack))`
  const stdin = { contents, resolveDir: app }
  const { outputFiles } = await build({ stdin, bundle: true, minify: true, format: 'esm', write: false })
  const policy = `default-src 'none'; script-src 'self'; connect-src 'self' ${endpoint} ${endpoint.replace('http', 'ws')} http://127.0.0.1:9`
  let tell: (lines: string) => void = () => {}
  const told = new Promise<string>((resolve) => (tell = resolve))
  const pages = createServer((request, response) => {
    if (request.method === 'POST') {
      void text(request).then(tell)
      response.end()
    } else if (request.url === '/program.js') {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(outputFiles[0]?.text)
    } else {
      response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': policy })
      response.end('<!doctype html><script type="module" src="/program.js"></script>')
    }
  }).listen(0, '127.0.0.1')
  await once(pages, 'listening')
  const profile = mkdtempSync(join(tmpdir(), 'headlessly-browser-'))
  const url = `http://localhost:${(pages.address() as AddressInfo).port}/`
  const flags = browser.includes('firefox')
    ? ['--headless', '--no-remote', '--profile', profile]
    : ['--headless', '--disable-gpu', '--no-sandbox', '--no-first-run', `--user-data-dir=${profile}`]
  const child = spawn(browser, [...flags, url], { stdio: 'ignore', detached: true })
  const late = setTimeout(() => tell(`failed: nothing came within ${timeoutMs} ms`), timeoutMs)
  try {
    return await told
  } finally {
    clearTimeout(late)
    const gone = once(child, 'exit')
    // Kills the browser and its child processes.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    await gone
    pages.closeAllConnections()
    pages.close()
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}
