// A fetch that remembers what was asked for by which method.
let recorded = [];

export async function recordingFetch(url, options) {
  const { method = 'GET', body } = options ?? {};
  const sent = method === 'GET' ? new URL(url).searchParams : new Map(Object.entries(JSON.parse(body)));
  recorded.push({ method, document: Boolean(sent.get('query')) });
  return fetch(url, options);
}

/** The requests since the last call, each with its method and whether it carried a document. */
export function requests() {
  const since = recorded;
  recorded = [];
  return since;
}
