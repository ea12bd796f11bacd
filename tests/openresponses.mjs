// A model server that speaks chat completions, for tests/openresponses (run by Bun): it calls the first tool it is offered, refuses the output of a
// call that nobody made, as OpenAI does, and otherwise says how many turns and images it was shown.
const encoder = new TextEncoder()

function answerTo({ messages, tools }) {
  const images = messages.flatMap(turn => (Array.isArray(turn.content) ? turn.content : [])).filter(part => part.type === 'image_url').length
  if (tools?.length) {
    const { name } = tools[0].function
    return { finish: 'tool_calls', message: { content: null, tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name, arguments: '{"location":"San Francisco, CA"}' } }] } }
  }
  return { finish: 'stop', message: { content: `I was shown ${messages.length} turns and ${images} images.` } }
}

function orphan(messages) {
  const made = new Set(messages.flatMap(turn => turn.tool_calls ?? []).map(call => call.id))
  return messages.find(turn => turn.role === 'tool' && !made.has(turn.tool_call_id))
}

function piecesOf({ message, finish }) {
  const words = message.content?.match(/\S+\s*/g) ?? []
  const deltas = words.length ? words.map(content => ({ content })) : [message]
  return [...deltas.map(delta => ({ index: 0, delta, finish_reason: null })), { index: 0, delta: {}, finish_reason: finish }]
}

const usage = { prompt_tokens: 12, completion_tokens: 8, total_tokens: 20 }

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  async fetch(request) {
    if (new URL(request.url).pathname !== '/v1/chat/completions') return new Response('', { status: 404 })
    const asked = await request.json()
    if (orphan(asked.messages)) {
      const message = "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
      return Response.json({ error: { message, type: 'invalid_request_error', param: 'messages', code: null } }, { status: 400 })
    }
    const answer = answerTo(asked)
    const of = { id: 'chatcmpl-1', created: 1758801234, model: 'scripted-1' }
    if (!asked.stream) {
      return Response.json({ ...of, object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', ...answer.message }, finish_reason: answer.finish }], usage })
    }
    const chunks = [...piecesOf(answer).map(choice => ({ choices: [choice], usage: null })), { choices: [], usage }]
    const lines = chunks.map(chunk => JSON.stringify({ ...of, object: 'chat.completion.chunk', ...chunk }))
    return new Response(encoder.encode([...lines, '[DONE]'].map(line => `data: ${line}\n\n`).join('')), { headers: { 'content-type': 'text/event-stream' } })
  },
})

console.log(`http://127.0.0.1:${server.port}`)
