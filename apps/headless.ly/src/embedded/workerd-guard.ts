// Ends workerd when the launcher dies without stopping it, as after `kill -9`. The guard is a shell that waits for the
// end of a pipe from the launcher, which the system closes however the launcher ends.

import { spawn } from 'node:child_process'

/** `$1` is workerd and `$2` the run folder, which the launcher can no longer remove. */
const script = 'read -r _; kill -9 "$1"; rm -rf -- "$2"'

export interface WorkerdGuard {
  /** Call it as soon as workerd has ended: its pid may be given to another process. */
  dismiss(): void
}

export function guardWorkerd({ pid, runFolder }: { readonly pid: number; readonly runFolder: string }): WorkerdGuard {
  // A session of its own, since a signal to the launcher's group must not end the guard.
  const guard = spawn('/bin/sh', ['-c', script, 'headlessly-guard', String(pid), runFolder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  guard.unref()
  return { dismiss: () => void guard.kill('SIGKILL') }
}
