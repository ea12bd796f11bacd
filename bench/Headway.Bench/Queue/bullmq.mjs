// BullMQ, as its documentation has it run fast: one connection for those who add, which pipelines by itself, and one worker with many jobs at once.
//   bullmq.mjs accept ADDRESS CALLERS SECONDS    callers that each wait until their job is accepted
//   bullmq.mjs drain ADDRESS JOBS SECONDS        a backlog of jobs that do nothing, from the first claim to the last end
//   bullmq.mjs pickup ADDRESS 1 SECONDS          one caller, from its call until the work has begun
import { Queue, Worker } from 'bullmq'
import { callAtOnce, callToBegin, tell } from './callers.mjs'

const [, , what, address, number, seconds] = process.argv
const { hostname: host, port } = new URL(address)
const connection = { host, port: Number(port), maxRetriesPerRequest: null }
const queue = new Queue('noop', { connection, defaultJobOptions: { attempts: 2 } })
await queue.waitUntilReady()
const payload = { patient: 'p-8812', drugs: ['warfarin', 'ibuprofen'], note: '0123456789' }

if (what === 'accept') {
  const { times, took } = await callAtOnce(number, seconds, () => queue.add('noop', payload))
  if (await queue.getWaitingCount() !== times.length) throw new Error('What was accepted is not all there.')
  tell(times.length, took, times)
} else if (what === 'drain') {
  for (let left = Number(number); left > 0; left -= 1000) await queue.addBulk(Array.from({ length: Math.min(left, 1000) }, () => ({ name: 'noop', data: payload })))
  let done = 0
  const ended = Promise.withResolvers()
  const worker = new Worker('noop', async () => {}, { connection, concurrency: 256, autorun: false })
  // After the end was written, and not when the work was done.
  worker.on('completed', () => { if (++done === Number(number)) ended.resolve() })
  await worker.waitUntilReady()
  const began = performance.now()
  worker.run()
  await ended.promise
  const took = (performance.now() - began) / 1000
  await worker.close()
  tell(done, took, [])
} else {
  let begun
  const worker = new Worker('noop', async () => begun.resolve(performance.now()), { connection, concurrency: 4 })
  await worker.waitUntilReady()
  const times = await callToBegin(seconds, () => queue.add('noop', payload), () => (begun = Promise.withResolvers()).promise)
  await worker.close()
  tell(times.length, Number(seconds), times)
}
await queue.close()
process.exit(0)
