#!/usr/bin/env node
// Serves, and builds before that where the sources are newer than what was built.

import { buildIfStale } from '../build.js'

await buildIfStale()
await import('../dist/serve.js')
