// Entity types that a tenant defines: the command line puts them, knows them at once, and compares them with a file.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { useSharedServer } from '../../../../apps/headless.ly/test/server.ts'
import { makeCli } from './cli.ts'

const { url, tenant } = useSharedServer()
const cli = makeCli()

const vehicle = {
  about: 'A vehicle of the fleet.',
  fields: { name: 'string!', seats: 'integer(1..60) = 5', owner: '-> Organization.vehicles', drive: 'Driven' },
  descriptions: { seats: 'Seats without the driver.' },
}

function useTenant(): void {
  cli.env['HEADLESSLY_TENANT'] = tenant()
  cli.env['HEADLESSLY_ENDPOINT'] = url()
}

function fileOf(definition: object): string {
  const file = join(cli.folder, 'vehicle.json')
  writeFileSync(file, JSON.stringify(definition))
  return file
}

describe('a type of the tenant', () => {
  test('is put from a file, and then has commands, flags, help and rows like any other', async () => {
    useTenant()
    expect((await cli('Vehicle.create', '--name', 'Bus')).code).toBe(2)
    expect(await cli('schema', 'put', 'Vehicle', fileOf(vehicle))).toMatchObject({ code: 0 })
    expect((await cli('help')).stdout).toContain('Vehicle')
    expect((await cli('help', 'Vehicle')).stdout).toContain('Vehicle.drive <id>')
    expect((await cli('help', 'Vehicle.create')).stdout).toContain('--seats')
    expect((await cli('schema')).stdout).toMatch(/Vehicle\s+own\s+A vehicle of the fleet\./)
    expect((await cli('schema', 'Vehicle')).stdout).toContain('Seats without the driver.')
    expect((await cli('Vehicle.create', '--name', 'Bus', '--seats', '99')).code).toBe(2)
    const made = await cli('Vehicle.create', '--name', 'Bus', '--seats', '40', '--json')
    const id = (JSON.parse(made.stdout) as { $id: string }).$id
    expect((await cli('Vehicle.drive', id)).code).toBe(0)
    expect((await cli('Vehicle.count', '--seats', '40')).stdout).toBe('1\n')
    expect((await cli('history', id)).stdout).toContain('Vehicle.Driven')
    expect((await cli('export', 'Vehicle')).stdout).toContain(id)
    expect((await cli('do', '($) => $.Vehicle.count({ seats: 40 })')).stdout).toContain('1')
  })

  test('is compared with a file, extended and removed', async () => {
    useTenant()
    await cli('schema', 'put', 'Vehicle', fileOf(vehicle))
    expect((await cli('schema', 'diff', 'Vehicle', fileOf(vehicle))).stdout).toBe('the same\n')
    const changed = { ...vehicle, fields: { ...vehicle.fields, seats: 'integer', wheels: 'integer?' } }
    const { stdout } = await cli('schema', 'diff', 'Vehicle', fileOf(changed))
    expect(stdout).toContain('fields.seats\tinteger(1..60) = 5\tinteger')
    expect(stdout).toContain('fields.wheels\t\tinteger?')
    expect(await cli('schema', 'patch', 'Vehicle', fileOf({ fields: { wheels: 'integer?' } }))).toMatchObject({
      code: 0,
    })
    expect((await cli('Vehicle.create', '--name', 'Van', '--wheels', '4')).code).toBe(0)
    const refused = await cli('schema', 'delete', 'Vehicle')
    expect(refused).toMatchObject({ code: 1 })
    expect(refused.stderr).toContain('Vehicle is in use: delete its entities first, of which there are 1')
    expect((await cli('schema', 'put', 'Vehicle', fileOf({ fields: { name: 'sting' } }))).stderr).toContain('sting')
  })

  test('that is built in takes additions, whose flags are there at once', async () => {
    useTenant()
    const file = fileOf({ fields: { churnReason: 'Price | Feature' } })
    expect((await cli('Contact.create', '--name', 'Ada', '--churnReason', 'Price')).code).toBe(2)
    expect((await cli('schema', 'diff', 'Contact', file)).stdout).toBe('fields.churnReason\t\tPrice | Feature\n')
    expect((await cli('schema', 'patch', 'Contact', file)).code).toBe(0)
    expect((await cli('schema', 'diff', 'Contact', file)).stdout).toBe('the same\n')
    const back = fileOf({ fields: { churnReason: null } })
    expect((await cli('schema', 'diff', 'Contact', back)).stdout).toBe('fields.churnReason\tPrice | Feature\t\n')
    expect((await cli('Contact.create', '--name', 'Ada', '--churnReason', 'Price')).code).toBe(0)
    expect((await cli('Contact.count', '--churnReason', 'Price')).stdout).toBe('1\n')
  })
})
