// The Worker of the processes that run the code of `do`. It shares no process, binding or file with the server's Worker.

import { type SandboxWorker, sandboxWorker } from 'functions.do'
import { sandboxCode } from '#sandbox-code'

const worker: SandboxWorker = sandboxWorker(sandboxCode)

export default worker
