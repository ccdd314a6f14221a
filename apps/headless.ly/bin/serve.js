#!/usr/bin/env node
// Starts the server, after building it if the sources are newer than the build.

import { buildIfStale } from '../build.js'

await buildIfStale()
await import('../dist/serve.js')
