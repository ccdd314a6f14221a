// A promise that is settled from outside. `Promise.withResolvers` is not in Node 20.

export class Deferred<Value> {
  readonly promise: Promise<Value>
  resolve!: (value: Value) => void
  reject!: (reason: unknown) => void

  constructor() {
    // A promise calls what it is made with at once.
    this.promise = new Promise<Value>((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }
}
