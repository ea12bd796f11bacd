// graphile-worker, as fast as its own options make it: local queue, batches of completions, many at once.
//   graphile.mjs accept ADDRESS CALLERS SECONDS    callers that each wait until their job is durable
//   graphile.mjs drain ADDRESS JOBS SECONDS        a backlog of jobs that do nothing, from the first claim to the last end
//   graphile.mjs pickup ADDRESS 1 SECONDS          one caller, from its call until the task has begun
import pg from 'pg'
import { makeWorkerUtils, run, Logger } from 'graphile-worker'
import { callAtOnce, callToBegin, tell } from './callers.mjs'

const [, , what, connectionString, number, seconds] = process.argv
const silent = new Logger(() => () => {})
const pool = new pg.Pool({ connectionString, max: 20 })
const utils = await makeWorkerUtils({ pgPool: pool, logger: silent })
await utils.migrate()
const payload = { patient: 'p-8812', drugs: ['warfarin', 'ibuprofen'], note: '0123456789' }
const tuned = {
  pgPool: new pg.Pool({ connectionString, max: 20 }), logger: silent, concurrency: 256, pollInterval: 1000, noHandleSignals: true,
  preset: { worker: { concurrentJobs: 256, localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
}

if (what === 'accept') {
  const { times, took } = await callAtOnce(number, seconds, () => utils.addJob('noop', payload))
  tell(times.length, took, times)
} else if (what === 'drain') {
  // In pieces: what one transaction adds costs more for each that it has added before.
  for (let left = Number(number); left > 0; left -= 500) await utils.addJobs(Array.from({ length: Math.min(left, 500) }, () => ({ identifier: 'noop', payload })))
  let done = 0
  const ended = Promise.withResolvers()
  const began = performance.now()
  const runner = await run({ ...tuned, taskList: { noop: async () => { if (++done === Number(number)) ended.resolve() } } })
  await ended.promise
  const took = (performance.now() - began) / 1000
  await runner.stop()
  tell(done, took, [])
} else {
  let begun
  const runner = await run({ ...tuned, preset: undefined, concurrency: 4, taskList: { noop: async () => begun.resolve(performance.now()) } })
  const times = await callToBegin(seconds, () => utils.addJob('noop', payload), () => (begun = Promise.withResolvers()).promise)
  await runner.stop()
  tell(times.length, Number(seconds), times)
}
await utils.release()
process.exit(0)
