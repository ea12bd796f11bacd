// OpenAI's own library for Node asks a node of Headway for chat completions.
import assert from 'node:assert/strict'
import OpenAI from 'openai'
import { client, promise } from './promise.mjs'

const ask = [{ role: 'user', content: 'What does she take?' }]
const text = 'The patient takes metformin 500 mg twice daily – well tolerated.'

await promise('a chat is completed', async () => {
  const answer = await client.chat.completions.create({ model: 'whole', messages: ask })
  assert.equal(answer.choices[0].message.content, text)
  assert.equal(answer.usage.total_tokens, 45)
})

for (const model of ['fast', 'note', 'talk']) {
  await promise(`${model} is streamed`, async () => {
    const stream = await client.chat.completions.create({ model, messages: ask, stream: true, stream_options: { include_usage: true } })
    let said = ''
    let usage
    for await (const chunk of stream) {
      said += chunk.choices[0]?.delta?.content ?? ''
      usage = chunk.usage ?? usage
    }
    assert.equal(said, text)
    assert.ok(usage.total_tokens > 0)
  })
}

await promise('the stream helper puts chunks together', async () => {
  const answer = await client.chat.completions.stream({ model: 'fast', messages: ask }).finalChatCompletion()
  assert.equal(answer.choices[0].message.content, text)
})

await promise('models are listed and found', async () => {
  const names = []
  for await (const model of client.models.list()) names.push(model.id)
  assert.ok(names.includes('note') && names.includes('fast'))
  assert.equal((await client.models.retrieve('note')).object, 'model')
})

await promise('embeddings are made', async () => {
  const vectors = await client.embeddings.create({ model: 'vectors', input: 'heart' })
  assert.ok(vectors.data[0].embedding.length > 0)
})

await promise('an unknown model is a NotFoundError that names the parameter', async () => {
  await assert.rejects(client.chat.completions.create({ model: 'nobody', messages: ask }), error =>
    error instanceof OpenAI.NotFoundError && error.code === 'model_not_found' && error.param === 'model')
})

await promise('a request that is too long is a BadRequestError, asked once', async () => {
  await assert.rejects(client.chat.completions.create({ model: 'long', messages: ask }), error =>
    error instanceof OpenAI.BadRequestError && error.code === 'context_length_exceeded')
})

await promise('a stream that breaks raises', async () => {
  await assert.rejects(async () => {
    const stream = await client.chat.completions.create({ model: 'broken', messages: ask, stream: true })
    for await (const chunk of stream) void chunk
  }, error => error instanceof OpenAI.APIError && error.code === 'model-answer-cut')
})
