// Encodes bits in Parquet's hybrid of runs and bit-packed groups of eight, least significant bit first. Used for
// booleans and for definition levels, which mark rows with a value.

import { ByteWriter } from 'hyparquet-writer'

/** A shorter run takes less space inside the bit-packed groups around it. */
const runGroupsMin = 4

export function encodeBitRuns(count: number, isSet: (at: number) => boolean): Uint8Array {
  const groups = packBits(count, isSet)
  const runs = new ByteWriter(groups.length + 16)
  let packedStart = 0
  const endPacked = (end: number): void => {
    if (end === packedStart) return
    runs.appendVarInt(((end - packedStart) << 1) | 1)
    runs.appendBytes(groups.subarray(packedStart, end))
  }
  for (let at = 0; at < groups.length;) {
    const length = equalGroups(groups, at)
    if (length >= runGroupsMin) {
      endPacked(at)
      packedStart = at + length
      runs.appendVarInt((Math.min(packedStart * 8, count) - at * 8) << 1)
      runs.appendUint8((groups[at] as number) & 1)
    }
    at += length
  }
  endPacked(groups.length)
  return runs.getBytes()
}

/** Pads the last group with its last bit, so that a run can include it. */
function packBits(count: number, isSet: (at: number) => boolean): Uint8Array {
  const groups = new Uint8Array(Math.ceil(count / 8))
  for (let at = 0; at < groups.length * 8; at++) {
    if (isSet(Math.min(at, count - 1))) groups[at >> 3] = (groups[at >> 3] as number) | (1 << (at & 7))
  }
  return groups
}

/** Returns the number of groups from `start` that consist of one repeated bit; 1 if the bits differ. */
function equalGroups(groups: Uint8Array, start: number): number {
  const group = groups[start]
  if (group !== 0 && group !== 0xff) return 1
  let end = start + 1
  while (groups[end] === group) end++
  return end - start
}
