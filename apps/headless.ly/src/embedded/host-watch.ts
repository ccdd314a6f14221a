// Watches what the Worker cannot see or print: room on the disks, jumps of the system's clock, internal errors, and reports
// of damaged databases and of missing file descriptors in what workerd prints.

import { DamageReports } from './damage-reports.ts'
import { DescriptorReports } from './descriptor-reports.ts'
import { describeClockBehind } from './clock-at-start.ts'
import { DiskSpace } from './disk-space.ts'
import type { DiskReport } from './disk-sync.ts'
import { ErrorPrinter } from './error-printer.ts'
import { ServerTime } from './server-time.ts'

export interface HostWatch {
  /** Reads what workerd printed. */
  take(text: string): void
  report(): Promise<DiskReport>
  stop(): void
}

export interface HostWatchOptions {
  /** Folders on the disks that the server writes to. */
  readonly folders: readonly string[]
  /** The folder of the databases, which may be dated after the present time. */
  readonly objectsFolder: string
  readonly warn: (line: string) => void
  /** Called when the system's clock was set back. */
  readonly setBack: () => void
}

export function watchHost({ folders, objectsFolder, warn, setBack }: HostWatchOptions): HostWatch {
  const space = new DiskSpace({ folders, warn })
  const damage = new DamageReports({ warn })
  const descriptors = new DescriptorReports({ warn })
  const errors = new ErrorPrinter({ warn })
  const time = new ServerTime({ warn, setBack, wall: () => Date.now(), monotonic: () => performance.now() })
  const behind = describeClockBehind(objectsFolder, Date.now())
  if (behind !== undefined) warn(behind)
  space.watch()
  time.watch()
  return {
    take: (text) => {
      errors.take(text)
      damage.take(text)
      descriptors.take(text)
    },
    report: async () => ({
      ...(await space.report()),
      isDamaged: damage.isRecent,
      clockOffsetMs: time.offsetMs(),
    }),
    stop: () => {
      space.stop()
      time.stop()
    },
  }
}
