// The limits of one pipeline, counted over all its steps. Nothing interrupts a tenant's object while it computes, and all
// other callers of the tenant wait. Together these limits keep a pipeline under about a second.

import { ObjectError } from 'digital-objects'

/** Nodes evaluated, list items visited or created, and strings read, in units of `charactersPerEvaluation`. */
export const evaluationsMax = 1_000_000
const entitiesMax = 20_000
/** Characters of JSON of all entities read. They are in memory together, and the object has 128 MB in total. */
const entityCharactersMax = 32 * 2 ** 20
/**
 * Limits the characters of one read. A read that is cut here still has more than `entityCharactersMax`, since an entity
 * has at most a million, so that counting them refuses the pipeline.
 */
export const readCharactersMax = entityCharactersMax + 2 * 2 ** 20
/** Characters of all strings that expressions create. */
export const textCharactersMax = 4 * 2 ** 20
/** Reading this many characters costs as much as evaluating one node. */
const charactersPerEvaluation = 64

export class EvaluationContext {
  /** Lists that relations returned to the callback being evaluated. */
  readonly relationsRead = new Set<readonly unknown[]>()
  /** Path and name of the step being run, for error messages. */
  place = 'steps'
  step = 'pipeline'
  #evaluations = 0
  #entities = 0
  #entityCharacters = 0
  #textCharacters = 0

  /** Call it before the work that it counts. */
  countEvaluations(evaluations: number): void {
    this.#evaluations += evaluations
    if (this.#evaluations > evaluationsMax)
      throw this.#limit(`evaluates more than ${evaluationsMax} nodes; filter earlier or reduce the limit`)
  }

  get evaluationsLeft(): number {
    return evaluationsMax - this.#evaluations
  }

  countRead(characters: number): void {
    this.countEvaluations(Math.floor(characters / charactersPerEvaluation))
  }

  countCreated(characters: number): void {
    this.#textCharacters += characters
    if (this.#textCharacters > textCharactersMax)
      throw this.#limit(`creates strings of more than ${textCharactersMax} characters`)
  }

  /** Following a relation that has no entities counts as one entity. */
  countEntities(entities: number): void {
    this.#entities += Math.max(entities, 1)
    if (this.#entities > entitiesMax)
      throw this.#limit(`reads more than ${entitiesMax} entities through relations; filter earlier or reduce the limit`)
  }

  countEntityCharacters(characters: number): void {
    this.#entityCharacters += characters
    if (this.#entityCharacters > entityCharactersMax)
      throw this.#limit(`reads entities of more than ${entityCharactersMax} characters; reduce the limit`)
  }

  /** An error for an operation that cannot be evaluated, or would differ from JavaScript. */
  refusal(what: string): ObjectError {
    return new ObjectError({ code: 'unsupported_expression', field: this.place, message: `${this.step}: ${what}` })
  }

  #limit(what: string): ObjectError {
    return new ObjectError({ code: 'scan_limit', field: this.place, message: `${this.step}: the pipeline ${what}` })
  }
}
