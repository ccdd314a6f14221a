// The build packs texts, and the Worker unpacks them.

import { expect, test } from 'vitest'
import { pack } from '../../pack.js'
import { unpack } from './unpack.ts'

test.each([[{ text: 'Grüße, 京都 😀', nothing: null }], [['a'.repeat(2_000_000)]], [[]]])(
  'a packed value is unpacked as it was',
  async (value) => {
    expect(await unpack(pack(value))).toEqual(value)
  },
)
