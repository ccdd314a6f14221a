// `npm run soak:business`: many generated writes of all Nouns, after which every record follows its rules. `--writes` (40,000 by
// default) and `--seed` scale and repeat it.

import { spawn } from 'node:child_process'
import { parseArgs } from 'node:util'

/** Writes of one tenant. */
const writesPerRun = 400

const { values } = parseArgs({
  options: {
    writes: { type: 'string', default: '40000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
  },
})
const test = 'packages/objects.do/src/writes/generated-business.workerd.test.ts'
const child = spawn('npx', ['vitest', 'run', '--project', 'workerd', test], {
  stdio: 'inherit',
  env: { ...process.env, SEED: values.seed, RUNS: String(Math.ceil(Number(values.writes) / writesPerRun)) },
})
child.on('exit', (code) => {
  process.exitCode = code ?? 1
})
