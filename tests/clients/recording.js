// A fetch that remembers what was asked for by which method, and what type the answer had.
let recorded = [];

export async function recordingFetch(url, options) {
  const { method = 'GET', body } = options ?? {};
  const sent = method === 'GET' ? new URL(url).searchParams : new Map(Object.entries(JSON.parse(body)));
  const request = { method, document: Boolean(sent.get('query')) };
  recorded.push(request);
  const response = await fetch(url, options);
  request.type = response.headers.get('content-type');
  return response;
}

/** The requests since the last call, each with its method, whether it carried a document, its type. */
export function requests() {
  const since = recorded;
  recorded = [];
  return since;
}
