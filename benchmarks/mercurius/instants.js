// Instants are microseconds since 1970, as in the tables.

export const DAY = 24 * 60 * 60 * 1e6

export function now () {
  return Math.round((performance.timeOrigin + performance.now()) * 1000)
}

export function rfc3339 (instant) {
  const milliseconds = new Date(Math.floor(instant / 1000)).toISOString().slice(0, -1)
  return `${milliseconds}${String(instant % 1000).padStart(3, '0')}Z`
}
