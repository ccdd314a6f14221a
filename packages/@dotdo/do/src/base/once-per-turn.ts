// Work that many calls ask for, done once after the last of them: in a microtask, so before the storage commits what they have
// written, and what the work writes is part of the same commit.

export function oncePerTurn(work: () => void): () => void {
  let isAsked = false
  return () => {
    if (isAsked) return
    isAsked = true
    queueMicrotask(() => {
      isAsked = false
      work()
    })
  }
}
