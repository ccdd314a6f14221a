// A wait that another request ends. workerd may lose a promise that is resolved from the context of another request, and a
// request that waits for nothing else is then answered with 500. So a waiting request also looks by a timer of its own.

/** The longest delay of a request whose wake-up was lost. */
const lookMs = 100

export interface OthersWait<Result> {
  /** Ends the wait. Call from any request. */
  readonly end: (result: Result) => void
  /** Resolves in the context of the request that waits. */
  readonly ended: Promise<Result>
}

/** Call in the request that waits. `looking` is called in it now and then, until the wait has ended. */
export function waitForOthers<Result>(looking: () => void): OthersWait<Result> {
  let given: { readonly result: Result } | undefined
  let wake: ((result: Result) => void) | undefined
  const woken = new Promise<Result>((resolve) => (wake = resolve))
  const looked = new Promise<Result>((resolve) => {
    const look = (): void => {
      if (given === undefined) looking()
      // Looking may have ended the wait.
      if (given === undefined) setTimeout(look, lookMs)
      else resolve(given.result)
    }
    setTimeout(look, lookMs)
  })
  const end = (result: Result): void => {
    given ??= { result }
    wake?.(given.result)
  }
  return { end, ended: Promise.race([woken, looked]) }
}
