// A program whose end and output a check looks at.

import { spawn, type SpawnOptions } from 'node:child_process'

export interface Run {
  /** Zero if it found nothing. */
  readonly code: number
  /** The last 200,000 characters of what it printed. */
  readonly output: string
}

const charactersMax = 200_000

export function runProgram(
  program: string,
  args: readonly string[],
  options: Pick<SpawnOptions, 'cwd' | 'env' | 'timeout'> = {},
): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-charactersMax)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}
