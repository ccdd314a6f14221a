// Thrown when a program cannot continue. Nothing of it has been written.

import { ObjectError } from 'digital-objects'
import type { ProgramFate } from '../answers/program-step.ts'

export class ProgramOver extends ObjectError {
  readonly fate: ProgramFate

  constructor(error: ObjectError, fate: ProgramFate) {
    super(error.toData())
    this.fate = fate
  }
}
