// OpenAI's own library for Node keeps files at a node of Headway and names them in requests.
import assert from 'node:assert/strict'
import OpenAI, { toFile } from 'openai'
import { client, promise } from './promise.mjs'

const text = 'The patient takes metformin 500 mg twice daily – well tolerated.'

await promise('a file is kept, listed, read and deleted', async () => {
  const file = await client.files.create({ file: await toFile(Buffer.from('{"a":1}\n'), 'lines.jsonl'), purpose: 'batch' })
  const listed = []
  for await (const one of client.files.list({ purpose: 'batch' })) listed.push(one.id)
  assert.deepEqual(listed, [file.id])
  assert.equal(await (await client.files.content(file.id)).text(), '{"a":1}\n')
  assert.equal((await client.files.delete(file.id)).deleted, true)
})

await promise('a file is named in a response and in a chat', async () => {
  const file = await client.files.create({ file: await toFile(Buffer.from('%PDF-1.7'), 'a.pdf', { type: 'application/pdf' }), purpose: 'user_data' })
  const response = await client.responses.create({ model: 'whole', input: [{ role: 'user', content: [{ type: 'input_file', file_id: file.id }] }] })
  assert.equal(response.output_text, text)
  const chat = await client.chat.completions.create({ model: 'whole', messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: file.id } }] }] })
  assert.equal(chat.choices[0].message.content, text)
})

await promise('a file that is not there is an error with its place, and not tried again', async () => {
  await assert.rejects(
    client.responses.create({ model: 'whole', input: [{ role: 'user', content: [{ type: 'input_image', file_id: 'file-abc', detail: 'auto' }] }] }),
    error => error instanceof OpenAI.NotFoundError && error.code === 'file-unknown' && error.param === 'input[0].content[0].file_id')
})

await promise('an upload that is repeated under its key is one file, and is read in parts', async () => {
  const upload = async () => client.files.create({ file: await toFile(Buffer.from('0123456789'), 'a.txt'), purpose: 'user_data' }, { headers: { 'Idempotency-Key': 'k1' } })
  const [first, again] = [await upload(), await upload()]
  assert.equal(again.id, first.id)
  const part = await client.files.content(first.id, { headers: { Range: 'bytes=2-4' } })
  assert.equal(part.status, 206)
  assert.equal(await part.text(), '234')
})
