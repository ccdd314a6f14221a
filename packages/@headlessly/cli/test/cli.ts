// Calls the command line in process against a server and collects its output.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { run } from '../src/run.ts'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface Cli {
  /** Runs one command line. */
  (...words: readonly string[]): Promise<Ran>
  readonly env: Record<string, string>
  readonly folder: string
  with(options: CliOptions): (...words: readonly string[]) => Promise<Ran>
}

export interface CliOptions {
  readonly isTerminal?: boolean
  readonly columns?: number
  readonly env?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  readonly heard?: (text: string) => void
}

/** Uses a temporary folder as the home folder. */
export function makeCli(): Cli {
  const folder = mkdtempSync(join(tmpdir(), 'headlessly-cli-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const env: Record<string, string> = { HOME: folder }
  const call = async (options: CliOptions, words: readonly string[]): Promise<Ran> => {
    const said = { stdout: '', stderr: '' }
    const stream = (name: 'stdout' | 'stderr') => ({
      isTTY: options.isTerminal,
      columns: options.columns,
      write(text: string) {
        said[name] += text
        options.heard?.(text)
      },
    })
    const { signal } = options
    const code = await run(words, {
      stdout: stream('stdout'),
      stderr: stream('stderr'),
      env: { ...env, ...options.env },
      ...(signal === undefined ? {} : { signal }),
    })
    return { code, ...said }
  }
  const cli = (...words: readonly string[]): Promise<Ran> => call({}, words)
  return Object.assign(cli, {
    env,
    folder,
    with:
      (options: CliOptions) =>
      (...words: readonly string[]) =>
        call(options, words),
  })
}
