// Time from the command to the first answer, installed and built.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { median } from './load.ts'
import type { Finding } from './report.ts'

const runs = 5
const targetSeconds = 1
const program = resolve(import.meta.dirname, '../apps/headless.ly/bin/serve.js')

export async function benchLaunch(): Promise<Finding> {
  const times: number[] = []
  for (let run = 0; run < runs; run++) times.push(await launchOnce(20_000 + Math.floor(Math.random() * 20_000)))
  const seconds = median(times) / 1_000
  return {
    what: 'launch to first answer, installed and built',
    target: `at most ${targetSeconds} s`,
    measured: `${seconds.toFixed(2)} s`,
    isMet: seconds <= targetSeconds,
  }
}

async function launchOnce(port: number): Promise<number> {
  const data = mkdtempSync(join(tmpdir(), 'headlessly-launch-'))
  const start = performance.now()
  const child = spawn(process.execPath, [program, '--port', String(port), '--data', data], { stdio: 'ignore' })
  try {
    for (;;) {
      const isUp = await fetch(`http://localhost:${port}/health`).then(
        (answer) => answer.ok,
        () => false,
      )
      if (isUp) return performance.now() - start
      if (performance.now() - start > 20_000) throw new Error('the server did not start in time')
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  } finally {
    child.kill('SIGTERM')
    await new Promise((resolve) => child.once('exit', resolve))
    rmSync(data, { recursive: true, force: true })
  }
}
