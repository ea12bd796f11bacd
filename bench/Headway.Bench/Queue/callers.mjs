// What every peer is measured by, and how it is told.

// Callers that each make their next call when the last was answered: how long each took in milliseconds, and all of them in seconds.
export const callAtOnce = async (callers, seconds, call) => {
  const times = []
  const began = performance.now()
  const end = began + Number(seconds) * 1000
  await Promise.all(Array.from({ length: Number(callers) }, async () => {
    while (performance.now() < end) {
      const called = performance.now()
      await call()
      times.push(performance.now() - called)
    }
  }))
  return { times, took: (performance.now() - began) / 1000 }
}

// One caller, from each call until the work has begun; `begun` is told by the work.
export const callToBegin = async (seconds, call, begins) => {
  const times = []
  const end = performance.now() + Number(seconds) * 1000
  while (performance.now() < end) {
    const begun = begins()
    const called = performance.now()
    await call()
    times.push(await begun - called)
  }
  return times
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0

export const tell = (count, took, times) => {
  const sorted = times.toSorted((a, b) => a - b)
  console.log(`figures ${count} ${took} ${at(sorted, 0.5)} ${at(sorted, 0.99)}`)
}
