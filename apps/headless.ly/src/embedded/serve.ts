// `npm start`: the embedded server from the command line.

import { parseArgs } from 'node:util'
import { startServer } from './launcher.ts'
import { whenParentEnds } from './parent-process.ts'

const usage = `headless.ly: the backend that a business runs on

  --port <number>      port on this machine (PORT, or 8787)
  --data <folder>      where the data is (HEADLESSLY_DATA, or .headlessly)
  --flush <json>       how files are written (HEADLESSLY_FLUSH), such as {"intervalMs":1000}
  --stop-with-parent   stop when the process that started the server has ended
  --verbose            print what workerd prints
  --help               print this`

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      data: { type: 'string' },
      host: { type: 'string' },
      flush: { type: 'string' },
      'stop-with-parent': { type: 'boolean' },
      verbose: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help === true) return console.log(usage)
  if (values.host !== undefined && !['localhost', '127.0.0.1'].includes(values.host)) {
    throw new Error(
      `expected localhost or 127.0.0.1 as --host, got ${values.host}: without authentication, anyone who reaches the server could do everything`,
    )
  }
  const port = parsePort(values.port ?? process.env['PORT'] ?? '8787')
  const dataFolder = values.data ?? process.env['HEADLESSLY_DATA'] ?? '.headlessly'
  const log = values.verbose === true ? (line: string) => console.error(line) : () => {}
  const flush = values.flush ?? process.env['HEADLESSLY_FLUSH']
  // Printed even without --verbose, because a restart interrupts every tenant.
  const warn = (line: string): void => console.error(line)
  const options = { dataFolder, port, log, warn, ...(flush === undefined ? {} : { flush }) }
  const server = await startServer(options).catch((error: unknown) => {
    const isTaken = error instanceof Error && /Address already in use/i.test(error.message)
    throw isTaken ? new Error(`port ${port} is taken: choose another with --port`) : error
  })
  const fault = await configurationFault(server.url)
  if (fault !== undefined) {
    await server.stop()
    throw new Error(fault)
  }
  let isStopping = false
  const stop = (): void => {
    if (isStopping) return
    isStopping = true
    void server.stop().then(() => process.exit(0))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  if (values['stop-with-parent'] === true) {
    whenParentEnds((parent) => {
      warn(`process ${parent}, which started this server, has ended: stopping`)
      stop()
    })
  }
  // A program that starts the server may stop it as soon as it reads this, so the handlers are registered before.
  console.log(greeting(server.url, dataFolder))
  await server.ended
}

/** Returns the Worker's complaint about its configuration, if any. */
async function configurationFault(url: string): Promise<string | undefined> {
  const answer = await fetch(`${url}/health`)
  if (answer.ok) return undefined
  const problem: unknown = await answer.json()
  const isTold = typeof problem === 'object' && problem !== null && 'detail' in problem
  return isTold ? String(problem.detail) : `the server answers ${answer.status}`
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port <= 65_535) return port
  throw new Error(`expected a port from 0 to 65535, got '${text}'`)
}

function greeting(url: string, dataFolder: string): string {
  return `headless.ly serves on ${url}, with its data in ${dataFolder}

  create    curl ${url}/~acme/Contact -H 'content-type: application/json' -d '{"name":"Grace Hopper","email":"grace@example.com"}'
  list      curl '${url}/~acme/Contact?stage=Lead'
  listen    curl -N -H 'accept: text/event-stream' ${url}/~acme/events
  learn     ${url}/~acme/schema and ${url}/~acme/openapi

Stop it with Ctrl-C.`
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
