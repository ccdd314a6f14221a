// Detects that the process which started this one has ended. A program that is killed, such as npm, cannot stop its
// children, and they continue under another parent.

const checkIntervalMs = 500

export function whenParentEnds(ended: (parent: number) => void): void {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    ended(parent)
  }, checkIntervalMs)
  timer.unref()
}
