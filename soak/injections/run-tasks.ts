// Runs the tasks of a business, each by an agent of its own, and counts those that are done without the consent of a person.

import type { Business } from './agent-session.ts'
import { type BusinessTask, businessTasks } from './business-tasks.ts'

export interface TaskOutcome extends BusinessTask {
  readonly isDone: boolean
  readonly text: string
}

/** An outcome that is not the expected one throws, whether it is done or waits. */
export async function runTasks(business: Business): Promise<readonly TaskOutcome[]> {
  const outcomes: TaskOutcome[] = []
  for (const task of businessTasks) {
    const { isError, text } = await (await business.hire()).tool(task.tool, task.given)
    const isExpected = task.has.test(text) && isError === (task.waits === true)
    if (!isExpected) throw new Error(`${task.words}: ${text.slice(0, 300)}`)
    outcomes.push({ ...task, isDone: !isError, text })
  }
  return outcomes
}
