// Global ids as the contract has them: the name of a type and of a row of it, in base64url.

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export function globalId (typeName, id) {
  return Buffer.from(`${typeName}:${id}`).toString('base64url')
}

// The UUID in an id of that type; undefined where it is none.
export function idOf (typeName, value) {
  const [name, id] = Buffer.from(value, 'base64url').toString().split(':')
  return name === typeName && UUID.test(id) ? id : undefined
}
