// Opens the pages of a server in Chromium, which applies their policy and runs their script.

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const timeoutMs = 60_000

/** Returns what is wrong, a line each. `paths` are those of pages with blocks to paste. */
export async function openPages(
  browser: string,
  pages: { readonly endpoint: string; readonly paths: readonly string[] },
) {
  const profile = mkdtempSync(join(tmpdir(), 'headlessly-browser-'))
  const flags = ['--headless', '--disable-gpu', '--no-sandbox', '--no-first-run', `--user-data-dir=${profile}`]
  const wrong: string[] = []
  try {
    for (const path of pages.paths) {
      const args = [...flags, '--enable-logging=stderr', '--dump-dom', pages.endpoint + path]
      const { stdout, stderr } = await run(browser, args, { timeout: timeoutMs, maxBuffer: 2 ** 24 })
      const blocks = stdout.match(/<pre>/g)?.length ?? 0
      const buttons = stdout.match(/<button type="button" aria-label="Copy: /g)?.length ?? 0
      if (blocks === 0 || buttons !== blocks) wrong.push(`${path}: ${blocks} blocks, ${buttons} copy buttons`)
      // The console has what the policy refused, and errors of the script.
      for (const line of stderr.split('\n')) if (line.includes('CONSOLE')) wrong.push(`${path}: ${line}`)
    }
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  }
  return wrong
}
