import { env, evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'

test('probe', async () => {
  const stub = env.TENANTS.get(env.TENANTS.newUniqueId())
  const response = await stub.fetch('https://object/live?type=*', { headers: { upgrade: 'websocket' } })
  const ws = response.webSocket!
  const got: string[] = []
  ws.addEventListener('message', (e) => got.push(String(e.data)))
  ws.addEventListener('close', (e) => got.push('close ' + e.code + e.reason))
  ws.addEventListener('error', (e) => got.push('error ' + e.message))
  ws.accept()
  await new Promise((r) => setTimeout(r, 100))
  console.log(got)
  await evictDurableObject(stub)
  await runInDurableObject(stub, (_, state) => {
    console.log('after evict', state.getWebSockets().length)
    state.getWebSockets()[0]?.send('again')
  })
  await new Promise((r) => setTimeout(r, 100))
  console.log(got)
  ws.send('ping')
  await new Promise((r) => setTimeout(r, 100))
  console.log(got)
  await runInDurableObject(stub, (_, state) => {
    state.abort('boom')
  }).catch((e) => console.log('abort', String(e)))
  await new Promise((r) => setTimeout(r, 100))
  console.log(got)
  const stub2 = env.TENANTS.get(stub.id)
  await runInDurableObject(stub2, (_, state) => {
    console.log('after abort', state.getWebSockets().length)
    state.getWebSockets()[0]?.send('again2')
  }).catch((e) => console.log('after abort err', String(e)))
  await new Promise((r) => setTimeout(r, 100))
  console.log(got)
  // same-context pair
  const bare = env.BARE.get(env.BARE.newUniqueId())
  await runInDurableObject(bare, async (_, state) => {
    const { 0: client, 1: server } = new WebSocketPair()
    state.acceptWebSocket(server)
    const here: string[] = []
    client.addEventListener('message', (e) => here.push(String(e.data)))
    client.accept()
    server.send('one')
    await new Promise((r) => setTimeout(r, 50))
    console.log('same ctx', here)
    const big = 'x'.repeat(1e6)
    try {
      for (let i = 0; i < 100; i++) server.send(big)
      console.log('queued 100MB')
    } catch (e) {
      console.log(String(e))
    }
  })
  expect(1).toBe(1)
})
