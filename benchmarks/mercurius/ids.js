// Global ids as in the contract: type name and row id, in base64url.

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export function globalId (typeName, id) {
  return Buffer.from(`${typeName}:${id}`).toString('base64url')
}

// Returns the UUID in an id of that type; undefined if it is invalid.
export function idOf (typeName, value) {
  const [name, id] = Buffer.from(value, 'base64url').toString().split(':')
  return name === typeName && UUID.test(id) ? id : undefined
}
