// DBOS: workflows of ten steps that do nothing.
//   dbos.mjs ten ADDRESS CALLERS SECONDS    callers that each wait for the answer of their workflow
import { DBOS } from '@dbos-inc/dbos-sdk'
import { callAtOnce, tell } from './callers.mjs'

const [, , , systemDatabaseUrl, callers, seconds] = process.argv
DBOS.setConfig({ name: 'bench', applicationVersion: '1', systemDatabaseUrl, systemDatabasePoolSize: 20, runAdminServer: false, logLevel: 'error' })
const ten = DBOS.registerWorkflow(async () => {
  let sum = 0
  for (let step = 0; step < 10; step++) sum += await DBOS.runStep(async () => step, { name: 'step' })
  return sum
}, { name: 'ten' })
await DBOS.launch()
for (let warm = 0; warm < 20; warm++) await ten()

const { times, took } = await callAtOnce(callers, seconds, ten)
tell(times.length, took, times)
await DBOS.shutdown()
process.exit(0)
