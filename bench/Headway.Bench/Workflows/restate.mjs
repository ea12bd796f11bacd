// Restate, a single node of its own on loopback: workflows of ten steps that do nothing.
//   restate.mjs ten - CALLERS SECONDS    callers that each wait for the answer of their workflow
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as restate from '@restatedev/restate-sdk'
import { Agent, request, setGlobalDispatcher } from 'undici'
import { callAtOnce, tell } from './callers.mjs'

const [, , , , callers, seconds] = process.argv
const [ingress, admin, node, service] = [20080, 20070, 20022, 20090]
setGlobalDispatcher(new Agent({ connections: 512 }))

const bench = restate.service({
  name: 'Bench',
  handlers: {
    ten: async context => {
      let sum = 0
      for (let step = 0; step < 10; step++) sum += await context.run('step', () => step)
      return sum
    },
  },
})
await restate.serve({ services: [bench], port: service })

const folder = mkdtempSync(join(tmpdir(), 'headway-restate-'))
const server = spawn(join('node_modules', '@restatedev', 'restate-server-linux-x64', 'bin', 'restate-server'), ['--base-dir', folder, '--node-name', 'bench'], {
  stdio: ['ignore', 'ignore', 'ignore'],
  env: {
    ...process.env, RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`, RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`, RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
    RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${node}`, RESTATE_DISABLE_TELEMETRY: 'true', RESTATE_LOG_FILTER: 'error', DO_NOT_TRACK: '1',
  },
})
const stop = () => { server.kill('SIGKILL'); rmSync(folder, { recursive: true, force: true }) }
process.on('exit', stop)

const until = performance.now() + 60_000
while (true) {
  try {
    const registered = await request(`http://127.0.0.1:${admin}/deployments`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ uri: `http://127.0.0.1:${service}` }) })
    const said = await registered.body.text()
    if (registered.statusCode < 300) break
    if (performance.now() > until) throw new Error(said)
  } catch (error) {
    if (performance.now() > until) throw error
  }
  await new Promise(resolve => setTimeout(resolve, 200))
}

const ten = async () => {
  const answer = await request(`http://127.0.0.1:${ingress}/Bench/ten`, { method: 'POST' })
  const said = await answer.body.text()
  if (answer.statusCode !== 200) throw new Error(said)
}
for (let warm = 0; warm < 20;) {
  try {
    await ten()
    warm++
  } catch (error) {
    if (performance.now() > until) throw error
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}

const { times, took } = await callAtOnce(callers, seconds, ten)
tell(times.length, took, times)
process.exit(0)
