// OpenAI's own library for Node asks a node of Headway for responses.
import assert from 'node:assert/strict'
import OpenAI from 'openai'
import { client, promise } from './promise.mjs'

const input = 'What does she take?'
const text = 'The patient takes metformin 500 mg twice daily – well tolerated.'
const tools = [{ type: 'function', name: 'find_drug', parameters: { type: 'object' }, strict: false }]

async function eventsOf(stream) {
  const events = []
  for await (const event of stream) events.push(event)
  return events
}

async function ended(id) {
  for (;;) {
    const response = await client.responses.retrieve(id)
    if (response.status !== 'queued' && response.status !== 'in_progress') return response
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

await promise('a response is created, retrieved and gone on from', async () => {
  const first = await client.responses.create({ model: 'whole', input })
  assert.equal(first.output_text, text)
  assert.deepEqual((await client.responses.retrieve(first.id)).output, first.output)
  const second = await client.responses.create({ model: 'whole', input: 'Since when?', previous_response_id: first.id })
  assert.equal(second.previous_response_id, first.id)
  const items = []
  for await (const item of client.responses.inputItems.list(second.id)) items.push(item)
  assert.equal(items.length, 1)
})

await promise('a response is streamed, and its pieces put together', async () => {
  const stream = client.responses.stream({ model: 'fast', input })
  let said = ''
  stream.on('response.output_text.delta', event => (said += event.delta))
  const response = await stream.finalResponse()
  assert.equal(response.output_text, text)
  assert.equal(said, text)
  assert.ok(response.usage.total_tokens > 0)
})

for (const model of ['note', 'talk']) {
  await promise(`${model}, a feature, responds`, async () => {
    assert.equal((await client.responses.create({ model, input })).output_text, text)
  })
}

await promise('tools are called, and their output is taken', async () => {
  const first = await client.responses.create({ model: 'tools', input, tools })
  const calls = first.output.filter(item => item.type === 'function_call')
  assert.ok(calls.length > 0)
  const outputs = calls.map(call => ({ type: 'function_call_output', call_id: call.call_id, output: '500 mg' }))
  assert.equal((await client.responses.create({ model: 'whole', input: outputs, previous_response_id: first.id })).output_text, text)
})

await promise('tools are called in a stream', async () => {
  const response = await client.responses.stream({ model: 'streamed-tools', input, tools }).finalResponse()
  assert.ok(response.output.some(item => item.type === 'function_call' && JSON.parse(item.arguments)))
})

await promise('one of the background is there in the end', async () => {
  const asked = await client.responses.create({ model: 'whole', input, background: true })
  assert.equal(asked.status, 'queued')
  assert.equal((await ended(asked.id)).output_text, text)
})

await promise('a stream of the background goes on behind an event', async () => {
  const all = await eventsOf(await client.responses.create({ model: 'fast', input, background: true, stream: true }))
  const rest = await eventsOf(await client.responses.retrieve(all[0].response.id, { stream: true, starting_after: 4 }))
  assert.deepEqual(rest, all.slice(5))
})

await promise('one of the background is cancelled', async () => {
  const asked = await client.responses.create({ model: 'slow', input, background: true })
  assert.equal((await client.responses.cancel(asked.id)).status, 'cancelled')
  assert.equal((await client.responses.retrieve(asked.id)).status, 'cancelled')
})

await promise('what is deleted is a NotFoundError', async () => {
  const made = await client.responses.create({ model: 'whole', input })
  await client.responses.delete(made.id)
  await assert.rejects(client.responses.retrieve(made.id), error => error instanceof OpenAI.NotFoundError && error.code === 'response_not_found')
})

await promise('a conversation is compacted', async () => {
  const compacted = await client.responses.compact({ model: 'whole', input })
  const next = await client.responses.create({ model: 'whole', input: [...compacted.output, { role: 'user', content: 'And now?' }] })
  assert.equal(next.output_text, text)
})

await promise('tokens of an input are counted', async () => {
  assert.ok((await client.responses.inputTokens.count({ model: 'whole', input })).input_tokens > 0)
})

await promise('a hosted tool is a BadRequestError that names its place', async () => {
  await assert.rejects(client.responses.create({ model: 'whole', input, tools: [{ type: 'web_search' }] }), error =>
    error instanceof OpenAI.BadRequestError && error.param === 'tools[0].type')
})

await promise('a conversation that is too long for a model is shortened only where that is asked for', async () => {
  const turns = [{ role: 'user', content: 'o'.repeat(1000) }, { role: 'assistant', content: 'yes' }, { role: 'user', content: input }]
  await assert.rejects(client.responses.create({ model: 'long', input: turns }), error => error instanceof OpenAI.BadRequestError && error.code === 'context_length_exceeded')
  assert.equal((await client.responses.create({ model: 'whole', input: turns, truncation: 'auto' })).truncation, 'auto')
})
