// OpenAI's own library for Node, before and after its server is killed.
//   node loss.mjs begin BASE            creates a response in the background and tells each event as it comes, until the stream breaks
//   node loss.mjs go-on BASE ID NUMBER  reads what comes after an event, and the response; then cancels it, which changes nothing
import OpenAI from 'openai'

const [, , what, base, id, number] = process.argv
const client = new OpenAI({ baseURL: `${base}/v1`, apiKey: 'none', maxRetries: 2 })
const tell = event => console.log(`event ${event.sequence_number} ${event.type} ${event.delta ?? ''}`)

if (what === 'begin') {
  const stream = await client.responses.create({ model: 'fast', input: '?', background: true, stream: true })
  try {
    for await (const event of stream) {
      if (event.type === 'response.created') console.log(`id ${event.response.id}`)
      tell(event)
    }
    console.log('ended')
  } catch (error) {
    console.log(`broke ${error.constructor.name}`)
  }
} else {
  for await (const event of await client.responses.retrieve(id, { stream: true, starting_after: Number(number) })) tell(event)
  const whole = await client.responses.retrieve(id)
  console.log(`whole ${whole.status} ${whole.output_text}`)
  console.log(`cancelled ${(await client.responses.cancel(id)).status}`)
}
