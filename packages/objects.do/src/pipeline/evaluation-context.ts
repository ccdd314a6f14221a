// What one pipeline may cost, counted over all of its steps. Nothing interrupts a tenant's object while it computes, and
// everybody else of the tenant waits meanwhile: these limits together keep a pipeline under about a second.

import { ObjectError } from 'digital-objects'

/** Nodes evaluated, items of lists made, and texts looked through by pieces. */
export const evaluationsMax = 1_000_000
const entitiesMax = 20_000
/** Of all entities that are read, in characters of JSON: they are held together, and the object has 128 MB for everything. */
const entityCharactersMax = 32 * 2 ** 20
/** Texts that expressions make, in characters. */
export const textCharactersMax = 4 * 2 ** 20
/** What is looked through of a text costs as much as one node. */
const charactersPerEvaluation = 64

export class EvaluationContext {
  /** The lists that relations have given to the callback that is being evaluated. */
  readonly relationsRead = new Set<readonly unknown[]>()
  /** The step that is being made, for refusals: where it stands, and what it is called. */
  place = 'steps'
  step = 'pipeline'
  #evaluations = 0
  #entities = 0
  #entityCharacters = 0
  #textCharacters = 0

  /** Before the work that it counts. */
  countEvaluations(evaluations: number): void {
    this.#evaluations += evaluations
    if (this.#evaluations > evaluationsMax)
      throw this.#limit(`evaluates more than ${evaluationsMax} nodes; filter earlier, or ask for fewer at a time`)
  }

  get evaluationsLeft(): number {
    return evaluationsMax - this.#evaluations
  }

  countLookedAt(characters: number): void {
    this.countEvaluations(Math.floor(characters / charactersPerEvaluation))
  }

  countMade(characters: number): void {
    this.#textCharacters += characters
    if (this.#textCharacters > textCharactersMax)
      throw this.#limit(`makes texts of more than ${textCharactersMax} characters`)
  }

  /** A look at a relation counts as one entity where it finds none. */
  countEntities(entities: number): void {
    this.#entities += Math.max(entities, 1)
    if (this.#entities > entitiesMax)
      throw this.#limit(
        `reads more than ${entitiesMax} entities through relations; filter earlier, or ask for fewer at a time`,
      )
  }

  countEntityCharacters(characters: number): void {
    this.#entityCharacters += characters
    if (this.#entityCharacters > entityCharactersMax)
      throw this.#limit(`reads entities of more than ${entityCharactersMax} characters; ask for fewer at a time`)
  }

  /** What cannot be answered, or not without meaning something else than JavaScript does. */
  refusal(what: string): ObjectError {
    return new ObjectError({ code: 'unsupported_expression', field: this.place, message: `${this.step}: ${what}` })
  }

  #limit(what: string): ObjectError {
    return new ObjectError({ code: 'scan_limit', field: this.place, message: `${this.step}: the pipeline ${what}` })
  }
}
