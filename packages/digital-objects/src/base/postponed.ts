// Thrown by work that cannot be done now, for a reason that is not its own. It is no failure, and is not counted as one.

export class Postponed extends Error {
  readonly untilMs: number

  constructor(message: string, untilMs: number) {
    super(message)
    this.untilMs = untilMs
  }
}
