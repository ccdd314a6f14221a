// `npm run soak:programs`: many generated programs in tenants' objects against a model, while others write between their
// messages. `--programs` (10,000 by default) and `--seed` scale and repeat it.

import { spawn } from 'node:child_process'
import { parseArgs } from 'node:util'

/** Programs of one tenant. */
const programsPerRound = 60

const { values } = parseArgs({
  options: {
    programs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
  },
})
const test = 'packages/objects.do/src/programs/generated-programs.workerd.test.ts'
const child = spawn('npx', ['vitest', 'run', '--project', 'workerd', test], {
  stdio: 'inherit',
  env: { ...process.env, SEED: values.seed, RUNS: String(Math.ceil(Number(values.programs) / programsPerRound)) },
})
child.on('exit', (code) => {
  process.exitCode = code ?? 1
})
