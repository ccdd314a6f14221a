// `serve`: starts the embedded server, if the package headless.ly is installed beside this one.

import { spawn } from 'node:child_process'
import type { Command } from './command.ts'
import { findServerProgram } from './server-program.ts'

export const serveCommand: Command = {
  name: 'serve',
  words: [],
  about: 'run a server on this machine, with its data in a folder',
  example: 'serve --port 8787 --data .headlessly',
  flags: [
    { name: 'port', kind: 'value', placeholder: '<number>', about: 'the port to listen on (PORT, or 8787)' },
    {
      name: 'data',
      kind: 'value',
      placeholder: '<folder>',
      about: 'the data folder (HEADLESSLY_DATA, or .headlessly)',
    },
    { name: 'flush', kind: 'value', placeholder: '<json>', about: 'settings of the flush to files (HEADLESSLY_FLUSH)' },
    { name: 'verbose', kind: 'switch', about: 'print the output of workerd' },
  ],
  async run({ flags, output, env, signal }) {
    const program = findServerProgram('serve.js')
    if (program === undefined) {
      output.problem({
        code: 'no_server',
        message: 'no server is installed: install the package headless.ly beside @headlessly/cli',
      })
      return 1
    }
    const given = ['port', 'data', 'flush'].flatMap((name) => {
      const text = flags.text(name)
      return text === undefined ? [] : [`--${name}=${text}`]
    })
    const verbose = flags.isOn('verbose') ? ['--verbose'] : []
    return runServer([program, '--stop-with-parent', ...given, ...verbose], {
      env,
      signal,
      write: (text) => output.line(text.trimEnd()),
    })
  },
}

/** Resolves to the exit code. */
export function runServer(
  args: readonly string[],
  options: {
    readonly env: Readonly<Record<string, string | undefined>>
    readonly signal: AbortSignal
    readonly write: (text: string) => void
  },
): Promise<number> {
  const { env, signal, write } = options
  return new Promise((resolve, reject) => {
    const server = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
    server.stdout.setEncoding('utf8').on('data', (text: string) => write(text))
    // A terminal sends Ctrl-C to both processes, so the server ends by itself; a second Ctrl-C is ignored.
    const stop = (): void => void server.kill('SIGTERM')
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    server.once('error', reject)
    server.once('close', (code) => {
      signal.removeEventListener('abort', stop)
      resolve(code === 0 || signal.aborted ? 0 : 1)
    })
  })
}
