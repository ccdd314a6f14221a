// Code next to the data, in the processes of the server that ships.

import { testAtomicRun } from './atomic-do.suite.ts'
import { testDo } from './do.suite.ts'
import { useServer } from './server.ts'

const server = useServer()

testDo(server)
testAtomicRun(server)
