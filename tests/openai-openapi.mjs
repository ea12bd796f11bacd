// Compares OpenAI's OpenAPI document with ours, route by route and field by field, and explains each difference; for tests/openai-openapi.
//   node openai-openapi.mjs OPENAI.json OURS.json docs/openai.md [--write]
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

const SERVED = /^\/(chat\/completions|embeddings|models|responses|files)(\/|$)/
const METHODS = ['get', 'post', 'put', 'patch', 'delete']

// Why there is a difference: the first that fits a line explains it.
const REASONS = [
  [/ \/files\/\{\}\/audit$/, 'Of Headway alone: the audit trail of a file.'],
  [/^\+ GET \/responses$|^\+ GET \/responses\/\{\} event/, 'Of Headway alone: responses over a WebSocket, as Open Responses has it; and what `?stream=true` gives, which OpenAI does not tell of there.'],
  [/^\+ .* header /, 'Of Headway alone: headers for repeats, subjects and parts of files.'],
  [/\+ .*(presence_penalty|frequency_penalty|response store)$/, 'Of Headway alone: what the Open Responses specification has.'],
  [/\+ .* (query before|.*<input_audio>|.*\.(thinking_blocks|reasoning_content)|messages\[\]<user>\.content\[\]<image_url>\.image_url\.file_id)$/, 'Of Headway alone: sound in responses, images by their ids in chat completions, what models think, pages before an item.'],
  [/\+ .*(logprobs\[\].*bytes$|<allowed_tools>\.tools\[\]<function>|<function_call_output>\.output\[\]<output_text>)/, 'Told of more closely here: probabilities have their bytes in every event, tools that are allowed are functions, and the output of a call may hold what an assistant said.'],
  [/^\+ .*(compact|input_tokens) request/, 'Taken as in a request for a response, by a summary and a count, too.'],
  [/^\+ DELETE \/responses\/\{\} response|^- GET \/files\/\{\}\/content/, 'OpenAI answers a deletion with an object, too, and tells of the content of files as JSON, which it is not.'],
  [/^- \w+ \/chat\/completions(\/.*)?$/, 'There are no stored chat completions: what is to be stored is asked for as a response.'],
  [/^- DELETE \/models/, 'Models and features are those of the feature file.'],
  [/shutdown_date/, 'A deprecated version of a feature says so in the headers `Deprecation` and `Sunset`.'],
  [/(conversation|[ .]prompt)$/, 'Refused: conversations and prompts are not kept as objects. `previous_response_id` goes on from a response, and a feature has a prompt of its own.'],
  [/context_management|compaction_trigger|\} response output\[\]<compaction>/, 'Refused: nothing is summed up by itself; `POST /v1/responses/compact` does it when it is asked to.'],
  [/output_text$/, 'Made by the SDKs from `output`.'],
  [/query include(_obfuscation)?$/, 'What is included was said when the response was asked for; nothing is obfuscated.'],
  [/event <error>$/, 'A stream of a response that cannot go on ends with `response.failed`.'],
  [/- .* event <response\./, 'There are no hosted tools here, no sound, annotations or summaries of thoughts, and so no events of them.'],
  [/<message>\.content\[\]<input_file>\.file_url/, 'Refused: no file is fetched for a caller, so that none can make a node call addresses of its network.'],
  [/prompt_cache_breakpoint|input_file>\.detail|reasoning\.(mode|context|generate_summary)$|defer_loading|allowed_callers|output_schema|personality|function_call(_output)?>\.(caller|namespace|created_by|name)$|created_by|output\[\]<message>\.phase/, 'Hints, and marks of hosted work: left aside where they are sent, and never made here.'],
  [/<function_call_output>/, 'The output of a call is text, for in chat completions, which models are asked by, it is nothing else; and it is no answer of a model.'],
  [/response instructions$/, 'Instructions are one text here, and never a list of items.'],
  [/^~ /, 'Passed on, or given, as it is, and not told field by field.'],
  [/prompt_cache_(options|retention)|moderation|cache_write_tokens/, 'Passed on to the model where a response is asked for, and not told of again; left aside by a summary.'],
  [/compact response output/, 'A summary is one item of the type compaction.'],
  [/input\[\](<item_reference>|\.)|(tools\[\]|tool_choice|input\[\]|output\[\]|data\[\])</, 'Refused, and so never given: tools that are hosted, tools that are no functions, what such tools do, and items by their ids. A feature has tools of its own (`tools` in the feature file).'],
]

class Document {
  constructor(path) {
    this.root = JSON.parse(readFileSync(path, 'utf8'))
  }

  routes() {
    const found = new Map()
    for (const [path, item] of Object.entries(this.root.paths)) {
      const bare = path.replace(/^\/v1(?=\/)/, '').replace(/\{[^}]*\}/g, '{}')
      if (!SERVED.test(bare) || bare.includes('?')) continue
      for (const method of METHODS) if (item[method]) found.set(`${method.toUpperCase()} ${bare}`, { ...item[method], parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])] })
    }
    return found
  }

  deref(schema) {
    while (schema?.$ref) schema = schema.$ref.slice(2).split('/').reduce((at, key) => at[key.replaceAll('~1', '/').replaceAll('~0', '~')], this.root)
    return schema ?? {}
  }

  // Alternatives, each with its own members and those that all of its parts have.
  forms(schema, seen = []) {
    schema = this.deref(schema)
    if (seen.includes(schema)) return []
    seen = [...seen, schema]
    let forms = [{ members: { ...schema.properties }, items: schema.items ? [schema.items] : [] }]
    for (const part of schema.allOf ?? []) forms = cross(forms, this.forms(part, seen))
    const either = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]
    return either.length ? cross(forms, either.flatMap(one => this.forms(one, seen))) : forms
  }

  // What stands right below: members, items, and one of each kind where a member tells the kinds apart.
  below(schemas, told = false) {
    const found = new Map()
    const add = (key, schema) => found.set(key, [...(found.get(key) ?? []), schema])
    for (const form of schemas.flatMap(schema => (schema.form ? [schema.form] : this.forms(schema)))) {
      const kinds = told ? [] : this.kinds(form)
      for (const kind of kinds) add(`<${kind}>`, { form })
      if (kinds.length === 0) for (const [name, schema] of Object.entries(form.members)) add(`.${name}`, schema)
      for (const items of form.items) add('[]', items)
    }
    return found
  }

  // By its type, or by the one role that it is of.
  kinds(form) {
    const types = this.values(form.members.type)
    const roles = this.values(form.members.role)
    return types.length ? types : roles.length === 1 ? roles : []
  }

  values(schema) {
    const { const: only, enum: some, anyOf = [], oneOf = [] } = this.deref(schema)
    return [...(only === undefined ? some ?? [] : [only]), ...[...anyOf, ...oneOf].flatMap(one => this.values(one))].filter(value => value !== null)
  }

  // Every path of a body, for the count and the digest.
  paths(schemas, prefix = '', told = false) {
    return [...this.below(schemas, told)].flatMap(([key, next]) => [prefix + key, ...this.paths(next, prefix + key, key.startsWith('<'))])
  }
}

const cross = (some, others) => (others.length ? some.flatMap(a => others.map(b => ({ members: { ...a.members, ...b.members }, items: [...a.items, ...b.items] }))) : some)
const bare = path => path.replace(/^\./, '')

// A difference as one line, for the reasons.
const lineOf = ({ sign, place, path = '', key = '' }) => `${sign} ${place} ${bare(path + key)}`.trimEnd()

// Those below one place stand on one line, as many as are read at a glance.
function told(differences) {
  const lines = []
  for (const difference of differences) {
    const { sign, place, path = '', key } = difference
    const begin = key === undefined ? lineOf(difference) : `${`${sign} ${place} ${bare(path)}`.trimEnd()}:`
    if (key !== undefined && lines.at(-1)?.begin === begin && lines.at(-1).text.length < 180) lines.at(-1).text += ` ${key}`
    else lines.push({ begin, text: key === undefined ? begin : `${begin} ${key}` })
  }
  return lines.map(line => line.text)
}

// The bodies of a route: what is sent, what comes back, and each event.
function bodies(document, route) {
  const found = new Map()
  const sent = document.deref(route.requestBody).content ?? {}
  const request = sent['application/json'] ?? sent['multipart/form-data']
  if (request?.schema) found.set('request', request.schema)
  for (const [status, answer] of Object.entries(route.responses ?? {})) {
    if (!status.startsWith('2')) continue
    const content = document.deref(answer).content ?? {}
    if (content['application/json']?.schema) found.set('response', content['application/json'].schema)
    if (content['text/event-stream']?.schema) found.set('event', content['text/event-stream'].schema)
  }
  return found
}

function parameters(document, route) {
  return new Set(route.parameters.map(one => document.deref(one)).filter(one => one.in !== 'path').map(one => `${one.in} ${one.name}`))
}

function compare(theirs, ours) {
  const lines = []
  const compared = new Set()
  const identity = new Map()
  const idOf = schema => { const key = schema.form ?? schema; if (!identity.has(key)) identity.set(key, identity.size); return identity.get(key) }

  function compareBody(place, path, a, b, told) {
    const pair = [...a.map(one => idOf(one.form ? one : theirs.deref(one))), '|', ...b.map(one => idOf(one.form ? one : ours.deref(one)))].join()
    if (compared.has(pair)) return
    compared.add(pair)
    const [left, right] = [theirs.below(a, told), ours.below(b, told)]
    if (left.size && !right.size) return void lines.push({ sign: '~', place, path })
    for (const key of [...new Set([...left.keys(), ...right.keys()])].sort()) {
      const at = path + key
      if (!right.has(key)) lines.push({ sign: '-', place, path, key })
      else if (!left.has(key)) lines.push({ sign: '+', place, path, key })
      else compareBody(place, at, left.get(key), right.get(key), key.startsWith('<'))
    }
  }

  const [a, b] = [theirs.routes(), ours.routes()]
  for (const route of [...new Set([...a.keys(), ...b.keys()])].sort()) {
    if (!b.has(route) || !a.has(route)) { lines.push({ sign: b.has(route) ? '+' : '-', place: route }); continue }
    const [left, right] = [parameters(theirs, a.get(route)), parameters(ours, b.get(route))]
    for (const name of [...left].filter(name => !right.has(name))) lines.push({ sign: '-', place: `${route} ${name}` })
    for (const name of [...right].filter(name => !left.has(name))) lines.push({ sign: '+', place: `${route} ${name}` })
    const [said, given] = [bodies(theirs, a.get(route)), bodies(ours, b.get(route))]
    for (const kind of ['request', 'response', 'event']) {
      if (said.has(kind) && given.has(kind)) compareBody(`${route} ${kind}`, '', [said.get(kind)], [given.get(kind)], false)
      else if (said.has(kind) !== given.has(kind)) lines.push({ sign: said.has(kind) ? '-' : '+', place: `${route} ${kind}` })
    }
  }
  return lines
}

// Of our document, so that a test without OpenAI's can tell that this was compared.
function fingerprint(ours) {
  const paths = []
  for (const [route, operation] of ours.routes()) {
    paths.push(route, ...[...parameters(ours, operation)].map(name => `${route} ${name}`))
    for (const [kind, schema] of bodies(ours, operation)) paths.push(`${route} ${kind}`, ...ours.paths([schema]).map(path => `${route} ${kind} ${bare(path)}`))
  }
  const sorted = [...new Set(paths)].sort()
  return { count: sorted.length, digest: createHash('sha256').update(sorted.join('\n')).digest('hex').slice(0, 16) }
}

const [theirPath, ourPath, docs, ...flags] = process.argv.slice(2)
const [theirs, ours] = [new Document(theirPath), new Document(ourPath)]
const groups = new Map(REASONS.map(([, why]) => [why, []]))
const unexplained = []
for (const difference of compare(theirs, ours)) {
  const reason = REASONS.find(([pattern]) => pattern.test(lineOf(difference)))
  if (reason) groups.get(reason[1]).push(difference)
  else unexplained.push(lineOf(difference))
}

const { count, digest } = fingerprint(ours)
const listing = [`Between version ${theirs.root.info.version} of OpenAI's document and ours, which tells of ${count} places (${digest}):`]
for (const [why, differences] of groups) if (differences.length) listing.push('', why, '', '```text', ...told(differences), '```')
const text = listing.join('\n')

const [begin, end] = ['<!-- differences: begin -->\n', '\n<!-- differences: end -->']
const document = readFileSync(docs, 'utf8')
const [from, to] = [document.indexOf(begin) + begin.length, document.indexOf(end)]
const known = document.slice(from, to)
console.log(text)
if (unexplained.length) console.error(`\nNobody has said why:\n${unexplained.join('\n')}`)
if (flags.includes('--write')) writeFileSync(docs, document.slice(0, from) + text + document.slice(to))
else if (known !== text) console.error(`\n${docs} tells otherwise: run tests/openai-openapi --write.`)
process.exit(unexplained.length || (known !== text && !flags.includes('--write')) ? 1 : 0)
